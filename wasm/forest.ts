// Reads a pack's entry headers and resolves its deltas: what `src/git/pack/delta-tree.ts` does and says what for, on
// columns in the kernel's memory. Whatever is not as git writes it is left to that: the answer is then false.
//
// Entries are gone through in pieces, a call each: the engine makes a function quick between two calls, never during one.

const OFS_DELTA: u32 = 6;
const REF_DELTA: u32 = 7;
const WHOLE: i32 = -1;
const OUTSIDE: i32 = -2;
const THIN: u8 = 8;
const HEADER_SIZE: u32 = 12;
/** Most bytes of an entry before its compressed data. */
const HEADER_LIMIT: usize = 64;
const RADIX_BITS: u32 = 11;
const RADIX: u32 = 1 << RADIX_BITS;

// The job, 32-bit words; `src/git/pack/kernel-forest.ts` has the same list.
const COUNT: usize = 0;
const PACK: usize = 4;
const PACK_LENGTH: usize = 8;
const ENTRIES_END: usize = 12;
const ID_BYTES: usize = 16;
/** In the order of the index; `FAN_OUT` has 256 words. */
const IDS: usize = 20;
const FAN_OUT: usize = 24;
/** Two lists of as many pairs of words as there are entries. */
const PAIRS: usize = 28;
const OTHER_PAIRS: usize = 32;
/** Room for RADIX words. */
const DIGITS: usize = 36;
// Columns, see `DeltaForest`.
const OFFSETS: usize = 40;
const POSITIONS: usize = 44;
const ENTRIES: usize = 48;
const HEADER_SIZES: usize = 52;
const SIZES: usize = 56;
const TYPES: usize = 60;
const BASES: usize = 64;
const FIRST_CHILD: usize = 68;
const CHILDREN: usize = 72;
const ORDER: usize = 76;
/** By part of the pack, the first entry in it or behind it; as many parts as entries, and one more. */
const PARTS: usize = 80;
const PART_SHIFT: usize = 84;
/** A column for what is needed in passing. */
const SPARE: usize = 88;

let job: usize = 0;
let count: u32 = 0;
let offsets: usize = 0;
let types: usize = 0;
let bases: usize = 0;
let firstChild: usize = 0;
let children: usize = 0;
let order: usize = 0;
let spare: usize = 0;

// @ts-ignore: decorator
@inline
function word(at: usize): u32 {
  return load<u32>(job + at);
}

// @ts-ignore: decorator
@inline
function cell(column: usize, index: u32): usize {
  return column + (<usize>index << 2);
}

export function setForestJob(at: usize): void {
  job = at;
  count = word(COUNT);
  offsets = word(OFFSETS);
  types = word(TYPES);
  bases = word(BASES);
  firstChild = word(FIRST_CHILD);
  children = word(CHILDREN);
  order = word(ORDER);
  spare = word(SPARE);
}

/** Makes pairs of the entries' offsets, which still stand in the order of the index, and their positions in it. */
export function makePairs(first: u32, end: u32): void {
  const pairs = <usize>word(PAIRS);
  for (let position = first; position < end; position++) {
    store<u32>(pairs + (<usize>position << 3), load<u32>(cell(offsets, position)));
    store<u32>(pairs + (<usize>position << 3), position, 4);
  }
}

/** Sorts pairs by one digit of their first word. @param turn - which digit; pairs change lists with each */
export function sortPairs(turn: u32): void {
  const from = <usize>(turn & 1 ? word(OTHER_PAIRS) : word(PAIRS));
  const to = <usize>(turn & 1 ? word(PAIRS) : word(OTHER_PAIRS));
  const digits = <usize>word(DIGITS);
  const shift = turn * RADIX_BITS;
  const end = from + (<usize>count << 3);
  memory.fill(digits, 0, RADIX << 2);
  for (let at = from; at < end; at += 8) {
    const digit = cell(digits, (load<u32>(at) >> shift) & (RADIX - 1));
    store<u32>(digit, load<u32>(digit) + 1);
  }
  let sum: u32 = 0;
  for (let digit: u32 = 0; digit < RADIX; digit++) {
    const own = load<u32>(cell(digits, digit));
    store<u32>(cell(digits, digit), sum);
    sum += own;
  }
  for (let at = from; at < end; at += 8) {
    const pair = load<u64>(at);
    const digit = cell(digits, (<u32>pair >> shift) & (RADIX - 1));
    const place = load<u32>(digit);
    store<u64>(to + (<usize>place << 3), pair);
    store<u32>(digit, place + 1);
  }
}

