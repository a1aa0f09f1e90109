// Reads commits' links; and trees, whole ones and those stored as differences, to steps and edges: `src/git/tree-deltas.ts`
// says what these are, `src/git/tree-sweep.ts` calls.

import { INSERTED, SEGMENT, gather } from './delta';

// What a call answers.
export const READ: i32 = 0;
/** The tree breaks off; what stands before that was read. */
export const MALFORMED: i32 = 1;
/** There must be room for more names: call again. */
export const NAMES_FULL: i32 = 2;
/** The tree must be there as a whole: call again. */
export const NEEDED_WHOLE: i32 = 3;

/** Bytes put together to read an entry from; most entries are shorter. */
const GLANCE: u32 = 160;
const LONG_GLANCE: u32 = 1 << 16;
const MODE_DIGITS: usize = 7;
const KIND_BLOB: u32 = 0;
const KIND_TREE: u32 = 1;
const KIND_GITLINK: u32 = 2;
const TYPE_BITS: u32 = 0xf000;
const TREE_TYPE: u32 = 0x4000;
const GITLINK_TYPE: u32 = 0xe000;

// The job, 32-bit words; `src/git/tree-sweep.ts` has the same list.
let job: usize = 0;
const ID_BYTES: usize = 0;
const IDS: usize = 4;
/** By an id's first bits, the first row with these or more. */
const BUCKETS: usize = 8;
const BUCKET_SHIFT: usize = 12;
const NAME_CELLS: usize = 16;
const NAME_MASK: usize = 20;
const NAME_HASHES: usize = 24;
const NAME_STARTS: usize = 28;
const NAME_CAPACITY: usize = 32;
const NAME_BYTES: usize = 36;
const NAME_BYTES_CAPACITY: usize = 40;
const NAME_COUNT: usize = 44;
const SCRATCH: usize = 48;
/** Where what is in hand goes: a word an edge, two a step, one for each absent edge. */
const TARGETS: usize = 52;
const STEPS: usize = 56;
const ABSENT: usize = 60;
const EDGE_COUNT: usize = 64;
const STEP_COUNT: usize = 68;
const ABSENT_COUNT: usize = 72;
/** Number of the first edge in hand. */
const FIRST_EDGE: usize = 76;
/** Of the tree's entries: how many starts were written. */
const START_COUNT: usize = 80;
/** An id, and a word for its name and kind, for each edge in hand. */
const EDGE_IDS: usize = 84;
const ENTRIES: usize = 88;
/** Room for edges and for steps that may be in hand. */
const EDGE_ROOM: usize = 92;
const STEP_ROOM: usize = 96;
/** How many numbers of steps there are before those in hand. */
const FIRST_STEP: usize = 100;

export function setEntryJob(at: usize): void {
  job = at;
}

// @ts-ignore: decorator
@inline
function word(at: usize): u32 {
  return load<u32>(job + at);
}

/** Behind the entry that was read last. */
let entryEnd: usize = 0;
/** The last step is one of own edges. */
let isOpen: bool = false;
let areNamesFull: bool = false;

/** Whether there is room for `most` more edges in hand, and as many steps. */
export function hasRoomFor(most: u32): bool {
  return word(EDGE_COUNT) + most <= word(EDGE_ROOM) && word(STEP_COUNT) + most <= word(STEP_ROOM);
}

/** Entries that a tree of so many bytes has at most: a mode, a blank, a name, a zero byte, an id. */
export function mostEntries(size: u32): u32 {
  return size / (word(ID_BYTES) + 4) + 1;
}

/** Numbers of steps so far, and edges. */
export function stepsSoFar(): u32 {
  return word(FIRST_STEP) + 2 * word(STEP_COUNT);
}

export function edgesSoFar(): u32 {
  return word(FIRST_EDGE) + word(EDGE_COUNT);
}

/** How many starts the last tree has. */
export function startsRead(): u32 {
  return word(START_COUNT);
}

let edgesBefore: u32 = 0;
let stepsBefore: u32 = 0;
let absentBefore: u32 = 0;

/** Notes what is in hand, for `takeBack`. */
export function noteCounts(): void {
  edgesBefore = word(EDGE_COUNT);
  stepsBefore = word(STEP_COUNT);
  absentBefore = word(ABSENT_COUNT);
}

