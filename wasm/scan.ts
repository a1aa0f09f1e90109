// The prefilter: one pass over the bytes finds every occurrence of every literal.
//
// A dense Aho–Corasick automaton (docs/PREFILTER.md). A state is the address of its row; a row holds,
// for each class of bytes, the address of the next one. Rows of states in which a literal ends lie
// at or above one constant and have one more column: the address of their list of literals.
// Long literals are searched by their last bytes, their piece, and compared where that was found.
// Reading one stream is bound by the latency of its loads, so eight are read side by side. Each is copied to a lane first: lanes
// are so far apart that one address and constant offsets reach all of them.

/** Bytes that all streams take in one go; bounds the marks of a go. */
const STRETCH: usize = 16 << 10;
/** A mark is 8 bytes: where a literal ends, and the row that says so. */
const MARK: usize = 8;
const STREAMS: usize = 8;
/** From one lane to the next: its share, what overlaps, what is left over, and a vector more. No multiple of a large power of two. */
const LANE: usize = STRETCH / STREAMS + 64;
/** Marks of one stream in one go, at most one a byte. */
const MARKS_OF_STREAM: usize = LANE * MARK;

// Behind the marks in the scratch: the lanes, and where the marks of each stream end so far.
const LANES: usize = STREAMS * MARKS_OF_STREAM;
const MARK_ENDS: usize = LANES + STREAMS * LANE;

/** Bytes of scratch that `setAutomaton` must be given. */
export const MARKS_BYTES: usize = MARK_ENDS + STREAMS * 4;

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
function next(row: usize, table: usize, byte: u8): usize {
  return <usize>load<u32>(row + ((<usize>load<u8>(table + byte)) << 2));
}

// @ts-ignore: decorator
@inline
function mark(stream: usize, at: usize, row: usize): void {
  const slot = marks + MARK_ENDS + (stream << 2);
  const to = <usize>load<u32>(slot);
  store<u32>(to, <u32>at);
  store<u32>(to, <u32>row, 4);
  store<u32>(slot, <u32>(to + MARK));
}

/** One go. Returns the end of the hits written, or 0 if they might not have fitted. */
function stretch(text: usize, from: usize, stop: usize, hits: usize, limit: usize): usize {
  const begin = text + from - min(overlap, from);
  const length = text + stop - begin;
  // A share is copied in vectors, and has to be worth its overlap.
  if (length < STREAMS * (16 + 2 * overlap)) return single(text, from, begin, text + stop, hits, limit);
  // Later streams start `overlap` early, so that no literal is lost at a cut. Two bytes are read at a time.
  const share = ((length + (STREAMS - 1) * overlap) / STREAMS) & ~1;
  const step = share - overlap;
  // Equal and even shares leave some bytes over.
  const rest = length - STREAMS * share + (STREAMS - 1) * overlap;
  const lanes = marks + LANES;
  for (let stream: usize = 0; stream < STREAMS; stream++) {
    const lane = lanes + stream * LANE;
    copyShare(lane, begin + stream * step, stream == STREAMS - 1 ? share + rest : share);
    store<u32>(marks + MARK_ENDS + (stream << 2), <u32>(marks + stream * MARKS_OF_STREAM));
  }
  let row = readLanes(lanes, share);
  const last = lanes + (STREAMS - 1) * LANE + share;
  for (let at = last; at < last + rest; ) {
    row = next(row, classes, load<u8>(at));
    at++;
    if (row >= firstAccepting) mark(STREAMS - 1, at, row);
  }
  let after = text + from;
  for (let stream: usize = 0; stream < STREAMS; stream++) {
    const first = marks + stream * MARKS_OF_STREAM;
    const end = <usize>load<u32>(marks + MARK_ENDS + (stream << 2));
    const start = begin + stream * step;
    hits = report(first, end, text, start - (lanes + stream * LANE), after, hits, limit);
    if (hits == 0) break;
    after = start + share;
  }
  return hits;
}

