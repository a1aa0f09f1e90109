import { adler32 } from '../../bytes/adler32.ts';
import { PackError, type PackErrorCode } from '../../errors/pack.ts';

import { PADDING } from './pack-bytes.ts';

/**
 * zlib streams (RFC 1950, 1951) whose inflated size is known beforehand, as in
 * packs. It accepts exactly what zlib accepts: the tests feed both the same.
 *
 * An entry of a decoding table, from the low bit: 4 bits code length (0: no
 * such code), 4 bits kind, 4 bits count of extra bits (or of a subtable's
 * index bits), 4 unused, then the literal, the base value, or where the
 * subtable starts.
 */
const LITERAL = 1 << 4;
const SUBTABLE = 1 << 5;
const END_OF_BLOCK = 1 << 6;

const LITERAL_BITS = 10;
const DISTANCE_BITS = 8;
const LONGEST_CODE = 15;

const LENGTH_BASES = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_EXTRAS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const DISTANCE_EXTRAS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** In which order a block's header gives the lengths of the code that its code lengths are written in. */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MOST_LITERALS = 286;
const MOST_DISTANCES = 30;

function fail(code: PackErrorCode, why: string): never {
  throw new PackError(code, `Compressed data is damaged: ${why}`);
}

/** What a symbol of the literal and length alphabet does, without its code length. */
const LITERAL_ACTIONS = Int32Array.from({ length: 288 }, (_, symbol) => {
  if (symbol < 256) return LITERAL | (symbol << 16);
  if (symbol === 256) return END_OF_BLOCK;
  const row = symbol - 257;
  // 286 and 287 have codes in the fixed table and may not occur: no action makes them "no such code".
  return row < 29 ? ((LENGTH_EXTRAS[row] ?? 0) << 8) | ((LENGTH_BASES[row] ?? 0) << 16) : -1;
});
const DISTANCE_ACTIONS = Int32Array.from({ length: 32 }, (_, symbol) =>
  symbol < 30 ? ((DISTANCE_EXTRAS[symbol] ?? 0) << 8) | ((DISTANCE_BASES[symbol] ?? 0) << 16) : -1,
);
const PLAIN_ACTIONS = Int32Array.from({ length: 19 }, (_, symbol) => LITERAL | (symbol << 16));

/** The low `length` bits of `code` in reverse: deflate sends codes from their top bit. */
function reverse(code: number, length: number): number {
  let reversed = 0;
  let rest = code;
  for (let i = 0; i < length; i++) {
    reversed = (reversed << 1) | (rest & 1);
    rest >>= 1;
  }
  return reversed;
}

const counts = new Int32Array(LONGEST_CODE + 1);
const nextCode = new Int32Array(LONGEST_CODE + 2);

/**
 * Checks that code lengths use up the space of codes exactly. One code of one
 * bit, or none at all, may leave it open, as zlib allows.
 *
 * @returns the longest code's length
 */
function checkLengths(lengths: Uint8Array, from: number, to: number, mayBeOpen: boolean): number {
  counts.fill(0);
  for (let i = from; i < to; i++) counts[lengths[i] ?? 0]!++;
  let longest = LONGEST_CODE;
  while (longest > 0 && counts[longest] === 0) longest--;
  if (longest === 0) return 0;
  let left = 1;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    left = left * 2 - (counts[length] ?? 0);
    if (left < 0) fail('PACK_INFLATE', 'a block has more codes than bits can tell apart');
  }
  if (left > 0 && !(mayBeOpen && longest === 1)) fail('PACK_INFLATE', 'a block leaves codes unassigned');
  return longest;
}

/**
 * Fills a decoding table: `1 << indexBits` entries addressed by the next bits,
 * longer codes in subtables behind them.
 *
 * @param lengths - code length of each symbol at `from + symbol`
 * @param actions - what each symbol does
 * @returns index bits of the table
 */
function buildTable(
  table: Int32Array,
  lengths: Uint8Array,
  from: number,
  to: number,
  actions: Int32Array,
  indexBits: number,
): number {
  const longest = checkLengths(lengths, from, to, actions !== PLAIN_ACTIONS);
  const bits = Math.max(1, Math.min(indexBits, longest));
  const size = 1 << bits;
  // Codes that fill the space leave no entry unset; an open one must not find those of the block before.
  if (longest <= 1) table.fill(0, 0, size);
  let code = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    nextCode[length] = code;
    code = (code + (counts[length] ?? 0)) << 1;
  }
  if (longest > bits) table.fill(0, 0, size);
  let free = size;
  for (let symbol = from; symbol < to; symbol++) {
    const length = lengths[symbol] ?? 0;
    if (length === 0) continue;
    const reversed = reverse(nextCode[length]!++, length);
    const action = actions[symbol - from] ?? -1;
    const entry = action < 0 ? 0 : action | length;
    if (length <= bits) {
      for (let i = reversed; i < size; i += 1 << length) table[i] = entry;
    } else {
      free = addToSubtable(table, reversed, length, entry, bits, longest, free);
    }
  }
  return bits;
}

