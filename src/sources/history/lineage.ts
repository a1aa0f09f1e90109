/** What became of each introduction: which commits removed it, and how many versions carried it meanwhile. */
import type { CommitGraph } from '../../git/commit-graph.ts';
import type { Changes, Introduction } from './walk.ts';

export interface Lineage {
  readonly introduction: Introduction;
  /** Commit numbers. */
  readonly removedIn: readonly number[];
  /** Distinct contents at this path that carry the fingerprint and descend from this introduction; at least 1. */
  readonly blobs: number;
}

interface Group {
  readonly introductions: Introduction[];
  readonly versions: { readonly commit: number; readonly hit: number }[];
  readonly removals: number[];
}

/** @param holdsAt - whether a commit has the fingerprint at the path */
export function traceLineages(
  graph: CommitGraph,
  order: Int32Array,
  changes: Changes,
  setOf: (hit: number) => readonly number[],
  holdsAt: (commit: number, path: number, fingerprint: number) => boolean,
): Lineage[] {
  const tracer = new Tracer(graph, order, holdsAt);
  return [...groupChanges(changes, setOf).values()].flatMap((group) => {
    const [only, second] = group.introductions;
    if (only === undefined) return [];
    if (second !== undefined) return tracer.trace(group);
    const blobs = new Set(group.versions.map(({ hit }) => hit)).size;
    return [{ introduction: only, removedIn: group.removals, blobs }];
  });
}

/** By path and fingerprint. */
function groupChanges(changes: Changes, setOf: (hit: number) => readonly number[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  const groupOf = (path: number, fingerprint: number): Group => {
    const key = `${path}:${fingerprint}`;
    const group = groups.get(key) ?? { introductions: [], versions: [], removals: [] };
    groups.set(key, group);
    return group;
  };
  for (const one of changes.introductions) groupOf(one.path, one.fingerprint).introductions.push(one);
  for (const { commit, path, hit } of changes.versions) {
    for (const fingerprint of setOf(hit)) groupOf(path, fingerprint).versions.push({ commit, hit });
  }
  for (const { commit, path, fingerprint } of changes.removals) groupOf(path, fingerprint).removals.push(commit);
  return groups;
}

/**
 * Several introductions of one secret at one path (a revert, a cherry-pick,
 * two branches): follows each through its descendants, and through merges,
 * where they join.
 */
class Tracer {
  readonly #graph: CommitGraph;
  readonly #order: Int32Array;
  readonly #rank: Int32Array;
  readonly #holdsAt: (commit: number, path: number, fingerprint: number) => boolean;
  /** By commit: the number of the set of introductions that live in it; 0 is the empty set. */
  readonly #states: Int32Array;

  constructor(
    graph: CommitGraph,
    order: Int32Array,
    holdsAt: (commit: number, path: number, fingerprint: number) => boolean,
  ) {
    this.#graph = graph;
    this.#order = order;
    this.#rank = new Int32Array(order.length);
    for (let i = 0; i < order.length; i++) this.#rank[order[i] ?? 0] = i;
    this.#holdsAt = holdsAt;
    this.#states = new Int32Array(order.length);
  }

  trace({ introductions, versions, removals }: Group): Lineage[] {
    const sets = new SetRegistry();
    const introducedBy = new Map(introductions.map(({ commit }, i) => [commit, i]));
    const removedBy = new Set(removals);
    const removedIn: number[][] = introductions.map(() => []);
    const path = introductions[0]?.path ?? 0;
    const fingerprint = introductions[0]?.fingerprint ?? 0;
    const from = Math.min(...introductions.map(({ commit }) => this.#rank[commit] ?? 0));
    this.#states.fill(0);
    for (let i = from; i < this.#order.length; i++) {
      const commit = this.#order[i] ?? 0;
      const introduced = introducedBy.get(commit);
      if (introduced !== undefined) {
        this.#states[commit] = sets.single(introduced);
        continue;
      }
      const inherited = this.#inherit(commit, sets);
      if (inherited.set === 0) continue;
      if (removedBy.has(commit)) {
        for (const one of sets.members(inherited.set)) removedIn[one]?.push(commit);
      } else if (!inherited.mixed || this.#holdsAt(commit, path, fingerprint)) {
        this.#states[commit] = inherited.set;
      }
    }
    const blobs = introductions.map(() => new Set<number>());
    for (const { commit, hit } of versions) {
      for (const one of sets.members(this.#states[commit] ?? 0)) blobs[one]?.add(hit);
    }
    return introductions.map((introduction, i) => ({
      introduction,
      removedIn: removedIn[i] ?? [],
      blobs: Math.max(1, blobs[i]?.size ?? 0),
    }));
  }

  /** What the parents have; mixed if one of them has nothing. */
  #inherit(commit: number, sets: SetRegistry): { set: number; mixed: boolean } {
    let set = 0;
    let mixed = false;
    for (let at = this.#graph.firstParent(commit); at < this.#graph.endOfParents(commit); at++) {
      const parent = this.#graph.parentAt(at);
      const theirs = parent < 0 ? 0 : (this.#states[parent] ?? 0);
      mixed ||= theirs === 0;
      set = sets.union(set, theirs);
    }
    return { set, mixed };
  }
}

/** Sets of small numbers, each set a number itself. */
class SetRegistry {
  readonly #members: (readonly number[])[] = [[]];
  readonly #numbers = new Map<string, number>([['', 0]]);

  members(set: number): readonly number[] {
    return this.#members[set] ?? [];
  }

  single(member: number): number {
    return this.#number([member]);
  }

  union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    return this.#number([...new Set([...this.members(a), ...this.members(b)])].sort((x, y) => x - y));
  }

  #number(members: readonly number[]): number {
    const key = members.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#members.push(members);
    this.#numbers.set(key, this.#members.length - 1);
    return this.#members.length - 1;
  }
}