/** Forgets what was read since `noteCounts`. */
export function takeBack(): void {
  store<u32>(job, edgesBefore, EDGE_COUNT);
  store<u32>(job, stepsBefore, STEP_COUNT);
  store<u32>(job, absentBefore, ABSENT_COUNT);
}

/** Reads a tree that lies at `text`. @param starts - room for where its entries start, or 0 */
export function readWholeTree(text: usize, size: u32, starts: usize): i32 {
  isOpen = false;
  areNamesFull = false;
  const end = text + size;
  let at = text;
  let to = starts;
  while (at < end && readEntry(at, end)) {
    if (starts) {
      store<u32>(to, <u32>(at - text));
      to += 4;
    }
    at = entryEnd;
  }
  store<u32>(job, <u32>((to - starts) >> 2), START_COUNT);
  if (areNamesFull) return NAMES_FULL;
  return at == end ? READ : MALFORMED;
}

/**
 * Reads a tree by how it differs from its base.
 *
 * @param text - where it lies, or 0 if it is not there as a whole
 * @param baseStarts - where the base's entries start, and where the last one ends
 * @param baseCount - how many numbers these are
 * @param starts - room for the same of this tree, without its end, or 0
 */
export function readTreeDelta(
  text: usize,
  size: u32,
  segments: usize,
  base: usize,
  delta: usize,
  baseStarts: usize,
  baseCount: u32,
  starts: usize,
): i32 {
  isOpen = false;
  areNamesFull = false;
  let to = starts;
  let segment = segments;
  // What was put together last: bytes [from, until) of the tree, at `place`.
  let from: u32 = 0;
  let until: u32 = text == 0 ? 0 : size;
  let place = text;
  let at: u32 = 0;
  let answer: i32 = READ;
  while (at < size) {
    while (load<u32>(segment) + load<u32>(segment, 8) <= at) segment += SEGMENT;
    const source = load<u32>(segment, 4);
    if (!(source & INSERTED)) {
      const own = at - load<u32>(segment) + source;
      const first = lastAtMost(baseStarts, baseCount, own);
      if (first < baseCount && load<u32>(baseStarts + (<usize>first << 2)) == own) {
        const last = lastAtMost(baseStarts, baseCount, source + load<u32>(segment, 8));
        if (last > first) {
          take(first, last - first);
          if (starts) {
            for (let i = first; i < last; i++) {
              store<u32>(to, load<u32>(baseStarts + (<usize>i << 2)) + at - own);
              to += 4;
            }
          }
          at += load<u32>(baseStarts + (<usize>last << 2)) - own;
          continue;
        }
      }
    }
    let glance = GLANCE;
    while (true) {
      if (at < from || at >= until) {
        from = at;
        until = min(size, at + glance);
        place = <usize>word(SCRATCH);
        gather(segment, from, until, base, delta, place);
      }
      if (readEntry(place + (at - from), place + (until - from)) || areNamesFull || until == size) break;
      // Cut off, perhaps: look at more of it, then at all.
      if (until - at >= LONG_GLANCE) {
        answer = NEEDED_WHOLE;
        break;
      }
      glance = LONG_GLANCE;
      until = from;
    }
    if (answer == READ && areNamesFull) answer = NAMES_FULL;
    if (answer != READ) break;
    if (entryEnd == 0) {
      answer = MALFORMED;
      break;
    }
    if (starts) {
      store<u32>(to, at);
      to += 4;
    }
    at = from + <u32>(entryEnd - place);
  }
  store<u32>(job, <u32>((to - starts) >> 2), START_COUNT);
  return answer == READ && at != size ? MALFORMED : answer;
}

