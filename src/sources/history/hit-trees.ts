/**
 * The trees that hold a hit, however deep, and of these only the entries that
 * lead to one. What remains of a history is small and is walked in memory.
 */
import type { ByteSet } from '../../bytes/byte-set.ts';
import type { HitTreesPlace } from '../../git/commit-loops.ts';
import { grown } from '../../git/object-table.ts';
import type { EntryCursor } from '../../git/object/tree.ts';
import { TREE } from '../../git/object/type.ts';
import { type EntryNotes, TreeSieve } from '../../git/tree-sieve.ts';
import type { Hits } from './hits.ts';
import type { HistoryStore } from './store.ts';

/** What an entry leads to: a hit that is a blob, a hit that is the name itself, or a tree with hits. */
export const HIT_BLOB = 0;
export const HIT_NAME = 1;
export const HIT_TREE = 2;

/** Flags of an entry, kept in the sieve's notes beside its name's number. */
const IS_BLOB = 1;
const IS_NAME = 2;
const IS_TREE = 4;
const FLAG_BITS = 3;

const UNREAD = 0;
/** Read, no hit so far, and waits for trees that are not read yet. */
const WAITING = 1;
const WITHOUT = 2;
const WITH = 3;

/** Entries of trees that lead to hits, in arrays. A tree is a number here. */
export interface HitTrees {
  readonly count: number;
  /** By table position: 0, or the tree's number plus one. */
  readonly numbers: Int32Array;
  /** Where a tree's entries start; one more than trees. */
  readonly starts: Int32Array;
  /** By entry, ascending within a tree: name number times 4, plus the kind. */
  readonly keys: Float64Array;
  /** By entry: the hit, or the tree. */
  readonly targets: Int32Array;
  /** Where these lie in the kernel's memory, if they do. */
  readonly place?: HitTreesPlace;
}

/** By tree: its table position. */
export function positionsOf({ count, numbers }: HitTrees): Int32Array {
  const positions = new Int32Array(count);
  for (let position = 0; position < numbers.length; position++) {
    const number = numbers[position] ?? 0;
    if (number > 0) positions[number - 1] = position;
  }
  return positions;
}

/** Reads all trees once. A tree that is not readable leads nowhere; the scan has reported it. */
export async function findHitTrees(
  store: HistoryStore,
  names: ByteSet,
  hits: Hits,
  signal: AbortSignal,
): Promise<HitTrees> {
  const marking = new Marking(store, names, hits);
  if (hits.blobs.length > 0 || hits.names.size > 0) await marking.run(signal);
  return marking.finish();
}

/**
 * Whether a fingerprint is at a path of a tree.
 *
 * @param root - table position of the tree, or -1; @param path - numbers of names, from the top down
 */
export function holdsAt(
  trees: HitTrees,
  hits: Pick<Hits, 'holds'>,
  root: number,
  path: readonly number[],
  fingerprint: number,
): boolean {
  let tree = root < 0 ? -1 : (trees.numbers[root] ?? 0) - 1;
  for (const name of path.slice(0, -1)) if (tree >= 0) tree = targetOf(trees, tree, name * 4 + HIT_TREE);
  const last = (path.at(-1) ?? -1) * 4;
  return tree >= 0 && [HIT_BLOB, HIT_NAME].some((kind) => hits.holds(targetOf(trees, tree, last + kind), fingerprint));
}

/** What a tree's entry leads to, or −1. Of entries of one name, the last counts. */
function targetOf({ starts, keys, targets }: HitTrees, tree: number, key: number): number {
  let [low, high] = [starts[tree] ?? 0, starts[tree + 1] ?? 0];
  const first = low;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? 0) <= key) low = middle + 1;
    else high = middle;
  }
  return low > first && keys[low - 1] === key ? (targets[low - 1] ?? -1) : -1;
}

class Marking {
  readonly #store: HistoryStore;
  readonly #names: ByteSet;
  readonly #hits: Hits;
  readonly #sieve: TreeSieve;
  /** By table position. */
  readonly #states: Uint8Array;
  readonly #edges: EdgeList;
  readonly #firstEdge: Int32Array;
  readonly #edgeEnd: Int32Array;
  /** By table position: how many unread trees it waits for, and the last edge that waits for it plus one. */
  readonly #waits: Int32Array;
  readonly #waiters: Int32Array;

  constructor(store: HistoryStore, names: ByteSet, hits: Hits) {
    const { table } = store;
    this.#store = store;
    this.#names = names;
    this.#hits = hits;
    this.#sieve = new TreeSieve(table.idBytes);
    this.#states = new Uint8Array(table.length);
    this.#edges = new EdgeList();
    this.#firstEdge = new Int32Array(table.length);
    this.#edgeEnd = new Int32Array(table.length);
    this.#waits = new Int32Array(table.length);
    this.#waiters = new Int32Array(table.length);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { reader, table } = this.#store;
    const positions = table.ofType(TREE);
    for await (const items of reader.read(positions, signal)) {
      for (const item of items) {
        if (item.kind !== 'object' || !(item.content instanceof Uint8Array)) continue;
        this.#read(positions[item.at] ?? 0, item.content);
      }
    }
  }

  readonly #visit = (bytes: Buffer, entry: EntryCursor, notes: EntryNotes): void => {
    const child = entry.isGitlink ? -1 : this.#store.table.find(bytes, entry.idStart);
    const isTree = entry.isTree && child >= 0;
    const hit = isTree || child < 0 ? -1 : this.#hits.at(child);
    const name =
      isTree || hit >= 0 || this.#hits.names.size > 0 ? this.#names.find(bytes, entry.nameStart, entry.nameEnd) : -1;
    const flags = (hit >= 0 ? IS_BLOB : 0) | (this.#hits.names.has(name) ? IS_NAME : 0) | (isTree ? IS_TREE : 0);
    if (flags === 0 || name < 0) return;
    notes.a = isTree ? child : hit;
    notes.b = (name << FLAG_BITS) | flags;
  };

