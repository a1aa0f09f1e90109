import type { Judge } from '../detect/judge.ts';

/** Bytes kept: a window is a few hundred. */
const ROOM = 1 << 22;
/** Windows kept. */
const MOST = 1 << 14;
const CELLS = 1 << 16;
/** Cells that are looked at: windows made so that they fall together are judged again instead. */
const PROBES = 8;
/** Wider windows are few and seldom seen twice. */
const WIDEST = 2048;

/**
 * Windows in which nothing was found. A decision is a function of its window, and
 * seven in ten windows of a history have been seen before: in another branch, in a
 * copy, in the version before the last. Compared in full, never by a hash. They are
 * kept in bare bytes: as strings, they were most of what a thread's collector had to do.
 */
export class TurnedDown {
  readonly #judge: Judge;
  readonly #bytes = new Uint8Array(ROOM);
  /** A window's number plus one, or 0. */
  readonly #cells = new Int32Array(CELLS);
  /** By number: where its bytes start; one more than windows. */
  readonly #starts = new Int32Array(MOST + 1);
  readonly #literals = new Int32Array(MOST);
  /** By number: where in it the hit ends. */
  readonly #ends = new Int32Array(MOST);
  #count = 0;
  // The window that was asked about last.
  #from = 0;
  #to = 0;
  #end = 0;
  #hash = 0;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** Whether the hit's window is known. Of the one asked about last, `add` takes note. @param end - of the hit in `bytes` */
  has(bytes: Uint8Array, literal: number, end: number): boolean {
    const { before, after, encoded } = this.#judge.reach(literal);
    // What these reach has no bound that is small.
    if (encoded || before + after > WIDEST) {
      this.#to = -1;
      return false;
    }
    const length = this.#judge.literals[literal]?.bytes.length ?? 0;
    // A window that is cut is shorter, or its hit stands elsewhere.
    this.#from = Math.max(0, end - length - before);
    this.#to = Math.min(bytes.length, end + after);
    this.#end = end - this.#from;
    this.#hash = this.#hashOf(bytes, literal);
    for (let probe = 0; probe < PROBES; probe++) {
      const number = (this.#cells[(this.#hash + probe) & (CELLS - 1)] ?? 0) - 1;
      if (number < 0) return false;
      if (this.#literals[number] === literal && this.#ends[number] === this.#end && this.#equals(number, bytes))
        return true;
    }
    return false;
  }

  /** @param bytes - as given to `has` */
  add(bytes: Uint8Array, literal: number): void {
    if (this.#to < 0) return;
    const length = this.#to - this.#from;
    if (this.#count === MOST || (this.#starts[this.#count] ?? 0) + length > ROOM) this.#forget();
    for (let probe = 0; probe < PROBES; probe++) {
      const cell = (this.#hash + probe) & (CELLS - 1);
      if (this.#cells[cell] !== 0) continue;
      const number = this.#count++;
      const start = this.#starts[number] ?? 0;
      this.#cells[cell] = number + 1;
      this.#bytes.set(bytes.subarray(this.#from, this.#to), start);
      this.#starts[number + 1] = start + length;
      this.#literals[number] = literal;
      this.#ends[number] = this.#end;
      return;
    }
  }

  #hashOf(bytes: Uint8Array, literal: number): number {
    let hash = Math.imul(literal + 1, 0x9e3779b1) ^ this.#end;
    // Some sixty of its bytes: they only say where to look.
    const step = ((this.#to - this.#from) >> 6) + 1;
    for (let at = this.#from; at < this.#to; at += step) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    return (hash ^ (hash >>> 15)) & (CELLS - 1);
  }

  #equals(number: number, bytes: Uint8Array): boolean {
    const start = this.#starts[number] ?? 0;
    const length = this.#to - this.#from;
    if ((this.#starts[number + 1] ?? 0) - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[start + i] !== bytes[this.#from + i]) return false;
    return true;
  }

  #forget(): void {
    this.#cells.fill(0);
    this.#count = 0;
  }
}
