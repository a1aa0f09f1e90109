// zlib streams (RFC 1950, 1951), one whole object a call.

import { adler32 } from './adler32';
import {
  BAD_BLOCK,
  BAD_CHECKSUM,
  BAD_CODE,
  BAD_DISTANCE,
  BAD_HEADER,
  CODE_LENGTHS,
  DISTANCE_TABLE,
  DISTANCE_TEMPLATE,
  FIXED_DISTANCE_TABLE,
  FIXED_LITERAL_TABLE,
  LITERAL_TABLE,
  LITERAL_TEMPLATE,
  OK,
  PATTERNS,
  PATTERN_STEPS,
  PRECODE_LENGTHS,
  PRECODE_TABLE,
  PRECODE_TEMPLATE,
  TOO_LONG,
  TOO_SHORT,
  TRUNCATED,
  context,
} from './context';
import { END_OF_BLOCK, LINK, LITERAL, SPECIAL, buildTable, initHuffman, tableBits } from './huffman';

/** Most bytes written behind the announced size: the last match copies whole vectors. */
export const OUTPUT_SLACK: usize = 32;
/** Most bytes read behind the input's end before that is noticed. */
export const INPUT_SLACK: usize = 64;

const LITERAL_ROOT: u32 = 10;
const DISTANCE_ROOT: u32 = 8;

// The reader and the writer, kept here between blocks; the block loops hold them in locals.
let input: usize = 0;
let inputEnd: usize = 0;
let bits: u64 = 0;
/** Bits held; only the low six bits of this number mean anything. */
let held: u32 = 0;
let output: usize = 0;
let outputStart: usize = 0;
let outputEnd: usize = 0;

/** Bytes of input that the last successful call used. */
export let inflateConsumed: usize = 0;

/**
 * Inflates one zlib stream of exactly `size` bytes and checks its Adler-32.
 *
 * Reads at most INPUT_SLACK bytes behind `end` and writes at most OUTPUT_SLACK bytes behind
 * `to + size`; the caller owns both margins. Whatever is in them changes no result.
 */
export function inflate(from: usize, end: usize, to: usize, size: usize): i32 {
  if (end < from + 2) return TRUNCATED;
  const method = load<u8>(from);
  const flags = load<u8>(from, 1);
  // Method 8, a window of at most 32 KiB, no preset dictionary.
  if ((method & 15) != 8 || method >> 4 > 7 || (flags & 32) != 0) return BAD_HEADER;
  if ((((<u32>method) << 8) | flags) % 31 != 0) return BAD_HEADER;
  input = from + 2;
  inputEnd = end;
  bits = 0;
  held = 0;
  output = to;
  outputStart = to;
  outputEnd = to + size;
  const code = blocks();
  if (code != OK) return code;
  return trailer(from, to, size);
}

/** Bytes that the last call has written, whatever it returned. */
export function inflated(): usize {
  return output - outputStart;
}

function blocks(): i32 {
  while (true) {
    refill();
    const last = bits & 1;
    const kind = <u32>(bits >> 1) & 3;
    drop(3);
    let code: i32 = BAD_BLOCK;
    if (kind == 2) code = dynamicBlock();
    else if (kind == 1) code = compressed(context + FIXED_LITERAL_TABLE, 511, context + FIXED_DISTANCE_TABLE, 31);
    else if (kind == 0) code = stored();
    if (code != OK) return code;
    if (last) return OK;
  }
}

function trailer(from: usize, to: usize, size: usize): i32 {
  toByte();
  if (input + 4 > inputEnd) return TRUNCATED;
  if (output != outputEnd) return TOO_SHORT;
  if (bswap(load<u32>(input)) != adler32(to, size)) return BAD_CHECKSUM;
  inflateConsumed = input + 4 - from;
  return OK;
}

// @ts-ignore: decorator
@inline
function refill(): void {
  bits |= load<u64>(input) << (<u64>held);
  input += (~held >> 3) & 7;
  held |= 56;
}

// @ts-ignore: decorator
@inline
function drop(n: u32): void {
  bits >>= <u64>n;
  held -= n;
}

/** Gives back whole unread bytes and forgets the rest of the current one. */
function toByte(): void {
  input -= (held & 63) >> 3;
  bits = 0;
  held = 0;
}

function stored(): i32 {
  toByte();
  if (input + 4 > inputEnd) return TRUNCATED;
  const length = <usize>load<u16>(input);
  if (length != <usize>(load<u16>(input, 2) ^ 0xffff)) return BAD_BLOCK;
  input += 4;
  if (length > inputEnd - input) return TRUNCATED;
  if (length > outputEnd - output) return TOO_LONG;
  memory.copy(output, input, length);
  input += length;
  output += length;
  return OK;
}