  #read(position: number, content: Uint8Array): void {
    const notes = this.#sieve.read(content, 0, this.#visit);
    if (notes === null || this.#states[position] !== UNREAD) return;
    const edges = this.#edges;
    this.#firstEdge[position] = edges.length;
    let hasHit = false;
    for (let i = 0; i < notes.count; i++) {
      const [target, note] = [notes.a[i] ?? -1, notes.b[i] ?? -1];
      if (note < 0) continue;
      const name = note >>> FLAG_BITS;
      if ((note & IS_NAME) !== 0) edges.push(position, name, HIT_NAME, this.#hits.names.get(name) ?? 0);
      if ((note & IS_BLOB) !== 0) edges.push(position, name, HIT_BLOB, target);
      hasHit ||= (note & (IS_NAME | IS_BLOB)) !== 0;
      if ((note & IS_TREE) !== 0) hasHit = this.#addTree(position, name, target) || hasHit;
    }
    this.#edgeEnd[position] = edges.length;
    if (hasHit) this.#settle(position, WITH);
    else if (this.#waits[position] === 0) this.#settle(position, WITHOUT);
    else this.#states[position] = WAITING;
  }

  /** @returns true if the subtree is known to hold a hit */
  #addTree(position: number, name: number, child: number): boolean {
    const known = this.#states[child] ?? UNREAD;
    if (known === WITHOUT) return false;
    const edge = this.#edges.push(position, name, HIT_TREE, child);
    if (known === WITH) return true;
    this.#edges.setNext(edge, this.#waiters[child] ?? 0);
    this.#waiters[child] = edge + 1;
    this.#waits[position] = (this.#waits[position] ?? 0) + 1;
    return false;
  }

  /** Decides a tree, and every tree that waited for it and can now be decided. */
  #settle(first: number, outcome: number): void {
    const stack: [position: number, outcome: number][] = [[first, outcome]];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const [position, decided] = top;
      if (this.#states[position] === WITH || this.#states[position] === WITHOUT) continue;
      this.#states[position] = decided;
      for (let next = this.#waiters[position] ?? 0; next > 0; next = this.#edges.next(next - 1)) {
        const parent = this.#edges.parent(next - 1);
        const left = (this.#waits[parent] ?? 0) - 1;
        this.#waits[parent] = left;
        if (this.#states[parent] !== WAITING) continue;
        if (decided === WITH) stack.push([parent, WITH]);
        else if (left === 0) stack.push([parent, WITHOUT]);
      }
    }
  }

  finish(): HitTrees {
    const numbers = new Int32Array(this.#states.length);
    let count = 0;
    for (let i = 0; i < this.#states.length; i++) if (this.#states[i] === WITH) numbers[i] = ++count;
    const starts = new Int32Array(count + 1);
    const keys = new Float64Array(this.#edges.length);
    const targets = new Int32Array(this.#edges.length);
    let length = 0;
    for (let position = 0, number = 0; position < numbers.length; position++) {
      if (numbers[position] === 0) continue;
      for (const [key, target] of this.#entriesOf(position, numbers)) {
        keys[length] = key;
        targets[length++] = target;
      }
      starts[++number] = length;
    }
    return { count, numbers, starts, keys: keys.slice(0, length), targets: targets.slice(0, length) };
  }

  #entriesOf(position: number, numbers: Int32Array): [key: number, target: number][] {
    const entries: [key: number, target: number][] = [];
    for (let edge = this.#firstEdge[position] ?? 0; edge < (this.#edgeEnd[position] ?? 0); edge++) {
      const kind = this.#edges.kind(edge);
      const target = this.#edges.target(edge);
      const number = kind === HIT_TREE ? (numbers[target] ?? 0) - 1 : target;
      if (number >= 0) entries.push([this.#edges.name(edge) * 4 + kind, number]);
    }
    return entries.sort((a, b) => a[0] - b[0]);
  }
}

/** Entries in the order they were met, five numbers each. */
class EdgeList {
  length = 0;
  #parents = new Int32Array(1024);
  #names = new Int32Array(1024);
  #kinds = new Uint8Array(1024);
  #targets = new Int32Array(1024);
  /** Chain of edges that wait for the same tree: the next plus one, or 0. */
  #next = new Int32Array(1024);

  push(parent: number, name: number, kind: number, target: number): number {
    if (this.length === this.#parents.length) this.#grow();
    this.#parents[this.length] = parent;
    this.#names[this.length] = name;
    this.#kinds[this.length] = kind;
    this.#targets[this.length] = target;
    return this.length++;
  }

  parent(edge: number): number {
    return this.#parents[edge] ?? 0;
  }

  name(edge: number): number {
    return this.#names[edge] ?? 0;
  }

  kind(edge: number): number {
    return this.#kinds[edge] ?? 0;
  }

  target(edge: number): number {
    return this.#targets[edge] ?? 0;
  }

  next(edge: number): number {
    return this.#next[edge] ?? 0;
  }

  setNext(edge: number, next: number): void {
    this.#next[edge] = next;
  }

  #grow(): void {
    const capacity = 2 * this.#parents.length;
    this.#parents = grown(this.#parents, new Int32Array(capacity));
    this.#names = grown(this.#names, new Int32Array(capacity));
    this.#kinds = grown(this.#kinds, new Uint8Array(capacity));
    this.#targets = grown(this.#targets, new Int32Array(capacity));
    this.#next = grown(this.#next, new Int32Array(capacity));
  }
}
