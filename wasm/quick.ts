// The prefilter that is ready at once. The literals lie in memory as `src/prefilter/packed.ts` lays them out: a filter over
// four bytes of each, tables for those of three, buckets, and the bytes to compare. Sixteen places are looked at side by side. What is found is then
// screened, as `src/prefilter/screens.ts` lays it out: most hits can be seen to lead nowhere before anything else looks at them.

import { PLAIN, SAME, UNKNOWN, decodeRun, decodedText, forgetRun, openEncoded } from './encoded';
import { openScreens as openTables, passedScreens, passesScreens, screensOf } from './screen';

export { named, names } from './screen';

const MULTIPLIER: u32 = 0x9e3779b1;
const FILTER_MULTIPLIER: u32 = 0x85ebca6b;
const HEADER: u32 = 7;
/** Bits of the number of a word of the filter, the same for any literals, as a shift by a constant takes half the time; `src/prefilter/packed.ts` says the same. */
const FILTER_BITS: u32 = 12;
/** Bytes of the tables for literals of three bytes. */
const TRIPLE_TABLES: usize = 96;
/** Of an item of a bucket, the bits of the literal's number; above them which of its neighbours are known, and the bytes of it behind its anchor. */
const INDEX_BITS: u32 = 20;
const INDEX_MASK: u32 = (1 << INDEX_BITS) - 1;
const BEHIND_SHIFT: u32 = 24;
/** Makes letters small, in each byte of a word. */
const FOLD: u32 = 0x20202020;

let filter: usize = 0;
let triples: usize = 0;
let longBuckets: usize = 0;
let longBucketShift: u32 = 0;
let longItems: usize = 0;

let shortBuckets: usize = 0;
let shortBucketShift: u32 = 0;
let shortItems: usize = 0;

let literalStart: usize = 0;
let literalFacts: usize = 0;
let literalBytes: usize = 0;

/** Bytes whose cases are folded at a time; before them, the last eight of those before. */
const FOLDED_AT_ONCE: usize = 512;
const BEFORE: usize = 8;
const FOLDED_BYTES: usize = BEFORE + FOLDED_AT_ONCE + 16;
/** Places that are looked at side by side. */
const PLACES: usize = 16;
let folded: usize = 0;

/** The text that is searched now, and its bytes. */
let searched: usize = 0;
let searchedLength: u32 = 0;

/** Bytes of this module's own: for screens, for encoded runs, and for hits in one of those. */
const SCREENS_AT: usize = 1024;
const ENCODED_AT: usize = 2048;
const HITS_AT: usize = 128 << 10;
const HITS_IN_RUN: u32 = 4096;
let hitsInRun: usize = 0;
/** Whether there may be something in the run that was decoded last. */
let mayHold: bool = false;

let hits: usize = 0;
let room: u32 = 0;
let count: u32 = 0;

/** Says where packed literals lie, and where there are FOLDED_BYTES for this module itself. */
export function open(at: usize, own: usize): void {
  folded = own;
  const literals = load<u32>(at, 4);
  const longBucketBits = load<u32>(at, 12);
  const longMembers = load<u32>(at, 16);
  const shortBucketBits = load<u32>(at, 20);
  const shortMembers = load<u32>(at, 24);
  filter = at + (HEADER << 2);
  triples = filter + (4 << FILTER_BITS);
  longBuckets = triples + TRIPLE_TABLES;
  longItems = longBuckets + (((1 << longBucketBits) + 1) << 2);
  shortBuckets = longItems + (longMembers << 3);
  shortItems = shortBuckets + (((1 << shortBucketBits) + 1) << 2);
  literalStart = shortItems + (shortMembers << 2);
  literalFacts = literalStart + ((literals + 1) << 2);
  literalBytes = literalFacts + (literals << 2);
  longBucketShift = 32 - longBucketBits;
  shortBucketShift = 32 - shortBucketBits;
}

// @ts-ignore: decorator
@inline
function fold(byte: u32): u32 {
  return byte - 0x41 < 26 ? byte + 32 : byte;
}

/**
 * Finds every literal in `text`, by rising end; at one end, longer literals first.
 *
 * @param out - takes pairs of literal and end offset, 32 bits each
 * @param capacity - pairs that `out` has room for
 * @returns how many there are; more than `capacity` means that the rest was not written
 */
