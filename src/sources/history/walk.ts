/**
 * What each commit introduces and removes. A commit introduces a fingerprint
 * at a path if it has it there and no parent does; it removes one if it has it
 * not there and every parent does. Root and parents' roots are walked
 * together: where a subtree equals a parent's, nothing below was introduced.
 */
import { pause } from '../../core/pause.ts';
import type { CommitGraph } from '../../git/commit-graph.ts';
import type { CommitLoops } from '../../git/commit-loops.ts';
import { HIT_TREE, type HitTrees } from './hit-trees.ts';
import type { Hits } from './hits.ts';
import { Paths } from './paths.ts';

export interface Introduction {
  readonly commit: number;
  readonly path: number;
  readonly hit: number;
  readonly fingerprint: number;
  /** A parent is not in the store, so it may be older. */
  readonly atBoundary: boolean;
}

/** A commit whose content at a path is a hit and is not that of any parent. */
export interface Version {
  readonly commit: number;
  readonly path: number;
  readonly hit: number;
}

export interface Removal {
  readonly commit: number;
  readonly path: number;
  readonly fingerprint: number;
}

export interface Changes {
  readonly introductions: readonly Introduction[];
  readonly versions: readonly Version[];
  readonly removals: readonly Removal[];
  /** By commit: a parent that has the same hits at the same paths, or −1 if none has or that was not soon told. */
  readonly asSomeParent: Int32Array;
  /** False if a limit ended the walk. */
  readonly complete: boolean;
}

/** Entries looked at in one walk, and for one commit. Trees can be built that have more paths than atoms. */
const MOST_STEPS = 2_000_000_000;
const MOST_STEPS_A_COMMIT = 10_000_000;
/** Introductions, versions and removals likewise. */
const MOST_EVENTS = 2_000_000;
const MOST_EVENTS_A_COMMIT = 100_000;
/** Entries of a commit that are compared with those of its parents beforehand. */
const MOST_GLANCES = 1000;
/** Commits between two pauses: some milliseconds. */
const PAUSE_AFTER = 8192;
/** Deeper than git itself goes by default. */
const MOST_DEPTH = 2048;

export class CommitWalk {
  readonly #graph: CommitGraph;
  readonly #trees: HitTrees;
  readonly #hits: Hits;
  readonly #paths: Paths;
  readonly #introductions: Introduction[] = [];
  readonly #versions: Version[] = [];
  readonly #removals: Removal[] = [];
  readonly #asSomeParent: Int32Array;
  #complete = true;
  #steps = 0;
  #stepsBefore = 0;
  #eventsBefore = 0;
  #commit = 0;
  #atBoundary = false;
  /** By commit: the number of its tree, or −1. */
  readonly #roots: Int32Array;
  /** Entries that may still be looked at before a commit is walked. */
  #glances = 0;

  /** Whether it is known already which parents have the same. */
  readonly #knowsSame: boolean;