/** Places the entries [first, end), whose pairs are sorted. @returns false if two have one place or one lies outside */
export function placeEntries(first: u32, end: u32): bool {
  const pairs = <usize>word(OTHER_PAIRS);
  const positions = <usize>word(POSITIONS);
  const entries = <usize>word(ENTRIES);
  const length = word(PACK_LENGTH);
  let before = first == 0 ? HEADER_SIZE - 1 : load<u32>(cell(offsets, first - 1));
  for (let entry = first; entry < end; entry++) {
    const offset = load<u32>(pairs + (<usize>entry << 3));
    const position = load<u32>(pairs + (<usize>entry << 3), 4);
    if (offset <= before || offset > length) return false;
    store<u32>(cell(offsets, entry), offset);
    store<u32>(cell(positions, entry), position);
    store<u32>(cell(entries, position), entry);
    before = offset;
  }
  return true;
}

/** Divides the pack into parts of about one entry each. */
export function divide(): void {
  const parts = <usize>word(PARTS);
  const shift = word(PART_SHIFT);
  let part: u32 = 0;
  for (let entry: u32 = 0; entry < count; entry++) {
    const own = load<u32>(cell(offsets, entry)) >> shift;
    while (part <= own) store<u32>(cell(parts, part++), entry);
  }
  while (part <= count) store<u32>(cell(parts, part++), count);
}

/** The entry that starts at `offset`, or −1. */
function entryAt(offset: u32): i32 {
  const parts = <usize>word(PARTS);
  const part = offset >> word(PART_SHIFT);
  let low = load<u32>(cell(parts, part));
  let high = load<u32>(cell(parts, part + 1));
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<u32>(cell(offsets, middle)) < offset) low = middle + 1;
    else high = middle;
  }
  return low < count && load<u32>(cell(offsets, low)) == offset ? low : -1;
}

/** Reads the headers of the entries [first, end). @returns false if one is odd */
export function readHeaders(first: u32, end: u32): bool {
  const pack = <usize>word(PACK);
  const entriesEnd = word(ENTRIES_END);
  const headerSizes = <usize>word(HEADER_SIZES);
  const sizes = <usize>word(SIZES);
  const idBytes = <usize>word(ID_BYTES);
  for (let entry = first; entry < end; entry++) {
    const start = load<u32>(cell(offsets, entry));
    const from = pack + start;
    const limit = min(pack + min(load<u32>(cell(offsets, entry), 4), entriesEnd), from + HEADER_LIMIT);
    if (from >= limit) return false;
    let byte = <u32>load<u8>(from);
    const type = (byte >> 4) & 7;
    let size = <u64>(byte & 15);
    let at = from + 1;
    for (let shift: u64 = 4; byte >= 0x80; shift += 7) {
      if (at >= limit || shift > 32) return false;
      byte = <u32>load<u8>(at++);
      size |= <u64>(byte & 0x7f) << shift;
    }
    if (size > 0xffffffff) return false;
    let base = WHOLE;
    if (type == OFS_DELTA) {
      let distance: u64 = 0;
      for (let isFirst = true; ; isFirst = false) {
        if (at >= limit || distance > 0xffffffff) return false;
        byte = <u32>load<u8>(at++);
        distance = isFirst ? byte & 0x7f : ((distance + 1) << 7) | (byte & 0x7f);
        if (byte < 0x80) break;
      }
      if (distance == 0 || distance > start) return false;
      base = entryAt(start - <u32>distance);
      if (base < 0) return false;
    } else if (type == REF_DELTA) {
      if (at + idBytes > limit) return false;
      base = entryOf(at, idBytes);
      at += idBytes;
    } else if (type == 0 || type == 5) return false;
    store<u8>(headerSizes + entry, <u8>(at - from));
    store<u32>(cell(sizes, entry), <u32>size);
    store<i32>(cell(bases, entry), base);
    store<u8>(types + entry, base == WHOLE ? <u8>type : base == OUTSIDE ? THIN : 0);
  }
  return true;
}

