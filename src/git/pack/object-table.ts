import { compareBytes } from '../../bytes/compare.ts';

import type { KernelMemory } from '../../kernel/instance.ts';

import type { SortedIds } from './index-file.ts';

/** All distinct ids of several sorted lists, in order, and which list each is taken from. */
export interface ObjectTable extends SortedIds {
  readonly count: number;
  /** Which list, for each id. */
  readonly listOf: Uint32Array;
  /** Position in that list. */
  readonly positionOf: Uint32Array;
  /** Where the ids lie in the kernel's memory; null if they do not. */
  readonly address: number | null;
}

/** One list to merge, and which of its copies are better than others. */
export interface IdList {
  readonly ids: Uint8Array;
  readonly count: number;
  /** Copies of the highest rank are taken; of equal ones, the first list's. */
  readonly rank: (position: number) => number;
  /** Where they lie in the kernel's memory; null if they do not. */
  readonly address?: number | null;
}

/** Told of a copy that was passed over for another. */
export type OnCopy = (list: number, position: number, takenList: number, takenPosition: number) => void;

const NO_IDS = new Uint8Array(0);

/** The list whose next id is the smallest: a binary heap of list numbers. */
class Cursors {
  readonly #lists: readonly IdList[];
  readonly #idSize: number;
  readonly #heap: number[] = [];
  readonly #next: Uint32Array;

