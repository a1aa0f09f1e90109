/** Finding the new key's value again after a run has died: it lies on no disk of ours, so a place that has it gives it back. */
import { keyId, matchRow, withDerived } from '../providers/identify.ts';
import { isRecognised } from '../providers/probe.ts';
import { readBack, mayHold, type StoreDestination, writeOf, noteWrite } from './destination.ts';
import type { MadeKey } from './journal/entry.ts';
import { type Making, type NewKey, madeOf, tryKey } from './new-key.ts';
import type { Destination, KeyParts } from './services.ts';
import { isMade } from './view.ts';

/** The value of a key whose fingerprint was written down; null where no place gives it back. */
export async function recoverKnown(making: Making, made: MadeKey): Promise<KeyParts | null> {
  for (const destination of making.services.destinations) {
    if (!mayHold(making, destination)) continue;
    const parts = await readBack(making, destination);
    if (parts !== null && isMade(making, made, parts)) return parts;
  }
  return null;
}

/**
 * The id under which the provider lists a value that was made under `label`;
 * null where the list does not show values; undefined if it is another key.
 */
async function listedId(making: Making, parts: KeyParts, label: string): Promise<string | null | undefined> {
  const { services, target, rows } = making;
  if (rows === null) return null;
  const values = withDerived(target.kind, { ...making.values, ...parts });
  const id = await keyId(services.wire, services.endpoint(target), target.kind, values);
  const match = matchRow(target.kind, id, rows, values);
  if (match.kind === 'found') return match.row.label === label ? match.row.id : undefined;
  return id === null ? (rows.find((row) => row.label === label)?.id ?? null) : undefined;
}

/**
 * The key that a run made before it could write down which: what the first
 * place gives out now, if it is not the old key, lives, and is not listed under
 * another label.
 *
 * @returns null: the value is lost
 */
export async function recoverUnknown(making: Making, first: Destination, label: string): Promise<NewKey | null> {
  const parts = await readBack(making, first);
  if (parts === null || parts['secret']?.reveal() === making.key.secret?.reveal()) return null;
  const id = await listedId(making, parts, label);
  if (id === undefined) return null;
  const probes = await tryKey(making, parts);
  if (!probes.some(({ means }) => isRecognised(means))) return null;
  return { parts, made: madeOf(making, id, label, parts) };
}

/** Asks stores whose write was cut off, and writes down where it did not take place. @returns places that may have the key */
export async function settleWrites(making: Making, made: MadeKey): Promise<readonly Destination[]> {
  const { destinations } = making.services;
  for (const destination of destinations)
    if (destination.kind === 'store' && writeOf(making, destination)?.result === null)
      await settle(making, destination, made);
  return destinations.filter((destination) => mayHold(making, destination));
}

async function settle(making: Making, destination: StoreDestination, made: MadeKey): Promise<void> {
  const { id, createdAt, values } = await destination.store.read();
  if (values === null) return;
  const has = isMade(making, made, values);
  noteWrite(
    making,
    destination,
    has ? 'ok' : 'failed',
    has ? { version: { id, createdAt } } : { error: 'NOT_WRITTEN' },
  );
}
