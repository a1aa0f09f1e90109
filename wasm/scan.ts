// The prefilter: one pass over the bytes finds every occurrence of every literal.
//
// A dense Aho–Corasick automaton (docs/PREFILTER.md). A state is the address of its row; a row holds,
// for each class of bytes, the address of the next one. Rows of states in which a literal ends lie
// at or above one constant and have one more column: the address of their list of literals.
// Long literals are searched by their last bytes, their piece, and compared where that was found.
// Reading one stream is bound by the latency of two loads a byte, so four are read side by side.

/** Bytes that four streams take in one go; bounds the marks of a go. */
const STRETCH: usize = 24 << 10;
/** A mark is 8 bytes: where a literal ends, and the row that says so. */
const MARK: usize = 8;
const STREAMS: usize = 4;
/** Marks of one stream in one go, at most one a byte. */
const MARKS_OF_STREAM: usize = (STRETCH / STREAMS + 512) * MARK;

/** Bytes of scratch that `setAutomaton` must be given. */
export const MARKS_BYTES: usize = STREAMS * MARKS_OF_STREAM;

/** A hit is 8 bytes: the offset just behind the literal, and the literal's number. */
export const HIT: usize = 8;

/** Bytes of a literal that the automaton knows, at most. `src/kernel/automaton.ts` says the same. */
export const PIECE: u32 = 8;
/** Set in a literal's length if case counts. */
const EXACT: u32 = 0x80000000;
/** Set in a list of literals for one that must be compared: it has case, or more bytes than a piece. */
const COMPARED: u32 = 0x80000000;

let classes: usize = 0;
let rootRow: usize = 0;
let firstAccepting: usize = 0;
let listColumn: usize = 0;
let literalTable: usize = 0;
let overlap: usize = 0;
/** Bytes of the longest piece. */
export let longestPiece: usize = 1;
let mostHitsAtOnce: usize = 0;
let marks: usize = 0;
/** Whether literals are compared no further than their pieces go. */
let areCompared: bool = true;

/** Where the last call left off: hits end before or at this offset have all been reported. */
export let scanned: usize = 0;

/**
 * Says which automaton to run.
 *
 * @param classTable - 256 bytes: the class of each byte
 * @param root - address of the root's row
 * @param accepting - address of the first accepting row; all others lie below
 * @param classCount - columns of a row
 * @param literals - for each literal, address (u32) and length (u32) of its bytes, the highest bit set if case counts
 * @param longest - bytes of the longest literal, 1 to 256
 * @param most - most literals that end at one place
 * @param scratch - MARKS_BYTES of memory
 */
export function setAutomaton(
  classTable: usize,
  root: usize,
  accepting: usize,
  classCount: u32,
  literals: usize,
  longest: u32,
  most: u32,
  scratch: usize,
): void {
  classes = classTable;
  rootRow = root;
  firstAccepting = accepting;
  listColumn = (<usize>classCount) << 2;
  literalTable = literals;
  longestPiece = min(longest, PIECE);
  overlap = longestPiece - 1;
  mostHitsAtOnce = most;
  marks = scratch;
}

// @ts-ignore: decorator
@inline
export function lengthOf(literal: u32): u32 {
  return load<u32>(literalTable + ((<usize>literal) << 3), 4) & ~EXACT;
}

// @ts-ignore: decorator
@inline
export function pieceOf(literal: u32): u32 {
  return min(lengthOf(literal), PIECE);
}

/** Like `scan`, with long literals reported wherever their piece stands. */
export function scanPieces(text: usize, length: usize, from: usize, hits: usize, capacity: usize): usize {
  areCompared = false;
  const count = scan(text, length, from, hits, capacity);
  areCompared = true;
  return count;
}

/**
 * Finds literals that end in (from, length] of a text; those that start before `from` are found
 * too, because reading starts early enough.
 *
 * @returns the number of hits written to `hits`, in order of their ends; `scanned` then is `length`,
 *   or less if `capacity` hits might not have been enough: call again with `from` = `scanned`
 */
export function scan(text: usize, length: usize, from: usize, hits: usize, capacity: usize): usize {
  const limit = hits + capacity * HIT;
  let to = hits;
  while (from < length) {
    const stop = min(from + STRETCH, length);
    const end = stretch(text, from, stop, to, limit);
    if (end == 0) break;
    to = end;
    from = stop;
  }
  scanned = from;
  return (to - hits) / HIT;
}

// @ts-ignore: decorator
@inline
function next(row: usize, table: usize, at: usize): usize {
  return <usize>load<u32>(row + ((<usize>load<u8>(table + load<u8>(at))) << 2));
}

// @ts-ignore: decorator
@inline
function afterNext(row: usize, table: usize, at: usize): usize {
  return <usize>load<u32>(row + ((<usize>load<u8>(table + load<u8>(at, 1))) << 2));
}

// @ts-ignore: decorator
@inline
function mark(to: usize, at: usize, row: usize): usize {
  store<u32>(to, <u32>at);
  store<u32>(to, <u32>row, 4);
  return to + MARK;
}

