/**
 * Finds the trees that hold a hit in what was kept of all trees. First those
 * that may, from the hits upwards: whoever has an entry of its own that leads
 * to one, and all that is built on it. Then, of these, what is really there.
 */
import { Numbers } from '../../bytes/numbers.ts';
import { TREE } from '../../git/object/type.ts';
import { KIND_TREE, type TreeDeltas } from '../../git/tree-deltas.ts';
import { HIT_BLOB, HIT_NAME, HIT_TREE, type HitTrees } from './hit-trees.ts';
import type { Hits } from './hits.ts';

/** @param malformed - positions of trees that lead nowhere */
export function hitTreesOf(deltas: TreeDeltas, hits: Hits, malformed: ReadonlySet<number>): HitTrees {
  if (hits.blobs.length + hits.names.size === 0) return noTrees(deltas);
  const candidates = findCandidates(deltas, hits);
  for (const position of malformed) candidates[position] = 0;
  const lists = listEntries(deltas, hits, candidates);
  return pack(deltas, hits, lists, whoHolds(deltas, hits, lists));
}

/** The hit that an entry leads to, or −1. */
function hitOf({ targets, entries }: TreeDeltas, hits: Hits, edge: number): number {
  const target = targets.at(edge);
  return target < 0 || (entries.at(edge) & 3) === KIND_TREE ? -1 : hits.at(target);
}

function isHit(deltas: TreeDeltas, hits: Hits, edge: number): boolean {
  return hits.names.has(deltas.entries.at(edge) >> 2) || hitOf(deltas, hits, edge) >= 0;
}

/** The tree that an entry leads to, or −1. */
function treeOf({ targets, entries, table }: TreeDeltas, edge: number): number {
  const target = targets.at(edge);
  return target >= 0 && (entries.at(edge) & 3) === KIND_TREE && table.type(target) === TREE ? target : -1;
}

/** By position: 1 for trees that may hold a hit. */
function findCandidates(deltas: TreeDeltas, hits: Hits): Uint8Array {
  const { table, order, bases } = deltas;
  const marks = new Uint8Array(table.length);
  const stack: number[] = [];
  const mark = (tree: number): void => {
    if (marks[tree] === 1) return;
    marks[tree] = 1;
    stack.push(tree);
  };
  const pairs = { from: new Numbers(), to: new Numbers() };
  for (let i = 0; i < order.length; i++) {
    const tree = order.at(i);
    const base = bases[tree] ?? -1;
    if (base >= 0) {
      pairs.from.push(base);
      pairs.to.push(tree);
    }
    deltas.eachOwn(tree, (edge) => {
      if (isHit(deltas, hits, edge)) mark(tree);
      const child = treeOf(deltas, edge);
      if (child < 0) return;
      pairs.from.push(child);
      pairs.to.push(tree);
    });
  }
  const { starts, ends } = groupPairs(pairs.from, pairs.to, table.length);
  for (let tree = stack.pop(); tree !== undefined; tree = stack.pop()) {
    for (let at = starts[tree] ?? 0; at < (starts[tree + 1] ?? 0); at++) mark(ends[at] ?? 0);
  }
  return marks;
}

/** Sorts pairs by their first number: those of `n` are `ends[starts[n] … starts[n + 1])`. */
function groupPairs(
  from: Numbers,
  to: Numbers,
  count: number,
): { readonly starts: Int32Array; readonly ends: Int32Array } {
  const starts = new Int32Array(count + 1);
  for (let i = 0; i < from.length; i++) starts[from.at(i) + 1] = (starts[from.at(i) + 1] ?? 0) + 1;
  for (let n = 0; n < count; n++) starts[n + 1] = (starts[n + 1] ?? 0) + (starts[n] ?? 0);
  const next = starts.slice();
  const ends = new Int32Array(from.length);
  for (let i = 0; i < from.length; i++) {
    const at = next[from.at(i)] ?? 0;
    ends[at] = to.at(i);
    next[from.at(i)] = at + 1;
  }
  return { starts, ends };
}