function dynamicBlock(): i32 {
  refill();
  const literals = (<u32>bits & 31) + 257;
  const distances = (<u32>(bits >> 5) & 31) + 1;
  const precodes = (<u32>(bits >> 10) & 15) + 4;
  drop(14);
  if (literals > 286 || distances > 30) return BAD_CODE;
  let code = readPrecode(precodes);
  if (code != OK) return code;
  const lengths = context + CODE_LENGTHS;
  code = readLengths(lengths, literals + distances);
  if (code != OK) return code;
  if (load<u8>(lengths, 256) == 0) return BAD_CODE;
  const literalTable = context + LITERAL_TABLE;
  code = buildTable(lengths, literals, context + LITERAL_TEMPLATE, literalTable, 2048, LITERAL_ROOT, true);
  if (code != OK) return code;
  const literalMask: u64 = (1 << tableBits) - 1;
  const distanceTable = context + DISTANCE_TABLE;
  code = buildTable(lengths + literals, distances, context + DISTANCE_TEMPLATE, distanceTable, 1024, DISTANCE_ROOT, true);
  if (code != OK) return code;
  return compressed(literalTable, literalMask, distanceTable, (1 << tableBits) - 1);
}

/** The code that the code lengths are written in; its own lengths come in RFC 1951's odd order. */
function readPrecode(n: u32): i32 {
  const lengths = context + PRECODE_LENGTHS;
  v128.store(lengths, i8x16.splat(0));
  store<u32>(lengths, 0, 16);
  refill();
  for (let i: u32 = 0; i < n; i++) {
    if (i == 16) refill();
    store<u8>(lengths + precodeOrder(i), <u8>(bits & 7));
    drop(3);
  }
  return buildTable(lengths, 19, context + PRECODE_TEMPLATE, context + PRECODE_TABLE, 128, 7, false);
}

/** 16 17 18 0, then outward from 8: 8 7 9 6 10 5 … 1 15. */
// @ts-ignore: decorator
@inline
function precodeOrder(i: u32): u32 {
  if (i < 3) return 16 + i;
  if (i == 3) return 0;
  const step = (i - 3) >> 1;
  return i & 1 ? 8 - step : 8 + step;
}

function readLengths(lengths: usize, total: u32): i32 {
  const table = context + PRECODE_TABLE;
  const mask: u64 = (1 << tableBits) - 1;
  let at: u32 = 0;
  while (at < total) {
    refill();
    if (input > inputEnd + 16) return TRUNCATED;
    const entry = load<u32>(table + (<usize>(bits & mask) << 2));
    drop(entry & 15);
    const symbol = entry >> 16;
    if (symbol < 16) {
      store<u8>(lengths + at, <u8>symbol);
      at++;
      continue;
    }
    let value: u8 = 0;
    let times: u32 = 0;
    if (symbol == 16) {
      if (at == 0) return BAD_CODE;
      value = load<u8>(lengths + at - 1);
      times = 3 + (<u32>bits & 3);
      drop(2);
    } else if (symbol == 17) {
      times = 3 + (<u32>bits & 7);
      drop(3);
    } else {
      times = 11 + (<u32>bits & 127);
      drop(7);
    }
    if (at + times > total) return BAD_CODE;
    const run = i8x16.splat(value);
    for (let i: u32 = 0; i < times; i += 16) v128.store(lengths + at + i, run);
    at += times;
  }
  return OK;
}

/**
 * The symbols of one block, fixed or dynamic. Masks are arguments because the engine moves what is computed before a loop into it
 * wherever the loop can be left before the first use.
 */