/** One go. Returns the end of the hits written, or 0 if they might not have fitted. */
function stretch(text: usize, from: usize, stop: usize, hits: usize, limit: usize): usize {
  const begin = text + from - min(overlap, from);
  const length = text + stop - begin;
  if (length < 8 * overlap + 64) return single(text, from, begin, text + stop, hits, limit);
  // Later streams start `overlap` early, so that no literal is lost at a cut. Two bytes are read at a time.
  const share = ((length + 3 * overlap) / STREAMS) & ~1;
  let at0 = begin;
  let at1 = begin + share - overlap;
  let at2 = at1 + share - overlap;
  let at3 = at2 + share - overlap;
  const end0 = at0 + share;
  const end1 = at1 + share;
  const end2 = at2 + share;
  const table = classes;
  const accepting = firstAccepting;
  let row0 = rootRow;
  let row1 = rootRow;
  let row2 = rootRow;
  let row3 = rootRow;
  let marks0 = marks;
  let marks1 = marks0 + MARKS_OF_STREAM;
  let marks2 = marks1 + MARKS_OF_STREAM;
  let marks3 = marks2 + MARKS_OF_STREAM;
  while (at0 < end0) {
    row0 = next(row0, table, at0);
    row1 = next(row1, table, at1);
    row2 = next(row2, table, at2);
    row3 = next(row3, table, at3);
    if (row0 >= accepting) marks0 = mark(marks0, at0 + 1, row0);
    if (row1 >= accepting) marks1 = mark(marks1, at1 + 1, row1);
    if (row2 >= accepting) marks2 = mark(marks2, at2 + 1, row2);
    if (row3 >= accepting) marks3 = mark(marks3, at3 + 1, row3);
    row0 = afterNext(row0, table, at0);
    row1 = afterNext(row1, table, at1);
    row2 = afterNext(row2, table, at2);
    row3 = afterNext(row3, table, at3);
    at0 += 2;
    at1 += 2;
    at2 += 2;
    at3 += 2;
    if (row0 >= accepting) marks0 = mark(marks0, at0, row0);
    if (row1 >= accepting) marks1 = mark(marks1, at1, row1);
    if (row2 >= accepting) marks2 = mark(marks2, at2, row2);
    if (row3 >= accepting) marks3 = mark(marks3, at3, row3);
  }
  // What four equal and even shares leave over: seven bytes at most.
  for (const end3 = text + stop; at3 < end3; ) {
    row3 = next(row3, table, at3);
    at3++;
    if (row3 >= accepting) marks3 = mark(marks3, at3, row3);
  }
  hits = report(marks, marks0, text, text + from, hits, limit);
  if (hits) hits = report(marks + MARKS_OF_STREAM, marks1, text, end0, hits, limit);
  if (hits) hits = report(marks + 2 * MARKS_OF_STREAM, marks2, text, end1, hits, limit);
  if (hits) hits = report(marks + 3 * MARKS_OF_STREAM, marks3, text, end2, hits, limit);
  return hits;
}

/** The same with one stream, for texts too short to share out. */
function single(text: usize, from: usize, at: usize, end: usize, hits: usize, limit: usize): usize {
  const table = classes;
  const accepting = firstAccepting;
  let row = rootRow;
  let to = marks;
  while (at < end) {
    row = next(row, table, at);
    at++;
    if (row >= accepting) to = mark(to, at, row);
  }
  return report(marks, to, text, text + from, hits, limit);
}

/** Turns marks behind `after` into hits; earlier ones belong to the stream before. */
function report(mark: usize, end: usize, text: usize, after: usize, hits: usize, limit: usize): usize {
  for (; mark < end; mark += MARK) {
    const at = <usize>load<u32>(mark);
    if (at <= after) continue;
    if (hits + mostHitsAtOnce * HIT > limit) return 0;
    // A list, then those of ever shorter suffixes.
    for (
      let list = <usize>load<u32>(<usize>load<u32>(mark, 4) + listColumn);
      list != 0;
      list = <usize>load<u32>(list)
    ) {
      let n = load<u32>(list, 4);
      for (list += 8; n > 0; n--, list += 4) {
        const literal = load<u32>(list);
        if (literal & COMPARED && !endsWith(text, at, literal ^ COMPARED)) continue;
        store<u32>(hits, <u32>(at - text));
        store<u32>(hits, literal & ~COMPARED, 4);
        hits += HIT;
      }
    }
  }
  return hits;
}

function endsWith(text: usize, end: usize, literal: u32): bool {
  const length = lengthOf(literal);
  if (!areCompared) return isThere(end - min(length, PIECE), literal, length - min(length, PIECE));
  return end - text >= <usize>length && isThere(end - length, literal, 0);
}

/** Whether a literal stands at an address, but for so many bytes of its start. */
export function isThere(at: usize, literal: u32, without: u32): bool {
  const entry = literalTable + ((<usize>literal) << 3);
  const bytes = <usize>load<u32>(entry) + without;
  const isExact = (load<u32>(entry, 4) & EXACT) != 0;
  const length = lengthOf(literal) - without;
  for (let i: usize = 0; i < length; i++) {
    const wanted = <u32>load<u8>(bytes + i);
    const found = <u32>load<u8>(at + i);
    if (wanted != found && (isExact || fold(wanted) != fold(found))) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function fold(byte: u32): u32 {
  return byte - 0x41 < 26 ? byte + 32 : byte;
}
