/** Immediately before an old key dies: does the new one live, and is it where it was put? */
import type { Target } from '../providers/registry.ts';
import type { MadeKey } from './journal/entry.ts';
import { type Making, isLive, keptValue, noteProbes, prepareMaking, standingMade, tryPatiently } from './new-key.ts';
import { readBack } from './destination.ts';
import type { KeyParts, LeakedKey, Services } from './services.ts';
import { type StepEnd, failed } from './step.ts';
import { isMade } from './view.ts';

/** What the places give out now: the new key, or the one that does not. */
async function inPlaces(making: Making, made: MadeKey): Promise<{ parts: KeyParts | null; without: string | null }> {
  let parts = keptValue(making);
  if (parts !== null && !isMade(making, made, parts)) parts = null;
  for (const destination of making.services.destinations) {
    if (destination.kind === 'once') {
      const back = parts === null ? await readBack(making, destination) : null;
      if (back !== null && isMade(making, made, back)) parts = back;
      continue;
    }
    const { values } = await destination.store.read();
    if (values === null) continue;
    if (!isMade(making, made, values)) return { parts, without: destination.name };
    parts ??= values;
  }
  return { parts, without: null };
}

/** Where nobody gives the value back, its provider's list is what there is; true if there is none either. */
function isListed({ rows }: Making, { id, label }: MadeKey): boolean {
  if (rows === null) return true;
  return rows.some((row) => row.active && (id === null ? row.label === label : row.id === id));
}

/**
 * The last question before an old key is asked to die. A key that a person
 * made is theirs to answer for.
 *
 * @returns how the step ends; null: the old key may die
 * @throws StoreError, HttpError, ProviderError: what cannot be asked keeps the old key alive
 */
export async function proveNewKey(services: Services, key: LeakedKey, target: Target): Promise<StepEnd | null> {
  const { create } = target.kind;
  const made = standingMade({ services, key });
  if (!create || made === null) return null;
  const making = await prepareMaking(services, key, target, create);
  const { label } = made;
  const { parts, without } = await inPlaces(making, made);
  if (without !== null)
    return failed('NEW_KEY_NOT_STORED', `The ${without} does not give out ${label} any more; the old key lives on`, {
      label,
    });
  const probes = parts === null ? [] : await tryPatiently(making, parts);
  noteProbes(making, probes);
  if (parts === null ? isListed(making, made) : isLive(probes)) return null;
  const how = parts === null ? 'is not listed by its provider any more' : 'is not recognised by any probe now';
  const mend = 'Look at it in the dashboard. --resume asks again, --roll-back puts the old key back.';
  return failed('NEW_KEY_NOT_LIVE', `${label} ${how}; the old key lives on`, { label, mend });
}
