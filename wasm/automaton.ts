// Builds the automaton that `scan.ts` runs, in one pass from the root down (docs/PREFILTER.md).
//
// A state is known by the literals that begin with it: a stretch of `order`, sorted one byte further in each child. Its row
// is that of the longest proper suffix that is a state, which is shallower and so complete, with its own children over it.

import { PIECE } from './scan';

/** As in `scan.ts`: in a literal's length, case counts; in a list, it must be compared. */
const EXACT: u32 = 0x80000000;
const COMPARED: u32 = 0x80000000;

/** A state whose row is to be written: the row, that of its suffix, and its stretch of `order`. */
const NODE: usize = 16;
/** Of a list of literals: how many end there in all, how many the list itself has, those, and the suffix's list or 0. */
const OWN: usize = 4;
const FIRST: usize = 8;

let literalTable: usize = 0;
let classes: usize = 0;
let classCount: u32 = 0;
let rowBytes: usize = 0;
let order: usize = 0;
let sorted: usize = 0;
let counts: usize = 0;
let nextList: usize = 0;
let nextNode: usize = 0;
let root: usize = 0;
/** The end of the rows without literals, which grow up, and the start of those with, which grow down. */
let silentEnd: usize = 0;
let loudStart: usize = 0;
let most: u32 = 0;

/** Sets the byte of `used` for each byte that stands from `text` to `end`, small for capital letters. */
export function markUsed(text: usize, end: usize, used: usize): void {
  for (let at = text; at < end; at++) {
    const byte = <u32>load<u8>(at);
    store<u8>(used + (byte - 0x41 < 26 ? byte + 32 : byte), 1);
  }
}

/**
 * Lays out the rows of all states.
 *
 * @param literals - as for `setAutomaton`
 * @param classTable - 256 bytes: the class of each byte
 * @param rows - zeros; room for a row of `classCount` + 1 words for each state
 * @param lists - room for 4 words for each literal
 * @param scratch - the literals' numbers, those that are to be listed first at one end before others; then room for a
 *   word for each literal, 256 words, and 4 for each state
 * @param out - receives root, the first row with literals, and the most literals that end at one place
 */
export function buildAutomaton(
  literals: usize,
  count: u32,
  classTable: usize,
  classesUsed: u32,
  rows: usize,
  rowsEnd: usize,
  lists: usize,
  scratch: usize,
  out: usize,
): void {
  literalTable = literals;
  classes = classTable;
  classCount = classesUsed;
  rowBytes = (<usize>classesUsed) << 2;
  order = scratch;
  sorted = order + ((<usize>count) << 2);
  counts = sorted + ((<usize>count) << 2);
  nextList = lists;
  root = rows;
  silentEnd = rows + rowBytes;
  loudStart = rowsEnd;
  most = 0;
  const nodes = counts + 1024;
  nextNode = nodes;
  addNode(root, 0, 0, count);
  let levelEnd = nextNode;
  let depth: u32 = 0;
  for (let node = nodes; node < nextNode; node += NODE) {
    if (node == levelEnd) {
      depth++;
      levelEnd = nextNode;
    }
    complete(node, depth);
  }
  store<u32>(out, <u32>root);
  store<u32>(out, <u32>loudStart, 4);
  store<u32>(out, most, 8);
}

function addNode(row: usize, suffix: usize, from: u32, to: u32): void {
  store<u32>(nextNode, <u32>row);
  store<u32>(nextNode, <u32>suffix, 4);
  store<u32>(nextNode, from, 8);
  store<u32>(nextNode, to, 12);
  nextNode += NODE;
}

/** Writes a state's row and sets out on its children. */
function complete(node: usize, depth: u32): void {
  const row = <usize>load<u32>(node);
  const suffix = <usize>load<u32>(node, 4);
  const from = load<u32>(node, 8);
  const to = load<u32>(node, 12);
  if (suffix == 0) for (let at = row; at < row + rowBytes; at += 4) store<u32>(at, <u32>row);
  else memory.copy(row, suffix, rowBytes);
  if (to - from > 1) {
    sortByClass(from, to, depth);
    let first = from;
    for (let symbol: u32 = 0; symbol < classCount; symbol++) {
      const end = load<u32>(counts + ((<usize>symbol) << 2));
      if (end > first) addChild(row, symbol, first, end, depth + 1);
      first = end;
    }
  } else if (to > from) {
    addChild(row, classAt(from, depth), from, to, depth + 1);
  }
}

