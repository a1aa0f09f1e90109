// Walks delta trees depth-first, finds literals in the delta domain, and writes down what is to be
// judged. docs/PERFORMANCE.md, "The tree scan", explains the flow and the terms.

import { BAD_ENTRY, DELTA_RESULT_SIZE, NO_ROOM, OK, RUNS, RUN_RECORDS, context } from './context';
import {
  DELTA_SLACK,
  INSERTED,
  SEGMENT,
  applySegments,
  copyBytes,
  deltaResultSize,
  gather,
  parseDelta,
  segmentCount,
} from './delta';
import { PERCENT, beginsEscape, hasBackslashEscape, hasEscape, undoEscapes } from './escapes';
import { OUTPUT_SLACK, inflate, inflateConsumed } from './inflate';
import {
  decodeDigits,
  digitsBefore,
  findDigits,
  groupOf,
  recallRun,
  runEnd,
  runStart,
  setRunText,
  skipFor,
  stretchEnd,
  stretchStart,
} from './runs';
import { visit } from './objects';
import { passesScreens } from './screen';
import { HIT, PIECE, isThere, lengthOf, longestPiece, pieceOf, scan, scanPieces, scanned } from './scan';

// What a call answers.
const DONE: i32 = 0;
/** A buffer is full: drain, then go on. */
const FULL: i32 = 1;
/** Is this object plain 8-bit text? Go on with 1, or with 0 after having scanned it whole. */
const FACTS: i32 = 2;
/** This object is to be scanned whole by the caller. Then go on. */
const WHOLE: i32 = 3;

// Flags of an entry.
const WANTED: u32 = 1;
const NEEDED: u32 = 2;

// A hit of an object. Sorted by end; at one end, longer literals first.
const END: usize = 0;
const LITERAL: usize = 4; // and two bits that say which ends of the blob cut the window
const FROM: usize = 8; // window
const TO: usize = 12;
const DECISION: usize = 16;
const RECORD: usize = 20;
/** Bytes of a hit of decoded text, with room. */
const RECORD_ROOM: usize = 64;
const CUT_START: u32 = 0x80000000;
const CUT_END: u32 = 0x40000000;
const CUTS: u32 = CUT_START | CUT_END;
const NONE: u32 = 0;
const FRESH: u32 = 0xffffffff;

// What is known of each literal besides its bytes: 32 bytes.
const BEFORE: usize = 0;
const AFTER: usize = 4;
const GATE: usize = 8;
const RUN: usize = 12;
/** Address of its leads: how many there are, then for each where it lies and its columns. 0 for none. */
const LEADS: usize = 16;
/** Address of its screens, if names are among them; 0 for none. */
const SCREENS: usize = 20;
/** How it is encoded, if its run can be decoded here; else 0. */
const ENCODING: usize = 24;
/** Address of leads of which one must agree anywhere in the window, if none does at the hit; 0 for none. */
const SCANS: usize = 28;
const TRAITS: usize = 32;
/** Bytes of a text that a lead looks at: mostly few, but a line or a long token may have to end before it can tell. */
const LEAD_REACH: u32 = 1024;
const LEAD_GLANCE: u32 = 12;
/** Steps that looking for a lead in a window may take, and for each of its bytes: more than most do. */
const SCAN_STEPS: u32 = 4096;
const SCAN_STEPS_EACH: u32 = 8;
const LEAD_OPEN: u32 = 1;
const LEAD_START: u32 = 2;
/** Of the byte classes: may be part of a token. Other bits are for runs. */
const TOKEN: u32 = 1;
/** A run that reaches further than this from its hit makes its object one for the caller. */
const RUN_REACH: usize = 4 << 20;
/** More questions about one run than this likewise, or about so many bytes: each would have the whole run decoded. */
const MOST_IN_RUN: u32 = 64;
const MOST_BYTES_IN_RUN: u32 = 4 << 20;

// Of each kind of run what was found out last about the object at hand: 64 bytes.
/** The run of characters that may matter; ends at 0 if there is none. */
const R_FROM: usize = 0;
const R_TO: usize = 4;
const R_USES: usize = 8;
/** Digits without a break in it, how many come before them, and the run that they are part of. */
const R_STRETCH_FROM: usize = 12;
const R_STRETCH_TO: usize = 16;
const R_DIGITS: usize = 20;
const R_START: usize = 24;
const R_END: usize = 28;
/** Whether there may be something in it, by digits that are left out at its start; of escapes the first of them. */
const R_VERDICTS: usize = 32;
/** The hit that it was found by has characters that no run of its kind has. */
const R_MIXED: usize = 36;
const KIND_OF_RUN: usize = 64;
const KINDS_OF_RUN: usize = 8 * KIND_OF_RUN;
const NOTHING: u8 = 1;
const PERHAPS: u8 = 2;
/** What finding runs may cost for one object, in bytes, and for each of its own. */
const RUN_BYTES: u32 = 16 << 20;
const RUN_BYTES_EACH: u32 = 8;
/** Layers of encoding that are undone; the engine undoes as many (`decodeDepth` in `src/core/limits.ts`). */
const LAYERS: u32 = 3;
/** Of the form in a literal's encoding; the rest is its phase. */
const FORM: u32 = 0xff;

/** The part of an object that its facts depend on. */
const HEAD: u32 = 8192;
const SLACK: usize = OUTPUT_SLACK + 32;

// An object that has children still to come: 48 bytes.
const F_BLOCK: usize = 0;
const F_BLOCK_END: usize = 4;
const F_SIZE: usize = 8;
const F_HITS: usize = 12;
const F_COUNT: usize = 16;
const F_NEXT: usize = 20; // address in the column of children
const F_LAST: usize = 24;
const F_SIDE: usize = 28;
const F_SPECIAL: usize = 32;
const F_HITS_END: usize = 36;
const F_ENTRY: usize = 40;
const FRAME: usize = 48;

// The job: 32-bit words that JavaScript fills in; `src/kernel/tree-scanner.ts` has the same list.
let job: usize = 0;
let offsetColumn: usize = 0;
let sizeColumn: usize = 0;
let firstChildColumn: usize = 0;
let childrenColumn: usize = 0;
export let flagColumn: usize = 0;
let headerColumn: usize = 0;
let arenaStart: usize = 0;
let arenaEnd: usize = 0;
let hitsStart: usize = 0;
let hitsEnd: usize = 0;
let framesStart: usize = 0;
let framesEnd: usize = 0;
let windowBytesStart: usize = 0;
let windowBytesEnd: usize = 0;
let windowsStart: usize = 0;
let windowsEnd: usize = 0;
let questionsStart: usize = 0;
let questionsEnd: usize = 0;
let holdingsStart: usize = 0;
let holdingsEnd: usize = 0;
let failuresStart: usize = 0;
let failuresEnd: usize = 0;
let alive: usize = 0;
let mostDecisions: u32 = 0;
let traits: usize = 0;
let byteClasses: usize = 0;
let separator: u8 = 0;
let scanHits: usize = 0;
let scanHitsCapacity: usize = 0;
/** By entry: the size of a wanted object that was decided. */
let resultColumn: usize = 0;
/** Of the pack's first byte, and behind its last entry. */
let packStart: usize = 0;
let packEnd: usize = 0;
/** By entry: its address, or 0 where it is not at hand. Null if the whole pack lies at `packStart`. */
let placeColumn: usize = 0;

