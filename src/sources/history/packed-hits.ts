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

/** By position: 1 for trees that may hold a hit, and for blobs that are one. */
function findCandidates(deltas: TreeDeltas, hits: Hits): Uint8Array {
  const { table, bases, firstStep, stepEnd } = deltas;
  const [targets, entries, steps] = [deltas.targets.values, deltas.entries.values, deltas.steps.values];
  const marks = new Uint8Array(table.length);
  for (const { position } of hits.blobs) if (position >= 0) marks[position] = 1;
  const names = markedNames(deltas, hits);
  const order = deltas.order.values;
  const ends = edgeEnds(order, firstStep, stepEnd, steps);
  // Edges lie in the order of their trees: a pass over all of them is one over an array.
  const hasMarked = (tree: number, i: number): boolean => {
    const base = bases[tree] ?? -1;
    if (base >= 0 && marks[base] === 1) return true;
    const end = ends[i] ?? 0;
    for (let edge = i === 0 ? 0 : (ends[i - 1] ?? 0); edge < end; edge++) {
      const target = targets[edge] ?? -1;
      if (target >= 0 && marks[target] === 1) return true;
      if (names !== null && names[(entries[edge] ?? 0) >> 2] === 1) return true;
    }
    return false;
  };
  spread(order, marks, hasMarked, () => neighbours(deltas));
  return marks;
}

/** By place in the order of trees: where the tree's own edges end. */
function edgeEnds(order: Int32Array, firstStep: Int32Array, stepEnd: Int32Array, steps: Int32Array): Int32Array {
  const ends = new Int32Array(order.length);
  let end = 0;
  for (let i = 0; i < order.length; i++) {
    const tree = order[i] ?? 0;
    for (let at = firstStep[tree] ?? 0; at < (stepEnd[tree] ?? 0); at += 2)
      if ((steps[at] ?? 0) < 0) end += steps[at + 1] ?? 0;
    ends[i] = end;
  }
  return ends;
}

/** By number of a name: 1 for those that are hits. Null if none is. */
function markedNames({ names }: TreeDeltas, hits: Hits): Uint8Array | null {
  if (hits.names.size === 0) return null;
  const marks = new Uint8Array(names.length);
  for (const name of hits.names.keys()) marks[name] = 1;
  return marks;
}

/** After so many passes trees are nested deeper than people nest folders. */
const MOST_PASSES = 16;

/**
 * Marks all trees that have something marked, directly or not: in passes over all,
 * backwards and forwards in turn. A pass is quick, and few are needed, for a pack has folders before
 * what is in them, and bases before what is built on them; unless somebody has made it otherwise.
 *
 * @param order - positions of trees
 * @param hasMarked - whether a tree has something that is marked; its position and its place in `order`
 * @param leadersTo - for each position, the trees that have it or are built on it
 */
function spread(
  order: Int32Array,
  marks: Uint8Array,
  hasMarked: (tree: number, i: number) => boolean,
  leadersTo: () => { readonly starts: Int32Array; readonly ends: Int32Array },
): void {
  let isDone = false;
  for (let pass = 0; pass < MOST_PASSES && !isDone; pass++) {
    isDone = true;
    for (let i = 0; i < order.length; i++) {
      const place = pass % 2 === 0 ? order.length - 1 - i : i;
      const tree = order[place] ?? 0;
      if (marks[tree] === 1 || !hasMarked(tree, place)) continue;
      marks[tree] = 1;
      isDone = false;
    }
  }
  if (isDone) return;
  const { starts, ends } = leadersTo();
  const stack: number[] = [];
  for (let i = 0; i < marks.length; i++) if (marks[i] === 1) stack.push(i);
  for (let marked = stack.pop(); marked !== undefined; marked = stack.pop()) {
    for (let at = starts[marked] ?? 0; at < (starts[marked + 1] ?? 0); at++) {
      const tree = ends[at] ?? 0;
      if (marks[tree] === 1) continue;
      marks[tree] = 1;
      stack.push(tree);
    }
  }
}