/** The entry of an id; OUTSIDE if the index does not have it. */
function entryOf(id: usize, idBytes: usize): i32 {
  const ids = <usize>word(IDS);
  const fan = <usize>word(FAN_OUT) + (<usize>load<u8>(id) << 2);
  let low: u32 = load<u8>(id) == 0 ? 0 : load<u32>(fan - 4);
  let high = load<u32>(fan);
  const end = high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (memory.compare(ids + <usize>middle * idBytes, id, idBytes) < 0) low = middle + 1;
    else high = middle;
  }
  if (low == end || memory.compare(ids + <usize>low * idBytes, id, idBytes) != 0) return OUTSIDE;
  return load<u32>(cell(word(ENTRIES), low));
}

/** Counts the children that the entries [first, end) are. */
export function countChildren(first: u32, end: u32): void {
  for (let entry = first; entry < end; entry++) {
    const base = load<i32>(cell(bases, entry));
    if (base < 0) continue;
    const own = cell(firstChild, base + 1);
    store<u32>(own, load<u32>(own) + 1);
  }
}

/** Makes numbers of children into where they start. @returns how many there are */
export function startChildren(): u32 {
  let sum: u32 = 0;
  for (let entry: u32 = 0; entry <= count; entry++) {
    sum += load<u32>(cell(firstChild, entry));
    store<u32>(cell(firstChild, entry), sum);
    if (entry < count) store<u32>(cell(spare, entry), sum);
  }
  return sum;
}

/** Puts the entries [first, end) among the children of their bases. */
export function linkChildren(first: u32, end: u32): void {
  for (let entry = first; entry < end; entry++) {
    const base = load<i32>(cell(bases, entry));
    if (base < 0) continue;
    const next = cell(spare, base);
    const place = load<u32>(next);
    store<u32>(cell(children, place), entry);
    store<u32>(next, place + 1);
  }
}

/** Lists the entries that are roots. @param thin - those outside of whose pack the base is. @returns how many */
export function listRoots(thin: bool, list: usize): u32 {
  let filled: u32 = 0;
  for (let entry: u32 = 0; entry < count; entry++) {
    const isRoot = thin ? load<u8>(types + entry) == THIN : load<i32>(cell(bases, entry)) == WHOLE;
    if (isRoot) store<u32>(cell(list, filled++), entry);
  }
  return filled;
}

/** Gives the children of the entries at the places [first, end) of a list their type, and lists them from `filled` on. */
export function spreadTypes(list: usize, first: u32, end: u32, filled: u32): u32 {
  for (let i = first; i < end; i++) {
    const entry = load<u32>(cell(list, i));
    const type = load<u8>(types + entry);
    const stop = load<u32>(cell(firstChild, entry), 4);
    for (let place = load<u32>(cell(firstChild, entry)); place < stop; place++) {
      const child = load<u32>(cell(children, place));
      store<u8>(types + child, type);
      store<u32>(cell(list, filled++), child);
    }
  }
  return filled;
}

/** Begins to count descendants, the entry itself among them. */
export function startWeights(): void {
  for (let entry: u32 = 0; entry < count; entry++) store<u32>(cell(spare, entry), 1);
}

/** Moves the heaviest child of the entries at the places [first, end) of the order to the end; from the last place to the first. */
export function putHeaviestLast(first: u32, end: u32): void {
  for (let i = end; i > first; i--) {
    const entry = load<u32>(cell(order, i - 1));
    const base = load<i32>(cell(bases, entry));
    if (base >= 0) store<u32>(cell(spare, base), load<u32>(cell(spare, base)) + load<u32>(cell(spare, entry)));
    const stop = load<u32>(cell(firstChild, entry), 4);
    const start = load<u32>(cell(firstChild, entry));
    if (stop - start < 2) continue;
    const last = stop - 1;
    let heaviest = last;
    let weight = load<u32>(cell(spare, load<u32>(cell(children, last))));
    for (let place = start; place < last; place++) {
      const own = load<u32>(cell(spare, load<u32>(cell(children, place))));
      if (own <= weight) continue;
      heaviest = place;
      weight = own;
    }
    if (heaviest == last) continue;
    const moved = load<u32>(cell(children, heaviest));
    store<u32>(cell(children, heaviest), load<u32>(cell(children, last)));
    store<u32>(cell(children, last), moved);
  }
}
