/**
 * A prefilter that is ready as soon as its bytes are read. The automaton is
 * fast over gigabytes but megabytes large; a hook scans kilobytes, and pays for
 * every table that it loads. Here each literal is found by its last four bytes:
 * a bitmap says whether any literal ends so, a bucket lists those that do.
 */
import type { HitBuffer, Literal, LiteralForm, Prefilter } from './literal.ts';

/** A set of literals in one piece of memory; written by `packLiterals`. */
export interface PackedLiterals {
  /** Little-endian words, laid out as `HEADER` and `sections` say. */
  readonly words: Uint32Array;
}

const FORMS: readonly LiteralForm[] = ['plain', 'base64', 'hex', 'percent', 'escape'];

/** Words of the header: format, literals, bitmap bits, bucket bits, short literals, bytes of all literals. */
const HEADER = 6;
const FORMAT = 0x554c_0001;

const ANCHOR = 4;
/** Shorter literals would be found everywhere; rules have none. */
const SHORTEST = 3;
/** Odd, with well-mixed high bits (Knuth's multiplicative hashing). */
const MULTIPLIER = 0x9e37_79b1;

/** Where each part lies, in words from the start. */
interface Sections {
  readonly bitmap: number;
  readonly bucketStart: number;
  readonly bucketItems: number;
  readonly shorts: number;
  readonly literalStart: number;
  readonly literalFacts: number;
  readonly literalBytes: number;
  readonly end: number;
}

function sections(count: number, bitmapBits: number, bucketBits: number, shorts: number, bytes: number): Sections {
  const bitmap = HEADER;
  const bucketStart = bitmap + ((1 << bitmapBits) >> 5);
  const bucketItems = bucketStart + (1 << bucketBits) + 1;
  const shortList = bucketItems + count - shorts;
  const literalStart = shortList + shorts;
  const literalFacts = literalStart + count + 1;
  const literalBytes = literalFacts + count;
  return {
    bitmap,
    bucketStart,
    bucketItems,
    shorts: shortList,
    literalStart,
    literalFacts,
    literalBytes,
    end: literalBytes + Math.ceil(bytes / 4),
  };
}

function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
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
  const bucketBits = Math.max(1, Math.ceil(Math.log2(long.length + 1)));
  // Sixteen bits a literal: one place in sixteen is looked at in vain, at worst.
  const bitmapBits = Math.max(13, bucketBits + 4);
  const at = sections(literals.length, bitmapBits, bucketBits, short.length, bytes);
  const words = new Uint32Array(at.end);
  words.set([FORMAT, literals.length, bitmapBits, bucketBits, short.length, bytes]);
  const mark = (anchor: number): void => {
    const bit = Math.imul(anchor, MULTIPLIER) >>> (32 - bitmapBits);
    words[at.bitmap + (bit >> 5)]! |= 1 << (bit & 31);
  };
  const buckets: number[][] = Array.from({ length: 1 << bucketBits }, () => []);
  for (const index of long) {
    const anchor = anchorOf(literals[index]!.bytes);
    mark(anchor);
    buckets[Math.imul(anchor, MULTIPLIER) >>> (32 - bucketBits)]!.push(index);
  }
  // Whatever byte stands before a literal of three.
  for (const index of short) {
    for (let before = 0; before < 256; before++) mark((anchorOf(literals[index]!.bytes) | (fold(before) << 24)) >>> 0);
  }
  writeLists(words, at, buckets, short);
  writeLiterals(words, at, literals);
  return { words };
}

function lengthOf(literals: readonly Literal[], index: number): number {
  return literals[index]?.bytes.length ?? 0;
}

/** The last four bytes, folded; for three, the highest byte is 0. */
function anchorOf(bytes: Uint8Array): number {
  let anchor = 0;
  for (const byte of bytes.subarray(-ANCHOR)) anchor = (anchor << 8) | fold(byte);
  return anchor >>> 0;
}

function writeLists(words: Uint32Array, at: Sections, buckets: readonly number[][], short: readonly number[]): void {
  let item = 0;
  for (const [bucket, members] of buckets.entries()) {
    words[at.bucketStart + bucket] = item;
    for (const index of members) words[at.bucketItems + item++] = index;
  }
  words[at.bucketStart + buckets.length] = item;
  words.set(short, at.shorts);
}