/** Number of the last of rising numbers that is at most `offset`; all ones if there is none. */
function lastAtMost(numbers: usize, count: u32, offset: u32): u32 {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<u32>(numbers + (<usize>middle << 2)) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function putStep(first: u32, count: u32): void {
  const steps = word(STEP_COUNT);
  const at = <usize>word(STEPS) + (<usize>steps << 3);
  store<u32>(at, first);
  store<u32>(at, count, 4);
  store<u32>(job, steps + 1, STEP_COUNT);
}

function take(first: u32, count: u32): void {
  putStep(first, count);
  isOpen = false;
}

/** Reads an entry and adds it. If there is no whole one before `limit`, `entryEnd` is 0 and nothing is added. */
function readEntry(at: usize, limit: usize): bool {
  const idBytes = <usize>word(ID_BYTES);
  entryEnd = 0;
  let mode: u32 = 0;
  let from = at;
  for (; ; from++) {
    if (from >= limit) return false;
    const byte = <u32>load<u8>(from);
    if (byte == 0x20) break;
    if (byte < 0x30 || byte > 0x37 || from - at >= MODE_DIGITS) return false;
    mode = (mode << 3) + byte - 0x30;
  }
  if (from == at) return false;
  from++;
  let hash: u32 = 0x811c9dc5;
  let end = from;
  for (; ; end++) {
    if (end >= limit) return false;
    const byte = <u32>load<u8>(end);
    if (byte == 0) break;
    hash = (hash ^ byte) * 16777619;
  }
  if (end == from || end + 1 + idBytes > limit) return false;
  const name = nameNumber(from, <u32>(end - from), hash);
  if (name == 0xffffffff) {
    areNamesFull = true;
    return false;
  }
  const type = mode & TYPE_BITS;
  const kind = type == TREE_TYPE ? KIND_TREE : type == GITLINK_TYPE ? KIND_GITLINK : KIND_BLOB;
  putEdge(kind, name, end + 1);
  entryEnd = end + 1 + idBytes;
  return true;
}

function putEdge(kind: u32, name: u32, id: usize): void {
  const edges = word(EDGE_COUNT);
  if (isOpen) {
    const last = <usize>word(STEPS) + (<usize>word(STEP_COUNT) << 3) - 4;
    store<u32>(last, load<u32>(last) + 1);
  } else {
    putStep(~(word(FIRST_EDGE) + edges), 1);
    isOpen = true;
  }
  store<u32>(<usize>word(ENTRIES) + (<usize>edges << 2), (name << 2) | kind);
  const idBytes = <usize>word(ID_BYTES);
  copyId(<usize>word(EDGE_IDS) + <usize>edges * idBytes, id, idBytes);
  store<u32>(job, edges + 1, EDGE_COUNT);
}

// @ts-ignore: decorator
@inline
function copyId(to: usize, from: usize, idBytes: usize): void {
  v128.store(to, v128.load(from));
  if (idBytes == 20) store<u32>(to, load<u32>(from, 16), 16);
  else v128.store(to, v128.load(from, 16), 16);
}

/** Edges looked up together, so that the processor waits for many of their places in memory at once. */
const TOGETHER: u32 = 64;
/** So that looking ahead is not taken for idle. */
export let touched: u32 = 0;

/** Finds what the edges in hand lead to. */
export function findTargets(): void {
  const idBytes = <usize>word(ID_BYTES);
  const count = word(EDGE_COUNT);
  const ids = <usize>word(EDGE_IDS);
  let sum: u32 = 0;
  for (let first: u32 = 0; first < count; first += TOGETHER) {
    const end = min(first + TOGETHER, count);
    for (let i = first; i < end; i++) sum += load<u32>(bucketOf(ids + <usize>i * idBytes));
    for (let i = first; i < end; i++) {
      const row = load<u32>(bucketOf(ids + <usize>i * idBytes));
      sum += load<u8>(<usize>word(IDS) + <usize>row * idBytes);
    }
    for (let i = first; i < end; i++) setTarget(i, ids + <usize>i * idBytes);
  }
  touched = sum;
}

function setTarget(edge: u32, id: usize): void {
  const isGitlink = (load<u32>(<usize>word(ENTRIES) + (<usize>edge << 2)) & 3) == KIND_GITLINK;
  const target = isGitlink ? 0xffffffff : find(id);
  store<u32>(<usize>word(TARGETS) + (<usize>edge << 2), target);
  if (target != 0xffffffff || isGitlink) return;
  const absent = word(ABSENT_COUNT);
  store<u32>(<usize>word(ABSENT) + (<usize>absent << 2), edge);
  store<u32>(job, absent + 1, ABSENT_COUNT);
}

// @ts-ignore: decorator
@inline
function bucketOf(id: usize): usize {
  return <usize>word(BUCKETS) + (<usize>(bswap(load<u32>(id)) >> word(BUCKET_SHIFT)) << 2);
}

/** Row of an id, or all ones. */
function find(id: usize): u32 {
  const idBytes = <usize>word(ID_BYTES);
  const ids = <usize>word(IDS);
  const bucket = bucketOf(id);
  let low = load<u32>(bucket);
  let high = load<u32>(bucket, 4);
  // Ids are hashes, so a bucket holds one or two; unless somebody has made them.
  while (high - low > 4) {
    const middle = (low + high) >> 1;
    if (memory.compare(ids + <usize>middle * idBytes, id, idBytes) <= 0) low = middle;
    else high = middle;
  }
  for (; low < high; low++) if (isId(ids + <usize>low * idBytes, id, idBytes)) return low;
  return 0xffffffff;
}

// @ts-ignore: decorator
@inline
function isId(one: usize, other: usize, idBytes: usize): bool {
  if (load<u64>(one) != load<u64>(other) || load<u64>(one, 8) != load<u64>(other, 8)) return false;
  if (idBytes == 20) return load<u32>(one, 16) == load<u32>(other, 16);
  return load<u64>(one, 16) == load<u64>(other, 16) && load<u64>(one, 24) == load<u64>(other, 24);
}

/** The number of a name, which is added if it is new; all ones if there is no room. Numbered as in `ByteSet`. */
function nameNumber(from: usize, length: u32, hash: u32): u32 {
  const cells = <usize>word(NAME_CELLS);
  const mask = word(NAME_MASK);
  const hashes = <usize>word(NAME_HASHES);
  const starts = <usize>word(NAME_STARTS);
  const bytes = <usize>word(NAME_BYTES);
  let cell = (hash ^ (hash >> 15)) & mask;
  for (; ; cell = (cell + 1) & mask) {
    const number = load<u32>(cells + (<usize>cell << 2));
    if (number == 0) break;
    const slot = <usize>(number - 1) << 2;
    if (load<u32>(hashes + slot) != hash) continue;
    const start = load<u32>(starts + slot);
    if (load<u32>(starts + slot, 4) - start == length && isSame(bytes + start, from, length)) return number - 1;
  }
  const count = word(NAME_COUNT);
  const start = load<u32>(starts + (<usize>count << 2));
  if (count == word(NAME_CAPACITY) || start + length > word(NAME_BYTES_CAPACITY)) return 0xffffffff;
  memory.copy(bytes + start, from, length);
  store<u32>(starts + (<usize>count << 2), start + length, 4);
  store<u32>(hashes + (<usize>count << 2), hash);
  store<u32>(cells + (<usize>cell << 2), count + 1);
  store<u32>(job, count + 1, NAME_COUNT);
  return count;
}

// @ts-ignore: decorator
@inline
function isSame(one: usize, other: usize, length: u32): bool {
  const end = one + length;
  for (; one + 8 <= end; one += 8, other += 8) if (load<u64>(one) != load<u64>(other)) return false;
  for (; one < end; one++, other++) if (load<u8>(one) != load<u8>(other)) return false;
  return true;
}

/** What a commit's links are written to: seconds (f64), row of the tree, rows of the parents. */
const COMMIT_TREE: usize = 8;
/** Bytes of a line that begins with a word and ends with an id: all but the word. */
export function idLine(): usize {
  return (<usize>word(ID_BYTES) << 1) + 1;
}

/** Room for an id while it is looked up. */
const ID_ROOM: usize = 32;

/**
 * Reads the links of a commit of the ordinary form.
 *
 * @param out - room for `most` parents; the job's scratch has `ID_ROOM` for each and for the tree
 * @returns how many parents; −1 if it is of another form, has more, or names what is no row
 */
export function readCommit(at: usize, size: u32, out: usize, most: u32): i32 {
  const end = at + size;
  const line = idLine();
  if (at + 5 + line > end || load<u32>(at) != 0x65657274 || load<u8>(at, 4) != 0x20) return -1;
  const ids = <usize>word(SCRATCH);
  if (!readHex(at + 5, ids)) return -1;
  at += 5 + line;
  let count: u32 = 1;
  while (at + 7 + line <= end && load<u32>(at) == 0x65726170 && load<u16>(at, 4) == 0x746e && load<u8>(at, 6) == 0x20) {
    if (count > most || !readHex(at + 7, ids + <usize>count * ID_ROOM)) return -1;
    count++;
    at += 7 + line;
  }
  if (!findAll(ids, count, out + COMMIT_TREE)) return -1;
  if (at + 7 > end || load<u32>(at) != 0x68747561 || load<u16>(at, 4) != 0x726f || load<u8>(at, 6) != 0x20) return -1;
  at = lineEnd(at, end) + 1;
  if (at + 10 > end || load<u32>(at) != 0x6d6d6f63 || load<u32>(at, 4) != 0x65747469 || load<u16>(at, 8) != 0x2072) {
    return -1;
  }
  const stop = lineEnd(at, end);
  if (stop >= end || (stop + 1 < end && load<u8>(stop, 1) == 0x20)) return -1;
  store<f64>(out, secondsIn(at, stop));
  return <i32>count - 1;
}

/** Finds the rows of ids. First all that they are compared with is touched, so that the processor waits for memory once. */
function findAll(ids: usize, count: u32, rows: usize): bool {
  const idBytes = <usize>word(ID_BYTES);
  let sum: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    sum += load<u8>(<usize>word(IDS) + <usize>load<u32>(bucketOf(ids + <usize>i * ID_ROOM)) * idBytes);
  }
  touched = sum;
  for (let i: u32 = 0; i < count; i++) {
    const row = find(ids + <usize>i * ID_ROOM);
    if (row == 0xffffffff) return false;
    store<u32>(rows + (<usize>i << 2), row);
  }
  return true;
}