/** Copies at least 16 bytes, and reads no others. */
// @ts-ignore: decorator
@inline
function copyShare(to: usize, from: usize, length: usize): void {
  const last = length - 16;
  for (let at: usize = 0; at < last; at += 16) v128.store(to + at, v128.load(from + at));
  v128.store(to + last, v128.load(from + last));
}

/** Reads so many bytes of each lane, an even number. Returns the row that the last stream has come to. */
function readLanes(at: usize, share: usize): usize {
  const end = at + share;
  const table = classes;
  const accepting = firstAccepting;
  let row0 = rootRow;
  let row1 = rootRow;
  let row2 = rootRow;
  let row3 = rootRow;
  let row4 = rootRow;
  let row5 = rootRow;
  let row6 = rootRow;
  let row7 = rootRow;
  while (at < end) {
    row0 = next(row0, table, load<u8>(at));
    row1 = next(row1, table, load<u8>(at, LANE));
    row2 = next(row2, table, load<u8>(at, 2 * LANE));
    row3 = next(row3, table, load<u8>(at, 3 * LANE));
    row4 = next(row4, table, load<u8>(at, 4 * LANE));
    row5 = next(row5, table, load<u8>(at, 5 * LANE));
    row6 = next(row6, table, load<u8>(at, 6 * LANE));
    row7 = next(row7, table, load<u8>(at, 7 * LANE));
    if (row0 >= accepting) mark(0, at + 1, row0);
    if (row1 >= accepting) mark(1, at + 1 + LANE, row1);
    if (row2 >= accepting) mark(2, at + 1 + 2 * LANE, row2);
    if (row3 >= accepting) mark(3, at + 1 + 3 * LANE, row3);
    if (row4 >= accepting) mark(4, at + 1 + 4 * LANE, row4);
    if (row5 >= accepting) mark(5, at + 1 + 5 * LANE, row5);
    if (row6 >= accepting) mark(6, at + 1 + 6 * LANE, row6);
    if (row7 >= accepting) mark(7, at + 1 + 7 * LANE, row7);
    row0 = next(row0, table, load<u8>(at, 1));
    row1 = next(row1, table, load<u8>(at, LANE + 1));
    row2 = next(row2, table, load<u8>(at, 2 * LANE + 1));
    row3 = next(row3, table, load<u8>(at, 3 * LANE + 1));
    row4 = next(row4, table, load<u8>(at, 4 * LANE + 1));
    row5 = next(row5, table, load<u8>(at, 5 * LANE + 1));
    row6 = next(row6, table, load<u8>(at, 6 * LANE + 1));
    row7 = next(row7, table, load<u8>(at, 7 * LANE + 1));
    if (row0 >= accepting) mark(0, at + 2, row0);
    if (row1 >= accepting) mark(1, at + 2 + LANE, row1);
    if (row2 >= accepting) mark(2, at + 2 + 2 * LANE, row2);
    if (row3 >= accepting) mark(3, at + 2 + 3 * LANE, row3);
    if (row4 >= accepting) mark(4, at + 2 + 4 * LANE, row4);
    if (row5 >= accepting) mark(5, at + 2 + 5 * LANE, row5);
    if (row6 >= accepting) mark(6, at + 2 + 6 * LANE, row6);
    if (row7 >= accepting) mark(7, at + 2 + 7 * LANE, row7);
    at += 2;
  }
  return row7;
}

/** The same with one stream, for texts too short to share out. */
function single(text: usize, from: usize, at: usize, end: usize, hits: usize, limit: usize): usize {
  const table = classes;
  const accepting = firstAccepting;
  let row = rootRow;
  let to = marks;
  while (at < end) {
    row = next(row, table, load<u8>(at));
    at++;
    if (row >= accepting) {
      store<u32>(to, <u32>at);
      store<u32>(to, <u32>row, 4);
      to += MARK;
    }
  }
  return report(marks, to, text, 0, text + from, hits, limit);
}

/** Turns marks behind `after` into hits; earlier ones belong to the stream before. The text is `shift` from where marks say. */
function report(mark: usize, end: usize, text: usize, shift: usize, after: usize, hits: usize, limit: usize): usize {
  for (; mark < end; mark += MARK) {
    const at = <usize>load<u32>(mark) + shift;
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