function compressed(literalTable: usize, literalMask: u64, distanceTable: usize, distanceMask: u64): i32 {
  const start = outputStart;
  const stop = outputEnd;
  // No look-up below passes this by more than three refills.
  const inputLimit = inputEnd + 16;
  const patterns = context + PATTERNS;
  let from = input;
  let to = output;
  let buffer = bits;
  let have = held;
  while (true) {
    if (from > inputLimit) return TRUNCATED;
    if (to > stop) return TOO_LONG;
    buffer |= load<u64>(from) << (<u64>have);
    from += (~have >> 3) & 7;
    have |= 56;
    let entry = load<u32>(literalTable + (<usize>(buffer & literalMask) << 2));
    if (entry & LITERAL) {
      buffer >>= <u64>entry;
      have -= entry;
      store<u8>(to++, <u8>(entry >> 16));
      entry = load<u32>(literalTable + (<usize>(buffer & literalMask) << 2));
      if (entry & LITERAL) {
        buffer >>= <u64>entry;
        have -= entry;
        store<u8>(to++, <u8>(entry >> 16));
        entry = load<u32>(literalTable + (<usize>(buffer & literalMask) << 2));
        if (entry & LITERAL) {
          buffer >>= <u64>entry;
          have -= entry;
          store<u8>(to++, <u8>(entry >> 16));
          continue;
        }
      }
    }
    // 36 bits are held here: enough for any length and distance that the first tables know.
    if (entry & SPECIAL) {
      if (entry & LINK) {
        buffer >>= <u64>entry;
        have -= entry & 63;
        buffer |= load<u64>(from) << (<u64>have);
        from += (~have >> 3) & 7;
        have |= 56;
        const inner: u64 = (1 << ((entry >> 8) & 15)) - 1;
        entry = load<u32>(literalTable + (<usize>((entry >> 16) + <u32>(buffer & inner)) << 2));
        if (entry & LITERAL) {
          buffer >>= <u64>entry;
          have -= entry;
          store<u8>(to++, <u8>(entry >> 16));
          continue;
        }
      }
      if (entry & SPECIAL) {
        if (!(entry & END_OF_BLOCK)) return BAD_CODE;
        buffer >>= <u64>entry;
        have -= entry;
        if (to > stop) return TOO_LONG;
        input = from;
        output = to;
        bits = buffer;
        held = have;
        return OK;
      }
    }
    let length = (entry >> 16) + extra(buffer, entry);
    buffer >>= <u64>entry;
    have -= entry;
    entry = load<u32>(distanceTable + (<usize>(buffer & distanceMask) << 2));
    if (entry & SPECIAL) {
      if (!(entry & LINK)) return BAD_CODE;
      buffer >>= <u64>entry;
      have -= entry & 63;
      buffer |= load<u64>(from) << (<u64>have);
      from += (~have >> 3) & 7;
      have |= 56;
      const inner: u64 = (1 << ((entry >> 8) & 15)) - 1;
      entry = load<u32>(distanceTable + (<usize>((entry >> 16) + <u32>(buffer & inner)) << 2));
      if (entry & SPECIAL) return BAD_CODE;
    }
    const distance = (entry >> 16) + extra(buffer, entry);
    buffer >>= <u64>entry;
    have -= entry;
    if (<usize>distance > to - start) return BAD_DISTANCE;
    // `to` may have passed `stop` by two literals; then the difference is negative.
    if (<isize>length > <isize>(stop - to)) return TOO_LONG;
    let source = to - distance;
    let left = <i32>length;
    if (distance >= 16) {
      const end = to + <usize>length;
      // Few matches are longer.
      v128.store(to, v128.load(source));
      v128.store(to, v128.load(source, 16), 16);
      if (left > 32) {
        do {
          to += 32;
          source += 32;
          v128.store(to, v128.load(source));
          v128.store(to, v128.load(source, 16), 16);
          left -= 32;
        } while (left > 32);
      }
      to = end;
    } else {
      // The pattern of the last `distance` bytes, written as often as it goes whole into a vector.
      const pattern = i8x16.swizzle(v128.load(source), v128.load(patterns + (<usize>distance << 4)));
      const step = <i32>load<u32>(patterns + (PATTERN_STEPS - PATTERNS) + (<usize>distance << 2));
      do {
        v128.store(to, pattern);
        to += step;
        left -= step;
      } while (left > 0);
      to += <usize>left;
    }
  }
}

/** The extra bits that follow a length or distance code. */
// @ts-ignore: decorator
@inline
function extra(buffer: u64, entry: u32): u32 {
  return (<u32>buffer & (((<u32>1) << entry) - 1)) >> (entry >> 8);
}

/** Builds what every call needs: templates of entries, the fixed codes, the repeat patterns. */
export function initInflate(): void {
  initHuffman();
  const literals = context + LITERAL_TEMPLATE;
  for (let i: u32 = 0; i < 256; i++) store<u32>(literals + (i << 2), LITERAL | (i << 16));
  store<u32>(literals + (256 << 2), SPECIAL | END_OF_BLOCK);
  let base: u32 = 3;
  for (let i: u32 = 0; i < 28; i++) {
    const more: u32 = i < 8 ? 0 : (i - 4) >> 2;
    store<u32>(literals + ((257 + i) << 2), more | (base << 16));
    base += 1 << more;
  }
  store<u32>(literals + (285 << 2), 258 << 16);
  store<u32>(literals + (286 << 2), SPECIAL);
  store<u32>(literals + (287 << 2), SPECIAL);
  const distances = context + DISTANCE_TEMPLATE;
  base = 1;
  for (let i: u32 = 0; i < 30; i++) {
    const more: u32 = i < 4 ? 0 : (i - 2) >> 1;
    store<u32>(distances + (i << 2), more | (base << 16));
    base += 1 << more;
  }
  store<u32>(distances + (30 << 2), SPECIAL);
  store<u32>(distances + (31 << 2), SPECIAL);
  for (let i: u32 = 0; i < 19; i++) store<u32>(context + PRECODE_TEMPLATE + (i << 2), i << 16);
  initFixed();
  initPatterns();
}

function initFixed(): void {
  const lengths = context + CODE_LENGTHS;
  for (let i: u32 = 0; i < 288; i++) store<u8>(lengths + i, i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
  buildTable(lengths, 288, context + LITERAL_TEMPLATE, context + FIXED_LITERAL_TABLE, 512, 9, false);
  for (let i: u32 = 0; i < 32; i++) store<u8>(lengths + i, 5);
  buildTable(lengths, 32, context + DISTANCE_TEMPLATE, context + FIXED_DISTANCE_TABLE, 32, 5, false);
}

function initPatterns(): void {
  for (let distance: u32 = 1; distance < 16; distance++) {
    for (let i: u32 = 0; i < 16; i++) store<u8>(context + PATTERNS + distance * 16 + i, <u8>(i % distance));
    store<u32>(context + PATTERN_STEPS + distance * 4, 16 - (16 % distance));
  }
}
