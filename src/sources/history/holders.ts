/** Which refs have a commit in their history. */
import type { CommitGraph } from '../../git/commit-graph.ts';

export interface Holders {
  /** Indexes of refs, the first few, in the order of the refs. */
  readonly refs: readonly number[];
  readonly count: number;
}

/** A ref whose tip is a commit. */
export interface Tip {
  readonly ref: number;
  readonly commit: number;
}

/** One pass over the history serves so many refs: the bits of a number. */
const REFS_A_PASS = 32;
const NAMED = 20;

/**
 * For each asked commit, the refs that hold it.
 *
 * @param order - all commits, parents first
 */
export function findHolders(
  graph: CommitGraph,
  order: Int32Array,
  tips: readonly Tip[],
  asked: readonly number[],
): ReadonlyMap<number, Holders> {
  const found = new Map<number, { readonly refs: number[]; count: number }>();
  for (const commit of asked) found.set(commit, { refs: [], count: 0 });
  const marks = new Int32Array(graph.length);
  for (let start = 0; start < tips.length && found.size > 0; start += REFS_A_PASS) {
    const pass = tips.slice(start, start + REFS_A_PASS);
    markHistories(graph, order, pass, marks);
    for (const [commit, holders] of found) {
      for (const [bit, { ref }] of pass.entries()) {
        if ((((marks[commit] ?? 0) >>> bit) & 1) === 0) continue;
        if (holders.count++ < NAMED) holders.refs.push(ref);
      }
    }
  }
  return found;
}

/** Children first: whoever has a child in its history has the parents too. */
function markHistories(graph: CommitGraph, order: Int32Array, tips: readonly Tip[], marks: Int32Array): void {
  marks.fill(0);
  for (const [bit, { commit }] of tips.entries()) marks[commit] = (marks[commit] ?? 0) | (1 << bit);
  for (let i = order.length - 1; i >= 0; i--) {
    const commit = order[i] ?? 0;
    const mark = marks[commit] ?? 0;
    if (mark === 0) continue;
    for (let at = graph.firstParent(commit); at < graph.endOfParents(commit); at++) {
      const parent = graph.parentAt(at);
      if (parent >= 0) marks[parent] = (marks[parent] ?? 0) | mark;
    }
  }
}
