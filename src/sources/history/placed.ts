import type { Place } from '../../core/finding.ts';
import { placeOf } from '../../core/place.ts';
import type { Hits } from './hits.ts';

/** One place of one fingerprint, in numbers; `commit` decides how old it is and is -1 for none. */
export interface Placed {
  readonly hit: number;
  readonly fingerprint: number;
  readonly commit: number;
  readonly place: Place;
}

/** What is true of a place until more is known. */
export const NOWHERE: Place = placeOf({ kind: 'blob' });

/** The same place for every fingerprint of a hit. */
export function eachFingerprint(hits: Hits, hit: number, commit: number, place: Place): Placed[] {
  return (hits.sets[hit] ?? []).map((fingerprint) => ({ hit, fingerprint, commit, place }));
}
