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

/** One pass over the history serves so many refs, or so many asked commits: the bits of a number. */
const BITS = 32;
const NAMED = 20;

type Found = ReadonlyMap<number, { readonly refs: number[]; count: number }>;

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
  // A mirror of a large project has thousands of refs, and few commits are asked about.
  if (found.size < tips.length) descend(graph, order, tips, found);
  else ascend(graph, order, tips, found);
  return found;
}

function note(found: Found, commit: number, ref: number): void {
  const holders = found.get(commit);
  if (holders && holders.count++ < NAMED) holders.refs.push(ref);
}

/** Asked commits hand their bits down to their descendants, among them the tips. */
function descend(graph: CommitGraph, order: Int32Array, tips: readonly Tip[], found: Found): void {
  const marks = new Int32Array(graph.length);
  const asked = [...found.keys()];
  for (let start = 0; start < asked.length; start += BITS) {
    const pass = asked.slice(start, start + BITS);
    marks.fill(0);
    for (const [bit, commit] of pass.entries()) marks[commit] = 1 << bit;
    for (const commit of order) {
      let mark = marks[commit] ?? 0;
      for (let at = graph.firstParent(commit); at < graph.endOfParents(commit); at++) {
        const parent = graph.parentAt(at);
        if (parent >= 0) mark |= marks[parent] ?? 0;
      }
      marks[commit] = mark;
    }
    for (const { ref, commit } of tips) {
      const mark = marks[commit] ?? 0;
      for (let bit = 0; mark >>> bit !== 0 && bit < BITS; bit++)
        if (((mark >>> bit) & 1) === 1) note(found, pass[bit] ?? -1, ref);
    }
  }
}

/** Tips hand their bits up to their ancestors, among them the asked commits. */
function ascend(graph: CommitGraph, order: Int32Array, tips: readonly Tip[], found: Found): void {
  const marks = new Int32Array(graph.length);
  for (let start = 0; start < tips.length; start += BITS) {
    const pass = tips.slice(start, start + BITS);
    markHistories(graph, order, pass, marks);
    for (const commit of found.keys())
      for (const [bit, { ref }] of pass.entries())
        if ((((marks[commit] ?? 0) >>> bit) & 1) === 1) note(found, commit, ref);
  }
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
