import type { Place } from './finding.ts';

/** A place of which nothing but this is known. */
export function placeOf(known: Partial<Place> & Pick<Place, 'kind'>): Place {
  return {
    path: null,
    commit: null,
    author: null,
    email: null,
    authorDate: null,
    commitDate: null,
    moved: false,
    removedIn: [],
    blob: null,
    blobs: 1,
    reach: 'none',
    heldBy: [],
    heldByCount: 0,
    ...known,
  };
}

/**
 * The place to show first: one that a ref's tip still holds, else the oldest
 * that has a path, else the oldest; -1 if there is none.
 */
export function headlineIndex(places: readonly Place[]): number {
  const inTip = places.findIndex((one) => one.path !== null && one.heldBy.some((hold) => hold.inTip));
  if (inTip >= 0) return inTip;
  const named = places.findIndex(({ path }) => path !== null);
  return named >= 0 ? named : Math.min(0, places.length - 1);
}