/** Puts a code longer than `bits` where its first bits lead. @returns where the next subtable can start */
function addToSubtable(
  table: Int32Array,
  reversed: number,
  length: number,
  entry: number,
  bits: number,
  longest: number,
  free: number,
): number {
  const prefix = reversed & ((1 << bits) - 1);
  const indexBits = longest - bits;
  let next = free;
  if (table[prefix] === 0) {
    table[prefix] = bits | SUBTABLE | (indexBits << 8) | (free << 16);
    next = free + (1 << indexBits);
  }
  const start = (table[prefix] ?? 0) >>> 16;
  const rest = entry === 0 ? 0 : (entry & ~15) | (length - bits);
  for (let i = reversed >>> bits; i < 1 << indexBits; i += 1 << (length - bits)) table[start + i] = rest;
  return next;
}

const FIXED_LITERAL_LENGTHS = Uint8Array.from({ length: 288 }, (_, symbol) => {
  if (symbol < 144) return 8;
  if (symbol < 256) return 9;
  return symbol < 280 ? 7 : 8;
});
const FIXED_DISTANCE_LENGTHS = new Uint8Array(32).fill(5);

// A code longer than the index needs a subtable of at most 2^5 (2^7) entries, and at least two codes share one.
const literalTable = new Int32Array((1 << LITERAL_BITS) + (MOST_LITERALS / 2) * 32);
const distanceTable = new Int32Array((1 << DISTANCE_BITS) + (MOST_DISTANCES / 2) * 128);
const fixedLiteralTable = new Int32Array(1 << LITERAL_BITS);
const fixedDistanceTable = new Int32Array(1 << DISTANCE_BITS);
const fixedLiteralBits = buildTable(fixedLiteralTable, FIXED_LITERAL_LENGTHS, 0, 288, LITERAL_ACTIONS, LITERAL_BITS);
const fixedDistanceBits = buildTable(
  fixedDistanceTable,
  FIXED_DISTANCE_LENGTHS,
  0,
  32,
  DISTANCE_ACTIONS,
  DISTANCE_BITS,
);
const codeTable = new Int32Array(1 << 7);
const lengths = new Uint8Array(MOST_LITERALS + MOST_DISTANCES);
const codeLengths = new Uint8Array(19);

/** Where compressed bytes are read and inflated ones written. Offsets count from the start of each array. */
export interface InflateTask {
  /** At least `PADDING` bytes must be readable behind `end`. */
  readonly input: Uint8Array;
  readonly view: DataView;
  /** First byte of the zlib stream. */
  readonly start: number;
  /** First byte that is not the stream's. */
  readonly end: number;
  readonly output: Uint8Array;
  readonly outputStart: number;
  /** The stream must inflate to exactly `outputEnd - outputStart` bytes. */
  readonly outputEnd: number;
}

/*
 * The state of the one stream being read. Module variables instead of an
 * object: no allocation for each of a million entries.
 */
let position = 0;
let hold = 0;
let bitCount = 0;
let written = 0;

/**
 * Makes at least 24 bits available. Bits above `bitCount` may already hold what
 * the next call would put there again.
 */
function refill(task: InflateTask): void {
  if (position > task.end + 4) fail('PACK_ENTRY_LENGTH', 'it does not end where its entry ends');
  hold |= task.view.getInt32(position, true) << bitCount;
  position += (31 - bitCount) >> 3;
  bitCount |= 24;
}

/** Takes `count` ≤ 16 bits, of which there must be enough. */
function take(count: number): number {
  const value = hold & ((1 << count) - 1);
  hold >>>= count;
  bitCount -= count;
  return value;
}

/** @see RFC 1950, section 2.2 */
function readZlibHeader(task: InflateTask): void {
  const method = task.input[task.start] ?? 0;
  const flags = task.input[task.start + 1] ?? 0;
  if (task.end - task.start < 2) fail('PACK_ENTRY_LENGTH', 'it is shorter than a header');
  if ((method & 15) !== 8 || method >> 4 > 7 || (method * 256 + flags) % 31 !== 0 || (flags & 0x20) !== 0)
    fail('PACK_INFLATE', 'it has no zlib header');
  position = task.start + 2;
  hold = bitCount = 0;
  written = task.outputStart;
}