/** Words of the job that the kernel writes. */
const OUT: usize = 32 << 2;
const OUT_WINDOWS: usize = OUT;
const OUT_QUESTIONS: usize = OUT + 4;
const OUT_HOLDINGS: usize = OUT + 8;
const OUT_FAILURES: usize = OUT + 12;
const OUT_ENTRY: usize = OUT + 16;
const OUT_ADDRESS: usize = OUT + 20;
const OUT_SIZE: usize = OUT + 24;
const OUT_DECISION: usize = OUT + 28;
const OUT_OBJECTS: usize = OUT + 32;
const OUT_RESERVED: usize = OUT + 36;
const OUT_COVERED: usize = OUT + 40; // u64
const OUT_SCANNED: usize = OUT + 48; // u64
const OUT_HITS: usize = OUT + 56; // u64
const OUT_FRESH: usize = OUT + 64; // u64

// Ends of what is written so far in each buffer.
let windowBytes: usize = 0;
let windows: usize = 0;
let questions: usize = 0;
let holdings: usize = 0;
let failures: usize = 0;
let nextDecision: u32 = 1;

// Both ends of the arena and of the region of hits.
let left: usize = 0;
let right: usize = 0;
export let hitsLeft: usize = 0;
export let hitsRight: usize = 0;
/** The frame of the innermost object; below `framesStart` when there is none. */
export let frame: usize = 0;

// The object at hand.
export let entry: u32 = 0;
export let size: u32 = 0;
/** Where it lies as a whole, or 0. */
export let text: usize = 0;
let block: usize = 0;
let blockEnd: usize = 0;
let side: u32 = 0;
export let isRoot: bool = false;
export let isLeaf: bool = false;
let isLast: bool = false;
let firstNeeded: usize = 0;
let lastNeeded: usize = 0;
let isSpecial: bool = false;
export let baseText: usize = 0;
export let delta: usize = 0;
export let segments: usize = 0;
let segmentsEnd: usize = 0;
/** Unused part of the arena's gap. */
let gap: usize = 0;
let gapEnd: usize = 0;
let hitCount: u32 = 0;
/** Bytes that were looked at to find runs of the object at hand, and how many may be. */
let runBytes: u64 = 0;
let mostRunBytes: u64 = 0;
/** Where what was found out about the last run stands, or 0. */
let verdict: usize = 0;
/** Layers of encoding around the text at hand. */
let layer: u32 = 0;
/** Room for the hits of decoded text. */
let runHits: usize = 0;
let runHitsEnd: usize = 0;
/** Why the last call stopped. */
let pending: i32 = DONE;
/** Stopped between objects. */
let isStalled: bool = false;
/** Objects are shown to `wasm/objects.ts` instead of being searched. */
let areShown: bool = false;

// @ts-ignore: decorator
@inline
function word(index: usize): usize {
  return <usize>load<u32>(job + (index << 2));
}

/** Takes over a job's addresses and empties its buffers. */
export function setJob(at: usize): void {
  job = at;
  offsetColumn = word(0);
  sizeColumn = word(1);
  firstChildColumn = word(2);
  childrenColumn = word(3);
  flagColumn = word(4);
  headerColumn = word(5);
  arenaStart = word(6);
  arenaEnd = word(7);
  hitsStart = word(8);
  hitsEnd = word(9);
  framesStart = word(10);
  framesEnd = word(11);
  windowBytesStart = word(12);
  windowBytesEnd = word(13);
  windowsStart = word(14);
  windowsEnd = word(15);
  questionsStart = word(16);
  questionsEnd = word(17);
  holdingsStart = word(18);
  holdingsEnd = word(19);
  failuresStart = word(20);
  failuresEnd = word(21);
  alive = word(22);
  mostDecisions = <u32>word(23);
  traits = word(24);
  byteClasses = word(25);
  separator = <u8>word(26);
  scanHits = word(27);
  scanHitsCapacity = word(28);
  resultColumn = word(29);
  packStart = word(30);
  packEnd = word(31);
  placeColumn = word(50);
  nextDecision = 1;
  emptyBuffers();
}

/** From now on objects are shown, and nothing is searched. Of the job's buffers only that of failures is asked for, and stays empty. */
export function showObjects(): void {
  areShown = true;
  frame = framesStart - FRAME;
}

/** To be called when everything written so far has been read. */
export function emptyBuffers(): void {
  windowBytes = windowBytesStart;
  windows = windowsStart;
  questions = questionsStart;
  holdings = holdingsStart;
  failures = failuresStart;
  report();
}

/** Starts decision numbers anew. Only between trees, with nothing left in the buffers. */
export function forgetDecisions(): void {
  nextDecision = 1;
  report();
}

/** Scans one tree from its root. Anything but DONE wants `goOn`. */
export function scanTree(root: u32): i32 {
  return answer(enterTree(root));
}

/** Enters a tree's root. The one before must be done. */
export function enterTree(root: u32): i32 {
  left = arenaStart;
  right = arenaEnd;
  hitsLeft = hitsStart;
  hitsRight = hitsEnd;
  frame = framesStart - FRAME;
  return enterRoot(root);
}

/** Goes on after a stop. `plain` answers FACTS. */
export function goOn(plain: u32): i32 {
  const why = pending;
  pending = DONE;
  let event: i32 = DONE;
  if (isStalled) {
    isStalled = false;
  } else if (why == FULL) {
    event = emit();
  } else if (why == FACTS && plain != 0) {
    event = collect();
  } else if (why == FACTS || why == WHOLE) {
    isSpecial = true;
    hitCount = 0;
    finish();
  }
  return answer(event);
}

/** Walks on unless the object at hand wants something, and leaves everything where JavaScript reads it. */
function answer(event: i32): i32 {
  if (event == DONE) event = walk();
  pending = event;
  report();
  sayObject();
  return event;
}

/** Which object is at hand. */
export function sayObject(): void {
  store<u32>(job, entry, OUT_ENTRY);
  store<u32>(job, <u32>text, OUT_ADDRESS);
  store<u32>(job, size, OUT_SIZE);
}

/** Says how much there is in each buffer. */
function report(): void {
  store<u32>(job, <u32>((windows - windowsStart) / WINDOW), OUT_WINDOWS);
  store<u32>(job, <u32>((questions - questionsStart) >> 3), OUT_QUESTIONS);
  store<u32>(job, <u32>((holdings - holdingsStart) >> 2), OUT_HOLDINGS);
  store<u32>(job, <u32>((failures - failuresStart) >> 3), OUT_FAILURES);
  store<u32>(job, nextDecision, OUT_DECISION);
}

