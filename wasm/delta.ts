// Git's deltas (gitformat-pack(5), "Deltified representation"): parsed once into segments, from
// which the result, or any part of it, is then written.

import {
  COPY_LANES,
  DELTA_BAD_COPY,
  DELTA_BAD_INSERT,
  DELTA_BASE_SIZE,
  DELTA_RESERVED,
  DELTA_RESULT_SIZE,
  NO_ROOM,
  OK,
  TRUNCATED,
  context,
} from './context';

/**
 * A segment is 12 bytes: where it starts in the result; where its bytes are, as an offset into
 * the base or, with INSERTED set, into the delta; and its length. Contiguous copies are one.
 */
export const SEGMENT: usize = 12;
export const INSERTED: u32 = 0x80000000;

/** Most bytes written behind a result, and most read behind a delta. */
export const DELTA_SLACK: usize = 16;

/** What the last successful `parseDelta` found. */
export let segmentCount: u32 = 0;
export let resultSize: u32 = 0;

let cursor: usize = 0;

/** A size in 7-bit groups, least significant first; all ones if it passes 31 bits or the end. */
function readSize(end: usize): u32 {
  let value: u64 = 0;
  for (let shift: u64 = 0; cursor < end && shift < 35; shift += 7) {
    const byte = load<u8>(cursor++);
    value |= <u64>(byte & 127) << shift;
    if (byte < 128) return value < INSERTED ? <u32>value : 0xffffffff;
  }
  return 0xffffffff;
}

/** The size a delta announces for its result; all ones if it cannot be read. */
export function deltaResultSize(delta: usize, length: usize): u32 {
  cursor = delta;
  const end = delta + length;
  if (readSize(end) == 0xffffffff) return 0xffffffff;
  return readSize(end);
}

/**
 * Parses a delta into `segments`, room for `capacity` of them, and checks all of it: sizes,
 * copy ranges, insert lengths, the reserved operation.
 */
export function parseDelta(delta: usize, length: usize, baseSize: u32, segments: usize, capacity: u32): i32 {
  const end = delta + length;
  cursor = delta;
  if (readSize(end) != baseSize) return DELTA_BASE_SIZE;
  const size = readSize(end);
  if (size == 0xffffffff) return DELTA_RESULT_SIZE;
  const lanes = context + COPY_LANES;
  const limit = segments + <usize>capacity * SEGMENT;
  let at = cursor;
  let to = segments;
  let done: u32 = 0;
  // Where the last copy ended in the base, so that a contiguous one can join it.
  let copyEnd: u32 = 0xffffffff;
  while (at < end) {
    const op = <u32>load<u8>(at);
    if (op & 128) {
      // Seven flags say which bytes of offset and length are there; a table puts them in place.
      const shuffle = v128.load(lanes + (<usize>(op & 127) << 4));
      const packed = i64x2.extract_lane(i8x16.swizzle(v128.load64_zero(at, 1), shuffle), 0);
      at += <usize>i8x16.extract_lane_u(shuffle, 15);
      const from = <u32>packed;
      let n = <u32>(packed >>> 32);
      if (n == 0) n = 0x10000;
      if (<u64>from + n > <u64>baseSize) return DELTA_BAD_COPY;
      if (n > size - done) return DELTA_RESULT_SIZE;
      if (from == copyEnd) {
        store<u32>(to - 4, load<u32>(to - 4) + n);
      } else {
        if (to == limit) return NO_ROOM;
        store<u32>(to, done);
        store<u32>(to, from, 4);
        store<u32>(to, n, 8);
        to += SEGMENT;
      }
      copyEnd = from + n;
      done += n;
    } else {
      if (op == 0) return DELTA_RESERVED;
      at++;
      if (op > <u32>(end - at)) return DELTA_BAD_INSERT;
      if (op > size - done) return DELTA_RESULT_SIZE;
      if (to == limit) return NO_ROOM;
      store<u32>(to, done);
      store<u32>(to, <u32>(at - delta) | INSERTED, 4);
      store<u32>(to, op, 8);
      to += SEGMENT;
      copyEnd = 0xffffffff;
      at += op;
      done += op;
    }
  }
  if (at != end) return TRUNCATED;
  if (done != size) return DELTA_RESULT_SIZE;
  segmentCount = <u32>((to - segments) / SEGMENT);
  resultSize = size;
  return OK;
}

/** Writes the whole result of parsed segments; up to DELTA_SLACK bytes behind it may change. */
export function applySegments(segments: usize, count: u32, base: usize, delta: usize, to: usize): void {
  const end = segments + <usize>count * SEGMENT;
  for (let at = segments; at < end; at += SEGMENT) {
    const source = load<u32>(at, 4);
    const n = <usize>load<u32>(at, 8);
    copyBytes(to, source & INSERTED ? delta + (source ^ INSERTED) : base + source, n);
    to += n;
  }
}

/** Copies forward in vectors: up to 15 bytes behind `to + n` change, as many behind `from + n` are read. */
// @ts-ignore: decorator
@inline
export function copyBytes(to: usize, from: usize, n: usize): void {
  if (n > 2048) {
    memory.copy(to, from, n);
    return;
  }
  const end = to + n;
  do {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  } while (to < end);
}

/**
 * Writes bytes [start, end) of the result of parsed segments, which must not be empty.
 *
 * @param first - a segment that starts at or before `start`
 * @returns the last segment used
 */
export function gather(first: usize, start: u32, end: u32, base: usize, delta: usize, to: usize): usize {
  let at = first;
  while (load<u32>(at) + load<u32>(at, 8) <= start) at += SEGMENT;
  while (true) {
    const begin = load<u32>(at);
    const skip = start - begin;
    const n = min(begin + load<u32>(at, 8), end) - start;
    const source = load<u32>(at, 4);
    const from = source & INSERTED ? delta + (source ^ INSERTED) : base + source;
    copyBytes(to, from + skip, n);
    to += n;
    start += n;
    if (start == end) return at;
    at += SEGMENT;
  }
}

/** For each value of the seven flags: lanes that spread the bytes present over offset and length. */
export function initDelta(): void {
  for (let flags: u32 = 0; flags < 128; flags++) {
    const row = context + COPY_LANES + (<usize>flags << 4);
    v128.store(row, i8x16.splat(-1));
    let present: u32 = 0;
    for (let i: u32 = 0; i < 7; i++) {
      if (!(flags & (1 << i))) continue;
      store<u8>(row + i, <u8>present);
      present++;
    }
    store<u8>(row, <u8>(1 + present), 15);
  }
}
