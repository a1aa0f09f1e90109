/**
 * Several introductions of one secret at one path (a revert, a cherry-pick, two
 * branches): follows each through its descendants, and through merges, where
 * they join. All secrets and paths are followed together, in one walk over
 * the commits: what lives in a commit is a map that it shares with its parents as far as they
 * agree, so a commit costs what it changes, and a merge what its parents differ in.
 */
import type { CommitGraph } from '../../git/commit-graph.ts';
import { IntroductionSets } from './introduction-sets.ts';
import { type MapNode, NumberMaps } from './number-map.ts';
import type { Introduction } from './walk.ts';

/** One fingerprint at one path. */
export interface FollowedGroup {
  readonly path: number;
  readonly fingerprint: number;
  readonly introductions: readonly Introduction[];
  /** Commit numbers. */
  readonly removals: readonly number[];
}

/** A commit that has a content of its own at a path. */
export interface FollowedVersion {
  readonly commit: number;
  readonly hit: number;
  /** Numbers of the groups whose fingerprint it has at their path. */
  readonly groups: readonly number[];
}

export interface Outcome {
  readonly removedIn: number[];
  /** Hits that carried it. */
  readonly blobs: Set<number>;
}

/** As a `CommitGraph` has them. */
export type Parents = Pick<CommitGraph, 'firstParent' | 'endOfParents' | 'parentAt'>;

export interface FollowedHistory {
  readonly graph: Parents;
  /** All commits, parents first. */
  readonly order: Int32Array;
  /** By commit: which parent has the same hits at the same paths, or −1 if none has or nobody knows. */
  readonly asSomeParent: Int32Array;
  readonly holdsAt: (commit: number, path: number, fingerprint: number) => boolean;
}

/** What a commit does to groups, by their numbers. */
interface Events {
  readonly introduced: { readonly group: number; readonly introduction: number }[];
  readonly removed: number[];
  readonly versions: FollowedVersion[];
}

/** Contents that are counted, one for each introduction that each of them descends from. */
const MOST_COUNTED = 10_000_000;

export class LineageWalk {
  readonly #history: FollowedHistory;
  readonly #groups: readonly FollowedGroup[];
  readonly #events = new Map<number, Events>();
  /** By introduction, numbered through all groups. */
  readonly #outcomes: Outcome[] = [];
  readonly #maps: NumberMaps;
  readonly #sets: IntroductionSets;
  /** By commit: the set of introductions that live in it, for each group; null once all children are done. */
  readonly #states: (MapNode | null)[];
  /** By commit: children that are not done. */
  readonly #waiting: Int32Array;
  #counted = 0;

  constructor(history: FollowedHistory, groups: readonly FollowedGroup[], versions: readonly FollowedVersion[]) {
    this.#history = history;
    this.#groups = groups;
    for (const [group, { introductions, removals }] of groups.entries()) {
      for (const { commit } of introductions)
        this.#eventsAt(commit).introduced.push({ group, introduction: this.#outcomes.push(newOutcome()) - 1 });
      for (const commit of removals) this.#eventsAt(commit).removed.push(group);
    }
    for (const version of versions) this.#eventsAt(version.commit).versions.push(version);
    this.#maps = new NumberMaps(groups.length);
    this.#sets = new IntroductionSets(this.#outcomes.length);
    const { length } = groups.length === 0 ? [] : history.order;
    this.#states = Array.from({ length }, () => null);
    this.#waiting = new Int32Array(length);
  }

  #eventsAt(commit: number): Events {
    const known = this.#events.get(commit) ?? { introduced: [], removed: [], versions: [] };
    this.#events.set(commit, known);
    return known;
  }

  /** @returns by group, what became of each of its introductions */
  run(): { readonly outcomes: ReadonlyMap<FollowedGroup, readonly Outcome[]>; readonly complete: boolean } {
    if (this.#groups.length > 0) this.#walk();
    let at = 0;
    const outcomes = new Map(
      this.#groups.map((group) => [group, this.#outcomes.slice(at, (at += group.introductions.length))]),
    );
    return { outcomes, complete: this.#sets.complete && this.#counted <= MOST_COUNTED };
  }

  #walk(): void {
    const { order: all } = this.#history;
    // Before the first event nothing lives anywhere.
    const order = all.subarray(all.findIndex((commit) => this.#events.has(commit)));
    for (const commit of order) this.#eachParent(commit, (parent) => this.#wait(parent, 1));
    for (const commit of order) {
      const inherited = this.#inherit(commit);
      const events = this.#events.get(commit);
      const state = events ? this.#apply(commit, events, inherited) : inherited;
      if ((this.#waiting[commit] ?? 0) > 0) this.#states[commit] = state;
      this.#eachParent(commit, (parent) => {
        if (this.#wait(parent, -1) === 0) this.#states[parent] = null;
      });
    }
  }

  #wait(commit: number, more: number): number {
    const waiting = (this.#waiting[commit] ?? 0) + more;
    this.#waiting[commit] = waiting;
    return waiting;
  }

  /** Those that are in the store. */
  #eachParent(commit: number, visit: (parent: number) => void): void {
    const { graph } = this.#history;
    for (let at = graph.firstParent(commit); at < graph.endOfParents(commit); at++) {
      const parent = graph.parentAt(at);
      if (parent >= 0) visit(parent);
    }
  }

  /** What lives in the parents, and in the commit where only some of them have it. */
  #inherit(commit: number): MapNode | null {
    const { graph, asSomeParent, holdsAt } = this.#history;
    const first = graph.firstParent(commit);
    const count = graph.endOfParents(commit) - first;
    const stateAt = (at: number): MapNode | null => this.#states[graph.parentAt(first + at)] ?? null;
    if (count < 2) return count === 0 ? null : stateAt(0);
    const states = Array.from({ length: count }, (_, at) => stateAt(at));
    const same = asSomeParent[commit] ?? -1;
    const keeper = same < 0 ? -1 : states.findIndex((_, at) => graph.parentAt(first + at) === same);
    const join = (group: number, sets: readonly number[]): number => {
      let union = 0;
      for (const set of sets) union = this.#sets.union(union, set);
      if (keeper >= 0 || !sets.includes(0)) return union;
      const { path, fingerprint } = this.#groups[group] ?? { path: 0, fingerprint: 0 };
      return holdsAt(commit, path, fingerprint) ? union : 0;
    };
    return this.#maps.merge(states, { keeper, join });
  }

  #apply(commit: number, { introduced, removed, versions }: Events, inherited: MapNode | null): MapNode | null {
    let state = inherited;
    for (const { group, introduction } of introduced)
      state = this.#maps.set(state, group, this.#sets.single(introduction));
    for (const group of removed) {
      for (const one of this.#sets.members(this.#maps.get(state, group))) this.#outcomes[one]?.removedIn.push(commit);
      state = this.#maps.set(state, group, 0);
    }
    for (const { hit, groups } of versions) {
      for (const group of groups) this.#count(this.#sets.members(this.#maps.get(state, group)), hit);
    }
    return state;
  }

  #count(introductions: readonly number[], hit: number): void {
    this.#counted += introductions.length;
    if (this.#counted > MOST_COUNTED) return;
    for (const one of introductions) this.#outcomes[one]?.blobs.add(hit);
  }
}

function newOutcome(): Outcome {
  return { removedIn: [], blobs: new Set() };
}