/** Goes on with the tree at hand to its end, or to what stops it. */
export function walk(): i32 {
  while (frame >= framesStart) {
    // Room for a failure is kept, so that reporting one never fails.
    if (failures == failuresEnd) {
      isStalled = true;
      return FULL;
    }
    const child = nextChild();
    const event = enterChild(child);
    if (event != DONE) return event;
  }
  return DONE;
}

/** The next needed child of the innermost frame; there is one, or the frame would be gone. */
function nextChild(): u32 {
  let at = <usize>load<u32>(frame, F_NEXT);
  while (!(<u32>load<u8>(flagColumn + <usize>load<u32>(at)) & NEEDED)) at += 4;
  isLast = at == <usize>load<u32>(frame, F_LAST);
  store<u32>(frame, <u32>at + 4, F_NEXT);
  return load<u32>(at);
}

/** Sets out on an entry: who its needed children are. */
function begin(which: u32): void {
  entry = which;
  text = 0;
  isSpecial = false;
  hitCount = 0;
  const column = firstChildColumn + (<usize>which << 2);
  let first = childrenColumn + (<usize>load<u32>(column) << 2);
  let last = childrenColumn + (<usize>load<u32>(column, 4) << 2);
  while (last > first && !(<u32>load<u8>(flagColumn + <usize>load<u32>(last - 4)) & NEEDED)) last -= 4;
  firstNeeded = first;
  lastNeeded = last - 4;
  isLeaf = last == first;
}

function enterRoot(root: u32): i32 {
  begin(root);
  isRoot = true;
  isLast = false;
  side = 0;
  size = load<u32>(sizeColumn + (<usize>root << 2));
  block = left;
  if (<u64>left + size + SLACK > <u64>right) return fail(NO_ROOM);
  const code = inflateEntry(root, block, size);
  if (code != OK) return fail(code);
  text = block;
  blockEnd = align(block + size + SLACK);
  gap = blockEnd;
  gapEnd = right;
  if (areShown) return visit();
  if (isSuspicious(text)) return FACTS;
  return collect();
}

/** Inflates an entry, whose stream must fill its place exactly. */
function inflateEntry(which: u32, to: usize, bytes: u32): i32 {
  const offset = offsetColumn + (<usize>which << 2);
  const start = load<u32>(offset);
  const at = placeColumn == 0 ? packStart + start : <usize>load<u32>(placeColumn + (<usize>which << 2));
  if (at == 0) return NO_ROOM;
  const from = at + <usize>load<u8>(headerColumn + which);
  const end = at + (min(load<u32>(offset, 4), packEnd - packStart) - start);
  const code = inflate(from, end, to, bytes);
  return code == OK && inflateConsumed != end - from ? BAD_ENTRY : code;
}

// @ts-ignore: decorator
@inline
function align(at: usize): usize {
  return (at + 15) & ~15;
}

function enterChild(child: u32): i32 {
  begin(child);
  isRoot = false;
  side = load<u32>(frame, F_SIDE) ^ 1;
  if (!isLeaf && frame + 2 * FRAME > framesEnd) return fail(NO_ROOM);
  const code = build(child);
  if (code != OK) return fail(code);
  if (areShown) return visit();
  if (load<u32>(frame, F_SPECIAL)) {
    if (!materialise()) return fail(NO_ROOM);
    return isSuspicious(text) ? FACTS : collect();
  }
  if (headIsInherited()) return collect();
  return lookAtHead();
}

/** Inflates and parses the delta, and applies it if the object has children. */
function build(child: u32): i32 {
  const deltaSize = load<u32>(sizeColumn + (<usize>child << 2));
  const room = <usize>deltaSize + SLACK;
  if (<u64>room + 16 > <u64>(right - left)) return NO_ROOM;
  // The delta lies at the parent's end, out of the way of the child.
  delta = side == 0 ? (right - room) & ~15 : left;
  let code = inflateEntry(child, delta, deltaSize);
  if (code != OK) return code;
  size = deltaResultSize(delta, deltaSize);
  if (size == 0xffffffff) return DELTA_RESULT_SIZE;
  gap = side == 0 ? left : align(delta + room);
  gapEnd = side == 0 ? delta : right;
  if (!isLeaf) {
    if (<u64>size + SLACK + 32 > <u64>(gapEnd - gap)) return NO_ROOM;
    if (side == 0) {
      block = gap;
      blockEnd = align(block + size + SLACK);
      gap = blockEnd;
    } else {
      blockEnd = gapEnd;
      block = (gapEnd - size - SLACK) & ~15;
      gapEnd = block;
    }
  }
  baseText = <usize>load<u32>(frame, F_BLOCK);
  segments = gap;
  const capacity = gapEnd > gap ? <u32>((gapEnd - gap) / SEGMENT) : 0;
  code = parseDelta(delta, deltaSize, load<u32>(frame, F_SIZE), segments, capacity);
  if (code != OK) return code;
  segmentsEnd = segments + <usize>segmentCount * SEGMENT;
  gap = align(segmentsEnd);
  if (!isLeaf) {
    applySegments(segments, segmentCount, baseText, delta, block);
    text = block;
  }
  return OK;
}

/** Builds a leaf after all, in the gap. */
export function materialise(): bool {
  if (text != 0) return true;
  if (<u64>gap + size + SLACK + 16 > <u64>gapEnd) return false;
  applySegments(segments, segmentCount, baseText, delta, gap);
  text = gap;
  gap = align(gap + size + SLACK);
  return true;
}

// @ts-ignore: decorator
@inline
function headIsInherited(): bool {
  return segmentsEnd > segments && load<u32>(segments, 4) == 0 && load<u32>(segments, 8) >= HEAD;
}

function lookAtHead(): i32 {
  let head = text;
  if (head == 0 && size > 0) {
    if (<u64>gap + HEAD + SLACK > <u64>gapEnd) return fail(NO_ROOM);
    head = gap;
    gather(segments, 0, min(size, HEAD), baseText, delta, head);
  }
  if (!isSuspicious(head)) return collect();
  return materialise() ? FACTS : fail(NO_ROOM);
}

/** Whether the head holds a zero byte or starts like an archive or like marked wide text. */
function isSuspicious(head: usize): bool {
  const length = <usize>min(size, HEAD);
  if (length < 2) return length == 1 && load<u8>(head) == 0;
  const mark = load<u16>(head);
  if (mark == 0xfeff || mark == 0xfffe || mark == 0x4b50 || mark == 0x8b1f) return true;
  if (length >= 262 && load<u32>(head, 257) == 0x61747375) return true;
  const end = head + length;
  let at = head;
  for (const stop = head + (length & ~15); at < stop; at += 16) {
    if (!i8x16.all_true(v128.load(at))) return true;
  }
  for (; at < end; at++) if (load<u8>(at) == 0) return true;
  return false;
}

/** Lists the hits of the object at hand, in the free part of the region of hits, then emits. */
function collect(): i32 {
  const ok = isRoot || load<u32>(frame, F_SPECIAL) != 0 ? collectWhole() : collectByDelta();
  if (!ok) return handOver();
  return emit();
}

