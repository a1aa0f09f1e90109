/** Reads all trees of a pack in the form in which they are stored. */
import { type KernelMemory, createKernel } from '../kernel/instance.ts';
import { TREE as TREE_CODE } from './object/type.ts';
import { TREE } from './pack/entry.ts';
import { INSERTED, type KernelObject, type KernelVisitor, KernelWalk, SEGMENT_WORDS } from './pack/kernel-walk.ts';
import { type ObjectStore, entriesOfType } from './pack/object-store.ts';
import { type TreeDeltas, TreeWriter } from './tree-deltas.ts';

/** Bytes put together to read an entry from; most entries are shorter. */
const GLANCE = 512;
const LONG_GLANCE = 1 << 16;

/** Where the entries of a tree start, and where the last one ends. */
class EntryStarts {
  count = 0;
  starts = new Uint32Array(64);

  push(start: number): void {
    if (this.count === this.starts.length) this.#reserve(this.count + 1);
    this.starts[this.count++] = start;
  }

  /** Takes over starts `[from, to)` of another tree, moved by `shift` bytes. */
  take(other: EntryStarts, from: number, to: number, shift: number): void {
    if (this.count + to - from > this.starts.length) this.#reserve(this.count + to - from);
    for (let i = from; i < to; i++) this.starts[this.count++] = (other.starts[i] ?? 0) + shift;
  }

  /** Number of the last start that is at most `offset`; −1 if there is none. */
  lastAtMost(offset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #reserve(count: number): void {
    const larger = new Uint32Array(Math.max(count, 2 * this.starts.length));
    larger.set(this.starts.subarray(0, this.count));
    this.starts = larger;
  }
}

/** Writes what a walk shows to `TreeDeltas`. */
class TreeSweep implements KernelVisitor {
  /** Positions of trees that break off. */
  readonly malformed: number[] = [];
  readonly #writer: TreeWriter;
  readonly #rows: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  /** Of trees whose children are still to come, by entry. */
  readonly #open = new Map<number, EntryStarts>();
  readonly #spare: EntryStarts[] = [];
  // What was put together last: bytes [from, to) of the tree lie at `address`.
  #from = 0;
  #to = 0;
  #address = 0;

  /**
   * @param rows - by entry: its position
   * @param memory - all of the kernel's
   */
  constructor(deltas: TreeDeltas, rows: Uint32Array, memory: SharedArrayBuffer) {
    this.#writer = new TreeWriter(deltas);
    this.#rows = rows;
    this.#bytes = new Uint8Array(memory);
    this.#words = new Uint32Array(memory);
  }

