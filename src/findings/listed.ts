/**
 * One value can stand in tens of thousands of places, the pages of a generated
 * site for instance. All of them decide what becomes of a finding; so many are
 * looked at again and listed.
 */
import type { Finding, Place } from '../core/finding.ts';
import { headlineIndex } from '../core/place.ts';

/** Listed of one finding, unless somebody asks for more or fewer. */
export const MOST_PLACES = 1000;

const MEND = 'Repeat with --max-places all to have every place listed.';

/**
 * Which places are listed: the one to show first, the oldest, and those by
 * which a ref shows up that holds the secret (half of the number at most);
 * then the oldest of the others.
 *
 * @param places - oldest first
 * @returns their indexes, or null for all
 */
export function chooseListed(places: readonly Place[], most: number): ReadonlySet<number> | null {
  if (places.length <= most) return null;
  const chosen = new Set<number>();
  const take = (index: number, limit: number): void => {
    if (index >= 0 && chosen.size < limit) chosen.add(index);
  };
  take(headlineIndex(places), most);
  take(0, most);
  take(places.indexOf(places.reduce((a, b) => (b.heldByCount > a.heldByCount ? b : a))), most);
  for (const index of showingRefs(places)) take(index, Math.ceil(most / 2));
  for (let index = 0; index < places.length && chosen.size < most; index++) take(index, most);
  return chosen;
}

/** The first place of each ref that holds the secret, those before where it is in the tip. */
function showingRefs(places: readonly Place[]): number[] {
  const [tips, others]: [Map<string, number>, Map<string, number>] = [new Map(), new Map()];
  // Places of one commit share the list.
  const known = new Set<Place['heldBy']>();
  for (const [index, { heldBy }] of places.entries()) {
    if (known.has(heldBy)) continue;
    known.add(heldBy);
    for (const { ref, inTip } of heldBy) {
      const refs = inTip ? tips : others;
      if (!refs.has(ref)) refs.set(ref, index);
    }
  }
  return [...tips.values(), ...others.values()];
}

/** The finding as it is reported: without the places that are not to be listed, and with their number. */
export function asListed(finding: Finding): Finding {
  const occurrences = finding.occurrences.filter(({ unlisted }) => unlisted !== true);
  const places = finding.occurrences.length - occurrences.length;
  if (places === 0) return finding;
  const named = new Set(occurrences.flatMap(({ removedIn }) => removedIn));
  const all = new Set(finding.occurrences.flatMap(({ removedIn }) => removedIn));
  return { ...finding, occurrences, unlisted: { places, removedIn: all.size - named.size, mend: MEND } };
}
