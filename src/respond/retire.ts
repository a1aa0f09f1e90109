/** The last step: former versions that hold the dead key are destroyed or switched off, as far as each store can. */
import { isScanError } from '../errors/base.ts';
import type { Retired } from '../stores/store.ts';
import { type StoreDestination, writing } from './destination.ts';
import type { StoreView } from './journal/entry.ts';
import { actOf } from './memory.ts';
import type { LeakedKey, Services } from './services.ts';
import { type StepEnd, done, failedBy } from './step.ts';
import { storeHolds } from './stores.ts';

/** The version that held the old key when the store was written to; null if none did. */
function leakedVersion(services: Services, key: LeakedKey, destination: StoreDestination): StoreView | null {
  const { entries } = services.journal;
  const holding = entries.find(
    (entry) =>
      entry.type === 'intent' &&
      entry.key === key.record.fingerprint &&
      entry.action === writing(destination) &&
      (entry.before?.holds === 'old-key' || entry.before?.holds === 'not-told'),
  );
  return holding?.type === 'intent' ? (holding.before ?? null) : null;
}

/** A repeated request after a crash may find it gone already. */
async function retireOnce(destination: StoreDestination, version: StoreView, again: boolean): Promise<Retired> {
  const { id, createdAt } = version;
  return destination.store.retire({ id, createdAt }).catch((error: unknown) => {
    if (again && isScanError(error) && error.code === 'STORE_NOT_FOUND') return 'destroyed';
    throw error;
  });
}

async function retireIn(services: Services, key: LeakedKey, destination: StoreDestination): Promise<string | null> {
  const version = leakedVersion(services, key, destination);
  if (version === null) return null;
  const entry = { key: key.record.fingerprint, step: 'retire', action: `retire ${destination.name}` } as const;
  const before = actOf(services.journal.entries, entry.key, entry.action);
  if (before?.result) return before.result.outcome;
  if (!before) services.journal.append({ type: 'intent', ...entry, target: version.id ?? destination.name });
  const retired = await retireOnce(destination, version, before !== null);
  const copied = key.secret !== null && (await storeHolds(destination.store, key.secret)) === 'copied';
  const outcome = copied ? 'copies-left' : retired;
  services.journal.append({ type: 'result', ...entry, outcome, status: null, error: null });
  return outcome;
}

const SAYS: Readonly<Record<string, string>> = {
  destroyed: 'erased',
  disabled: 'switched off',
  overwritten: 'overwritten, and nothing of it left',
  'copies-left': 'its fields hold the new key, but other places of the same secret still hold the dead one',
  kept: 'still there for whoever may read old versions; the key itself is dead',
};

/** Retires the old key's version in every store that had it. Called once its death is confirmed. */
export async function retireVersions(services: Services, key: LeakedKey): Promise<StepEnd> {
  try {
    const retired: [string, string][] = [];
    for (const destination of services.destinations) {
      if (destination.kind !== 'store') continue;
      const outcome = await retireIn(services, key, destination);
      if (outcome !== null) retired.push([destination.name, outcome]);
    }
    const says = retired.map(([name, outcome]) => `${name}: ${SAYS[outcome] ?? outcome}`).join('; ');
    return done(says === '' ? 'No store held the old key' : `The version with the old key. ${says}`, {
      retired: Object.fromEntries(retired),
    });
  } catch (error) {
    return failedBy(error);
  }
}
