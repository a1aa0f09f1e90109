// Shows all commits, tags or trees of a pack, one after the other, in the order in which they are built. Commits and
// trees of the ordinary form are read here and now; everything else is handed to JavaScript, `src/git/pack/kernel-sweep.ts`.

import {
  MALFORMED as TREE_MALFORMED,
  NAMES_FULL as NAMES_ARE_FULL,
  NEEDED_WHOLE,
  edgesSoFar,
  hasRoomFor,
  idLine,
  lineEnd,
  mostEntries,
  noteCounts,
  readCommit,
  readTreeDelta,
  readWholeTree,
  startsRead,
  stepsSoFar,
  takeBack,
} from './entries';
import { HIT, scan, scanned } from './scan';
import {
  baseText,
  delta,
  enterTree,
  entry,
  flagColumn,
  frame,
  hitsLeft,
  hitsRight,
  isLeaf,
  isRoot,
  keep,
  materialise,
  mayMatchAside,
  parentCount,
  parentEntry,
  parentList,
  sayObject,
  segments,
  setJob,
  showObjects,
  size,
  text,
  walk,
} from './tree';

// What a call answers.
const DONE: i32 = 0;
/** There must be room for more: of commits, what was written must be read. Then once more. */
const FULL: i32 = 1;
/** This object, which lies there whole, is the caller's. */
const OTHER: i32 = 2;
/** There must be room for more names. Then once more. */
const NAMES: i32 = 3;
/** This tree breaks off; what stands before that was read. */
const MALFORMED: i32 = 4;
/** Nothing is the matter: the engine exchanges a function for a quicker one between two calls. */
const TURN: i32 = 5;

// What a call is told.
const AGAIN: u32 = 1;
const SETTLED: u32 = 2;

const WANTED: u32 = 1;
const WHOLE_OBJECT: i32 = -1;
/** Trees between two turns. */
const TURN_TREES: u32 = 4096;

// The sweep's own words behind those of the job, which has 64; `src/git/pack/kernel-sweep.ts` has the same list.
const OWN: usize = 256;
let job: usize = 0;
const KIND: usize = 0;
const COUNT: usize = 4;
const BASES: usize = 8;
const ROWS: usize = 12;
/** Commits that were read, and their texts. */
const RECORDS: usize = 16;
const RECORDS_END: usize = 20;
const TEXTS: usize = 24;
const TEXTS_END: usize = 28;
const HITS: usize = 32;
const HITS_CAPACITY: usize = 36;
const SEPARATOR: usize = 40;
/** Of what is read of trees: by row, and by number of the tree. */
const TREE_BASES: usize = 44;
const FIRST_STEPS: usize = 48;
const STEP_ENDS: usize = 52;
const ORDER: usize = 56;
const EDGE_ENDS: usize = 60;
/** Written here: end of the records, trees so far, entries that there must be room for. */
const RECORDS_WRITTEN: usize = 64;
const TREES: usize = 68;
const NEEDED_ROOM: usize = 72;

const KIND_COMMITS: u32 = 1;
const KIND_TREES: u32 = 2;

// A commit that was read: 36 bytes, then the rows of its parents, filled up to a multiple of eight.
const C_ROW: usize = 0;
const C_PARENTS: usize = 4;
const C_SIZE: usize = 8;
/** Where its text lies, and how long it is; length 0 if nothing can come of it. */
const C_TEXT: usize = 12;
const C_LENGTH: usize = 16;
/** Seconds, row of the tree, rows of the parents: as `readCommit` writes them. */
const C_LINKS: usize = 24;
const C_HEAD: usize = 36;
const MOST_PARENTS: u32 = 60;
const LONGEST_RECORD: usize = C_HEAD + 4 + (<usize>MOST_PARENTS << 2);

let kind: u32 = 0;
/** Roots are looked for among the entries from here on, and before `stop`. */
let cursor: u32 = 0;
let stop: u32 = 0;
let turn: u32 = 0;
let records: usize = 0;
let texts: usize = 0;