/** Leaves an object to the caller, whole. */
function handOver(): i32 {
  hitCount = 0;
  return materialise() ? WHOLE : fail(NO_ROOM);
}

function collectWhole(): bool {
  count(OUT_SCANNED, size);
  let to = hitsLeft;
  let from: usize = 0;
  while (from < <usize>size) {
    const found = scanPieces(text, size, from, scanHits, scanHitsCapacity);
    if (scanned == from) return false;
    from = scanned;
    if (to + found * RECORD > hitsRight) return false;
    const end = scanHits + found * HIT;
    for (let at = scanHits; at < end; at += HIT) {
      store<u32>(to, load<u32>(at), END);
      store<u32>(to, load<u32>(at, 4), LITERAL);
      store<u32>(to, FRESH, DECISION);
      to += RECORD;
    }
  }
  hitCount = <u32>((to - hitsLeft) / RECORD);
  return true;
}

function collectByDelta(): bool {
  const regions = gap;
  const found = scanTouched(regions);
  if (found < 0) return false;
  return merge(scanHits + <usize>found * HIT);
}

/**
 * Scans what a literal that is new can lie in. Afterwards `scanHits` holds the literals that do not
 * lie in one run, with their ends in the object.
 *
 * @param regions - a table is made here: for each region, where it starts in the buffer and in the object
 * @returns how many there are, or −1 if there was no room
 */
function scanTouched(regions: usize): i32 {
  const reach = <u32>longestPiece - 1;
  const tableEnd = regions + ((<usize>segmentCount + 1) << 3);
  if (tableEnd > gapEnd) return -1;
  const buffer = align(tableEnd);
  let region = regions;
  let to = buffer;
  let first = segments;
  let open = false;
  let from: u32 = 0;
  let until: u32 = 0;
  let afterCopy = false;
  for (let at = segments; at <= segmentsEnd; at += SEGMENT) {
    let begin: u32 = 0xffffffff;
    let end: u32 = 0;
    if (at < segmentsEnd) {
      const start = load<u32>(at);
      const isCopy = !(load<u32>(at, 4) & INSERTED);
      const skip = isCopy && !afterCopy;
      afterCopy = isCopy;
      if (skip) continue;
      begin = start > reach ? start - reach : 0;
      end = min((isCopy ? start : start + load<u32>(at, 8)) + reach, size);
      if (begin >= end) continue;
      // Regions this close are cheaper as one.
      if (open && begin <= until + 16) {
        until = max(until, end);
        continue;
      }
    }
    if (open) {
      const length = <usize>(until - from);
      if (to + length + SLACK > gapEnd) return -1;
      store<u32>(region, <u32>(to - buffer));
      store<u32>(region, from, 4);
      region += 8;
      if (text != 0) copyBytes(to, text + from, length);
      else first = gather(first, from, until, baseText, delta, to);
      to += length;
      store<u8>(to, separator);
      to++;
    }
    open = at < segmentsEnd;
    from = begin;
    until = end;
  }
  const length = to - buffer;
  if (length == 0) return 0;
  count(OUT_SCANNED, <u32>length);
  const found = scanPieces(buffer, length, 0, scanHits, scanHitsCapacity);
  if (scanned < length) return -1;
  return keepNew(regions, region, <u32>found);
}

/** Of the hits in a buffer of regions, keeps those that do not lie in one run, by their end in the object. */
function keepNew(regions: usize, regionsEnd: usize, found: u32): i32 {
  const hitsStop = scanHits + <usize>found * HIT;
  let region = regions;
  let segment = segments;
  let to = scanHits;
  for (let at = scanHits; at < hitsStop; at += HIT) {
    const place = load<u32>(at);
    const literal = load<u32>(at, 4);
    while (region + 8 < regionsEnd && load<u32>(region, 8) < place) region += 8;
    const end = load<u32>(region, 4) + (place - load<u32>(region));
    const start = end - pieceOf(literal);
    // Ends rise, starts need not: step on only past what no later hit can start in.
    while (load<u32>(segment) + load<u32>(segment, 8) + <u32>longestPiece <= end) segment += SEGMENT;
    let own = segment;
    while (load<u32>(own) + load<u32>(own, 8) <= start) own += SEGMENT;
    if (!(load<u32>(own, 4) & INSERTED) && load<u32>(own) + load<u32>(own, 8) >= end) continue;
    store<u32>(to, end);
    store<u32>(to, literal, 4);
    to += HIT;
  }
  return <i32>((to - scanHits) / HIT);
}

/** Joins the new hits with those that the runs bring from the parent. */
function merge(newEnd: usize): bool {
  const parentHits = <usize>load<u32>(frame, F_HITS);
  const parentEnd = parentHits + <usize>load<u32>(frame, F_COUNT) * RECORD;
  const parentSize = load<u32>(frame, F_SIZE);
  let fresh = scanHits;
  let to = hitsLeft;
  let cursor = parentHits;
  let cursorFrom: u32 = 0;
  const limit = hitsRight;
  const stop = parentHits == parentEnd ? segments : segmentsEnd;
  for (let at = segments; at < stop; at += SEGMENT) {
    const from = load<u32>(at, 4);
    if (from & INSERTED) continue;
    const start = load<u32>(at);
    const n = load<u32>(at, 8);
    const until = from + n;
    if (from < cursorFrom) cursor = firstEndAfter(parentHits, cursor, from);
    else cursor = nextEndAfter(cursor, parentEnd, from);
    cursorFrom = from;
    for (let hit = cursor; hit < parentEnd; hit += RECORD) {
      const end = load<u32>(hit, END);
      if (end > until) break;
      const tagged = load<u32>(hit, LITERAL);
      const length = pieceOf(tagged & ~CUTS);
      if (end - length < from || end < length) continue;
      const ownEnd = end - from + start;
      while (fresh < newEnd && comesFirst(fresh, ownEnd, lengthOf(tagged & ~CUTS))) {
        if (to + RECORD > limit) return false;
        pushFresh(to, load<u32>(fresh), load<u32>(fresh, 4));
        to += RECORD;
        fresh += HIT;
      }
      if (to + RECORD > limit) return false;
      const windowFrom = load<u32>(hit, FROM);
      const windowTo = load<u32>(hit, TO);
      if (
        windowFrom >= from &&
        windowTo <= until &&
        (!(tagged & CUT_START) || start == 0) &&
        (!(tagged & CUT_END) || (until == parentSize && start + n == size))
      ) {
        store<u32>(to, ownEnd, END);
        store<u32>(to, tagged, LITERAL);
        store<u32>(to, windowFrom - from + start, FROM);
        store<u32>(to, windowTo - from + start, TO);
        store<u32>(to, load<u32>(hit, DECISION), DECISION);
      } else {
        pushFresh(to, ownEnd, tagged & ~CUTS);
      }
      to += RECORD;
    }
  }
  for (; fresh < newEnd; fresh += HIT) {
    if (to + RECORD > limit) return false;
    pushFresh(to, load<u32>(fresh), load<u32>(fresh, 4));
    to += RECORD;
  }
  hitCount = <u32>((to - hitsLeft) / RECORD);
  return true;
}