function writeLiterals(words: Uint32Array, at: Sections, literals: readonly Literal[]): void {
  const bytes = new Uint8Array(words.buffer, words.byteOffset + at.literalBytes * 4);
  let next = 0;
  for (const [index, literal] of literals.entries()) {
    words[at.literalStart + index] = next;
    words[at.literalFacts + index] =
      literal.text * 256 + (literal.phase << 4) + (FORMS.indexOf(literal.form) << 1) + (literal.exact ? 1 : 0);
    bytes.set(literal.exact ? literal.bytes : literal.bytes.map(fold), next);
    next += literal.bytes.length;
  }
  words[at.literalStart + literals.length] = next;
}

/** Packed literals with their parts found. */
export interface OpenedLiterals {
  readonly words: Uint32Array;
  readonly at: Sections;
  readonly count: number;
  readonly bitmapBits: number;
  readonly bucketBits: number;
  readonly shorts: number;
  /** All literals' bytes, one after the other. */
  readonly bytes: Uint8Array;
  /** Filled in as literals are found: only what a hit names is there. */
  readonly literals: Literal[];
}

/** @throws RangeError if the words are not what this version of `packLiterals` writes */
export function openLiterals({ words }: PackedLiterals): OpenedLiterals {
  const [format, count = 0, bitmapBits = 0, bucketBits = 0, shorts = 0, length = 0] = words;
  const at = sections(count, bitmapBits, bucketBits, shorts, length);
  if (format !== FORMAT || at.end !== words.length)
    throw new RangeError('these are no packed literals of this version');
  const bytes = new Uint8Array(words.buffer, words.byteOffset + at.literalBytes * 4, length);
  return { words, at, count, bitmapBits, bucketBits, shorts, bytes, literals: [] };
}

/** Puts a literal that was found into `literals`. */
export function fillIn({ literals, words, at, bytes }: OpenedLiterals, index: number): void {
  if (literals[index]) return;
  const facts = words[at.literalFacts + index]!;
  literals[index] = {
    bytes: bytes.subarray(words[at.literalStart + index], words[at.literalStart + index + 1]),
    exact: (facts & 1) === 1,
    form: FORMS[(facts >> 1) & 7] ?? 'plain',
    text: facts >>> 8,
    phase: (facts >> 4) & 15,
  };
}

/** The reference prefilter over packed literals, in plain TypeScript; `packed-wasm.ts` does the same. */
export function packedPrefilter(pack: PackedLiterals): Prefilter {
  const opened = openLiterals(pack);
  const { words, at, bitmapBits, literals } = opened;
  const folded = Uint8Array.from({ length: 256 }, (_, byte) => fold(byte));
  const bitmap = words.subarray(at.bitmap, at.bucketStart);
  const shift = 32 - bitmapBits;
  return {
    literals,
    find(bytes, start, end, hits) {
      let anchor = 0;
      for (let i = start; i < end; i++) {
        anchor = (anchor << 8) | folded[bytes[i]!]!;
        const bit = Math.imul(anchor, MULTIPLIER) >>> shift;
        if ((bitmap[bit >> 5]! >>> (bit & 31)) & 1) look(opened, bytes, start, i + 1, anchor, hits);
      }
    },
  };
}

/** Compares every literal that may end at `end`, longest first. */
function look(
  opened: OpenedLiterals,
  bytes: Uint8Array,
  start: number,
  end: number,
  anchor: number,
  hits: HitBuffer,
): void {
  const { words, at, bucketBits, shorts } = opened;
  const bucket = at.bucketStart + (Math.imul(anchor, MULTIPLIER) >>> (32 - bucketBits));
  const last = words[bucket + 1]!;
  for (let item = words[bucket]!; item < last; item++) {
    const index = words[at.bucketItems + item]!;
    if (endsAt(opened, index, bytes, start, end)) hits.push(index, end);
  }
  for (let item = 0; item < shorts; item++) {
    const index = words[at.shorts + item]!;
    if (endsAt(opened, index, bytes, start, end)) hits.push(index, end);
  }
}

function endsAt(opened: OpenedLiterals, index: number, text: Uint8Array, start: number, end: number): boolean {
  const { words, at, bytes } = opened;
  const first = words[at.literalStart + index]!;
  const length = words[at.literalStart + index + 1]! - first;
  const from = end - length;
  if (from < start) return false;
  const exact = (words[at.literalFacts + index]! & 1) === 1;
  for (let i = length - 1; i >= 0; i--) {
    const byte = text[from + i]!;
    if (bytes[first + i] !== (exact ? byte : fold(byte))) return false;
  }
  fillIn(opened, index);
  return true;
}
