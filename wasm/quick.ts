// The hook's prefilter: a few kilobytes are searched before JavaScript has warmed up. The literals
// lie in memory as `src/prefilter/packed.ts` lays them out: a bitmap over the last four bytes of
// each, buckets, and the bytes to compare. What is found is then screened, as `src/prefilter/screens.ts`
// lays it out: most hits can be seen to lead nowhere before anything else looks at them.

import { PLAIN, SAME, UNKNOWN, decodeRun, decodedText, forgetRun, openEncoded } from './encoded';
import { openScreens as openTables, passesScreens, screensOf } from './screen';

export { named, names } from './screen';

const MULTIPLIER: u32 = 0x9e3779b1;
const HEADER: u32 = 9;
const SHORT_MASK: u32 = 0xffffff;

let longMap: usize = 0;
let longMapShift: u32 = 0;
let longBuckets: usize = 0;
let longBucketShift: u32 = 0;
let longItems: usize = 0;

let shortMap: usize = 0;
let shortMapShift: u32 = 0;
let shortBuckets: usize = 0;
let shortBucketShift: u32 = 0;
let shortItems: usize = 0;

let literalStart: usize = 0;
let literalFacts: usize = 0;
let literalBytes: usize = 0;

/** Bytes of this module's own: for screens, for encoded runs, and for hits in one of those. */
const ENCODED_AT: usize = 1024;
const HITS_AT: usize = 128 << 10;
const HITS_IN_RUN: u32 = 4096;
let hitsInRun: usize = 0;
/** Whether there may be something in the run that was decoded last. */
let mayHold: bool = false;

let hits: usize = 0;
let room: u32 = 0;
let count: u32 = 0;

/** Says where packed literals lie. */
export function open(at: usize): void {
  const literals = load<u32>(at, 4);
  const longMapBits = load<u32>(at, 12);
  const longBucketBits = load<u32>(at, 16);
  const longMembers = load<u32>(at, 20);
  const shortMapBits = load<u32>(at, 24);
  const shortBucketBits = load<u32>(at, 28);
  const shortMembers = load<u32>(at, 32);
  longMap = at + (HEADER << 2);
  longBuckets = longMap + ((1 << longMapBits) >> 3);
  longItems = longBuckets + (((1 << longBucketBits) + 1) << 2);
  shortMap = longItems + (longMembers << 2);
  shortBuckets = shortMap + ((1 << shortMapBits) >> 3);
  shortItems = shortBuckets + (((1 << shortBucketBits) + 1) << 2);
  literalStart = shortItems + (shortMembers << 2);
  literalFacts = literalStart + ((literals + 1) << 2);
  literalBytes = literalFacts + (literals << 2);
  longMapShift = 32 - longMapBits;
  longBucketShift = 32 - longBucketBits;
  shortMapShift = 32 - shortMapBits;
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
  let anchor: u32 = 0;
  for (let i: u32 = 0; i < length; i++) {
    anchor = (anchor << 8) | fold(load<u8>(text + i));
    const long = anchor * MULTIPLIER;
    if (isSet(longMap, long >>> longMapShift)) {
      look(text, i + 1, longBuckets + ((long >>> longBucketShift) << 2), longItems);
    }
    const short = (anchor & SHORT_MASK) * MULTIPLIER;
    if (isSet(shortMap, short >>> shortMapShift)) {
      look(text, i + 1, shortBuckets + ((short >>> shortBucketShift) << 2), shortItems);
    }
  }
  return count;
}

// @ts-ignore: decorator
@inline
function isSet(map: usize, bit: u32): u32 {
  return (load<u8>(map + (bit >>> 3)) >>> (bit & 7)) & 1;
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
  openTables(at, own);
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
