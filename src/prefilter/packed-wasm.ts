import { ALL_SCREENS, HitBuffer, type Prefilter, SCREEN_BITS } from './literal.ts';
import { fillIn, openLiterals, type OpenedLiterals, type PackedLiterals } from './packed.ts';
import { QUICK_WASM_BASE64 } from './quick-wasm.generated.ts';
import { checkScreens } from './screens.ts';

/** What wasm/quick.ts exports. Addresses and sizes are bytes. */
interface QuickExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  open(words: number, own: number): void;
  find(text: number, length: number, out: number, capacity: number): number;
  openScreens(screens: number, own: number): void;
  screen(text: number, first: number, last: number, edges: number, out: number, count: number): number;
  named(text: number, length: number, table: number): number;
  names(text: number, length: number, from: number, to: number, table: number, out: number): number;
}

/** Turns down what is no name of a table, by its place among the packed screens. */
export interface NameSearch {
  /** False if the identifier surely is none, nor what follows one of its dots. */
  mayBe(identifier: string, table: number): boolean;
  /**
   * Identifiers that begin in `[from, to]`, or go on there, and may be names of the table.
   *
   * @returns start and end of each in turn
   */
  within(bytes: Uint8Array, from: number, to: number, table: number): Uint32Array;
}

/** A prefilter whose hits are screened, and what it screens with. */
export interface ScreenedSearch {
  readonly prefilter: Prefilter;
  readonly names: NameSearch;
  /** Another prefilter over the same literals in the same order, screened likewise. */
  screened(other: Prefilter): Prefilter;
}

/** Words that lie elsewhere, as in a file, and are brought straight to where they are searched. */
export interface WordsElsewhere {
  readonly byteLength: number;
  readonly copyTo: (target: Uint8Array) => void;
}

/** 32-bit words, little-endian. */
export type Words = Uint32Array | WordsElsewhere;

const PAGE = 65_536;
/** No address is 0. */
const WORDS_AT = 16;
const FIRST_HITS = 4096;
/** Bytes of a hit: literal and end, 32 bits each. */
const HIT = 8;

/** Of the first word of a hit that was screened, the literal's number; above it, what screens it passed. */
const LITERAL_BITS = 32 - SCREEN_BITS;
const LITERAL = 2 ** LITERAL_BITS - 1;

/** Bytes before the searched ones that a screen may look at. */
const CONTEXT = 65_536;
/** Bytes that the module wants for itself. */
const OWN = 160 * 1024;
/** Nothing is before the bytes that a screen may look at, or behind them. */
const AT_START = 1;
const AT_END = 2;

/**
 * The packed prefilter in WebAssembly. It is compiled in half a millisecond and
 * fast from the first byte, where JavaScript takes twenty to warm up.
 *
 * @throws RangeError if the words are not what this version of `packLiterals` writes
 */
export function wasmPackedPrefilter(pack: PackedLiterals): Prefilter {
  return new QuickSearch(pack.words, null);
}

/**
 * The same, without the hits that their screens let drop: every matcher of the
 * literal would turn them down.
 *
 * @param screens - as `packScreens` lays them out
 * @throws RangeError if either are not what this version writes
 */
export function screenedSearch({ words }: { readonly words: Words }, screens: Words): ScreenedSearch {
  const search = new QuickSearch(words, screens);
  return { prefilter: search, names: search, screened: (other) => screenedPrefilter(other, search) };
}

function screenedPrefilter(other: Prefilter, search: QuickSearch): Prefilter {
  const found = new HitBuffer();
  return {
    literals: other.literals,
    find(bytes, start, end, hits) {
      found.clear();
      other.find(bytes, start, end, found);
      if (found.count > 0) search.screen(bytes, start, end, found, hits);
    },
  };
}

class QuickSearch implements Prefilter, NameSearch {
  readonly literals: Prefilter['literals'];
  readonly #kernel: QuickExports;
  readonly #wordCount: number;
  readonly #textAt: number;
  /** How far beyond a hit a screen looks; null without screens. */
  readonly #reach: number | null;
  /** Views of the memory as it is now. */
  #opened: OpenedLiterals;

