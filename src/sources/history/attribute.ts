import type { CoverageLog } from '../../core/coverage.ts';
import { pause } from '../../core/pause.ts';
import type { AttributedPlace, Attribution, Early, Holdings } from '../../core/source.ts';
import { CommitPlaces } from './commit-places.ts';
import { placesElsewhere } from './elsewhere.ts';
import { HeldIn } from './held-in.ts';
import { holdsAt } from './hit-trees.ts';
import { Hits } from './hits.ts';
import { introducedPlaces } from './introduced.ts';
import { type Lineage, traceLineages } from './lineage.ts';
import type { LookAhead } from './look-ahead.ts';
import { commitMessages, refNames, tagMessages } from './messages.ts';
import { Paths } from './paths.ts';
import type { Placed } from './placed.ts';
import type { HistoryState } from './state.ts';
import { report } from './store.ts';
import { CommitWalk } from './walk.ts';

type FirstSeen = { readonly commit: string; readonly author: string; readonly date: string };

/** Where and since when the held fingerprints are in a history: one place for each introduction. */
export async function attributeHistory(
  state: HistoryState | null,
  coverage: CoverageLog,
  { holdings, early, ahead }: { readonly holdings: Holdings; readonly early: Early; readonly ahead: LookAhead },
  signal: AbortSignal,
): Promise<Attribution> {
  if (state === null || holdings.size === 0) return { places: [], firstSeen: new Map(), exposure: new Map() };
  const hits = new Hits(state, holdings);
  ahead.beginEarly(state, hits, early);
  await pause();
  const trees = await state.trees.hitTrees(hits, signal);
  state.found = { hits, trees };
  const commits = state.places ?? new CommitPlaces(state);
  const paths = new Paths(state.trees.names);
  const { graph } = state.reach;
  const changes = await new CommitWalk(graph, trees, hits, paths, commits.loops).run(judged(state, commits.order));
  ahead.begin(state, hits, changes, early);
  await pause();
  if (!changes.complete) {
    report(coverage, 'GIT_ATTRIBUTION_LIMIT', 'Trees expand to too many paths: not every place is listed');
  }
  const { lineages, complete } = traceLineages(graph, commits.order, changes, hits, (commit, path, fingerprint) =>
    holdsAt(trees, hits, graph.tree(commit), paths.nameNumbers(path), fingerprint),
  );
  if (!complete) {
    report(coverage, 'GIT_ATTRIBUTION_LIMIT', 'Too many introductions live side by side: not every removal is listed');
  }
  await pause();
  await commits.load(named(state, hits, lineages), signal);
  const context = { state, hits, commits, held: new HeldIn(trees, hits), paths };
  const placed = [
    ...introducedPlaces(context, lineages),
    ...commitMessages(state, hits, commits),
    ...(await tagMessages(state, hits, commits, signal)),
    ...refNames(state, hits, commits),
    ...placesElsewhere(context, trees, changes),
  ];
  const idOf = await early.ids();
  return summarise(state, { ids: hits.ids, fingerprints: hits.fingerprints.map(idOf) }, commits, placed);
}

/** The commits that can introduce something. */
function judged({ reach, reachableOnly }: HistoryState, order: Int32Array): Int32Array {
  return reachableOnly ? order.filter((commit) => reach.isReached(reach.graph.position(commit))) : order;
}

/** The commits that will be told of. */
function named({ reach }: HistoryState, hits: Hits, lineages: readonly Lineage[]): number[] {
  const messages = hits.commits.map(({ position }) => reach.graph.numberAt(position));
  const tagged = hits.tags.map(({ position }) => reach.graph.numberAt(reach.peel(position)));
  const all = new Set([...lineages.map(({ introduction }) => introduction.commit), ...messages, ...tagged]);
  return [...all].filter((commit) => commit >= 0);
}

/** Oldest first. */
function summarise(
  { store }: HistoryState,
  hits: Pick<Hits, 'ids' | 'fingerprints'>,
  commits: CommitPlaces,
  placed: readonly Placed[],
): Attribution {
  const places: AttributedPlace[] = [];
  const firstSeen = new Map<string, FirstSeen>();
  const exposure = new Map<string, 'local' | 'remote' | 'unknown'>();
  const order = (a: Placed, b: Placed): number =>
    compareText(hits.fingerprints[a.fingerprint], hits.fingerprints[b.fingerprint]) ||
    byAge(commits, a, b) ||
    compareText(a.place.path, b.place.path) ||
    compareText(hits.ids[a.hit], hits.ids[b.hit]);
  for (const one of placed.toSorted(order)) {
    const fingerprint = hits.fingerprints[one.fingerprint] ?? '';
    places.push({ blob: hits.ids[one.hit] ?? '', fingerprint, place: one.place });
    const first = firstSeen.has(fingerprint) ? null : seenIn(commits, one);
    if (first !== null) firstSeen.set(fingerprint, first);
    if (isOnRemote(commits, one)) exposure.set(fingerprint, 'remote');
    else if (!exposure.has(fingerprint)) exposure.set(fingerprint, store.repository.bare ? 'unknown' : 'local');
  }
  return { places, firstSeen, exposure };
}

/** By code unit; what is absent comes first. */
function compareText(a: string | null = null, b: string | null = null): number {
  if (a === b) return 0;
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

function byAge(commits: CommitPlaces, a: Placed, b: Placed): number {
  const [older, newer] = [commits.rank(a.commit), commits.rank(b.commit)];
  if (older === newer) return 0;
  return older < newer ? -1 : 1;
}

/** A tag's message is its tagger's, whoever wrote the commit that it names. */
function seenIn(commits: CommitPlaces, { commit, place }: Placed): FirstSeen | null {
  const known = commits.commit(commit);
  if (known === undefined) return null;
  const tag = place.kind === 'tag-message' ? place : null;
  const date = tag?.authorDate ?? known.committer.date ?? known.author.date ?? '1970-01-01T00:00:00Z';
  return { commit: commits.idOf(commit), author: tag?.author ?? known.author.name, date };
}

function isOnRemote(commits: CommitPlaces, { commit, place }: Placed): boolean {
  return commits.isOnRemote(commit) || place.heldBy.some(({ ref }) => ref.startsWith('refs/remotes/'));
}