/** Where the line ends, or `end`. */
export function lineEnd(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != 10) at++;
  return at;
}

/** Reads an id that stands in lower-case hexadecimal, a line break behind it. @returns false if there is none */
function readHex(at: usize, id: usize): bool {
  const digits = <usize>word(ID_BYTES) << 1;
  if (load<u8>(at + digits) != 10) return false;
  let isSound = true;
  for (let i: usize = 0; i + 16 <= digits; i += 16) isSound = readDigits(at + i, id + (i >> 1)) && isSound;
  // Forty digits: the last eight once more with those before.
  if (digits & 15) isSound = readDigits(at + digits - 16, id + (digits >> 1) - 8) && isSound;
  return isSound;
}

/** Sixteen digits. */
function readDigits(at: usize, to: usize): bool {
  const text = v128.load(at);
  const digit = i8x16.sub(text, i8x16.splat(0x30));
  const letter = i8x16.sub(text, i8x16.splat(0x61));
  const isDigit = i8x16.lt_u(digit, i8x16.splat(10));
  const isLetter = i8x16.lt_u(letter, i8x16.splat(6));
  const values = v128.bitselect(digit, i8x16.add(letter, i8x16.splat(10)), isDigit);
  // Of each pair the first digit is the upper one.
  const pairs = v128.or(i16x8.shl(values, 4), i16x8.shr_u(values, 8));
  v128.store64_lane(to, i8x16.swizzle(pairs, i8x16(0, 2, 4, 6, 8, 10, 12, 14, 0, 0, 0, 0, 0, 0, 0, 0)), 0);
  return i8x16.all_true(v128.or(isDigit, isLetter));
}

