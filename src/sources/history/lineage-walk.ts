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
  /** By commit: the number of what lives in it plus one; 0 where nothing does. Most commits have that of a parent. */
  readonly #stateOf: Int32Array;
  /** The sets of introductions that live somewhere, for each group; null once nobody will ask any more. */
  readonly #states: (MapNode | null)[] = [];
  /** By state: children that are not done of commits that have it. */
  readonly #waiting: number[] = [];
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
    this.#stateOf = new Int32Array(groups.length === 0 ? 0 : history.order.length);
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
    const { order: all, graph } = this.#history;
    // Before the first event nothing lives anywhere.
    const order = all.subarray(all.findIndex((commit) => this.#events.has(commit)));
    const children = new Int32Array(all.length);
    for (const commit of order) {
      for (let at = graph.firstParent(commit); at < graph.endOfParents(commit); at++) {
        const parent = graph.parentAt(at);
        if (parent >= 0) children[parent] = (children[parent] ?? 0) + 1;
      }
    }
    for (const commit of order) {
      const events = this.#events.get(commit);
      const common = events ? -1 : this.#commonState(commit);
      const number = common >= 0 ? common : this.#newState(commit, events);
      this.#stateOf[commit] = number;
      const more = children[commit] ?? 0;
      if (number > 0) this.#waiting[number - 1] = (this.#waiting[number - 1] ?? 0) + more;
      this.#letGo(commit, number);
    }
  }

  /** What lives in all of its parents, if that is the same; else −1. */
  #commonState(commit: number): number {
    const { graph } = this.#history;
    const first = graph.firstParent(commit);
    const end = graph.endOfParents(commit);
    const state = first === end ? 0 : this.#stateAt(first);
    for (let at = first + 1; at < end; at++) if (this.#stateAt(at) !== state) return -1;
    return state;
  }

  /** The state of the parent that stands there. */
  #stateAt(at: number): number {
    const parent = this.#history.graph.parentAt(at);
    return parent < 0 ? 0 : (this.#stateOf[parent] ?? 0);
  }

  #newState(commit: number, events: Events | undefined): number {
    const inherited = this.#inherit(commit);
    const state = events ? this.#apply(commit, events, inherited) : inherited;
    if (state === null) return 0;
    const { graph } = this.#history;
    for (let at = graph.firstParent(commit); at < graph.endOfParents(commit); at++) {
      const number = this.#stateAt(at);
      if (number > 0 && this.#states[number - 1] === state) return number;
    }
    this.#waiting.push(0);
    return this.#states.push(state);
  }

  /** Tells the states of a commit's parents, and its own, that it is done. */
  #letGo(commit: number, own: number): void {
    const { graph } = this.#history;
    for (let at = graph.firstParent(commit); at < graph.endOfParents(commit); at++) {
      const number = this.#stateAt(at);
      if (number > 0) this.#forget(number, 1);
    }
    if (own > 0) this.#forget(own, 0);
  }

  #forget(number: number, done: number): void {
    const left = (this.#waiting[number - 1] ?? 0) - done;
    this.#waiting[number - 1] = left;
    if (left === 0) this.#states[number - 1] = null;
  }

  /** What lives in the parents, and in the commit where only some of them have it. */
  #inherit(commit: number): MapNode | null {
    const { graph, asSomeParent, holdsAt } = this.#history;
    const first = graph.firstParent(commit);
    const count = graph.endOfParents(commit) - first;
    const stateAt = (at: number): MapNode | null => this.#states[this.#stateAt(first + at) - 1] ?? null;
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
