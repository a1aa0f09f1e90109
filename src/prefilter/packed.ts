/**
 * A prefilter that is ready as soon as its bytes are read. The automaton is
 * fast over gigabytes but megabytes large; a hook scans kilobytes, and pays for
 * every table that it loads. Here each literal is found by its last four bytes:
 * a bitmap says whether any literal ends so, a bucket lists those that do.
 */
import type { HitBuffer, Literal, Prefilter } from './literal.ts';
import { type LiteralColumns, columnsOf, fold, literalAt } from './literal-columns.ts';

/** File with the words for the built-in rules, in the folder of the command. */
export const PACKED_FILE = 'quick.literals';

/** A set of literals in one piece of memory; written by `packLiterals`. */
export interface PackedLiterals {
  /** Little-endian words, laid out as `HEADER` and `sections` say. */
  readonly words: Uint32Array;
}

/** Words of the header: format, literals, their bytes, then bits of bitmap and buckets and members of both tables. */
const HEADER = 9;
const FORMAT = 0x554c_0003;

/** Literals are found by their last four bytes, those of three by all of them. */
const ANCHOR = 4;
const SHORTEST = 3;
/** Odd, with well-mixed high bits (Knuth's multiplicative hashing). */
const MULTIPLIER = 0x9e37_79b1;

/** How large a table of anchors is: bits of its bitmap and of its buckets, and how many literals it has. */
interface TableSize {
  readonly bitmapBits: number;
  readonly bucketBits: number;
  readonly members: number;
}

/** Where the parts of a table lie, in words from the start. */
interface Table extends TableSize {
  readonly bitmap: number;
  readonly bucketStart: number;
  readonly bucketItems: number;
}

/** Where each part lies, in words from the start. */
interface Sections {
  readonly long: Table;
  readonly short: Table;
  readonly deepBitmap: number;
  readonly briefBitmap: number;
  readonly literalStart: number;
  readonly literalFacts: number;
  readonly literalBytes: number;
  readonly end: number;
}

function sections(count: number, bytes: number, long: TableSize, short: TableSize): Sections {
  const first = table(long, HEADER);
  const second = table(short, first.bucketItems + long.members);
  const deepBitmap = second.bucketItems + short.members;
  const briefBitmap = deepBitmap + 2 ** (DEEP_BITS - 5);
  const literalStart = briefBitmap + 2 ** (BRIEF_BITS - 5);
  const literalFacts = literalStart + count + 1;
  const literalBytes = literalFacts + count;
  return {
    long: first,
    short: second,
    deepBitmap,
    briefBitmap,
    literalStart,
    literalFacts,
    literalBytes,
    end: literalBytes + Math.ceil(bytes / 4),
  };
}

function table(size: TableSize, bitmap: number): Table {
  const bucketStart = bitmap + ((1 << size.bitmapBits) >> 5);
  return { ...size, bitmap, bucketStart, bucketItems: bucketStart + (1 << size.bucketBits) + 1 };
}

/**
 * Bits of the bitmaps: with 9,000 literals one place in thirty is looked at in vain, and all of it stays in the nearest
 * cache. `wasm/quick.ts` says the same.
 */
const LONG_BITS = 18;
const SHORT_BITS = 12;
/**
 * Half of the places that pass the long bitmap end as a literal does and are none: a bitmap of the last six bytes says so
 * of those that have as many, one of four of the rest.
 */
const DEEP_BITS = 18;
const BRIEF_BITS = 15;
const DEEP = 6;
const DEEP_MULTIPLIER = 0x85eb_ca6b;

function tableSize(members: number, bitmapBits: number): TableSize {
  return { members, bucketBits: Math.max(1, Math.ceil(Math.log2(members + 1))), bitmapBits };
}

/**
 * Lays the literals out for `packedPrefilter`.
 * @throws RangeError for a literal of fewer than three bytes
 */
export function packLiterals(literals: readonly Literal[]): PackedLiterals {
  if (literals.some(({ bytes }) => bytes.length < SHORTEST))
    throw new RangeError('a literal is too short to be packed');
  // Longest first, as they are to be reported at one end.
  const order = [...literals.keys()].sort((a, b) => lengthOf(literals, b) - lengthOf(literals, a) || a - b);
  const long = order.filter((index) => lengthOf(literals, index) >= ANCHOR);
  const short = order.filter((index) => lengthOf(literals, index) < ANCHOR);
  const bytes = literals.reduce((sum, one) => sum + one.bytes.length, 0);
  const at = sections(literals.length, bytes, tableSize(long.length, LONG_BITS), tableSize(short.length, SHORT_BITS));
  const words = new Uint32Array(at.end);
  words.set([FORMAT, literals.length, bytes, ...sizes(at.long), ...sizes(at.short)]);
  writeTable(words, at.long, long, literals);
  writeTable(words, at.short, short, literals);
  for (const index of long) writeSecond(words, at, literals[index]!.bytes);
  writeLiterals(words, at, literals);
  return { words };
}

function sizes({ bitmapBits, bucketBits, members }: TableSize): number[] {
  return [bitmapBits, bucketBits, members];
}

function writeTable(words: Uint32Array, at: Table, members: readonly number[], literals: readonly Literal[]): void {
  const buckets: number[][] = Array.from({ length: 1 << at.bucketBits }, () => []);
  for (const index of members) {
    const hash = Math.imul(anchorOf(literals[index]!.bytes), MULTIPLIER);
    const bit = hash >>> (32 - at.bitmapBits);
    words[at.bitmap + (bit >> 5)]! |= 1 << (bit & 31);
    buckets[hash >>> (32 - at.bucketBits)]!.push(index);
  }
  let item = 0;
  for (const [bucket, list] of buckets.entries()) {
    words[at.bucketStart + bucket] = item;
    for (const index of list) words[at.bucketItems + item++] = index;
  }
  words[at.bucketStart + buckets.length] = item;
}