/** The first number that follows `> `; 0 if there is none, as git takes it. */
function secondsIn(from: usize, to: usize): f64 {
  for (let at = from; at + 2 < to; at++) {
    if (load<u16>(at) != 0x203e) continue;
    let seconds: f64 = 0;
    let i = at + 2;
    for (; i < to && i < at + 17; i++) {
      const digit = <u32>load<u8>(i) - 0x30;
      if (digit > 9) break;
      seconds = seconds * 10 + <f64>digit;
    }
    if (i > at + 2) return seconds;
  }
  return 0;
}

/** Whether a text has no zero byte and no line that begins with `encoding `. */
export function isPlainMessage(at: usize, size: u32): bool {
  const end = at + size;
  const lines = i8x16.splat(10);
  for (; at + 16 <= end; at += 16) {
    const bytes = v128.load(at);
    if (!i8x16.all_true(bytes)) return false;
    for (let found = i8x16.bitmask(i8x16.eq(bytes, lines)); found != 0; found &= found - 1) {
      if (namesEncoding(at + <usize>ctz(found) + 1, end)) return false;
    }
  }
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == 0 || (byte == 10 && namesEncoding(at + 1, end))) return false;
  }
  return true;
}

function namesEncoding(at: usize, end: usize): bool {
  return at + 9 <= end && load<u64>(at) == 0x676e69646f636e65 && load<u8>(at, 8) == 0x20;
}