  enter(tree: KernelObject): void {
    const position = this.#rows[tree.entry] ?? 0;
    const base = this.#open.get(tree.parent);
    const starts = tree.isLeaf ? null : (this.#spare.pop() ?? new EntryStarts());
    if (starts) starts.count = 0;
    const isSound = base ? this.#readDelta(tree, position, base, starts) : this.#readWhole(tree, position, starts);
    // No room for it: whoever reads the rest reads this one too.
    if (isSound === null) return;
    if (!isSound) this.malformed.push(position);
    if (!starts) return;
    starts.push(tree.size);
    // What is built on a malformed tree is read as a whole.
    if (isSound) this.#open.set(tree.entry, starts);
  }

  leave(entry: number): void {
    const starts = this.#open.get(entry);
    if (!starts) return;
    this.#open.delete(entry);
    this.#spare.push(starts);
  }

  #readWhole(tree: KernelObject, position: number, starts: EntryStarts | null): boolean | null {
    const from = tree.build();
    if (from < 0) return null;
    const writer = this.#writer;
    const end = from + tree.size;
    writer.begin(position, -1);
    let at = from;
    while (at < end && writer.read(this.#bytes, at, end)) {
      starts?.push(at - from);
      at = writer.end;
    }
    writer.finish();
    return at === end;
  }

  #readDelta(tree: KernelObject, position: number, base: EntryStarts, starts: EntryStarts | null): boolean {
    const writer = this.#writer;
    const words = this.#words;
    const first = tree.segments / 4;
    writer.begin(position, this.#rows[tree.parent] ?? 0);
    this.#from = this.#to = 0;
    let at = 0;
    for (let segment = first; at < tree.size;) {
      while ((words[segment] ?? 0) + (words[segment + 2] ?? 0) <= at) segment += SEGMENT_WORDS;
      const source = words[segment + 1] ?? 0;
      if (source < INSERTED) {
        const own = at - (words[segment] ?? 0) + source;
        const from = base.lastAtMost(own);
        const to = base.starts[from] === own ? base.lastAtMost(source + (words[segment + 2] ?? 0)) : from;
        if (to > from) {
          writer.take(from, to - from);
          starts?.take(base, from, to, at - own);
          at += (base.starts[to] ?? 0) - own;
          continue;
        }
      }
      const next = this.#readEntry(tree, (segment - first) / SEGMENT_WORDS, at);
      if (next < 0) break;
      starts?.push(at);
      at = next;
    }
    writer.finish();
    return at === tree.size;
  }

  /** @returns where the next one starts, or −1 if there is none at `at` */
  #readEntry(tree: KernelObject, segment: number, at: number): number {
    const writer = this.#writer;
    for (let glance = GLANCE; ; glance = LONG_GLANCE) {
      if (at < this.#from || at >= this.#to) this.#look(tree, segment, at, glance);
      const shift = this.#address - this.#from;
      if (writer.read(this.#bytes, at + shift, this.#to + shift)) return writer.end - shift;
      if (this.#to === tree.size) return -1;
      // Cut off, perhaps: look at more of it, then at all.
      if (this.#to - at >= LONG_GLANCE && tree.build() < 0) return -1;
      this.#to = this.#from;
    }
  }

  #look(tree: KernelObject, segment: number, at: number, glance: number): void {
    const isBuilt = tree.text !== 0;
    this.#from = isBuilt ? 0 : at;
    this.#to = isBuilt ? tree.size : Math.min(tree.size, at + glance);
    this.#address = isBuilt ? tree.text : tree.part(segment, this.#from, this.#to);
  }
}

/** What a sweep leaves to others. Positions. */
export interface SweepRest {
  readonly malformed: readonly number[];
  /** Trees that are in no pack in memory, or could not be built. Ascending. */
  readonly unread: Uint32Array;
}

/**
 * Reads all trees of a store that lie in packs in the kernel's memory.
 *
 * @param deltas - of the store's rows
 * @returns after yielding, now and then, how many were read since
 * @throws KernelError `KERNEL_UNAVAILABLE`, `KERNEL_MEMORY`
 */
export function* sweepTrees(
  { packs }: ObjectStore,
  memory: KernelMemory,
  deltas: TreeDeltas,
): Generator<number, SweepRest, undefined> {
  const walk = new KernelWalk(createKernel(memory));
  const malformed: number[] = [];
  let told = 0;
  for (const from of packs) {
    if (from.pack.bytes.address === null) continue;
    const visitor = new TreeSweep(deltas, from.rows, memory.memory.buffer);
    const wanted = entriesOfType(from, TREE);
    for (const _ of walk.walk(from, { wanted, visitor, failed: () => undefined })) {
      yield deltas.order.length - told;
      told = deltas.order.length;
    }
    malformed.push(...visitor.malformed);
  }
  yield deltas.order.length - told;
  return { malformed, unread: unreadTrees(deltas) };
}

function unreadTrees({ table, order }: TreeDeltas): Uint32Array {
  const isRead = new Uint8Array(table.length);
  for (let i = 0; i < order.length; i++) isRead[order.at(i)] = 1;
  return table.ofType(TREE_CODE).filter((position) => isRead[position] === 0);
}