// @ts-ignore: decorator
@inline
function own(at: usize): u32 {
  return load<u32>(job + OWN + at);
}

/** Begins to show a pack's objects. The job's own words are filled in. */
export function beginSweep(at: usize): void {
  job = at;
  setJob(at);
  showObjects();
  kind = own(KIND);
  sweepAmong(0, own(COUNT));
  turn = 0;
  records = own(RECORDS);
  texts = own(TEXTS);
}

/** Only trees with a root among the entries [first, end) are shown. The ones before must be done. */
export function sweepAmong(first: u32, end: u32): void {
  cursor = first;
  stop = end;
}

/** Goes on. @param order - AGAIN with the object at hand, SETTLED if that is done with, or anything else */
export function sweepOn(order: u32): i32 {
  let event: i32 = DONE;
  if (order == AGAIN) event = visit();
  if (order == SETTLED) keep(0, 0);
  while (event == DONE) {
    event = walk();
    if (event != DONE) break;
    const root = nextRoot();
    if (root == 0xffffffff) break;
    event = enterTree(root);
  }
  sayObject();
  if (kind == KIND_COMMITS) screenTexts();
  return event;
}

/** To be called when the records have been read. */
export function emptyRecords(): void {
  records = own(RECORDS);
  texts = own(TEXTS);
  store<u32>(job + OWN, <u32>records, RECORDS_WRITTEN);
}

function nextRoot(): u32 {
  const bases = <usize>own(BASES);
  while (cursor < stop) {
    const at = cursor++;
    if (load<u8>(flagColumn + at) != 0 && load<i32>(bases + (<usize>at << 2)) == WHOLE_OBJECT) return at;
  }
  return 0xffffffff;
}

/** The object at hand is built, or is a leaf that can be. */
export function visit(): i32 {
  if (!(<u32>load<u8>(flagColumn + entry) & WANTED)) return pass();
  if (kind == KIND_TREES) return visitTree();
  if (!materialise()) return pass();
  return kind == KIND_COMMITS ? visitCommit() : OTHER;
}

/** Leaves the object alone: who reads the rest reads it too. */
function pass(): i32 {
  keep(0, 0);
  return DONE;
}

// @ts-ignore: decorator
@inline
function rowOf(which: u32): u32 {
  return load<u32>(<usize>own(ROWS) + (<usize>which << 2));
}

function visitCommit(): i32 {
  const textsStart = <usize>own(TEXTS);
  const textsEnd = <usize>own(TEXTS_END);
  const room = <usize>size + 32;
  if (textsStart + room > textsEnd) return OTHER;
  if (records + LONGEST_RECORD > <usize>own(RECORDS_END) || texts + room > textsEnd) return FULL;
  const parents = readCommit(text, size, records + C_LINKS, MOST_PARENTS);
  if (parents < 0) return OTHER;
  const length = writeMessage(text, text + size, <u32>parents, texts);
  if (length == 0) return OTHER;
  store<u32>(records, rowOf(entry), C_ROW);
  store<u32>(records, <u32>parents, C_PARENTS);
  store<u32>(records, size, C_SIZE);
  store<u32>(records, <u32>texts, C_TEXT);
  store<u32>(records, length, C_LENGTH);
  records += (C_HEAD + (<usize>parents << 2) + 7) & ~7;
  texts += length;
  store<u8>(texts, <u8>own(SEPARATOR));
  texts++;
  keep(0, 0);
  return DONE;
}

/**
 * Writes what people wrote into a commit whose links were read, as `src/git/object/message.ts` does: empty lines in place of
 * ids and signatures, then author, committer and the message.
 *
 * @returns its length; 0 where the commit has other headers, no message, a zero byte or a signature at its end
 */
