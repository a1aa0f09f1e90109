/** Which refs have a commit in their history. */
import type { CommitGraph } from '../../git/commit-graph.ts';
import type { CommitLoops } from '../../git/commit-loops.ts';

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

/**
 * For each asked commit, the refs that hold it.
 *
 * @param order - all commits, parents first
 * @param loops - over this graph in this order
 */
export function findHolders(
  graph: Pick<CommitGraph, 'length' | 'parentLists'>,
  order: Int32Array,
  tips: readonly Tip[],
  asked: readonly number[],
  loops: CommitLoops | null = null,
): ReadonlyMap<number, Holders> {
  const found = new Found([...new Set(asked)]);
  // A mirror of a large project has thousands of refs, and few commits are asked about.
  if (found.asked.length < tips.length) descend(graph, order, tips, found, loops);
  else ascend(graph, order, tips, found);
  return new Map(found.asked.map((commit, i) => [commit, { refs: found.refs[i] ?? [], count: found.counts[i] ?? 0 }]));
}

/** What is known of each asked commit. */
class Found {
  readonly asked: readonly number[];
  readonly counts: Int32Array;
  readonly refs: number[][];

  constructor(asked: readonly number[]) {
    this.asked = asked;
    this.counts = new Int32Array(asked.length);
    this.refs = asked.map(() => []);
  }

  note(index: number, ref: number): void {
    const count = this.counts[index] ?? 0;
    this.counts[index] = count + 1;
    if (count < NAMED) this.refs[index]?.push(ref);
  }
}

/** Asked commits hand their bits down to their descendants, among them the tips. */
function descend(
  graph: Pick<CommitGraph, 'length' | 'parentLists'>,
  order: Int32Array,
  tips: readonly Tip[],
  found: Found,
  loops: CommitLoops | null,
): void {
  const marks = loops?.marks ?? new Int32Array(graph.length);
  for (let first = 0; first < found.asked.length; first += BITS) {
    marks.fill(0);
    for (let bit = 0; bit < BITS && first + bit < found.asked.length; bit++)
      marks[found.asked[first + bit] ?? 0] = 1 << bit;
    if (loops) loops.handDown();
    else handDown(graph.parentLists, order, marks);
    for (const { ref, commit } of tips) {
      let mark = marks[commit] ?? 0;
      while (mark !== 0) {
        const bit = 31 - Math.clz32(mark);
        mark ^= 1 << bit;
        found.note(first + bit, ref);
      }
    }
  }
}

/** Parents first: whoever has a parent that descends from one does so too. */
function handDown({ starts, numbers }: CommitGraph['parentLists'], order: Int32Array, marks: Int32Array): void {
  for (let i = 0; i < order.length; i++) {
    const commit = order[i] ?? 0;
    let mark = marks[commit] ?? 0;
    for (let at = starts[commit] ?? 0; at < (starts[commit + 1] ?? 0); at++) {
      const parent = numbers[at] ?? -1;
      if (parent >= 0) mark |= marks[parent] ?? 0;
    }
    marks[commit] = mark;
  }
}

/** Tips hand their bits up to their ancestors, among them the asked commits. */
function ascend(
  graph: Pick<CommitGraph, 'length' | 'parentLists'>,
  order: Int32Array,
  tips: readonly Tip[],
  found: Found,
): void {
  const marks = new Int32Array(graph.length);
  for (let start = 0; start < tips.length; start += BITS) {
    const pass = tips.slice(start, start + BITS);
    markHistories(graph.parentLists, order, pass, marks);
    for (const [index, commit] of found.asked.entries())
      for (const [bit, { ref }] of pass.entries())
        if ((((marks[commit] ?? 0) >>> bit) & 1) === 1) found.note(index, ref);
  }
}

/** Children first: whoever has a child in its history has the parents too. */
function markHistories(
  { starts, numbers }: CommitGraph['parentLists'],
  order: Int32Array,
  tips: readonly Tip[],
  marks: Int32Array,
): void {
  marks.fill(0);
  for (const [bit, { commit }] of tips.entries()) marks[commit] = (marks[commit] ?? 0) | (1 << bit);
  for (let i = order.length - 1; i >= 0; i--) {
    const commit = order[i] ?? 0;
    const mark = marks[commit] ?? 0;
    if (mark === 0) continue;
    for (let at = starts[commit] ?? 0; at < (starts[commit + 1] ?? 0); at++) {
      const parent = numbers[at] ?? -1;
      if (parent >= 0) marks[parent] = (marks[parent] ?? 0) | mark;
    }
  }
}