export function find(text: usize, length: u32, out: usize, capacity: u32): u32 {
  hits = out;
  room = capacity;
  count = 0;
  searched = text;
  searchedLength = length;
  const past = text + length;
  const words = filter;
  const tables = triples;
  const lower0 = v128.load(tables);
  const upper0 = v128.load(tables, 16);
  const lower1 = v128.load(tables, 32);
  const upper1 = v128.load(tables, 48);
  const lower2 = v128.load(tables, 64);
  const upper2 = v128.load(tables, 80);
  // Nothing is before the text.
  store<u64>(folded, 0);
  for (let from = text; from < past; from += FOLDED_AT_ONCE) {
    const size = min(FOLDED_AT_ONCE, past - from);
    for (let at: usize = 0; at < size; at += 16) v128.store(folded + at, foldAll(v128.load(from + at)), BEFORE);
    for (let at: usize = 0; at < size; at += PLACES) {
      // Of each place the last four bytes up to it.
      const anchors = folded + BEFORE - 3 + at;
      const first = mayBeAnchors(anchors, words);
      const second = mayBeAnchors(anchors + 4, words);
      const third = mayBeAnchors(anchors + 8, words);
      const fourth = mayBeAnchors(anchors + 12, words);
      if (v128.any_true(v128.or(v128.or(first, second), v128.or(third, fourth)))) {
        const places =
          i32x4.bitmask(first) |
          (i32x4.bitmask(second) << 4) |
          (i32x4.bitmask(third) << 8) |
          (i32x4.bitmask(fourth) << 12);
        lookAtAnchors(places, anchors, <u32>(from + at - text));
      }
      // Of each place the groups of which a literal of three bytes may end there.
      const here = from + at;
      const groups = v128.and(
        groupsOf(v128.load(here - 2), lower0, upper0),
        v128.and(groupsOf(v128.load(here - 1), lower1, upper1), groupsOf(v128.load(here), lower2, upper2)),
      );
      if (v128.any_true(groups))
        lookAtTriples(i8x16.bitmask(i8x16.ne(groups, i8x16.splat(0))), anchors, <u32>(from + at - text));
    }
    store<u64>(folded, load<u64>(folded + FOLDED_AT_ONCE));
  }
  return count;
}

/** Whether each of the four anchors that begin at an address and the three behind it may be a literal's: all bits of a lane, or none. */
// @ts-ignore: decorator
@inline
function mayBeAnchors(at: usize, words: usize): v128 {
  const bytes = v128.load64_zero(at);
  const anchors = v128.shuffle<u8>(bytes, bytes, 0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6);
  const places = v128.shl<u32>(v128.shr<u32>(i32x4.mul(anchors, i32x4.splat(MULTIPLIER)), 32 - FILTER_BITS), 2);
  const hashes = v128.shr<u32>(i32x4.mul(anchors, i32x4.splat(FILTER_MULTIPLIER)), 5);
  // Of each byte of a word of the filter one bit is asked.
  const bits = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  const asked = i8x16.swizzle(bits, v128.and(hashes, i8x16.splat(7)));
  const two = i64x2.extract_lane(places, 0);
  const more = i64x2.extract_lane(places, 1);
  let found = v128.load32_zero(words + <usize>(<u32>two));
  found = v128.load_lane<u32>(words + <usize>(two >>> 32), found, 1);
  found = v128.load_lane<u32>(words + <usize>(<u32>more), found, 2);
  found = v128.load_lane<u32>(words + <usize>(more >>> 32), found, 3);
  return i32x4.eq(v128.and(found, asked), asked);
}

// @ts-ignore: decorator
@inline
function groupsOf(bytes: v128, lower: v128, upper: v128): v128 {
  return v128.and(
    i8x16.swizzle(lower, v128.and(bytes, i8x16.splat(15))),
    i8x16.swizzle(upper, v128.shr<u8>(bytes, 4)),
  );
}

/** Looks at those of sixteen places that have a bit. @param offset - in the text, of the first */
function lookAtAnchors(places: u32, anchors: usize, offset: u32): void {
  for (; places != 0; places &= places - 1) {
    const place = ctz(places);
    const hash = load<u32>(anchors + place) * MULTIPLIER;
    lookLong(offset + place + 1, longBuckets + ((hash >>> longBucketShift) << 2));
  }
}

function lookAtTriples(places: u32, anchors: usize, offset: u32): void {
  for (; places != 0; places &= places - 1) {
    const place = ctz(places);
    const hash = (load<u32>(anchors + place) >>> 8) * MULTIPLIER;
    lookShort(offset + place + 1, shortBuckets + ((hash >>> shortBucketShift) << 2));
  }
}

// @ts-ignore: decorator
@inline
function foldAll(bytes: v128): v128 {
  const isUpper = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x41)), i8x16.splat(26));
  return v128.or(bytes, v128.and(isUpper, i8x16.splat(32)));
}

/** Compares with the text all literals of a bucket that have the same two bytes on either side of an anchor. @param to - where that ends */
function lookLong(to: u32, bucket: usize): void {
  const anchor = searched + to - 4;
  const beside = <u32>load<u16>(anchor - 2) | (<u32>load<u16>(anchor + 4) << 16) | FOLD;
  const last = longItems + (load<u32>(bucket, 4) << 3);
  for (let at = longItems + (load<u32>(bucket) << 3); at < last; at += 8) {
    const item = load<u32>(at);
    // One bit for each neighbour that is the literal's.
    const known = ((((item >>> INDEX_BITS) & 15) * 0x204081) & 0x01010101) * 255;
    if (((beside ^ load<u32>(at, 4)) & known) == 0) compare(item & INDEX_MASK, to + (item >>> BEHIND_SHIFT));
  }
}

function lookShort(to: u32, bucket: usize): void {
  const last = shortItems + (load<u32>(bucket, 4) << 2);
  for (let at = shortItems + (load<u32>(bucket) << 2); at < last; at += 4) compare(load<u32>(at), to);
}