/** Of each candidate, the entries that lead to a hit or to a candidate: where they stand among all, and their edges. */
interface EntryLists {
  /** By position of the tree: where its list starts and ends. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly places: Numbers;
  readonly edges: Numbers;
}

function listEntries(deltas: TreeDeltas, hits: Hits, candidates: Uint8Array): EntryLists {
  const { table, order, bases, steps, firstStep, stepEnd } = deltas;
  const lists = {
    starts: new Int32Array(table.length),
    ends: new Int32Array(table.length),
    places: new Numbers(),
    edges: new Numbers(),
  };
  const { starts, ends, places, edges } = lists;
  for (let i = 0; i < order.length; i++) {
    const tree = order.at(i);
    if (candidates[tree] !== 1) continue;
    const base = bases[tree] ?? -1;
    starts[tree] = places.length;
    let place = 0;
    for (let at = firstStep[tree] ?? 0; at < (stepEnd[tree] ?? 0); at += 2) {
      const [first, count] = [steps.at(at), steps.at(at + 1)];
      if (first >= 0) {
        // A base that is no candidate has no such entry.
        const end = ends[base] ?? 0;
        let from = firstFrom(places, starts[base] ?? 0, end, first);
        for (; from < end && places.at(from) < first + count; from++) {
          const edge = edges.at(from);
          places.push(place + places.at(from) - first);
          edges.push(edge);
        }
      } else {
        for (let edge = ~first; edge < ~first + count; edge++) {
          const child = treeOf(deltas, edge);
          if (!(child >= 0 && candidates[child] === 1) && !isHit(deltas, hits, edge)) continue;
          places.push(place + edge - ~first);
          edges.push(edge);
        }
      }
      place += count;
    }
    ends[tree] = places.length;
  }
  return lists;
}

/** The first of a range of rising numbers that is at least `least`. */
function firstFrom(numbers: Numbers, from: number, to: number, least: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers.at(middle) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By position: 1 for trees that hold a hit, however deep. */
function whoHolds(deltas: TreeDeltas, hits: Hits, { starts, ends, edges }: EntryLists): Uint8Array {
  const { table, order } = deltas;
  const holds = new Uint8Array(table.length);
  const stack: number[] = [];
  const pairs = { from: new Numbers(), to: new Numbers() };
  for (let i = 0; i < order.length; i++) {
    const tree = order.at(i);
    let hasHit = false;
    for (let at = starts[tree] ?? 0; at < (ends[tree] ?? 0); at++) {
      hasHit ||= isHit(deltas, hits, edges.at(at));
      const child = treeOf(deltas, edges.at(at));
      if (child < 0) continue;
      pairs.from.push(child);
      pairs.to.push(tree);
    }
    if (!hasHit) continue;
    holds[tree] = 1;
    stack.push(tree);
  }
  const parents = groupPairs(pairs.from, pairs.to, table.length);
  for (let tree = stack.pop(); tree !== undefined; tree = stack.pop()) {
    for (let at = parents.starts[tree] ?? 0; at < (parents.starts[tree + 1] ?? 0); at++) {
      const parent = parents.ends[at] ?? 0;
      if (holds[parent] === 1) continue;
      holds[parent] = 1;
      stack.push(parent);
    }
  }
  return holds;
}

function noTrees({ table }: TreeDeltas): HitTrees {
  const none = new Int32Array(0);
  return {
    count: 0,
    numbers: new Int32Array(table.length),
    starts: Int32Array.of(0),
    keys: new Float64Array(0),
    targets: none,
  };
}

function pack(deltas: TreeDeltas, hits: Hits, { starts, ends, edges }: EntryLists, holds: Uint8Array): HitTrees {
  const numbers = new Int32Array(holds.length);
  let count = 0;
  for (let position = 0; position < holds.length; position++) if (holds[position] === 1) numbers[position] = ++count;
  const firsts = new Int32Array(count + 1);
  const keys: number[] = [];
  const targets: number[] = [];
  for (let position = 0, number = 0; position < holds.length; position++) {
    if (holds[position] !== 1) continue;
    const own: [key: number, target: number][] = [];
    for (let at = starts[position] ?? 0; at < (ends[position] ?? 0); at++)
      own.push(...leads(deltas, hits, edges.at(at), numbers));
    for (const [key, target] of own.sort((a, b) => a[0] - b[0])) {
      keys.push(key);
      targets.push(target);
    }
    firsts[++number] = keys.length;
  }
  return { count, numbers, starts: firsts, keys: Float64Array.from(keys), targets: Int32Array.from(targets) };
}

/** What an entry leads to: a name that is a hit, a blob that is one, a tree that holds one. */
function leads(deltas: TreeDeltas, hits: Hits, edge: number, numbers: Int32Array): [key: number, target: number][] {
  const name = deltas.entries.at(edge) >> 2;
  const found: [key: number, target: number][] = [];
  const named = hits.names.get(name);
  if (named !== undefined) found.push([name * 4 + HIT_NAME, named]);
  const hit = hitOf(deltas, hits, edge);
  if (hit >= 0) found.push([name * 4 + HIT_BLOB, hit]);
  const tree = treeOf(deltas, edge);
  if (tree >= 0 && (numbers[tree] ?? 0) > 0) found.push([name * 4 + HIT_TREE, (numbers[tree] ?? 0) - 1]);
  return found;
}
