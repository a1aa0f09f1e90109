import type { Place } from '../../core/finding.ts';
import type { CommitPlaces } from './commit-places.ts';
import type { HeldIn } from './held-in.ts';
import type { Hits } from './hits.ts';
import type { Lineage } from './lineage.ts';
import { ENTRY_NAME } from './names.ts';
import type { Paths } from './paths.ts';
import type { Placed } from './placed.ts';
import type { HistoryState } from './state.ts';

/** What is needed to tell of a place in a commit's tree. */
export interface TreePlaces {
  readonly state: HistoryState;
  readonly hits: Hits;
  readonly commits: CommitPlaces;
  readonly held: HeldIn;
  readonly paths: Paths;
}

/** One place for each introduction. */
export function introducedPlaces(context: TreePlaces, lineages: readonly Lineage[]): Placed[] {
  // What trees hold is found for some neighbouring fingerprints at a time.
  return lineages
    .toSorted((a, b) => a.introduction.fingerprint - b.introduction.fingerprint)
    .map((lineage) => introducedPlace(context, lineage));
}

function introducedPlace(context: TreePlaces, { introduction, removedIn, blobs }: Lineage): Placed {
  const { state, commits, held } = context;
  const { graph } = state.reach;
  const { commit, path, hit, fingerprint, atBoundary } = introduction;
  const place: Place = {
    ...commits.placeIn(commit),
    ...describe(context, hit, path, commit),
    heldBy: commits.heldBy(commit, (tip) => held.isIn(graph.tree(tip), fingerprint)),
    moved: graph.parents(commit).some((parent) => parent >= 0 && held.isIn(graph.tree(parent), fingerprint)),
    removedIn: removedIn.map((one) => commits.idOf(one)),
    blobs,
    ...(atBoundary ? { atBoundary } : {}),
  };
  return { hit, fingerprint, commit, place };
}

/** A note is filed under the id it annotates, cut into folders, and reported with that id. */
function describe(
  { state, hits, commits, paths }: TreePlaces,
  hit: number,
  path: number,
  commit: number,
): Pick<Place, 'kind' | 'path' | 'blob'> {
  const id = hits.ids[hit] ?? '';
  const text = paths.text(path);
  if (id.startsWith(ENTRY_NAME)) return { kind: 'path', path: text, blob: null };
  const annotated = text.replaceAll('/', '');
  const isId = annotated.length === state.store.table.idLength && /^[0-9a-f]+$/.test(annotated);
  if (isId && commits.isOfNotes(commit)) return { kind: 'note', path: annotated, blob: id };
  return { kind: 'blob', path: text, blob: id };
}