// @ts-ignore: decorator
@inline
function comesFirst(fresh: usize, end: u32, length: u32): bool {
  const own = load<u32>(fresh);
  return own < end || (own == end && lengthOf(load<u32>(fresh, 4)) > length);
}

// @ts-ignore: decorator
@inline
function pushFresh(to: usize, end: u32, literal: u32): void {
  store<u32>(to, end, END);
  store<u32>(to, literal, LITERAL);
  store<u32>(to, FRESH, DECISION);
}

/** The same where it is mostly near the list's start, but may be thousands of hits away. */
function nextEndAfter(list: usize, listEnd: usize, offset: u32): usize {
  if (list >= listEnd || load<u32>(list, END) > offset) return list;
  // From here on a hit at `list` ends at or before `offset`.
  let step: usize = RECORD;
  while (listEnd - list > step && load<u32>(list + step, END) <= offset) {
    list += step;
    step <<= 1;
  }
  return firstEndAfter(list + RECORD, min(listEnd, list + step), offset);
}

/** The first hit of a list that ends behind `offset`. */
function firstEndAfter(list: usize, listEnd: usize, offset: u32): usize {
  let low: usize = 0;
  let high = (listEnd - list) / RECORD;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<u32>(list + middle * RECORD, END) <= offset) low = middle + 1;
    else high = middle;
  }
  return list + low * RECORD;
}

/** Writes questions, windows and holdings of the object at hand, all or nothing, then finishes it. */
function emit(): i32 {
  const savedBytes = windowBytes;
  const savedWindows = windows;
  const savedQuestions = questions;
  const savedHoldings = holdings;
  const savedDecision = nextDecision;
  let code = ask();
  if (code == DONE) code = hold();
  if (code == DONE) {
    finish();
    return DONE;
  }
  windowBytes = savedBytes;
  windows = savedWindows;
  questions = savedQuestions;
  holdings = savedHoldings;
  nextDecision = savedDecision;
  // Fresh hits that were given a number are fresh again; gates that failed have failed for good.
  const end = hitsLeft + <usize>hitCount * RECORD;
  for (let hit = hitsLeft; hit < end; hit += RECORD) {
    if (load<u32>(hit, DECISION) >= savedDecision) store<u32>(hit, FRESH, DECISION);
  }
  const wasEmpty = windows == windowsStart && holdings == holdingsStart && failures == failuresStart;
  return code == WHOLE || (wasEmpty && code == FULL) ? handOver() : FULL;
}

/** Gives every fresh hit its window and its decision number. */
function ask(): i32 {
  const end = hitsLeft + <usize>hitCount * RECORD;
  const firstWindow = windows;
  count(OUT_HITS, hitCount);
  beginRuns();
  for (let hit = hitsLeft; hit < end; hit += RECORD) {
    if (load<u32>(hit, DECISION) != FRESH) continue;
    count(OUT_FRESH, 1);
    if (!setWindow(hit)) return WHOLE;
    const literal = load<u32>(hit, LITERAL) & ~CUTS;
    const isLong = lengthOf(literal) > PIECE;
    if (isLong && text == 0 && <u64>gap + lengthOf(literal) + SLACK > <u64>gapEnd) return WHOLE;
    // Leads mostly fail at once.
    if ((isLong && !isWhole(hit, literal)) || !mayMatchHere(hit, literal)) {
      store<u32>(hit, NONE, DECISION);
      continue;
    }
    const run = load<u32>(traits + <usize>literal * TRAITS, RUN);
    if (run != 0) {
      if (!mayHoldDecoded(hit, literal, run)) {
        store<u32>(hit, NONE, DECISION);
        continue;
      }
      if (isUsedUp(run)) return WHOLE;
    }
    if (nextDecision >= mostDecisions) return WHOLE;
    if (questions == questionsEnd || !putWindow(hit, firstWindow)) return FULL;
    // Who asks for another of its hits learns the same once more.
    if (run != 0 && verdict != 0) store<u8>(verdict, NOTHING);
    store<u32>(questions, literal);
    store<u32>(questions, load<u32>(hit, END), 4);
    questions += 8;
    store<u8>(alive + nextDecision, 1);
    store<u32>(hit, nextDecision, DECISION);
    nextDecision++;
  }
  return DONE;
}

/** Computes a hit's window. False if its run is too long to be looked at in a window. */
function setWindow(hit: usize): bool {
  const literal = load<u32>(hit, LITERAL) & ~CUTS;
  const trait = traits + <usize>literal * TRAITS;
  const length = lengthOf(literal);
  let to = load<u32>(hit, END);
  // Of what stands there, its piece alone is sure.
  const isAtStart = to < length;
  let from: u32 = isAtStart ? 0 : to - length;
  const run = load<u32>(trait, RUN);
  if (run != 0) {
    const known = kindOfRun(run);
    if (from < load<u32>(known, R_FROM) || to > load<u32>(known, R_TO) || load<u8>(known, R_MIXED) != 0) {
      if (!materialise() || !findRun(known, from, to, run)) return false;
    }
    from = load<u32>(known, R_FROM);
    to = load<u32>(known, R_TO);
  }
  const before = load<u32>(trait, BEFORE);
  const after = load<u32>(trait, AFTER);
  let cuts: u32 = 0;
  if (from < before || isAtStart) cuts |= CUT_START;
  if (size - to < after) cuts |= CUT_END;
  store<u32>(hit, cuts & CUT_START ? 0 : from - before, FROM);
  store<u32>(hit, cuts & CUT_END ? size : to + after, TO);
  store<u32>(hit, literal | cuts, LITERAL);
  return true;
}

// @ts-ignore: decorator
@inline
function kindOfRun(run: u32): usize {
  return context + RUNS + <usize>layer * KINDS_OF_RUN + <usize>(ctz(run) & 7) * KIND_OF_RUN;
}

/** Before the runs of another object are looked at. */
function beginRuns(): void {
  forgetRuns();
  runBytes = 0;
  mostRunBytes = <u64>RUN_BYTES + <u64>size * RUN_BYTES_EACH;
  runHits = scanHits;
  runHitsEnd = scanHits + scanHitsCapacity * HIT;
}

function forgetRuns(): void {
  memory.fill(context + RUNS + <usize>layer * KINDS_OF_RUN, 0, KINDS_OF_RUN);
}

/** Finds the run of characters of a class around a hit. False if it reaches too far. */
function findRun(known: usize, start: u32, end: u32, run: u32): bool {
  const lowest = start > <u32>RUN_REACH ? start - <u32>RUN_REACH : 0;
  const highest = min(size, end + <u32>RUN_REACH);
  let from = start;
  let to = end;
  let isMixed = false;
  for (let at = start; at < end; at++) if (!isOfRun(at, run)) isMixed = true;
  while (from > lowest && isOfRun(from - 1, run)) from--;
  while (to < highest && isOfRun(to, run)) to++;
  memory.fill(known, 0, KIND_OF_RUN);
  store<u32>(known, from, R_FROM);
  store<u32>(known, to, R_TO);
  store<u8>(known, isMixed, R_MIXED);
  return !((from == lowest && lowest > 0) || (to == highest && highest < size));
}

