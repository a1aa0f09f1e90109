// The hook's prefilter: a few kilobytes are searched before JavaScript has warmed up. The literals
// lie in memory as `src/prefilter/packed.ts` lays them out: a bitmap over the last four bytes of
// each, buckets, and the bytes to compare. What is found is then screened, as `src/prefilter/screens.ts`
// lays it out: most hits can be seen to lead nowhere before anything else looks at them.

import { PLAIN, SAME, UNKNOWN, decodeRun, decodedText, forgetRun, openEncoded } from './encoded';
import { openScreens as openTables, passesScreens, screensOf } from './screen';

export { named, names } from './screen';

const MULTIPLIER: u32 = 0x9e3779b1;
const HEADER: u32 = 9;
/** Bits of the bitmaps, the same for any literals, as a shift by a constant takes half the time; `src/prefilter/packed.ts` says the same. */
const LONG_BITS: u32 = 18;
const SHORT_BITS: u32 = 12;
/** Of those for literals of six bytes and more, by their last six, and for those of four and five. */
const DEEP_BITS: u32 = 18;
const BRIEF_BITS: u32 = 15;
const DEEP_MULTIPLIER: u32 = 0x85ebca6b;
/** Bits of a bitmap's words. */
const WORD: u32 = 5;

let longMap: usize = 0;
let longBuckets: usize = 0;
let longBucketShift: u32 = 0;
let longItems: usize = 0;

let shortMap: usize = 0;
let deepMap: usize = 0;
let briefMap: usize = 0;
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
let folded: usize = 0;

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
  const longBucketBits = load<u32>(at, 16);
  const longMembers = load<u32>(at, 20);
  const shortBucketBits = load<u32>(at, 28);
  const shortMembers = load<u32>(at, 32);
  longMap = at + (HEADER << 2);
  longBuckets = longMap + ((1 << LONG_BITS) >> 3);
  longItems = longBuckets + (((1 << longBucketBits) + 1) << 2);
  shortMap = longItems + (longMembers << 2);
  shortBuckets = shortMap + ((1 << SHORT_BITS) >> 3);
  shortItems = shortBuckets + (((1 << shortBucketBits) + 1) << 2);
  deepMap = shortItems + (shortMembers << 2);
  briefMap = deepMap + ((1 << DEEP_BITS) >> 3);
  literalStart = briefMap + ((1 << BRIEF_BITS) >> 3);
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
  const past = text + length;
  const long = longMap;
  const short = shortMap;
  // Nothing is before the text.
  store<u64>(folded, 0);
  for (let from = text; from < past; from += FOLDED_AT_ONCE) {
    const size = min(FOLDED_AT_ONCE, past - from);
    for (let at: usize = 0; at < size; at += 16) v128.store(folded + at, foldAll(v128.load(from + at)), BEFORE);
    const first = folded + BEFORE - 3;
    const end = first + size;
    // Of each place the last four bytes up to it, the last one highest.
    for (let at = first; at < end; at++) {
      const anchor = load<u32>(at);
      const longHash = anchor * MULTIPLIER;
      const shortHash = (anchor >>> 8) * MULTIPLIER;
      const inLong = bitOf(long, longHash, LONG_BITS);
      const inShort = bitOf(short, shortHash, SHORT_BITS);
      if (((inLong | inShort) & 1) == 0) continue;
      const place = <u32>(from - text + (at - first) + 1);
      if (inLong & 1 && mayEnd(at, anchor, longHash))
        look(text, place, longBuckets + ((longHash >>> longBucketShift) << 2), longItems);
      if (inShort & 1) look(text, place, shortBuckets + ((shortHash >>> shortBucketShift) << 2), shortItems);
    }
    store<u64>(folded, load<u64>(folded + FOLDED_AT_ONCE));
  }
  return count;
}

/** Whether a literal of four bytes or five may end with an anchor, or a longer one with it and the two bytes before. */
// @ts-ignore: decorator
@inline
function mayEnd(at: usize, anchor: u32, hash: u32): bool {
  if (bitOf(briefMap, hash * MULTIPLIER, BRIEF_BITS) & 1) return true;
  const six = (anchor + <u32>load<u16>(at - 2) * DEEP_MULTIPLIER) * MULTIPLIER;
  return (bitOf(deepMap, six, DEEP_BITS) & 1) != 0;
}

/** In the lowest bit. */
// @ts-ignore: decorator
@inline
function bitOf(map: usize, hash: u32, bits: u32): u32 {
  return load<u32>(map + ((hash >>> (32 - bits + WORD)) << 2)) >>> ((hash >>> (32 - bits)) & 31);
}

// @ts-ignore: decorator
@inline
function foldAll(bytes: v128): v128 {
  const isUpper = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x41)), i8x16.splat(26));
  return v128.or(bytes, v128.and(isUpper, i8x16.splat(32)));
}

function look(text: usize, end: u32, bucket: usize, items: usize): void {
  const last = items + (load<u32>(bucket, 4) << 2);
  for (let item = items + (load<u32>(bucket) << 2); item < last; item += 4) compare(text, end, load<u32>(item));
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
 * @param out - pairs of literal and end offset
 * @returns how many are left
 */
export function screen(text: usize, first: usize, last: usize, edges: u32, out: usize, hitCount: u32): u32 {
  let left: u32 = 0;
  forgetRun(last - first);
  for (let i: u32 = 0; i < hitCount; i++) {
    const index = load<u32>(out + (i << 3));
    const end = load<u32>(out + (i << 3), 4);
    if (leadsSomewhere(index, text + end, first, last, edges)) {
      store<u32>(out + (left << 3), index);
      store<u32>(out + (left << 3), end, 4);
      left++;
    }
  }
  return left;
}

function leadsSomewhere(index: u32, end: usize, first: usize, last: usize, edges: u32): bool {
  const facts = load<u32>(literalFacts + (index << 2));
  const entry = literalStart + (index << 2);
  const start = end - (load<u32>(entry, 4) - load<u32>(entry));
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