function writeSecond(words: Uint32Array, at: Sections, bytes: Uint8Array): void {
  const isDeep = bytes.length >= DEEP;
  const hash = isDeep ? deepHash(bytes) : Math.imul(Math.imul(anchorOf(bytes), MULTIPLIER), MULTIPLIER) >>> 0;
  const bit = hash >>> (32 - (isDeep ? DEEP_BITS : BRIEF_BITS));
  words[(isDeep ? at.deepBitmap : at.briefBitmap) + (bit >> 5)]! |= 1 << (bit & 31);
}

/** Of the last six bytes. */
function deepHash(bytes: Uint8Array): number {
  const [first = 0, second = 0] = bytes.subarray(-DEEP);
  const two = fold(first) + fold(second) * 256;
  return Math.imul(anchorOf(bytes) + Math.imul(two, DEEP_MULTIPLIER), MULTIPLIER) >>> 0;
}

function lengthOf(literals: readonly Literal[], index: number): number {
  return literals[index]?.bytes.length ?? 0;
}

/** The last four bytes, folded, the last one highest; or three. */
function anchorOf(bytes: Uint8Array): number {
  const last = bytes.subarray(-ANCHOR);
  return last.reduce((anchor, byte, i) => anchor + fold(byte) * 2 ** (8 * i), 0);
}

function writeLiterals(words: Uint32Array, at: Sections, literals: readonly Literal[]): void {
  const { starts, facts, bytes } = columnsOf(literals);
  words.set(starts, at.literalStart);
  words.set(facts, at.literalFacts);
  new Uint8Array(words.buffer, words.byteOffset + at.literalBytes * 4).set(bytes);
}

/** Packed literals with their parts found. */
export interface OpenedLiterals {
  readonly words: Uint32Array;
  readonly at: Sections;
  readonly columns: LiteralColumns;
  /** Filled in as literals are found: only what a hit names is there. */
  readonly literals: Literal[];
}

/** @throws RangeError if the words are not what this version of `packLiterals` writes */
export function openLiterals({ words }: PackedLiterals): OpenedLiterals {
  const [format, count = 0, length = 0] = words;
  const size = (from: number): TableSize => ({
    bitmapBits: words[from] ?? 0,
    bucketBits: words[from + 1] ?? 0,
    members: words[from + 2] ?? 0,
  });
  const at = sections(count, length, size(3), size(6));
  if (format !== FORMAT || at.end !== words.length)
    throw new RangeError('these are no packed literals of this version');
  return {
    words,
    at,
    columns: {
      starts: words.subarray(at.literalStart, at.literalFacts),
      facts: words.subarray(at.literalFacts, at.literalBytes),
      bytes: new Uint8Array(words.buffer, words.byteOffset + at.literalBytes * 4, length),
    },
    literals: [],
  };
}

/** Puts a literal that was found into `literals`, with bytes of its own: the words may lie in memory that moves. */
export function fillIn({ literals, columns }: OpenedLiterals, index: number): void {
  if (literals[index] !== undefined) return;
  const literal = literalAt(columns, index);
  literals[index] = { ...literal, bytes: literal.bytes.slice() };
}

/** The reference prefilter over packed literals, in plain TypeScript; `packed-wasm.ts` does the same. */
export function packedPrefilter(pack: PackedLiterals): Prefilter {
  const opened = openLiterals(pack);
  const { at, literals } = opened;
  const folded = Uint8Array.from({ length: 256 }, (_, byte) => fold(byte));
  return {
    literals,
    find(bytes, start, end, hits) {
      let anchor = 0;
      for (let i = start; i < end; i++) {
        anchor = (anchor >>> 8) | (folded[bytes[i]!]! << 24);
        look(opened, at.long, bytes, start, i + 1, anchor, hits);
        look(opened, at.short, bytes, start, i + 1, anchor >>> 8, hits);
      }
    },
  };
}

/** Compares every literal of a table that may end at `end`, longest first. */
function look(
  opened: OpenedLiterals,
  { bitmap, bitmapBits, bucketStart, bucketBits, bucketItems }: Table,
  bytes: Uint8Array,
  start: number,
  end: number,
  anchor: number,
  hits: HitBuffer,
): void {
  const { words } = opened;
  const hash = Math.imul(anchor, MULTIPLIER);
  const bit = hash >>> (32 - bitmapBits);
  if (((words[bitmap + (bit >> 5)]! >>> (bit & 31)) & 1) === 0) return;
  const bucket = bucketStart + (hash >>> (32 - bucketBits));
  const last = words[bucket + 1]!;
  for (let item = words[bucket]!; item < last; item++) {
    const index = words[bucketItems + item]!;
    if (endsAt(opened, index, bytes, start, end)) hits.push(index, end);
  }
}

function endsAt(opened: OpenedLiterals, index: number, text: Uint8Array, start: number, end: number): boolean {
  const { starts, facts, bytes } = opened.columns;
  const first = starts[index]!;
  const length = starts[index + 1]! - first;
  const from = end - length;
  if (from < start) return false;
  const exact = (facts[index]! & 1) === 1;
  for (let i = length - 1; i >= 0; i--) {
    const byte = text[from + i]!;
    if (bytes[first + i] !== (exact ? byte : fold(byte))) return false;
  }
  fillIn(opened, index);
  return true;
}