// @ts-ignore: decorator
@inline
function isOfRun(at: u32, run: u32): bool {
  return (<u32>load<u8>(byteClasses + load<u8>(text + at)) & run) != 0;
}

/** Counts a question about the run that was found last. */
function isUsedUp(run: u32): bool {
  const known = kindOfRun(run);
  const uses = load<u32>(known, R_USES) + 1;
  store<u32>(known, uses, R_USES);
  return uses > MOST_IN_RUN || (uses > 2 && uses * (load<u32>(known, R_TO) - load<u32>(known, R_FROM)) > MOST_BYTES_IN_RUN);
}

/** Whether there may be something in what a hit's run decodes to. The window has all that this depends on. */
function mayHoldDecoded(hit: usize, literal: u32, run: u32): bool {
  verdict = 0;
  const encoding = load<u32>(traits + <usize>literal * TRAITS, ENCODING);
  if (encoding == 0 || layer == LAYERS) return true;
  return (encoding & FORM) < PERCENT ? mayHoldInDigits(hit, literal, run, encoding) : mayHoldInEscapes(run, encoding);
}

/** How escapes are read depends on their run alone. */
function mayHoldInEscapes(run: u32, encoding: u32): bool {
  const known = kindOfRun(run);
  const said = known + R_VERDICTS;
  if (load<u8>(said) == 0) store<u8>(said, mayMatchUnescaped(load<u32>(known, R_FROM), load<u32>(known, R_TO), encoding) ? PERHAPS : NOTHING);
  verdict = said;
  return load<u8>(said) == PERHAPS;
}

function mayMatchUnescaped(from: u32, to: u32, encoding: u32): bool {
  if (!hasRoomFor(to - from)) return true;
  return mayMatchInGap(undoEscapes(encoding, text + from, text + to, gap));
}

/** Whether a run of so many bytes can be decoded in the gap, and has not cost too much. */
function hasRoomFor(length: u32): bool {
  if (runBytes > mostRunBytes) return false;
  runBytes += length;
  return <u64>gap + length + SLACK <= <u64>gapEnd;
}

function mayHoldInDigits(hit: usize, literal: u32, run: u32, encoding: u32): bool {
  const known = kindOfRun(run);
  const end = load<u32>(hit, END);
  const start = end - lengthOf(literal);
  setRunText(text, size, encoding);
  if (start < load<u32>(known, R_STRETCH_FROM) || end > load<u32>(known, R_STRETCH_TO)) {
    if (runBytes > mostRunBytes) return true;
    findDigits(start, end);
    runBytes += runEnd - runStart;
    if (runStart != load<u32>(known, R_START) || runEnd != load<u32>(known, R_END)) store<u32>(known, 0, R_VERDICTS);
    store<u32>(known, stretchStart, R_STRETCH_FROM);
    store<u32>(known, stretchEnd, R_STRETCH_TO);
    store<u32>(known, digitsBefore, R_DIGITS);
    store<u32>(known, runStart, R_START);
    store<u32>(known, runEnd, R_END);
  }
  useRun(known);
  const skip = skipFor(start, encoding);
  // So near to its start, what is left out depends on the hit too.
  const isNear = digitsBefore + (start - stretchStart) < groupOf(encoding);
  if (isNear) return mayMatchDigits(start, skip, encoding);
  const said = known + R_VERDICTS + skip;
  if (load<u8>(said) == 0) store<u8>(said, mayMatchDigits(start, skip, encoding) ? PERHAPS : NOTHING);
  verdict = said;
  return load<u8>(said) == PERHAPS;
}

function useRun(known: usize): void {
  recallRun(
    load<u32>(known, R_START),
    load<u32>(known, R_END),
    load<u32>(known, R_STRETCH_FROM),
    load<u32>(known, R_DIGITS),
  );
}

function mayMatchDigits(start: u32, skip: u32, encoding: u32): bool {
  if (!hasRoomFor(runEnd - runStart)) return true;
  return mayMatchInGap(decodeDigits(start, skip, encoding, gap));
}

/** Whether there may be something in so many decoded bytes at the gap's start. */
function mayMatchInGap(length: u32): bool {
  const hits = runHits;
  const found = scan(gap, length, 0, hits, (runHitsEnd - hits) / HIT);
  if (scanned < <usize>length) return true;
  const ownText = text;
  const ownSize = size;
  const ownGap = gap;
  text = gap;
  size = length;
  gap = align(gap + length + SLACK);
  runHits = hits + found * HIT;
  layer++;
  forgetRuns();
  const may = mayMatchAnywhere(0, hits, <u32>found, context + RUN_RECORDS + <usize>layer * RECORD_ROOM);
  layer--;
  runHits = hits;
  gap = ownGap;
  text = ownText;
  size = ownSize;
  return may;
}

/** Whether the whole of a literal stands where its piece does: asked when that is fresh, as its window holds all of it. */
function isWhole(hit: usize, literal: u32): bool {
  const length = lengthOf(literal);
  const end = load<u32>(hit, END);
  if (end < length) return false;
  const from = end - length;
  let at = text + from;
  if (text == 0) {
    at = gap;
    gather(segmentAt(from), from, end, baseText, delta, at);
  }
  return isThere(at, literal, 0);
}

/** Whether `gate` token characters in a row stand between the hit and its window's end. */
function passesGate(hit: usize, gate: u32): bool {
  const from = load<u32>(hit, END);
  const until = load<u32>(hit, TO);
  const length = until - from;
  if (length < gate) return false;
  let at = text + from;
  if (text == 0) {
    at = gap;
    if (<u64>gap + length + SLACK > <u64>gapEnd) return true;
    gather(segmentAt(from), from, until, baseText, delta, at);
  }
  const end = at + length;
  // A run of `gate` characters covers one of every `gate` places; look at those, then around them.
  let probe = at + gate - 1;
  while (probe < end) {
    let back: u32 = 0;
    while (back < gate && <u32>load<u8>(byteClasses + load<u8>(probe - back)) & TOKEN) back++;
    if (back == gate) return true;
    probe += gate - back;
  }
  return false;
}

/** Whether a name that is looked for may stand around a hit. Depends on its window alone. */
function passesNames(hit: usize, literal: u32, list: usize): bool {
  const from = load<u32>(hit, FROM);
  const until = load<u32>(hit, TO);
  const end = load<u32>(hit, END);
  let at = text + from;
  if (text == 0) {
    at = gap;
    if (<u64>gap + (until - from) + SLACK > <u64>gapEnd) return true;
    gather(segmentAt(from), from, until, baseText, delta, at);
  }
  return passesScreens(list, at + (end - lengthOf(literal) - from), at + (end - from), at, at + (until - from));
}