/** For each position, the trees that have an entry of their own leading to it, or are built on it. */
function neighbours(deltas: TreeDeltas): { readonly starts: Int32Array; readonly ends: Int32Array } {
  const { table, order, bases, targets } = deltas;
  const pairs = { from: new Numbers(), to: new Numbers() };
  const add = (from: number, to: number): void => {
    if (from < 0) return;
    pairs.from.push(from);
    pairs.to.push(to);
  };
  for (let i = 0; i < order.length; i++) {
    const tree = order.at(i);
    add(bases[tree] ?? -1, tree);
    deltas.eachOwn(tree, (edge) => add(targets.at(edge), tree));
  }
  return groupPairs(pairs.from, pairs.to, table.length);
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
  const holdsOne = (tree: number): boolean => {
    for (let at = starts[tree] ?? 0; at < (ends[tree] ?? 0); at++) {
      const edge = edges.at(at);
      if (isHit(deltas, hits, edge)) return true;
      const child = treeOf(deltas, edge);
      if (child >= 0 && holds[child] === 1) return true;
    }
    return false;
  };
  spread(order.values, holds, holdsOne, () => {
    const pairs = { from: new Numbers(), to: new Numbers() };
    for (let i = 0; i < order.length; i++) {
      const tree = order.at(i);
      for (let at = starts[tree] ?? 0; at < (ends[tree] ?? 0); at++) {
        const child = treeOf(deltas, edges.at(at));
        if (child < 0) continue;
        pairs.from.push(child);
        pairs.to.push(tree);
      }
    }
    return groupPairs(pairs.from, pairs.to, table.length);
  });
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
  const list = new LeadList();
  for (let position = 0, number = 0; position < holds.length; position++) {
    if (holds[position] !== 1) continue;
    for (let at = starts[position] ?? 0; at < (ends[position] ?? 0); at++)
      addLeads(list, deltas, hits, edges.at(at), numbers);
    list.endTree();
    firsts[++number] = list.length;
  }
  return { count, numbers, starts: firsts, ...list.taken() };
}

/**
 * Adds trees that hold a hit to those that are found already.
 *
 * @param found - trees of which none leads to one of these
 * @param deltas - these trees, all of them whole
 * @param malformed - positions of those that lead nowhere
 */
export function addHitTrees(found: HitTrees, deltas: TreeDeltas, hits: Hits, malformed: ReadonlySet<number>): HitTrees {
  const { order } = deltas;
  const numbers = found.numbers;
  const added: number[] = [];
  const leads = (edge: number): boolean => {
    const tree = treeOf(deltas, edge);
    return isHit(deltas, hits, edge) || (tree >= 0 && (numbers[tree] ?? 0) > 0);
  };
  for (let before = -1; before < added.length;) {
    before = added.length;
    // A tree comes to light before or after those in it: until nothing is added any more.
    for (let i = order.length - 1; i >= 0; i--) {
      const tree = order.at(i);
      if ((numbers[tree] ?? 0) > 0 || malformed.has(tree)) continue;
      let holds = false;
      deltas.eachOwn(tree, (edge) => {
        holds ||= leads(edge);
      });
      if (holds) numbers[tree] = found.count + added.push(tree);
    }
  }
  const list = new LeadList();
  const ends = added.map((tree) => {
    deltas.eachOwn(tree, (edge) => addLeads(list, deltas, hits, edge, numbers));
    list.endTree();
    return found.keys.length + list.length;
  });
  const { keys, targets } = list.taken();
  return {
    count: found.count + added.length,
    numbers,
    starts: joined(found.starts, Int32Array.from(ends), new Int32Array(found.starts.length + ends.length)),
    keys: joined(found.keys, keys, new Float64Array(found.keys.length + keys.length)),
    targets: joined(found.targets, targets, new Int32Array(found.targets.length + targets.length)),
  };
}

/** What an entry leads to: a name that is a hit, a blob that is one, a tree that holds one. */
function addLeads(list: LeadList, deltas: TreeDeltas, hits: Hits, edge: number, numbers: Int32Array): void {
  const name = deltas.entries.at(edge) >> 2;
  const named = hits.names.get(name);
  if (named !== undefined) list.add(name * 4 + HIT_NAME, named);
  const hit = hitOf(deltas, hits, edge);
  if (hit >= 0) list.add(name * 4 + HIT_BLOB, hit);
  const tree = treeOf(deltas, edge);
  if (tree >= 0 && (numbers[tree] ?? 0) > 0) list.add(name * 4 + HIT_TREE, (numbers[tree] ?? 0) - 1);
}

function joined<T extends Int32Array | Float64Array>(first: T, second: T, both: T): T {
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Keys and targets of trees' entries, those of one tree by rising key. */
class LeadList {
  length = 0;
  #keys = new Float64Array(1024);
  #targets = new Int32Array(1024);
  #start = 0;

  /** Puts one where it belongs in its tree: mostly at the end, for entries come in the order of their names. */
  add(key: number, target: number): void {
    if (this.length === this.#keys.length) this.#grow();
    let at = this.length++;
    for (; at > this.#start && (this.#keys[at - 1] ?? 0) > key; at--) {
      this.#keys[at] = this.#keys[at - 1] ?? 0;
      this.#targets[at] = this.#targets[at - 1] ?? 0;
    }
    this.#keys[at] = key;
    this.#targets[at] = target;
  }

  endTree(): void {
    this.#start = this.length;
  }

  taken(): Pick<HitTrees, 'keys' | 'targets'> {
    return { keys: this.#keys.slice(0, this.length), targets: this.#targets.slice(0, this.length) };
  }

  #grow(): void {
    const [keys, targets] = [new Float64Array(2 * this.length), new Int32Array(2 * this.length)];
    keys.set(this.#keys);
    targets.set(this.#targets);
    this.#keys = keys;
    this.#targets = targets;
  }
}