  /** @param loops - over the same graph, where trees lie in a kernel's memory */
  constructor(graph: CommitGraph, trees: HitTrees, hits: Hits, paths: Paths, loops: CommitLoops | null = null) {
    this.#graph = graph;
    this.#trees = trees;
    this.#hits = hits;
    this.#paths = paths;
    this.#roots = new Int32Array(graph.length);
    for (let commit = 0; commit < graph.length; commit++) {
      const position = graph.tree(commit);
      this.#roots[commit] = position < 0 ? -1 : (trees.numbers[position] ?? 0) - 1;
    }
    const known = loops && trees.place ? loops.sameParents(trees.place, this.#roots, MOST_GLANCES) : null;
    this.#knowsSame = known !== null;
    this.#asSomeParent = known ?? new Int32Array(graph.length).fill(-1);
  }

  /** @param commits - numbers of the commits to judge */
  async run(commits: ArrayLike<number>): Promise<Changes> {
    for (let i = 0; i < commits.length; i++) {
      const commit = commits[i] ?? 0;
      if (!this.#hasSameAsParent(commit)) this.#walkCommit(commit);
      if ((i + 1) % PAUSE_AFTER === 0) await pause();
    }
    return {
      introductions: this.#introductions,
      versions: this.#versions,
      removals: this.#removals,
      asSomeParent: this.#asSomeParent,
      complete: this.#complete,
    };
  }

  #hasSameAsParent(commit: number): boolean {
    if (!this.#knowsSame) this.#asSomeParent[commit] = this.#sameParent(commit);
    return (this.#asSomeParent[commit] ?? -1) >= 0;
  }

  #walkCommit(commit: number): void {
    const all = this.#graph.parents(commit);
    const known = all.filter((parent) => parent >= 0);
    this.#commit = commit;
    this.#atBoundary = known.length < all.length;
    this.#stepsBefore = this.#steps;
    this.#eventsBefore = this.#events;
    this.#walk(
      this.#rootOf(commit),
      known.map((parent) => this.#rootOf(parent)),
      Paths.TOP,
      0,
    );
  }

  /** A parent that has the same hits at the same paths, which most commits have; −1 if none has or that is not soon told. */
  #sameParent(commit: number): number {
    const graph = this.#graph;
    const tree = this.#rootOf(commit);
    this.#glances = MOST_GLANCES;
    for (let at = graph.firstParent(commit); at < graph.endOfParents(commit); at++) {
      const parent = graph.parentAt(at);
      if (parent < 0) continue;
      const other = this.#rootOf(parent);
      if (tree === other || (tree >= 0 && other >= 0 && this.#hasSame(tree, other))) return parent;
    }
    return -1;
  }

  /** Whether two trees have the same hits at the same paths. */
  #hasSame(tree: number, other: number): boolean {
    const { starts, keys, targets } = this.#trees;
    const from = starts[tree] ?? 0;
    const length = (starts[tree + 1] ?? 0) - from;
    const shift = (starts[other] ?? 0) - from;
    if ((starts[other + 1] ?? 0) - (starts[other] ?? 0) !== length) return false;
    for (let at = from; at < from + length; at++) {
      const key = keys[at] ?? 0;
      if (keys[at + shift] !== key || this.#glances-- <= 0) return false;
      const [one, two] = [targets[at] ?? -1, targets[at + shift] ?? -1];
      if (one !== two && (key % 4 !== HIT_TREE || !this.#hasSame(one, two))) return false;
    }
    return true;
  }

  #rootOf(commit: number): number {
    return this.#roots[commit] ?? -1;
  }

  /** @param tree - a tree with hits, or -1; @param parents - likewise, of each parent at the same path */
  #walk(tree: number, parents: readonly number[], path: number, depth: number): void {
    if (tree < 0 ? !this.#mayRemove(parents) : parents.includes(tree)) return;
    if (depth > MOST_DEPTH || this.#isExhausted()) {
      this.#complete = false;
      return;
    }
    const { starts, keys, targets } = this.#trees;
    const own = new Cursor(starts, tree);
    const theirs = parents.map((parent) => new Cursor(starts, parent));
    for (;;) {
      let key = own.at < own.end ? (keys[own.at] ?? Infinity) : Infinity;
      for (const { at, end } of theirs) if (at < end) key = Math.min(key, keys[at] ?? Infinity);
      if (key === Infinity) return;
      this.#steps++;
      const target = own.take(key, keys, targets);
      const others = theirs.map((cursor) => cursor.take(key, keys, targets));
      const name = Math.floor(key / 4);
      if (key % 4 === HIT_TREE) this.#walk(target, others, this.#paths.child(path, name), depth + 1);
      else this.#compare(target, others, path, name);
    }
  }

  #mayRemove(parents: readonly number[]): boolean {
    return !this.#atBoundary && parents.length > 0 && !parents.includes(-1);
  }

  get #events(): number {
    return this.#versions.length + this.#introductions.length + this.#removals.length;
  }

  #isExhausted(): boolean {
    const [steps, events] = [this.#steps, this.#events];
    return (
      steps > MOST_STEPS ||
      steps - this.#stepsBefore > MOST_STEPS_A_COMMIT ||
      events > MOST_EVENTS ||
      events - this.#eventsBefore > MOST_EVENTS_A_COMMIT
    );
  }

  #compare(hit: number, others: readonly number[], parentPath: number, name: number): void {
    if (hit < 0 ? !this.#mayRemove(others) : others.includes(hit)) return;
    const path = this.#paths.child(parentPath, name);
    const { sets } = this.#hits;
    const commit = this.#commit;
    if (hit >= 0) this.#versions.push({ commit, path, hit });
    for (const fingerprint of sets[hit] ?? []) {
      if (others.some((other) => this.#hits.holds(other, fingerprint))) continue;
      this.#introductions.push({ commit, path, hit, fingerprint, atBoundary: this.#atBoundary });
    }
    if (!this.#mayRemove(others)) return;
    for (const fingerprint of sets[others[0] ?? -1] ?? []) {
      if (this.#hits.holds(hit, fingerprint)) continue;
      if (others.every((other) => this.#hits.holds(other, fingerprint))) {
        this.#removals.push({ commit, path, fingerprint });
      }
    }
  }
}

/** Goes through one tree's entries. */
class Cursor {
  at: number;
  readonly end: number;

  constructor(starts: Int32Array, tree: number) {
    this.at = tree < 0 ? 0 : (starts[tree] ?? 0);
    this.end = tree < 0 ? 0 : (starts[tree + 1] ?? 0);
  }

  /** The target of the entry with this key, past it; -1 if there is none. Of entries of one name, the last counts. */
  take(key: number, keys: Float64Array, targets: Int32Array): number {
    let target = -1;
    while (this.at < this.end && keys[this.at] === key) target = targets[this.at++] ?? -1;
    return target;
  }
}