// @ts-ignore: decorator
@inline
function literalAt(place: u32): u32 {
  return load<u32>(order + ((<usize>place) << 2));
}

function classAt(place: u32, depth: u32): u32 {
  const entry = literalTable + ((<usize>literalAt(place)) << 3);
  const length = load<u32>(entry, 4) & ~EXACT;
  const piece = load<u32>(entry) + (length > PIECE ? length - PIECE : 0);
  return load<u8>(classes + load<u8>(<usize>(piece + depth)));
}

/** Sorts a stretch by its literals' class at `depth`, keeping the order of equals; `counts` then says where each class ends. */
function sortByClass(from: u32, to: u32, depth: u32): void {
  memory.fill(counts, 0, rowBytes);
  for (let i = from; i < to; i++) {
    const cell = counts + ((<usize>classAt(i, depth)) << 2);
    store<u32>(cell, load<u32>(cell) + 1);
  }
  let start = from;
  for (let cell = counts; cell < counts + rowBytes; cell += 4) {
    const size = load<u32>(cell);
    store<u32>(cell, start);
    start += size;
  }
  for (let i = from; i < to; i++) {
    const cell = counts + ((<usize>classAt(i, depth)) << 2);
    const place = load<u32>(cell);
    store<u32>(sorted + ((<usize>place) << 2), literalAt(i));
    store<u32>(cell, place + 1);
  }
  memory.copy(order + ((<usize>from) << 2), sorted + ((<usize>from) << 2), (<usize>(to - from)) << 2);
}

function addChild(row: usize, symbol: u32, from: u32, to: u32, depth: u32): void {
  const cell = row + ((<usize>symbol) << 2);
  // The suffix of the root's children is the root, and what its row says already.
  const suffix = <usize>load<u32>(cell);
  const own = endingFirst(from, to, depth);
  let child = silentEnd;
  if (own > 0 || suffix >= loudStart) {
    const inherited = suffix >= loudStart ? <usize>load<u32>(suffix + rowBytes) : 0;
    loudStart -= rowBytes + 4;
    child = loudStart;
    store<u32>(child + rowBytes, <u32>(own > 0 ? addList(from, own, inherited) : inherited));
  } else {
    silentEnd += rowBytes;
  }
  store<u32>(cell, <u32>child);
  addNode(child, suffix, from + own, to);
}

/** Brings those of a stretch that end at `depth` to its start. Returns how many there are. */
function endingFirst(from: u32, to: u32, depth: u32): u32 {
  let ending = from;
  let kept = sorted;
  for (let i = from; i < to; i++) {
    const literal = literalAt(i);
    if (min(load<u32>(literalTable + ((<usize>literal) << 3), 4) & ~EXACT, PIECE) == depth) {
      store<u32>(order + ((<usize>ending) << 2), literal);
      ending++;
    } else {
      store<u32>(kept, literal);
      kept += 4;
    }
  }
  if (ending > from) memory.copy(order + ((<usize>ending) << 2), sorted, kept - sorted);
  return ending - from;
}

function addList(from: u32, own: u32, suffix: usize): usize {
  const list = nextList;
  const total = own + (suffix == 0 ? 0 : load<u32>(suffix));
  most = max(most, total);
  store<u32>(list, total);
  store<u32>(list, own, OWN);
  let at = list + FIRST;
  for (let i = from; i < from + own; i++, at += 4) {
    const literal = literalAt(i);
    // Case, too, is in the highest bit: what has either is above.
    const isCompared = load<u32>(literalTable + ((<usize>literal) << 3), 4) > PIECE;
    store<u32>(at, isCompared ? literal | COMPARED : literal);
  }
  store<u32>(at, <u32>suffix);
  nextList = at + 4;
  return list;
}
