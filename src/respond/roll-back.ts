/** Takes a rotation back that has not come to its last step: the old key into every store again, then the new one deleted. */
import { Secret } from '../core/secret.ts';
import { isScanError } from '../errors/base.ts';
import { StoreError } from '../errors/store.ts';
import { RespondError } from '../errors/respond.ts';
import type { Target } from '../providers/registry.ts';
import type { StoreState } from '../stores/store.ts';
import { askVerdict } from './ask.ts';
import { type StoreDestination, mayHold, viewOf, writeOf } from './destination.ts';
import type { Recorded } from './journal/entry.ts';
import { type Act, actOf } from './memory.ts';
import { CREATE, type Making, deleteNewKey, fingerprintOf, prepareMaking } from './new-key.ts';
import { recoverUnknown } from './recover.ts';
import type { KeyParts, LeakedKey, Services } from './services.ts';
import { type StepEnd, failed, failedBy } from './step.ts';

/** True after a roll-back that came to its end. */
export function isRolledBack(entries: readonly Recorded[], key: string): boolean {
  return entries.some((entry) => entry.type === 'step' && entry.key === key && entry.code === 'ROLLED_BACK');
}

/** @throws RespondError `ROLLBACK_TOO_LATE` once the old key was asked to die */
function refuseLate(services: Services, key: LeakedKey): void {
  const asked = services.journal.entries.some(
    (entry) => entry.type === 'intent' && entry.key === key.record.fingerprint && entry.step === 'revoke',
  );
  if (asked) throw new RespondError('ROLLBACK_TOO_LATE', 'The old key was revoked, or asked to be');
}

/**
 * Whoever deleted the old key, by hand or otherwise: with the new one gone too nothing would work any more.
 * @throws RespondError `ROLLBACK_TOO_LATE` if the provider proves the old key dead
 */
async function refuseDead(services: Services, key: LeakedKey, target: Target): Promise<void> {
  const { verdict } = await askVerdict(services, key, target);
  if (verdict.status === 'dead') throw new RespondError('ROLLBACK_TOO_LATE', 'The old key is dead already');
}

/** The request for the new key, and what came of it. */
function creation({ services, key }: Making): Act | null {
  return actOf(services.journal.entries, key.record.fingerprint, CREATE);
}

function oldParts({ key, target }: Making): KeyParts {
  const values = key.variants[0] ?? {};
  const names = ['secret', ...Object.keys(target.kind.parts)];
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      names.includes(name) && value instanceof Secret ? [[name, value] as const] : [],
    ),
  );
}

/** What stood in a store before the write. A store that gives nothing back is given the old key again. */
function former(making: Making, destination: StoreDestination): StoreState {
  const before = writeOf(making, destination)?.intent.before;
  const about = { id: before?.id ?? null, createdAt: before?.createdAt ?? null };
  const known = before?.holds === 'old-key' || before?.holds === 'not-told';
  return { ...about, values: known ? oldParts(making) : null };
}

/** True if what a store gives out is what this rotation wrote to it. */
async function isOurs(making: Making, destination: StoreDestination, state: StoreState): Promise<boolean> {
  const made = creation(making)?.result?.made;
  if (state.values !== null && made) return fingerprintOf(making, state.values) === made.fingerprint;
  if (state.values !== null)
    return (await recoverUnknown(making, destination, creation(making)?.intent.target ?? '')) !== null;
  const act = writeOf(making, destination);
  const version = act?.result?.version;
  return act?.result === null || (version?.id === state.id && version.createdAt === state.createdAt);
}

async function restore(making: Making, destination: StoreDestination): Promise<void> {
  const { services, key } = making;
  const { name, store } = destination;
  const state = await store.read();
  if (viewOf(state, key).holds === 'old-key') return;
  if (!(await isOurs(making, destination, state)))
    throw new StoreError('STORE_CONFLICT', `Somebody else has written to the ${name} since; it was left as it is`);
  const entry = { key: key.record.fingerprint, step: 'replace', action: `restore ${name}` } as const;
  services.journal.append({ type: 'intent', ...entry, target: name });
  const version = await store.restore(former(making, destination));
  services.journal.append({ type: 'result', ...entry, outcome: 'ok', status: null, error: null, version });
}

async function takeBack(making: Making): Promise<StepEnd> {
  const { services } = making;
  const written = services.destinations.filter((one) => mayHold(making, one)).toReversed();
  for (const destination of written) if (destination.kind === 'store') await restore(making, destination);
  const act = creation(making);
  if (act !== null && act.result?.outcome !== 'refused')
    await deleteNewKey(making, act.result?.made?.id ?? null, act.intent.target);
  const left = written.filter(({ kind }) => kind === 'once').map((one) => one.name);
  const rest = left.length === 0 ? '' : `; what was handed to ${left.join(', ')} is no key any more`;
  return failed('ROLLED_BACK', `The old key is in every store again, and the new one was deleted${rest}`);
}

/** Rolls one key's rotation back. Every store is restored before the new key dies; one that cannot be keeps it alive. */
export async function rollBack(services: Services, key: LeakedKey, target: Target): Promise<StepEnd> {
  const { create } = target.kind;
  try {
    refuseLate(services, key);
    if (!create) throw new RespondError('PERSON_NEEDED', `${target.provider.title} has no call that creates keys`);
    await refuseDead(services, key, target);
    return await takeBack(await prepareMaking(services, key, target, create));
  } catch (error) {
    if (isScanError(error) && error.code === 'ROLLBACK_TOO_LATE') throw error;
    return failedBy(error);
  }
}
