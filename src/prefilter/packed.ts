/**
 * A prefilter that is ready as soon as its bytes are read. An automaton of all literals is megabytes large, and has to be
 * built; whoever scans kilobytes pays for every table that it loads. Here each literal is found by four bytes in a row of it that text
 * seldom has: a filter says whether any literal has them, a bucket lists those that do. Literals of three bytes have tables of their own.
 */
import { ANCHOR, anchorStart, foldedWord } from './anchors.ts';
import type { Literal, Prefilter } from './literal.ts';
import { type LiteralColumns, columnsOf, fold, literalAt } from './literal-columns.ts';
import { TRIPLE, TRIPLE_TABLES, tripleTables } from './triples.ts';

/** File with the words for the built-in rules, in the folder of the command. */
export const PACKED_FILE = 'quick.literals';

/** A set of literals in one piece of memory; written by `packLiterals`. */
export interface PackedLiterals {
  /** Little-endian words, laid out as `HEADER` and `sections` say. */
  readonly words: Uint32Array;
}

/** Words of the header: format, literals, their bytes, then bits of buckets and members of both tables. */
const HEADER = 7;
const FORMAT = 0x554c_0004;

/** Odd, with well-mixed high bits (Knuth's multiplicative hashing). */
const MULTIPLIER = 0x9e37_79b1;
const FILTER_MULTIPLIER = 0x85eb_ca6b;
/** Bits of the number of a word of the filter; `wasm/quick.ts` says the same. */
const FILTER_BITS = 12;
const FILTER_WORDS = 2 ** FILTER_BITS;
/** Of an item of a bucket: the literal's number; above it, of the long table, which of its neighbours are known, and how many bytes of it are behind its anchor. */
const INDEX_BITS = 20;
const BEHIND_SHIFT = 24;
/** Bytes on either side of an anchor that a literal is compared by before all of it is. */
const BESIDE = 2;
/** Set in each byte of them, for a letter's case. */
const FOLD = 0x2020_2020;
/** Words of an item of either table. */
const LONG_ITEM = 2;
const SHORT_ITEM = 1;

/** How large a table of buckets is, how many literals it has, and words of an item. */
interface TableSize {
  readonly bucketBits: number;
  readonly members: number;
  readonly itemWords: number;
}

/** Where the parts of a table lie, in words from the start. */
interface Table extends TableSize {
  readonly bucketStart: number;
  readonly bucketItems: number;
}

/** Where each part lies, in words from the start. */
interface Sections {
  readonly filter: number;
  readonly triples: number;
  readonly long: Table;
  readonly short: Table;
  readonly literalStart: number;
  readonly literalFacts: number;
  readonly literalBytes: number;
  readonly end: number;
}

function sections(count: number, bytes: number, long: TableSize, short: TableSize): Sections {
  const filter = HEADER;
  const triples = filter + FILTER_WORDS;
  const first = table(long, triples + TRIPLE_TABLES / 4);
  const second = table(short, first.bucketItems + long.members * long.itemWords);
  const literalStart = second.bucketItems + short.members * short.itemWords;
  const literalFacts = literalStart + count + 1;
  const literalBytes = literalFacts + count;
  return {
    filter,
    triples,
    long: first,
    short: second,
    literalStart,
    literalFacts,
    literalBytes,
    end: literalBytes + Math.ceil(bytes / 4),
  };
}

function table(size: TableSize, bucketStart: number): Table {
  return { ...size, bucketStart, bucketItems: bucketStart + (1 << size.bucketBits) + 1 };
}

function tableSize(members: number, itemWords: number): TableSize {
  return { members, bucketBits: Math.max(1, Math.ceil(Math.log2(members + 1))), itemWords };
}

/**
 * Lays the literals out for `packedPrefilter`.
 * @throws RangeError for a literal of fewer than three bytes, and for more literals than can be numbered
 */
export function packLiterals(literals: readonly Literal[]): PackedLiterals {
  if (literals.some(({ bytes }) => bytes.length < TRIPLE)) throw new RangeError('a literal is too short to be packed');
  if (literals.length > 2 ** INDEX_BITS) throw new RangeError('there are too many literals to be packed');
  const numbers = [...literals.keys()];
  const long = numbers.filter((index) => bytesOf(literals, index).length >= ANCHOR);
  const short = numbers.filter((index) => bytesOf(literals, index).length < ANCHOR);
  const bytes = literals.reduce((sum, one) => sum + one.bytes.length, 0);
  const at = sections(literals.length, bytes, tableSize(long.length, LONG_ITEM), tableSize(short.length, SHORT_ITEM));
  const words = new Uint32Array(at.end);
  const { long: longTable, short: shortTable } = at;
  words.set([FORMAT, literals.length, bytes, longTable.bucketBits, longTable.members]);
  words.set([shortTable.bucketBits, shortTable.members], 5);
  const anchors = long.map((index) => anchorOf(bytesOf(literals, index), index));
  for (const { word } of anchors) words[at.filter + filterWord(word)]! |= filterMask(word);
  writeTable(words, at.long, anchors);
  writeTable(
    words,
    at.short,
    short.map((index) => ({ word: foldedWord(bytesOf(literals, index), 0, TRIPLE), item: [index] })),
  );
  const tables = tripleTables(short.map((index) => literals[index]!));
  new Uint8Array(words.buffer, words.byteOffset + at.triples * 4).set(tables);
  writeLiterals(words, at, literals);
  return { words };
}

