/**
 * Reads many trees, and of each only the entries that a similar tree before
 * it did not have. One version of a directory differs from the next in a few
 * entries; on git's own repository this leaves about one entry in a hundred.
 */
import { EntryCursor } from './object/tree.ts';

/** Two numbers that a visitor keeps for an entry, for the caller to read back. */
export interface EntryNotes {
  a: number;
  b: number;
}

export type EntryVisitor = (bytes: Buffer, entry: EntryCursor, notes: EntryNotes) => void;

/** What is known of one tree: where its entries start, and the visitor's notes. */
export class TreeNotes {
  bytes: Buffer = Buffer.alloc(0);
  /** Bytes of the tree in `bytes`. */
  length = 0;
  count = 0;
  /** Entry starts, and after the last one the tree's length. */
  starts = new Uint32Array(64);
  a = new Int32Array(64);
  b = new Int32Array(64);
  /** Trees of another grade don't vouch for each other; see `TreeSieve.read`. */
  grade = -1;

  push(start: number, a: number, b: number): void {
    if (this.count + 1 >= this.starts.length) this.#reserve(this.count + 2);
    this.starts[this.count] = start;
    this.a[this.count] = a;
    this.b[this.count++] = b;
  }

  /** Takes over `[from, to)` of another tree's entries, moved by `shift` bytes. */
  take(other: TreeNotes, from: number, to: number, shift: number): void {
    if (this.count + to - from + 1 > this.starts.length) this.#reserve(this.count + to - from + 1);
    this.a.set(other.a.subarray(from, to), this.count);
    this.b.set(other.b.subarray(from, to), this.count);
    for (let i = from; i < to; i++) this.starts[this.count++] = (other.starts[i] ?? 0) + shift;
  }

  #reserve(count: number): void {
    const capacity = Math.max(count, 2 * this.starts.length);
    const [starts, a, b] = [new Uint32Array(capacity), new Int32Array(capacity), new Int32Array(capacity)];
    starts.set(this.starts);
    a.set(this.a);
    b.set(this.b);
    this.starts = starts;
    this.a = a;
    this.b = b;
  }
}

/** Power of two. Directories that share a slot only cost time. */
const SLOTS = 1024;
/** Larger trees are not kept. */
const KEPT_BYTES = 1024 * 1024;

export class TreeSieve {
  readonly #cursor: EntryCursor;
  readonly #idBytes: number;
  readonly #slots: TreeNotes[] = [];
  #spare = new TreeNotes();
  readonly #notes: EntryNotes = { a: 0, b: 0 };

  constructor(idBytes: number) {
    this.#idBytes = idBytes;
    this.#cursor = new EntryCursor(idBytes);
  }

  /**
   * Visits the entries of a tree that are not known from a similar one of the
   * same or a higher grade.
   *
   * @returns notes on all entries, visited or not, valid until the next call;
   *   null if the tree is malformed (the entries before the fault were visited)
   */
  read(tree: Uint8Array, grade: number, visit: EntryVisitor): TreeNotes | null {
    const bytes = Buffer.from(tree.buffer, tree.byteOffset, tree.byteLength);
    const slot = slotOf(bytes, this.#idBytes);
    const known = this.#slots[slot];
    const similar = known !== undefined && known.grade >= grade ? known : NOTHING;
    const notes = this.#spare;
    notes.count = 0;
    if (!this.#sift(bytes, similar, notes, visit)) return null;
    notes.starts[notes.count] = bytes.length;
    notes.length = bytes.length;
    notes.grade = grade;
    if (bytes.length <= KEPT_BYTES) this.#keep(bytes, slot, notes);
    return notes;
  }

  #keep(bytes: Buffer, slot: number, notes: TreeNotes): void {
    if (notes.bytes.length < bytes.length) notes.bytes = Buffer.allocUnsafeSlow(2 * bytes.length);
    bytes.copy(notes.bytes);
    this.#spare = this.#slots[slot] ?? new TreeNotes();
    this.#slots[slot] = notes;
  }

  #sift(bytes: Buffer, similar: TreeNotes, notes: TreeNotes, visit: EntryVisitor): boolean {
    const cursor = this.#cursor;
    let known = 0;
    let at = 0;
    while (at < bytes.length) {
      if (known < similar.count) {
        const start = similar.starts[known] ?? 0;
        const next = lastStart(similar, known, start + commonLength(bytes, at, similar, start));
        if (next > known) {
          notes.take(similar, known, next, at - start);
          at += (similar.starts[next] ?? 0) - start;
          known = next;
          continue;
        }
      }
      if (!cursor.read(bytes, at)) return false;
      this.#notes.a = -1;
      this.#notes.b = -1;
      visit(bytes, cursor, this.#notes);
      notes.push(at, this.#notes.a, this.#notes.b);
      known = this.#pass(bytes, similar, known);
      at = cursor.end;
    }
    return true;
  }

  /** Moves on in the similar tree, past names up to that of the entry just read. Only a guess at where to compare next. */
  #pass(bytes: Buffer, similar: TreeNotes, from: number): number {
    const { nameStart, nameEnd } = this.#cursor;
    for (let known = from; known < similar.count; known++) {
      const start = (similar.starts[known] ?? 0) + 1;
      const space = similar.bytes.indexOf(0x20, start);
      const end = (similar.starts[known + 1] ?? 0) - this.#idBytes - 1;
      const order = bytes.compare(similar.bytes, space + 1, end, nameStart, nameEnd);
      if (order === 0) return known + 1;
      if (order < 0) return known;
    }
    return similar.count;
  }
}

const NOTHING = new TreeNotes();

/** By the start of the first name and the end of the last, which versions of one directory mostly share. */
function slotOf(bytes: Buffer, idBytes: number): number {
  let hash = -2_128_831_035;
  for (let i = 7; i < 32; i++) {
    const byte = bytes[i];
    if (byte === undefined || byte === 0) break;
    hash = Math.imul(hash ^ byte, 16_777_619);
  }
  const end = bytes.length - idBytes - 1;
  for (let i = end - 6; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 16_777_619);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

/** The last entry (or the end) that starts at or before `limit`, from `known` on. */
function lastStart(tree: TreeNotes, known: number, limit: number): number {
  let low = known;
  let high = tree.count;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tree.starts[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}

const STEP = 64;

/** How many bytes agree from `at` in `bytes` and `start` in the kept tree: in growing, then shrinking strides. */
function commonLength(bytes: Buffer, at: number, kept: TreeNotes, start: number): number {
  const most = Math.min(bytes.length - at, kept.length - start);
  let done = 0;
  let step = STEP;
  let grows = true;
  while (done < most) {
    const size = Math.min(step, most - done);
    const [from, other] = [at + done, start + done];
    if (bytes.compare(kept.bytes, other, other + size, from, from + size) === 0) {
      done += size;
      if (grows) step *= 4;
    } else {
      if (size <= STEP) return done + firstDifference(bytes, from, kept.bytes, other, size);
      grows = false;
      step = size >> 2;
    }
  }
  return most;
}

function firstDifference(a: Buffer, i: number, b: Buffer, j: number, most: number): number {
  let done = 0;
  while (done < most && a[i + done] === b[j + done]) done++;
  return done;
}
