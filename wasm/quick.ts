// The hook's prefilter: a few kilobytes are searched before JavaScript has warmed up. The literals
// lie in memory as `src/prefilter/packed.ts` lays them out: a bitmap over the last four bytes of
// each, buckets, and the bytes to compare.

const MULTIPLIER: u32 = 0x9e3779b1;
const HEADER: u32 = 6;

let words: usize = 0;
let bucketStart: usize = 0;
let bucketItems: usize = 0;
let shorts: usize = 0;
let shortCount: u32 = 0;
let literalStart: usize = 0;
let literalFacts: usize = 0;
let literalBytes: usize = 0;
let bitmapShift: u32 = 0;
let bucketShift: u32 = 0;

let hits: usize = 0;
let room: u32 = 0;
let count: u32 = 0;

/** Says where packed literals lie. */
export function open(at: usize): void {
  const literals = load<u32>(at, 4);
  const bitmapBits = load<u32>(at, 8);
  const bucketBits = load<u32>(at, 12);
  shortCount = load<u32>(at, 16);
  words = at + (HEADER << 2);
  bucketStart = words + ((1 << bitmapBits) >> 3);
  bucketItems = bucketStart + (((1 << bucketBits) + 1) << 2);
  shorts = bucketItems + ((literals - shortCount) << 2);
  literalStart = shorts + (shortCount << 2);
  literalFacts = literalStart + ((literals + 1) << 2);
  literalBytes = literalFacts + (literals << 2);
  bitmapShift = 32 - bitmapBits;
  bucketShift = 32 - bucketBits;
}

// @ts-ignore: decorator
@inline
function fold(byte: u32): u32 {
  return byte - 0x41 < 26 ? byte + 32 : byte;
}

/**
 * Finds every literal in `text`.
 *
 * @param out - takes pairs of literal and end offset, 32 bits each
 * @param capacity - pairs that `out` has room for
 * @returns how many there are; more than `capacity` means that the rest was not written
 */
export function find(text: usize, length: u32, out: usize, capacity: u32): u32 {
  hits = out;
  room = capacity;
  count = 0;
  let anchor: u32 = 0;
  for (let i: u32 = 0; i < length; i++) {
    anchor = (anchor << 8) | fold(load<u8>(text + i));
    const bit = (anchor * MULTIPLIER) >>> bitmapShift;
    if ((load<u32>(words + ((bit >>> 5) << 2)) >>> (bit & 31)) & 1) look(text, i + 1, anchor);
  }
  return count;
}

function look(text: usize, end: u32, anchor: u32): void {
  const bucket = bucketStart + (((anchor * MULTIPLIER) >>> bucketShift) << 2);
  const last = bucketItems + (load<u32>(bucket, 4) << 2);
  for (let item = bucketItems + (load<u32>(bucket) << 2); item < last; item += 4) compare(text, end, load<u32>(item));
  for (let item: u32 = 0; item < shortCount; item++) compare(text, end, load<u32>(shorts + (item << 2)));
}

function compare(text: usize, end: u32, index: u32): void {
  const entry = literalStart + (index << 2);
  const first = load<u32>(entry);
  const length = load<u32>(entry, 4) - first;
  if (length > end) return;
  const exact = load<u32>(literalFacts + (index << 2)) & 1;
  const from = text + end - length;
  for (let i: i32 = length - 1; i >= 0; i--) {
    const byte: u32 = load<u8>(from + i);
    if (load<u8>(literalBytes + first + i) != (exact ? byte : fold(byte))) return;
  }
  if (count < room) {
    store<u32>(hits + (count << 3), index);
    store<u32>(hits + (count << 3), end, 4);
  }
  count++;
}
