/** What became of each introduction: which commits removed it, and how many versions carried it meanwhile. */
import type { Hits } from './hits.ts';
import { type FollowedGroup, type FollowedVersion, LineageWalk, type Parents } from './lineage-walk.ts';
import type { Changes, Introduction } from './walk.ts';

export interface Lineage {
  readonly introduction: Introduction;
  /** Commit numbers. */
  readonly removedIn: readonly number[];
  /** Distinct contents at this path that carry the fingerprint and descend from this introduction; at least 1. */
  readonly blobs: number;
}

export interface Lineages {
  readonly lineages: readonly Lineage[];
  /** False if a limit left out commits that removed something. */
  readonly complete: boolean;
}

/** What happened to one fingerprint at one path. */
interface Group extends FollowedGroup {
  readonly introductions: Introduction[];
  readonly removals: number[];
  /** How many contents there carried it. */
  blobs: number;
}

/** @param holdsAt - whether a commit has the fingerprint at the path */
export function traceLineages(
  graph: Parents,
  order: Int32Array,
  changes: Changes,
  hits: Pick<Hits, 'fingerprints' | 'sets'>,
  holdsAt: (commit: number, path: number, fingerprint: number) => boolean,
): Lineages {
  const { groups, severalAt, versions } = groupChanges(changes, hits);
  const walk = new LineageWalk({ graph, order, asSomeParent: changes.asSomeParent, holdsAt }, severalAt, versions);
  const { outcomes, complete } = walk.run();
  const lineages = groups.flatMap((group): Lineage[] => {
    const [only, second] = group.introductions;
    if (only === undefined) return [];
    const followed = outcomes.get(group);
    if (second === undefined || !followed)
      return [{ introduction: only, removedIn: group.removals, blobs: Math.max(1, group.blobs) }];
    return group.introductions.map((introduction, i) => ({
      introduction,
      removedIn: followed[i]?.removedIn ?? [],
      blobs: Math.max(1, followed[i]?.blobs.size ?? 0),
    }));
  });
  return { lineages, complete };
}

interface Grouped {
  /** By path and fingerprint. */
  readonly groups: readonly Group[];
  /** Those with several introductions, which have to be told apart. */
  readonly severalAt: readonly Group[];
  readonly versions: readonly FollowedVersion[];
}

function groupChanges(
  { introductions, removals, versions }: Changes,
  { fingerprints, sets }: Pick<Hits, 'fingerprints' | 'sets'>,
): Grouped {
  const known = new Map<number, Group>();
  const keyOf = (path: number, fingerprint: number): number => path * fingerprints.length + fingerprint;
  for (const one of introductions) {
    const { path, fingerprint } = one;
    const key = keyOf(path, fingerprint);
    const group = known.get(key);
    if (group) group.introductions.push(one);
    else known.set(key, { path, fingerprint, introductions: [one], removals: [], blobs: 0 });
  }
  for (const { commit, path, fingerprint } of removals) known.get(keyOf(path, fingerprint))?.removals.push(commit);
  const groups = [...known.values()];
  // Neighbours in the tree mostly change together.
  const severalAt = groups
    .filter((group) => group.introductions.length > 1)
    .toSorted((a, b) => a.path - b.path || a.fingerprint - b.fingerprint);
  const numbers = new Map(severalAt.map((group, number) => [group, number]));
  const contents = new Map<number, readonly number[]>();
  const groupsOf = (path: number, hit: number): readonly number[] => {
    const several: number[] = [];
    for (const fingerprint of sets[hit] ?? []) {
      const group = known.get(keyOf(path, fingerprint));
      if (!group) continue;
      group.blobs++;
      const number = numbers.get(group);
      if (number !== undefined) several.push(number);
    }
    return several;
  };
  const followed = versions.map(({ commit, path, hit }) => {
    const content = path * sets.length + hit;
    const of = contents.get(content) ?? groupsOf(path, hit);
    contents.set(content, of);
    return { commit, hit, groups: of };
  });
  return { groups, severalAt, versions: followed.filter(({ groups: of }) => of.length > 0) };
}
