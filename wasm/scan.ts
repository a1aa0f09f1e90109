// The prefilter: one pass over the bytes finds every occurrence of every literal.
//
// A dense Aho–Corasick automaton (docs/PREFILTER.md). A state is the address of its row; a row holds,
// for each class of bytes, the address of the next one. Rows of states in which a literal ends lie
// at or above one constant and have one more column: the address of their list of literals.
// Reading one stream is bound by the latency of two loads a byte, so three are read side by side.

/** Bytes that three streams take in one go; bounds the marks of a go. */
const STRETCH: usize = 24 << 10;
/** A mark is 8 bytes: where a literal ends, and the row that says so. */
const MARK: usize = 8;
/** Marks of one stream in one go, at most one a byte. */
const MARKS_OF_STREAM: usize = (STRETCH / 3 + 512) * MARK;

/** Bytes of scratch that `setAutomaton` must be given. */
export const MARKS_BYTES: usize = 3 * MARKS_OF_STREAM;

/** A hit is 8 bytes: the offset just behind the literal, and the literal's number. */
export const HIT: usize = 8;

/** Set in a list of literals for one that must be compared with case. */
export const EXACT: u32 = 0x80000000;

let classes: usize = 0;
let rootRow: usize = 0;
let firstAccepting: usize = 0;
let listColumn: usize = 0;
export let literalTable: usize = 0;
let overlap: usize = 0;
/** Bytes of the longest literal. */
export let longestLiteral: usize = 1;
let mostHitsAtOnce: usize = 0;
let marks: usize = 0;

/** Where the last call left off: hits end before or at this offset have all been reported. */
export let scanned: usize = 0;

/**
 * Says which automaton to run.
 *
 * @param classTable - 256 bytes: the class of each byte
 * @param root - address of the root's row
 * @param accepting - address of the first accepting row; all others lie below
 * @param classCount - columns of a row
 * @param literals - for each literal, address (u32) and length (u32) of its bytes
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
  overlap = longest - 1;
  longestLiteral = longest;
  mostHitsAtOnce = most;
  marks = scratch;
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

/** One go. Returns the end of the hits written, or 0 if they might not have fitted. */
function stretch(text: usize, from: usize, stop: usize, hits: usize, limit: usize): usize {
  const begin = text + from - min(overlap, from);
  const length = text + stop - begin;
  if (length < 4 * overlap + 64) return single(text, from, begin, text + stop, hits, limit);
  // Later streams start `overlap` early, so that no literal is lost at a cut.
  const share = (length + 2 * overlap) / 3;
  let at0 = begin;
  let at1 = begin + share - overlap;
  let at2 = at1 + share - overlap;
  const end0 = at0 + share;
  const end1 = at1 + share;
  const table = classes;
  const accepting = firstAccepting;
  let row0 = rootRow;
  let row1 = rootRow;
  let row2 = rootRow;
  let marks0 = marks;
  let marks1 = marks + MARKS_OF_STREAM;
  let marks2 = marks1 + MARKS_OF_STREAM;
  while (at0 < end0) {
    row0 = <usize>load<u32>(row0 + ((<usize>load<u8>(table + load<u8>(at0))) << 2));
    row1 = <usize>load<u32>(row1 + ((<usize>load<u8>(table + load<u8>(at1))) << 2));
    row2 = <usize>load<u32>(row2 + ((<usize>load<u8>(table + load<u8>(at2))) << 2));
    at0++;
    at1++;
    at2++;
    if (row0 >= accepting) {
      store<u32>(marks0, at0);
      store<u32>(marks0, row0, 4);
      marks0 += MARK;
    }
    if (row1 >= accepting) {
      store<u32>(marks1, at1);
      store<u32>(marks1, row1, 4);
      marks1 += MARK;
    }
    if (row2 >= accepting) {
      store<u32>(marks2, at2);
      store<u32>(marks2, row2, 4);
      marks2 += MARK;
    }
  }
  // What three equal shares leave over: two bytes at most.
  for (const end2 = text + stop; at2 < end2;) {
    row2 = <usize>load<u32>(row2 + ((<usize>load<u8>(table + load<u8>(at2))) << 2));
    at2++;
    if (row2 >= accepting) {
      store<u32>(marks2, at2);
      store<u32>(marks2, row2, 4);
      marks2 += MARK;
    }
  }
  hits = report(marks, marks0, text, text + from, hits, limit);
  if (hits) hits = report(marks + MARKS_OF_STREAM, marks1, text, end0, hits, limit);
  if (hits) hits = report(marks + 2 * MARKS_OF_STREAM, marks2, text, end1, hits, limit);
  return hits;
}

/** The same with one stream, for texts too short to share out. */
function single(text: usize, from: usize, at: usize, end: usize, hits: usize, limit: usize): usize {
  const table = classes;
  const accepting = firstAccepting;
  let row = rootRow;
  let to = marks;
  while (at < end) {
    row = <usize>load<u32>(row + ((<usize>load<u8>(table + load<u8>(at))) << 2));
    at++;
    if (row >= accepting) {
      store<u32>(to, at);
      store<u32>(to, row, 4);
      to += MARK;
    }
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
    for (let list = <usize>load<u32>(<usize>load<u32>(mark, 4) + listColumn); list != 0; list = <usize>load<u32>(list)) {
      let n = load<u32>(list, 4);
      for (list += 8; n > 0; n--, list += 4) {
        const literal = load<u32>(list);
        if (literal & EXACT && !endsWith(at, literal ^ EXACT)) continue;
        store<u32>(hits, <u32>(at - text));
        store<u32>(hits, literal & ~EXACT, 4);
        hits += HIT;
      }
    }
  }
  return hits;
}

function endsWith(end: usize, literal: u32): bool {
  const entry = literalTable + ((<usize>literal) << 3);
  const bytes = <usize>load<u32>(entry);
  const length = <usize>load<u32>(entry, 4);
  const start = end - length;
  for (let i: usize = 0; i < length; i++) {
    if (load<u8>(start + i) != load<u8>(bytes + i)) return false;
  }
  return true;
}