/** Whether one of a literal's leads leaves it open that something matches at the hit. */
function passesLeads(hit: usize, literal: u32, leads: usize): bool {
  const length = lengthOf(literal);
  const from = load<u32>(hit, END) - length;
  // A look at few bytes is mostly enough.
  let answer = askLeads(from, min(size, from + length + LEAD_GLANCE), leads);
  if (answer == YES) answer = askLeads(from, min(size, from + LEAD_REACH), leads);
  return answer == YES || (answer == IF_ESCAPED && isEscapedAround(hit));
}

/** Whether one of a literal's leads leaves it open that something matches in the hit's window. */
function passesScans(hit: usize, scans: usize): bool {
  const from = load<u32>(hit, FROM);
  const length = load<u32>(hit, TO) - from;
  const at = textOf(from, length);
  if (at == 0 || hasEscape(at, at + length)) return true;
  for (let left = load<u32>(scans); left > 0; left--) {
    scans += 8;
    if (mayLeadAnywhere(<usize>load<u32>(scans - 4), load<u32>(scans), at, at + length)) return true;
  }
  return false;
}

/** As `mayLead` at one place after the other, of a text without escapes that ends there. */
function mayLeadAnywhere(lead: usize, columns: u32, start: usize, end: usize): bool {
  const rows = lead + 256;
  let stepsLeft = <i32>(SCAN_STEPS + SCAN_STEPS_EACH * <u32>(end - start));
  for (; start < end; start++) {
    let row = LEAD_START;
    for (let at = start; at < end; at++) {
      row = <u32>load<u8>(rows + row * columns + <u32>load<u8>(lead + load<u8>(at)));
      if (row == LEAD_OPEN || stepsLeft-- == 0) return true;
      if (row == 0) break;
    }
  }
  return false;
}

/** Whether backslashes in a hit's window may be undone. */
function isEscapedAround(hit: usize): bool {
  const from = load<u32>(hit, FROM);
  const length = load<u32>(hit, TO) - from;
  const at = textOf(from, length);
  return at == 0 || hasBackslashEscape(at, at + length);
}

/** Where so many bytes of the object lie, or are put together; 0 if there is no room for that. */
function textOf(from: u32, length: u32): usize {
  if (text != 0) return text + from;
  if (<u64>gap + length + SLACK > <u64>gapEnd) return 0;
  gather(segmentAt(from), from, from + length, baseText, delta, gap);
  return gap;
}

const NO: u32 = 0;
const YES: u32 = 1;
/** Where a backslash before it is undone, but not as it stands. */
const IF_ESCAPED: u32 = 2;

function askLeads(from: u32, until: u32, leads: usize): u32 {
  const at = textOf(from, until - from);
  if (at == 0) return YES;
  const end = at + (until - from);
  const isCut = until < size;
  let answer = NO;
  for (let left = load<u32>(leads); left > 0; left--) {
    leads += 8;
    const one = mayLead(<usize>load<u32>(leads - 4), load<u32>(leads), at, end, isCut);
    if (one == YES) return YES;
    if (one != NO) answer = one;
  }
  return answer;
}

/**
 * As `mayLead` in `src/detect/lead.ts`, but knows what is no escape.
 *
 * @param lead - 256 columns of bytes, then rows of successors
 */
function mayLead(lead: usize, columns: u32, at: usize, end: usize, isCut: bool): u32 {
  const rows = lead + 256;
  let row = LEAD_START;
  let no = NO;
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at);
    if (byte == 0x5c || byte == 0x25 || byte == 0x26) {
      if (beginsEscape(at, end, isCut)) return YES;
      if (byte == 0x5c) no = IF_ESCAPED;
    }
    row = <u32>load<u8>(rows + row * columns + <u32>load<u8>(lead + byte));
    if (row <= LEAD_OPEN) return row == LEAD_OPEN ? YES : no;
  }
  return isCut ? YES : no;
}

/** Whether `mayMatchAnywhere` undoes what a text itself holds in encoded form. */
let undoesAll: bool = false;

/** For `mayMatch`: what is known of literals and of bytes, as a job says it too. */
export function setReaches(traitTable: usize, classTable: usize): void {
  traits = traitTable;
  byteClasses = classTable;
}

/**
 * Whether one of a text's hits leaves it open that something is found. Hits in encoded form do.
 *
 * @param hasHeaders - before the first empty line, whole lines may be left out: of hits there, only their line is known
 * @param hits - `count` of them, as `scan` writes them
 * @param record - RECORD bytes of scratch
 */
export function mayMatch(at: usize, length: u32, hasHeaders: bool, hits: usize, count: u32, record: usize): bool {
  text = at;
  size = length;
  return mayMatchAnywhere(hasHeaders ? behindHeaders() : 0, hits, count, record);
}

/** The same for the text at hand. @param from - hits before it are known with their line alone */
function mayMatchAnywhere(from: u32, hits: usize, count: u32, record: usize): bool {
  const end = hits + <usize>count * HIT;
  for (; hits < end; hits += HIT) {
    const literal = load<u32>(hits, 4);
    const run = load<u32>(traits + <usize>literal * TRAITS, RUN);
    // Of text that stands as it is, others undo the encodings.
    if (run != 0 && layer == 0 && !undoesAll) return true;
    if (load<u32>(hits) < from + lengthOf(literal)) {
      if (mayMatchInLine(load<u32>(hits), literal)) return true;
      continue;
    }
    store<u32>(record, load<u32>(hits), END);
    store<u32>(record, literal, LITERAL);
    if (!setWindow(record)) return true;
    if (run != 0 ? mayHoldDecoded(record, literal, run) : mayMatchHere(record, literal)) return true;
  }
  return false;
}

/** Whether what stands around a hit leaves it open that something is found. */
function mayMatchHere(hit: usize, literal: u32): bool {
  const trait = traits + <usize>literal * TRAITS;
  const leads = <usize>load<u32>(trait, LEADS);
  const gate = load<u32>(trait, GATE);
  const list = <usize>load<u32>(trait, SCREENS);
  const scans = <usize>load<u32>(trait, SCANS);
  return (
    ((leads == 0 && scans == 0) ||
      (leads != 0 && passesLeads(hit, literal, leads)) ||
      (scans != 0 && passesScans(hit, scans))) &&
    (gate == 0 || passesGate(hit, gate)) &&
    (list == 0 || passesNames(hit, literal, list))
  );
}

/** `mayMatch` of a whole text while an object is at hand, whose gap is free: here encodings are undone too. */
export function mayMatchAside(at: usize, length: u32, hits: usize, count: u32): bool {
  const ownText = text;
  const ownSize = size;
  text = at;
  size = length;
  beginRuns();
  undoesAll = true;
  const may = mayMatchAnywhere(0, hits, count, context + RUN_RECORDS);
  undoesAll = false;
  text = ownText;
  size = ownSize;
  return may;
}

/** What the innermost object has left for its children, and how many that are. */
export function parentList(): usize {
  return <usize>load<u32>(frame, F_HITS);
}

export function parentCount(): u32 {
  return load<u32>(frame, F_COUNT);
}