  constructor(words: Words, screens: Words | null) {
    this.#kernel = instantiate();
    this.#wordCount = words.byteLength / 4;
    const screensAt = WORDS_AT + words.byteLength;
    const ownAt = screensAt + (screens?.byteLength ?? 0);
    this.#textAt = ownAt + OWN;
    reserve(this.#kernel, this.#textAt);
    const { memory } = this.#kernel;
    bring(words, new Uint8Array(memory.buffer, WORDS_AT, words.byteLength));
    this.#opened = this.#open();
    this.literals = this.#opened.literals;
    this.#kernel.open(WORDS_AT, ownAt);
    this.#reach = null;
    if (screens === null) return;
    bring(screens, new Uint8Array(memory.buffer, screensAt, screens.byteLength));
    this.#reach = checkScreens(new Uint32Array(memory.buffer, screensAt, screens.byteLength / 4)).reach;
    this.#kernel.openScreens(screensAt, ownAt);
  }

  #open(): OpenedLiterals {
    return openLiterals({ words: new Uint32Array(this.#kernel.memory.buffer, WORDS_AT, this.#wordCount) });
  }

  /** Memory that has grown is another buffer. */
  #reserve(bytes: number): void {
    if (reserve(this.#kernel, bytes)) this.#opened = { ...this.#open(), literals: this.#opened.literals };
  }

  find(bytes: Uint8Array, start: number, end: number, hits: HitBuffer): void {
    const reach = this.#reach;
    const first = reach === null ? start : Math.max(0, start - CONTEXT);
    const last = reach === null ? end : Math.min(bytes.length, end + reach);
    const kernel = this.#kernel;
    const firstAt = this.#textAt;
    const startAt = firstAt + start - first;
    const lastAt = firstAt + last - first;
    const hitsAt = (lastAt + 7) & ~7;
    this.#reserve(hitsAt + FIRST_HITS * HIT);
    new Uint8Array(kernel.memory.buffer, firstAt, last - first).set(bytes.subarray(first, last));
    let count = kernel.find(startAt, end - start, hitsAt, FIRST_HITS);
    if (count > FIRST_HITS) {
      this.#reserve(hitsAt + count * HIT);
      count = kernel.find(startAt, end - start, hitsAt, count);
    }
    if (count > 0 && reach !== null)
      count = kernel.screen(startAt, firstAt, lastAt, edges(bytes, first, last), hitsAt, count);
    const found = new Uint32Array(kernel.memory.buffer, hitsAt, count * 2);
    for (let i = 0; i < found.length; i += 2) {
      const word = found[i] ?? 0;
      const index = word & LITERAL;
      fillIn(this.#opened, index);
      hits.push(index, start + (found[i + 1] ?? 0), reach === null ? ALL_SCREENS : word >>> LITERAL_BITS);
    }
  }

  /** Puts those of `found` that may lead to something into `hits`. */
  screen(bytes: Uint8Array, start: number, end: number, found: HitBuffer, hits: HitBuffer): void {
    const kernel = this.#kernel;
    const firstAt = this.#textAt;
    const first = Math.max(0, start - CONTEXT);
    const last = Math.min(bytes.length, end + (this.#reach ?? 0));
    const lastAt = firstAt + last - first;
    const hitsAt = (lastAt + 7) & ~7;
    this.#reserve(hitsAt + found.count * HIT);
    new Uint8Array(kernel.memory.buffer, firstAt, last - first).set(bytes.subarray(first, last));
    const pairs = new Uint32Array(kernel.memory.buffer, hitsAt, found.count * 2);
    for (let i = 0; i < found.count; i++) {
      pairs[2 * i] = found.literal(i);
      pairs[2 * i + 1] = found.end(i) - start;
    }
    const count = kernel.screen(
      firstAt + start - first,
      firstAt,
      lastAt,
      edges(bytes, first, last),
      hitsAt,
      found.count,
    );
    for (let i = 0; i < 2 * count; i += 2) {
      const word = pairs[i] ?? 0;
      hits.push(word & LITERAL, start + (pairs[i + 1] ?? 0), word >>> LITERAL_BITS);
    }
  }

  mayBe(identifier: string, table: number): boolean {
    const kernel = this.#kernel;
    this.#reserve(this.#textAt + identifier.length);
    const text = Buffer.from(kernel.memory.buffer, this.#textAt, identifier.length);
    return kernel.named(this.#textAt, text.write(identifier, 'latin1'), table) !== 0;
  }

  within(bytes: Uint8Array, from: number, to: number, table: number): Uint32Array {
    const kernel = this.#kernel;
    const outAt = (this.#textAt + bytes.length + 7) & ~7;
    // An identifier has two characters or more.
    this.#reserve(outAt + (bytes.length / 2 + 1) * HIT);
    new Uint8Array(kernel.memory.buffer, this.#textAt, bytes.length).set(bytes);
    const count = kernel.names(this.#textAt, bytes.length, from, to, table, outAt);
    return new Uint32Array(kernel.memory.buffer, outAt, count * 2).slice();
  }
}

function edges({ length }: Uint8Array, first: number, last: number): number {
  return (first === 0 ? AT_START : 0) + (last === length ? AT_END : 0);
}

/** @returns whether the memory had to grow */
function reserve({ memory }: QuickExports, bytes: number): boolean {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return missing > 0;
}

function bring(words: Words, target: Uint8Array): void {
  if ('copyTo' in words) words.copyTo(target);
  else target.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
}

/** The module as it was built. */
export function quickBytes(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(QUICK_WASM_BASE64, 'base64'));
}

function instantiate(): QuickExports {
  const module = new WebAssembly.Module(quickBytes());
  const { exports } = new WebAssembly.Instance(module, {});
  if (!isQuickExports(exports)) throw new TypeError('the quick prefilter is not what was built');
  return exports;
}

function isQuickExports(exports: unknown): exports is QuickExports {
  return (
    typeof exports === 'object' && exports !== null && 'memory' in exports && 'open' in exports && 'find' in exports
  );
}