function writeMessage(at: usize, end: usize, parents: u32, to: usize): u32 {
  const start = to;
  at += 5 + idLine() + <usize>parents * (7 + idLine());
  memory.fill(to, 10, 1 + parents);
  to += 1 + parents;
  const people = at;
  at = lineEnd(at, end) + 1;
  at = lineEnd(at, end) + 1;
  if (at > end) return 0;
  memory.copy(to, people, at - people);
  to += at - people;
  while (at < end && load<u8>(at) != 10) {
    const behind = signatureEnd(at, end);
    if (behind == 0) return 0;
    for (; at < behind; at = lineEnd(at, end) + 1) {
      store<u8>(to, 10);
      to++;
    }
  }
  if (at >= end || !copyMessage(at, end, to)) return 0;
  return <u32>(to + (end - at) - start);
}

/** Behind a header `gpgsig` or `gpgsig-sha256` that holds a signature of PGP or SSH and nothing else; 0 if it is not one. */
function signatureEnd(at: usize, end: usize): usize {
  if (at + 14 > end || load<u32>(at) != 0x73677067 || load<u16>(at, 4) != 0x6769) return 0;
  if (load<u8>(at, 6) == 0x20) at += 7;
  else if (load<u64>(at, 6) == 0x203635326168732d) at += 14;
  else return 0;
  if (at + 30 > end || !isArmour(at, end) || load<u16>(at, 9) != 0x204e || !namesSignature(at + 11)) return 0;
  const kind = load<u8>(at, 11);
  at += 30;
  let inHeaders = true;
  for (; at < end && load<u8>(at) == 0x20; at++) {
    const from = at + 1;
    at = lineEnd(from, end);
    if (at >= end) return 0;
    if (isArmourEnd(from, at)) return load<u8>(from, 9) == kind ? behindSignature(at + 1, end) : 0;
    if (inHeaders && isArmourHeader(from, at)) continue;
    if (!(inHeaders && from == at) && !isBase64Line(from, at)) return 0;
    inHeaders = false;
  }
  return 0;
}

/** Where the next header begins; before that one line may go on with nothing in it. */
function behindSignature(at: usize, end: usize): usize {
  if (at + 2 <= end && load<u16>(at) == 0x0a20) at += 2;
  return at < end && load<u8>(at) == 0x20 ? 0 : at;
}

/** Whether `PGP SIGNATURE-----` stands here, or the same of SSH, and a line break behind it. */
function namesSignature(at: usize): bool {
  const kind = load<u32>(at);
  if (kind != 0x20504750 && kind != 0x20485353) return false;
  if (load<u64>(at, 4) != 0x525554414e474953 || load<u8>(at, 12) != 0x45) return false;
  return load<u32>(at, 13) == 0x2d2d2d2d && load<u16>(at, 17) == 0x0a2d;
}

/** Whether a line is `-----END PGP SIGNATURE-----`, or the same of SSH. */
function isArmourEnd(from: usize, to: usize): bool {
  return to - from == 27 && load<u64>(from) == 0x444e452d2d2d2d2d && load<u8>(from, 8) == 0x20 && namesSignature(from + 9);
}

/** A word, a colon, a blank and at most 200 bytes. */
function isArmourHeader(from: usize, to: usize): bool {
  let at = from;
  while (at < to && (isLetter(load<u8>(at)) || load<u8>(at) == 0x2d)) at++;
  return at > from && at + 2 <= to && load<u16>(at) == 0x203a && to - at <= 202;
}

// @ts-ignore: decorator
@inline
function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26;
}

function isBase64Line(from: usize, to: usize): bool {
  if (from == to || to - from > 76) return false;
  for (; from < to; from++) {
    const byte = <u32>load<u8>(from);
    if (!isLetter(byte) && byte - 0x30 > 9 && byte != 0x2b && byte != 0x2f && byte != 0x3d) return false;
  }
  return true;
}