export function parentEntry(): u32 {
  return load<u32>(frame, F_ENTRY);
}

/** Whether a hit's own line leaves it open that a match begins there. */
function mayMatchInLine(end: u32, literal: u32): bool {
  const trait = traits + <usize>literal * TRAITS;
  const leads = <usize>load<u32>(trait, LEADS);
  if (leads == 0 || load<u32>(trait, SCANS) != 0) return true;
  const from = end - lengthOf(literal);
  let until = end;
  while (until + 1 < size && load<u8>(text + until) != 10) until++;
  return askLeads(from, min(until, from + LEAD_REACH), leads) != NO;
}

/** Where the text at hand goes on behind its first empty line. */
function behindHeaders(): u32 {
  let at: u32 = 0;
  while (at + 2 <= size && load<u16>(text + at) != 0x0a0a) at++;
  return at + 2;
}

/** The segment that makes byte `offset` of the object. */
function segmentAt(offset: u32): usize {
  let low: usize = 0;
  let high = (segmentsEnd - segments) / SEGMENT;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (load<u32>(segments + middle * SEGMENT) <= offset) low = middle;
    else high = middle;
  }
  return segments + low * SEGMENT;
}

// A window, 20 bytes: entry, first byte's offset in the object, address, length, number of questions.
const W_ENTRY: usize = 0;
const W_FROM: usize = 4;
const W_ADDRESS: usize = 8;
const W_LENGTH: usize = 12;
const W_QUESTIONS: usize = 16;
const WINDOW: usize = 20;

/** Puts a hit's window with the others of its object, or into the one before if they touch. */
function putWindow(hit: usize, firstWindow: usize): bool {
  const from = load<u32>(hit, FROM);
  const to = load<u32>(hit, TO);
  if (windows > firstWindow) {
    const last = windows - WINDOW;
    const lastFrom = load<u32>(last, W_FROM);
    const lastTo = lastFrom + load<u32>(last, W_LENGTH);
    if (from >= lastFrom && from <= lastTo) {
      if (to > lastTo) {
        if (!putBytes(lastTo, to)) return false;
        store<u32>(last, to - lastFrom, W_LENGTH);
      }
      store<u32>(last, load<u32>(last, W_QUESTIONS) + 1, W_QUESTIONS);
      return true;
    }
  }
  if (windows + WINDOW > windowsEnd) return false;
  store<u32>(windows, entry, W_ENTRY);
  store<u32>(windows, from, W_FROM);
  store<u32>(windows, <u32>windowBytes, W_ADDRESS);
  store<u32>(windows, to - from, W_LENGTH);
  store<u32>(windows, 1, W_QUESTIONS);
  if (!putBytes(from, to)) return false;
  windows += WINDOW;
  return true;
}

/** Appends bytes of the object to the windows'. */
function putBytes(from: u32, to: u32): bool {
  const length = <usize>(to - from);
  if (windowBytes + length + DELTA_SLACK > windowBytesEnd) return false;
  if (text != 0) copyBytes(windowBytes, text + from, length);
  else gather(segmentAt(from), from, to, baseText, delta, windowBytes);
  windowBytes += length;
  return true;
}

/** Lists the decisions that an object holds: entry, its size, how many, then number and end of each. */
function hold(): i32 {
  if (!(<u32>load<u8>(flagColumn + entry) & WANTED)) return DONE;
  const end = hitsLeft + <usize>hitCount * RECORD;
  const head = holdings;
  let to = head + 12;
  for (let hit = hitsLeft; hit < end; hit += RECORD) {
    const decision = load<u32>(hit, DECISION);
    if (decision == NONE || load<u8>(alive + decision) == 0) continue;
    if (to + 8 > holdingsEnd) return FULL;
    store<u32>(to, decision);
    store<u32>(to, load<u32>(hit, END), 4);
    to += 8;
  }
  if (to == head + 12) return DONE;
  store<u32>(head, entry);
  store<u32>(head, size, 4);
  store<u32>(head, <u32>((to - head - 12) >> 3), 8);
  holdings = to;
  return DONE;
}

/** Keeps the object for its children, if it has any, and lets its parent go if it was the last. */
function finish(): void {
  if (<u32>load<u8>(flagColumn + entry) & WANTED) {
    store<u32>(job, load<u32>(job, OUT_OBJECTS) + 1, OUT_OBJECTS);
    count(OUT_COVERED, size);
    store<u32>(resultColumn + (<usize>entry << 2), size);
  }
  keep(<usize>hitCount * RECORD, hitCount);
}

/**
 * The same without counting it.
 *
 * @param bytes - what its children are to find of it, at `hitsLeft`
 * @param items - how many that are; its list of hits, or what else there is a list of
 */
export function keep(bytes: usize, items: u32): void {
  if (!isLeaf && side == 1) {
    memory.copy(hitsRight - bytes, hitsLeft, bytes);
    hitsRight -= bytes;
  }
  // The parent is at the other end of both regions, so that it can go between.
  if (isLast) pop();
  if (!isLeaf) push(bytes, items);
}

function push(bytes: usize, items: u32): void {
  frame += FRAME;
  store<u32>(frame, <u32>block, F_BLOCK);
  store<u32>(frame, <u32>blockEnd, F_BLOCK_END);
  store<u32>(frame, size, F_SIZE);
  store<u32>(frame, items, F_COUNT);
  store<u32>(frame, entry, F_ENTRY);
  store<u32>(frame, <u32>firstNeeded, F_NEXT);
  store<u32>(frame, <u32>lastNeeded, F_LAST);
  store<u32>(frame, side, F_SIDE);
  store<u32>(frame, isSpecial, F_SPECIAL);
  if (side == 0) {
    left = blockEnd;
    store<u32>(frame, <u32>hitsLeft, F_HITS);
    hitsLeft += bytes;
    store<u32>(frame, <u32>hitsLeft, F_HITS_END);
  } else {
    right = block;
    store<u32>(frame, <u32>hitsRight, F_HITS);
    store<u32>(frame, <u32>(hitsRight + bytes), F_HITS_END);
  }
}

/** Lets the innermost frame go. */
function pop(): void {
  if (load<u32>(frame, F_SIDE) == 0) {
    left = <usize>load<u32>(frame, F_BLOCK);
    hitsLeft = <usize>load<u32>(frame, F_HITS);
  } else {
    right = <usize>load<u32>(frame, F_BLOCK_END);
    hitsRight = <usize>load<u32>(frame, F_HITS_END);
  }
  frame -= FRAME;
}

/** Notes that the object at hand, and with it all that is built from it, cannot be had. */
function fail(code: i32): i32 {
  // Who is shown objects reads the others in another way.
  if (!areShown) {
    store<u32>(failures, entry);
    store<u32>(failures, <u32>code, 4);
    failures += 8;
  }
  isLeaf = true;
  if (isLast) pop();
  return DONE;
}

// @ts-ignore: decorator
@inline
function count(at: usize, by: u32): void {
  store<u64>(job + at, load<u64>(job + at) + by);
}