function bytesOf(literals: readonly Literal[], index: number): Uint8Array {
  return literals[index]!.bytes;
}

/** What a literal is found by, and what its bucket lists of it. */
interface Member {
  readonly word: number;
  readonly item: readonly number[];
}

function anchorOf(bytes: Uint8Array, index: number): Member {
  const start = anchorStart(bytes);
  const end = start + ANCHOR;
  const beside = [start - BESIDE, start - 1, end, end + BESIDE - 1].map((at) => bytes[at]);
  const known = beside.reduce((bits: number, byte, i) => (byte === undefined ? bits : bits | (1 << i)), 0);
  const neighbours = beside.reduce((word: number, byte = 0, i) => word + byte * 2 ** (8 * i), 0);
  return {
    word: foldedWord(bytes, start, ANCHOR),
    item: [(bytes.length - end) * 2 ** BEHIND_SHIFT + known * 2 ** INDEX_BITS + index, (neighbours | FOLD) >>> 0],
  };
}

/** Which word of the filter answers for an anchor. */
function filterWord(anchor: number): number {
  return Math.imul(anchor, MULTIPLIER) >>> (32 - FILTER_BITS);
}

/** What bits of it: one in each byte. */
function filterMask(anchor: number): number {
  const hash = Math.imul(anchor, FILTER_MULTIPLIER) >>> 5;
  let mask = 0;
  for (let shift = 0; shift < 32; shift += 8) mask |= 1 << (shift + ((hash >>> shift) & 7));
  return mask;
}

function writeTable(words: Uint32Array, at: Table, members: readonly Member[]): void {
  const buckets: (readonly number[])[][] = Array.from({ length: 1 << at.bucketBits }, () => []);
  for (const { word, item } of members) buckets[bucketOf(at, word)]!.push(item);
  let next = 0;
  for (const [bucket, list] of buckets.entries()) {
    words[at.bucketStart + bucket] = next;
    for (const item of list) words.set(item, at.bucketItems + next++ * at.itemWords);
  }
  words[at.bucketStart + buckets.length] = next;
}

function bucketOf({ bucketBits }: Pick<TableSize, 'bucketBits'>, word: number): number {
  return Math.imul(word, MULTIPLIER) >>> (32 - bucketBits);
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
  const size = (from: number, itemWords: number): TableSize => ({
    bucketBits: words[from] ?? 0,
    members: words[from + 1] ?? 0,
    itemWords,
  });
  const at = sections(count, length, size(3, LONG_ITEM), size(5, SHORT_ITEM));
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

export function literalCount({ words }: PackedLiterals): number {
  return words[1] ?? 0;
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
  const { at, literals, words } = opened;
  return {
    literals,
    find(bytes, start, end, hits) {
      const found: Found[] = [];
      for (let from = start; from + TRIPLE <= end; from++) {
        look(opened, at.short, foldedWord(bytes, from, TRIPLE), bytes, start, from + TRIPLE, end, found);
        const anchor = foldedWord(bytes, from, ANCHOR);
        const mask = filterMask(anchor);
        if ((words[at.filter + filterWord(anchor)]! & mask) === mask)
          look(opened, at.long, anchor, bytes, start, from + ANCHOR, end, found);
      }
      for (const { index, place } of found.toSorted(byEnd)) {
        fillIn(opened, index);
        hits.push(index, place);
      }
    },
  };
}

interface Found {
  readonly index: number;
  readonly place: number;
  readonly length: number;
}

function byEnd(a: Found, b: Found): number {
  return a.place - b.place || b.length - a.length || a.index - b.index;
}

/** Compares every literal of a bucket with what stands around the word that it was found by, which ends at `to`. */
function look(
  { words, columns }: OpenedLiterals,
  at: Table,
  word: number,
  bytes: Uint8Array,
  start: number,
  to: number,
  end: number,
  found: Found[],
): void {
  const bucket = at.bucketStart + bucketOf(at, word);
  for (let i = words[bucket]!; i < words[bucket + 1]!; i++) {
    const item = words[at.bucketItems + i * at.itemWords]!;
    const index = item % 2 ** INDEX_BITS;
    const place = to + (item >>> BEHIND_SHIFT);
    const length = columns.starts[index + 1]! - columns.starts[index]!;
    if (place <= end && place - length >= start && endsAt(columns, index, bytes, place))
      found.push({ index, place, length });
  }
}

function endsAt({ starts, facts, bytes }: LiteralColumns, index: number, text: Uint8Array, end: number): boolean {
  const first = starts[index]!;
  const length = starts[index + 1]! - first;
  const exact = (facts[index]! & 1) === 1;
  for (let i = length - 1; i >= 0; i--) {
    const byte = text[end - length + i]!;
    if (bytes[first + i] !== (exact ? byte : fold(byte))) return false;
  }
  return true;
}
