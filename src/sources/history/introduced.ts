import type { Place } from '../../core/finding.ts';
import type { CommitPlaces } from './commit-places.ts';
import type { HeldIn } from './held-in.ts';
import type { Hits } from './hits.ts';
import type { Lineage } from './lineage.ts';
import { ENTRY_NAME } from './names.ts';
import type { Paths } from './paths.ts';
import type { Placed } from './placed.ts';
import type { HistoryState } from './state.ts';
import type { Introduction } from './walk.ts';

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
  const byFingerprint = lineages.toSorted(
    (a, b) => a.introduction.fingerprint - b.introduction.fingerprint || a.introduction.commit - b.introduction.commit,
  );
  let shared: { readonly of: Introduction; readonly place: Place } | null = null;
  return byFingerprint.map((lineage) => {
    const { commit, fingerprint } = lineage.introduction;
    // One commit can bring a value to tens of thousands of paths.
    if (shared?.of.commit !== commit || shared.of.fingerprint !== fingerprint)
      shared = { of: lineage.introduction, place: placeInCommit(context, commit, fingerprint) };
    return introducedPlace(context, lineage, shared.place);
  });
}

/** What is the same for all paths of a commit. */
function placeInCommit({ state, commits, held }: TreePlaces, commit: number, fingerprint: number): Place {
  const { graph } = state.reach;
  return {
    ...commits.placeIn(commit),
    heldBy: commits.heldBy(commit, (tip) => held.isIn(graph.tree(tip), fingerprint)),
    moved: graph.parents(commit).some((parent) => parent >= 0 && held.isIn(graph.tree(parent), fingerprint)),
  };
}

function introducedPlace(context: TreePlaces, { introduction, removedIn, blobs }: Lineage, inCommit: Place): Placed {
  const { commit, path, hit, fingerprint, atBoundary } = introduction;
  const place: Place = {
    ...inCommit,
    ...describe(context, hit, path, commit),
    removedIn: removedIn.map((one) => context.commits.idOf(one)),
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