/** @see RFC 1951, section 3.2.4 */
function copyStored(task: InflateTask): void {
  // Whole bytes that were loaded ahead go back.
  const start = position - (bitCount >> 3);
  const length = task.view.getUint16(start, true);
  const complement = task.view.getUint16(start + 2, true);
  if (length !== (complement ^ 0xffff)) fail('PACK_INFLATE', 'a stored block contradicts its own length');
  const from = start + 4;
  if (from + length > task.end) fail('PACK_ENTRY_LENGTH', 'a stored block reaches past its entry');
  if (written + length > task.outputEnd) fail('PACK_ENTRY_LENGTH', 'it is longer than its entry says');
  task.output.set(task.input.subarray(from, from + length), written);
  written += length;
  position = from + length;
  hold = bitCount = 0;
}

/** Repeats of code lengths: 16 the one before, 17 and 18 zero. */
function expandLengths(task: InflateTask, total: number): void {
  let filled = 0;
  while (filled < total) {
    refill(task);
    const entry = codeTable[hold & codeMask] ?? 0;
    if (entry === 0) fail('PACK_INFLATE', 'a block uses a code that it does not define');
    take(entry & 15);
    const symbol = entry >>> 16;
    if (symbol < 16) {
      lengths[filled++] = symbol;
      continue;
    }
    if (symbol === 16 && filled === 0) fail('PACK_INFLATE', 'a block repeats a length before the first one');
    const value = symbol === 16 ? (lengths[filled - 1] ?? 0) : 0;
    const repeat = symbol === 16 ? 3 + take(2) : symbol === 17 ? 3 + take(3) : 11 + take(7);
    if (filled + repeat > total) fail('PACK_INFLATE', 'a block has more lengths than symbols');
    lengths.fill(value, filled, filled + repeat);
    filled += repeat;
  }
}

let codeMask = 0;
let literalBits = 0;
let distanceBits = 0;

/** @see RFC 1951, section 3.2.7 */
function readDynamicTables(task: InflateTask): void {
  refill(task);
  const literals = 257 + take(5);
  const distances = 1 + take(5);
  const codes = 4 + take(4);
  if (literals > MOST_LITERALS || distances > MOST_DISTANCES) fail('PACK_INFLATE', 'a block has too many symbols');
  codeLengths.fill(0);
  for (let i = 0; i < codes; i++) {
    refill(task);
    codeLengths[CODE_LENGTH_ORDER[i] ?? 0] = take(3);
  }
  codeMask = (1 << buildTable(codeTable, codeLengths, 0, 19, PLAIN_ACTIONS, 7)) - 1;
  expandLengths(task, literals + distances);
  if (lengths[256] === 0) fail('PACK_INFLATE', 'a block cannot end');
  literalBits = buildTable(literalTable, lengths, 0, literals, LITERAL_ACTIONS, LITERAL_BITS);
  distanceBits = buildTable(distanceTable, lengths, literals, literals + distances, DISTANCE_ACTIONS, DISTANCE_BITS);
}

/**
 * Decodes symbols until the block ends. Everything lives in local variables,
 * and the two refills are written out: this loop is where the time goes.
 */