  constructor(lists: readonly IdList[], idSize: number) {
    this.#lists = lists;
    this.#idSize = idSize;
    this.#next = new Uint32Array(lists.length);
    for (const [number, list] of lists.entries()) if (list.count > 0) this.#heap.push(number);
    for (let i = this.#heap.length >> 1; i >= 0; i--) this.#sink(i);
  }

  /** List number of the smallest id, or −1 after the last. */
  get top(): number {
    return this.#heap[0] ?? -1;
  }

  position(list: number): number {
    return this.#next[list] ?? 0;
  }

  /** Behind the ids of the top list that are smaller than all of the others, the next one included. */
  get runEnd(): number {
    const [top = 0, one, other] = this.#heap;
    const { count = 0, ids = NO_IDS } = this.#lists[top] ?? {};
    if (one === undefined) return count;
    const rival = other !== undefined && this.#compare(other, one) < 0 ? other : one;
    const size = this.#idSize;
    const rivals = this.#lists[rival]?.ids ?? NO_IDS;
    const at = this.position(rival) * size;
    const isBelow = (position: number): boolean => compareBytes(ids, position * size, rivals, at, size) < 0;
    let low = this.position(top) + 1;
    let step = 1;
    while (low + step <= count && isBelow(low + step - 1)) {
      low += step;
      step *= 2;
    }
    for (let high = Math.min(count, low + step - 1); low < high;) {
      const middle = (low + high) >> 1;
      if (isBelow(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param to - the position that comes next in the top list */
  advance(to: number): void {
    const list = this.top;
    this.#next[list] = to;
    if (this.position(list) >= (this.#lists[list]?.count ?? 0)) {
      const last = this.#heap.pop() ?? 0;
      if (this.#heap.length === 0) return;
      this.#heap[0] = last;
    }
    this.#sink(0);
  }

  #compare(a: number, b: number): number {
    const size = this.#idSize;
    const one = this.#lists[a];
    const other = this.#lists[b];
    if (!one || !other) return 0;
    return compareBytes(one.ids, this.position(a) * size, other.ids, this.position(b) * size, size) || a - b;
  }

  #sink(from: number): void {
    for (let at = from; ;) {
      let child = 2 * at + 1;
      if (child >= this.#heap.length) return;
      if (child + 1 < this.#heap.length && this.#compare(this.#heap[child + 1] ?? 0, this.#heap[child] ?? 0) < 0)
        child++;
      if (this.#compare(this.#heap[at] ?? 0, this.#heap[child] ?? 0) <= 0) return;
      [this.#heap[at], this.#heap[child]] = [this.#heap[child] ?? 0, this.#heap[at] ?? 0];
      at = child;
    }
  }
}

/** A list that lies where threads and the kernel find it, and has no id twice, is a table already. */
function tableOf({ ids, count, address }: IdList, number: number, idSize: number): ObjectTable | null {
  if (address === undefined || address === null) return null;
  if (distinctUntil(ids, idSize, 0, count) < count) return null;
  const fanOut = fanOutOf(ids, idSize, count);
  const positionOf = new Uint32Array(count);
  for (let position = 0; position < count; position++) positionOf[position] = position;
  const listOf = new Uint32Array(count);
  if (number > 0) listOf.fill(number);
  return { ids: ids.subarray(0, count * idSize), idSize, fanOut, count, listOf, positionOf, address };
}

/**
 * Merges sorted lists of ids to one without repetition: an object that is
 * stored several times is decided once.
 */
export function mergeIds(
  lists: readonly IdList[],
  idSize: number,
  onCopy: OnCopy,
  kernel: KernelMemory | null = null,
): ObjectTable {
  const total = lists.reduce((sum, { count }) => sum + count, 0);
  const only = lists.findIndex(({ count }) => count > 0 && count === total);
  const asItIs = lists[only] ? tableOf(lists[only], only, idSize) : null;
  if (asItIs) return asItIs;
  const address = kernel?.reserve(total * idSize) ?? null;
  // Other threads look ids up too.
  const ids =
    kernel && address !== null
      ? kernel.bytes.subarray(address, address + total * idSize)
      : new Uint8Array(new SharedArrayBuffer(total * idSize));
  const listOf = new Uint32Array(total);
  const positionOf = new Uint32Array(total);
  const rank = (list: number, position: number): number => lists[list]?.rank(position) ?? 0;
  let count = 0;
  const cursors = new Cursors(lists, idSize);
  for (let list = cursors.top; list >= 0; list = cursors.top) {
    const position = cursors.position(list);
    const from = lists[list]?.ids ?? ids;
    const last = count - 1;
    if (last >= 0 && compareBytes(ids, last * idSize, from, position * idSize, idSize) === 0) {
      const takenList = listOf[last] ?? 0;
      const takenPosition = positionOf[last] ?? 0;
      if (rank(list, position) > rank(takenList, takenPosition)) {
        listOf[last] = list;
        positionOf[last] = position;
        onCopy(takenList, takenPosition, list, position);
      } else onCopy(list, position, takenList, takenPosition);
    } else {
      // Most lists are long and the others short: what comes before the next id of another is copied at once.
      const end = distinctUntil(from, idSize, position, cursors.runEnd);
      ids.set(from.subarray(position * idSize, end * idSize), count * idSize);
      listOf.fill(list, count, count + end - position);
      for (let i = position; i < end; i++) positionOf[count++] = i;
      cursors.advance(end);
      continue;
    }
    cursors.advance(position + 1);
  }
  const fanOut = fanOutOf(ids, idSize, count);
  return { ids: ids.subarray(0, count * idSize), idSize, fanOut, count, listOf, positionOf, address };
}

/** The first position behind `from` and before `end` at which the id before stands once more; else `end`. */
function distinctUntil(ids: Uint8Array, idSize: number, from: number, end: number): number {
  for (let position = from + 1; position < end; position++) {
    const at = position * idSize;
    if (compareBytes(ids, at - idSize, ids, at, idSize) === 0) return position;
  }
  return end;
}

/** By first byte: how many of sorted ids begin with it or with a smaller one. */
function fanOutOf(ids: Uint8Array, idSize: number, count: number): Uint32Array {
  const fanOut = new Uint32Array(256);
  for (let position = 0; position < count; position++) fanOut[ids[position * idSize] ?? 0]!++;
  for (let i = 1; i < 256; i++) fanOut[i]! += fanOut[i - 1] ?? 0;
  return fanOut;
}
