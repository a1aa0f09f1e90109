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