function inflateBlock(task: InflateTask, literal: Int32Array, distance: Int32Array): void {
  const { output, outputStart, outputEnd, view } = task;
  const last = task.end + 4;
  const literalMask = (1 << literalBits) - 1;
  const distanceMask = (1 << distanceBits) - 1;
  let at = position;
  let bits = hold;
  let count = bitCount;
  let out = written;
  for (;;) {
    if (at > last) fail('PACK_ENTRY_LENGTH', 'it does not end where its entry ends');
    bits |= view.getInt32(at, true) << count;
    at += (31 - count) >> 3;
    count |= 24;
    let entry = literal[bits & literalMask] ?? 0;
    if ((entry & LITERAL) !== 0) {
      if (out >= outputEnd) fail('PACK_ENTRY_LENGTH', 'it is longer than its entry says');
      output[out++] = entry >>> 16;
      bits >>>= entry & 15;
      count -= entry & 15;
      // At least 14 bits are left: enough for another short code.
      entry = literal[bits & literalMask] ?? 0;
      if ((entry & LITERAL) !== 0) {
        if (out >= outputEnd) fail('PACK_ENTRY_LENGTH', 'it is longer than its entry says');
        output[out++] = entry >>> 16;
        bits >>>= entry & 15;
        count -= entry & 15;
        continue;
      }
      if (at > last) fail('PACK_ENTRY_LENGTH', 'it does not end where its entry ends');
      bits |= view.getInt32(at, true) << count;
      at += (31 - count) >> 3;
      count |= 24;
    }
    if ((entry & SUBTABLE) !== 0) {
      bits >>>= entry & 15;
      count -= entry & 15;
      entry = literal[(entry >>> 16) + (bits & ((1 << ((entry >>> 8) & 15)) - 1))] ?? 0;
      if ((entry & LITERAL) !== 0) {
        if (out >= outputEnd) fail('PACK_ENTRY_LENGTH', 'it is longer than its entry says');
        output[out++] = entry >>> 16;
        bits >>>= entry & 15;
        count -= entry & 15;
        continue;
      }
    }
    if ((entry & 15) === 0) fail('PACK_INFLATE', 'it uses a code that it does not define');
    bits >>>= entry & 15;
    count -= entry & 15;
    if ((entry & END_OF_BLOCK) !== 0) break;
    const lengthExtra = (entry >>> 8) & 15;
    const length = (entry >>> 16) + (bits & ((1 << lengthExtra) - 1));
    bits >>>= lengthExtra;
    count -= lengthExtra;

    if (at > last) fail('PACK_ENTRY_LENGTH', 'it does not end where its entry ends');
    bits |= view.getInt32(at, true) << count;
    at += (31 - count) >> 3;
    count |= 24;
    entry = distance[bits & distanceMask] ?? 0;
    if ((entry & SUBTABLE) !== 0) {
      bits >>>= entry & 15;
      count -= entry & 15;
      entry = distance[(entry >>> 16) + (bits & ((1 << ((entry >>> 8) & 15)) - 1))] ?? 0;
    }
    if ((entry & 15) === 0) fail('PACK_INFLATE', 'it uses a distance code that it does not define');
    bits >>>= entry & 15;
    count -= entry & 15;
    const distanceExtra = (entry >>> 8) & 15;
    if (count < distanceExtra) {
      if (at > last) fail('PACK_ENTRY_LENGTH', 'it does not end where its entry ends');
      bits |= view.getInt32(at, true) << count;
      at += (31 - count) >> 3;
      count |= 24;
    }
    const back = (entry >>> 16) + (bits & ((1 << distanceExtra) - 1));
    bits >>>= distanceExtra;
    count -= distanceExtra;

    let from = out - back;
    if (from < outputStart) fail('PACK_INFLATE', 'it copies from before its start');
    if (out + length > outputEnd) fail('PACK_ENTRY_LENGTH', 'it is longer than its entry says');
    const stop = out + length;
    if (back >= length && length > 24) {
      output.copyWithin(out, from, from + length);
      out = stop;
    } else {
      // Byte by byte: the source may reach into what is being written.
      while (out < stop) output[out++] = output[from++] ?? 0;
    }
  }
  position = at;
  hold = bits;
  bitCount = count;
  written = out;
}

function inflateBlocks(task: InflateTask): void {
  for (let final = 0; final === 0;) {
    refill(task);
    final = take(1);
    const type = take(2);
    if (type === 0) {
      copyStored(task);
    } else if (type === 1) {
      literalBits = fixedLiteralBits;
      distanceBits = fixedDistanceBits;
      inflateBlock(task, fixedLiteralTable, fixedDistanceTable);
    } else if (type === 2) {
      readDynamicTables(task);
      inflateBlock(task, literalTable, distanceTable);
    } else {
      fail('PACK_INFLATE', 'a block has the reserved type');
    }
  }
}

/**
 * Inflates one zlib stream and checks everything about it: that it fills the
 * output exactly, matches its Adler-32, and ends exactly at `end`.
 *
 * @throws PackError `PACK_INFLATE`, `PACK_ENTRY_LENGTH`, `PACK_ADLER`
 * @throws RangeError if fewer than `PADDING` bytes are readable after `end`
 * @see RFC 1950 and RFC 1951
 */
export function inflate(task: InflateTask): void {
  if (task.end + PADDING > task.input.length) throw new RangeError('inflate needs padding after its input');
  readZlibHeader(task);
  inflateBlocks(task);
  const trailer = position - (bitCount >> 3);
  if (trailer + 4 !== task.end) fail('PACK_ENTRY_LENGTH', 'it does not end where its entry ends');
  if (written !== task.outputEnd) fail('PACK_ENTRY_LENGTH', 'it is shorter than its entry says');
  if (adler32(task.output, task.outputStart, written) !== task.view.getUint32(trailer))
    fail('PACK_ADLER', 'it differs from its Adler-32 checksum');
}