/** Copies a message, unless it has a zero byte or what a signature begins with. */
function copyMessage(at: usize, end: usize, to: usize): bool {
  const dashes = i8x16.splat(0x2d);
  for (; at + 16 <= end; at += 16, to += 16) {
    const bytes = v128.load(at);
    if (!i8x16.all_true(bytes)) return false;
    for (let found = i8x16.bitmask(i8x16.eq(bytes, dashes)); found != 0; found &= found - 1) {
      if (isArmour(at + <usize>ctz(found), end)) return false;
    }
    v128.store(to, bytes);
  }
  for (; at < end; at++, to++) {
    const byte = load<u8>(at);
    if (byte == 0 || (byte == 0x2d && isArmour(at, end))) return false;
    store<u8>(to, byte);
  }
  return true;
}

/** Whether `-----BEGI` stands here. */
function isArmour(at: usize, end: usize): bool {
  return at + 9 <= end && load<u64>(at) == 0x4745422d2d2d2d2d && load<u8>(at, 8) == 0x49;
}

/** Searches all texts that were written since the records were read, and empties those of which nothing can come. */
function screenTexts(): void {
  store<u32>(job + OWN, <u32>records, RECORDS_WRITTEN);
  const start = <usize>own(TEXTS);
  if (texts == start) return;
  const hits = <usize>own(HITS);
  const found = scan(start, texts - start, 0, hits, own(HITS_CAPACITY));
  // Too many hits to tell: all are looked at.
  if (scanned < texts - start) return;
  const end = hits + found * HIT;
  let hit = hits;
  for (let at = <usize>own(RECORDS); at < records; at += (C_HEAD + (<usize>load<u32>(at, C_PARENTS) << 2) + 7) & ~7) {
    const message = <usize>load<u32>(at, C_TEXT);
    const length = load<u32>(at, C_LENGTH);
    const before = <u32>(message - start);
    const first = hit;
    for (; hit < end && load<u32>(hit) <= before + length; hit += HIT) store<u32>(hit, load<u32>(hit) - before);
    if (first == hit || !mayMatchAside(message, length, first, <u32>((hit - first) / HIT))) store<u32>(at, 0, C_LENGTH);
  }
}

function visitTree(): i32 {
  const most = mostEntries(size);
  if (!hasRoomFor(most)) {
    store<u32>(job + OWN, most, NEEDED_ROOM);
    return FULL;
  }
  // One more, for where the last entry ends.
  const starts = isLeaf ? 0 : hitsLeft;
  if (!isLeaf && hitsLeft + ((<usize>most + 1) << 2) > hitsRight) return pass();
  const base = isRoot ? 0 : parentCount();
  const firstStep = stepsSoFar();
  noteCounts();
  let answer: i32 = NEEDED_WHOLE;
  if (base != 0) answer = readTreeDelta(text, size, segments, baseText, delta, parentList(), base, starts);
  if (answer == NEEDED_WHOLE) {
    takeBack();
    if (!materialise()) return pass();
    answer =
      base == 0
        ? readWholeTree(text, size, starts)
        : readTreeDelta(text, size, segments, baseText, delta, parentList(), base, starts);
  }
  if (answer == NAMES_ARE_FULL) {
    takeBack();
    return NAMES;
  }
  addTree(base == 0 ? 0xffffffff : rowOf(parentEntry()), firstStep);
  // What is built on a malformed tree is read as a whole.
  if (answer == TREE_MALFORMED) {
    keep(0, 0);
    return MALFORMED;
  }
  const count = startsRead();
  if (starts) store<u32>(starts + (<usize>count << 2), size);
  keep((<usize>count + 1) << 2, count + 1);
  return ++turn % TURN_TREES == 0 ? TURN : DONE;
}

function addTree(base: u32, firstStep: u32): void {
  const row = <usize>rowOf(entry) << 2;
  const number = <usize>own(TREES) << 2;
  store<u32>(<usize>own(TREE_BASES) + row, base);
  store<u32>(<usize>own(FIRST_STEPS) + row, firstStep);
  store<u32>(<usize>own(STEP_ENDS) + row, stepsSoFar());
  store<u32>(<usize>own(EDGE_ENDS) + number, edgesSoFar());
  store<u32>(<usize>own(ORDER) + number, <u32>row >> 2);
  store<u32>(job + OWN, own(TREES) + 1, TREES);
}
