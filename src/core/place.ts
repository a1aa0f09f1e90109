import type { Occurrence, Place } from './finding.ts';

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

/** Names that need no quotes in any shell, and that no option begins like. */
const PLAIN_PATH = /^[A-Za-z0-9_./][A-Za-z0-9_./@+=-]*$/;

/** Where a person is sent to, as `PATH:LINE:COLUMN`; null where that would not lead back to it. */
export function pointAt({
  kind,
  path,
  line,
  column,
  located,
}: Pick<Occurrence, 'kind' | 'path' | 'line' | 'column' | 'located'>): string | null {
  if (kind !== 'file' || path === null || located === false || !PLAIN_PATH.test(path)) return null;
  return `${path}:${line}:${column}`;
}