function compare(index: u32, end: u32): void {
  const first = load<u32>(literalStart + (index << 2));
  const length = lengthOf(index);
  // What is behind the text counts as little as what is before it.
  if (length > end || end > searchedLength) return;
  const exact = load<u32>(literalFacts + (index << 2)) & 1;
  const from = searched + end - length;
  for (let i: i32 = length - 1; i >= 0; i--) {
    const byte: u32 = load<u8>(from + i);
    if (load<u8>(literalBytes + first + i) != (exact ? byte : fold(byte))) return;
  }
  report(index, end, length);
}

// @ts-ignore: decorator
@inline
function lengthOf(index: u32): u32 {
  const entry = literalStart + (index << 2);
  return load<u32>(entry, 4) - load<u32>(entry);
}

/** Puts a hit behind those that it follows: what is found a little later can end a little earlier. */
function report(index: u32, end: u32, length: u32): void {
  if (count < room) {
    let at = hits + (count << 3);
    for (; at > hits && isBefore(index, end, length, at - 8); at -= 8) store<u64>(at, load<u64>(at - 8));
    store<u32>(at, index);
    store<u32>(at, end, 4);
  }
  count++;
}

function isBefore(index: u32, end: u32, length: u32, hit: usize): bool {
  const other = load<u32>(hit);
  const otherEnd = load<u32>(hit, 4);
  if (end != otherEnd) return end < otherEnd;
  const otherLength = lengthOf(other);
  return length != otherLength ? length > otherLength : index < other;
}

/** Says where screens lie, and where there are 160 KiB for this module itself. */
export function openScreens(at: usize, own: usize): void {
  openTables(at, own + SCREENS_AT);
  openEncoded(own + ENCODED_AT);
  hitsInRun = own + HITS_AT;
}

/** In `edges`: nothing is before the first byte that is known, or behind the last. */
const AT_START: u32 = 1;
const AT_END: u32 = 2;

/**
 * Leaves of hits those that may lead to something, in their order.
 *
 * @param text - from which the hits' ends count
 * @param first - of the bytes that are known before `text`
 * @param last - past those that are known after it
 * @param edges - 1 if nothing is before `first`, 2 if nothing is behind `last`, or both
 * @param out - pairs of literal and end offset; what is left has a bit for each screen that it passed above the literal's number, or
 *   all, where there are none
 * @returns how many are left
 */
export function screen(text: usize, first: usize, last: usize, edges: u32, out: usize, hitCount: u32): u32 {
  let left: u32 = 0;
  forgetRun(last - first);
  for (let i: u32 = 0; i < hitCount; i++) {
    const index = load<u32>(out + (i << 3));
    const end = load<u32>(out + (i << 3), 4);
    const passed = passedBy(index, text + end, first, last, edges);
    if (passed != 0) {
      store<u32>(out + (left << 3), index | (passed << INDEX_BITS));
      store<u32>(out + (left << 3), end, 4);
      left++;
    }
  }
  return left;
}

/** All bits that fit above a literal's number. */
const ANY: u32 = (1 << (32 - INDEX_BITS)) - 1;

function passedBy(index: u32, end: usize, first: usize, last: usize, edges: u32): u32 {
  const facts = load<u32>(literalFacts + (index << 2));
  const list = ((facts >>> 1) & 7) == PLAIN ? screensOf(facts >>> 8) : 0;
  if (list == 0) return leadsSomewhere(index, end, first, last, edges) ? ANY : 0;
  return passedScreens(list, end - lengthOf(index), end, first, last);
}

function leadsSomewhere(index: u32, end: usize, first: usize, last: usize, edges: u32): bool {
  const facts = load<u32>(literalFacts + (index << 2));
  const start = end - lengthOf(index);
  if (((facts >>> 1) & 7) != PLAIN) return runLeadsSomewhere(facts, start, end, first, last, edges);
  const list = screensOf(facts >>> 8);
  return list == 0 || passesScreens(list, start, end, first, last);
}

/** What is encoded within a run is for others to say. */
function runLeadsSomewhere(facts: u32, start: usize, end: usize, first: usize, last: usize, edges: u32): bool {
  const form = (facts >>> 1) & 7;
  const phase = (facts >>> 4) & 15;
  const length = decodeRun(form, phase, start, end, first, last, (edges & AT_START) != 0, (edges & AT_END) != 0);
  if (length == UNKNOWN) return true;
  if (length != SAME) mayHold = decodedLeadsSomewhere(<u32>length);
  return mayHold;
}

function decodedLeadsSomewhere(length: u32): bool {
  const text = decodedText();
  const found = find(text, length, hitsInRun, HITS_IN_RUN);
  if (found > HITS_IN_RUN) return true;
  for (let i: u32 = 0; i < found; i++) {
    const index = load<u32>(hitsInRun + (i << 3));
    const facts = load<u32>(literalFacts + (index << 2));
    if (((facts >>> 1) & 7) != PLAIN) return true;
    if (leadsSomewhere(index, text + load<u32>(hitsInRun + (i << 3), 4), text, text + length, 0)) return true;
  }
  return false;
}
