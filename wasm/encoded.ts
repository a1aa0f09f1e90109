// Encoded runs around a hit, decoded to see whether anything in them is worth a look: as `src/detect/decode/runs.ts` and
// `escapes.ts` do, for what is short and common. Everything else may hold something.

import { setContext } from './context';
import { ESCAPE, PERCENT, undoEscapes } from './escapes';
import { decodeDigits, digitsBefore, findDigits, initRuns, runEnd, runStart, setRunText, skipFor, stretchStart } from './runs';

/** As literals are marked in `src/prefilter/literal-columns.ts`. */
export const PLAIN: u32 = 0;
const BASE64: u32 = 1;
const HEX: u32 = 2;

/** Longer runs are left to others. */
const LONGEST: usize = 64 << 10;
/** What ends a run of lines lies so near to it. */
const BESIDE: usize = 128;

/** Bytes of its own, and where in them tables and what is decoded lie. */
const DECODED: usize = 40 << 10;

let decoded: usize = 0;

/** Of the run that was decoded last. */
let lastForm: u32 = 0;
let lastStart: usize = 0;
let lastEnd: usize = 0;
let lastSkip: u32 = 0;

/** Where what was decoded lies. */
export function decodedText(): usize {
  return decoded;
}

/** Says where there are 104 KiB for this module. */
export function openEncoded(own: usize): void {
  setContext(own);
  initRuns();
  decoded = own + DECODED;
  forgetRun(0);
}

/** Bytes that may still be read: text that is full of hits in long runs is for others to say. */
let left: isize = 0;
const BUDGET: usize = 64 << 10;
const BUDGET_A_BYTE: usize = 8;
/** What searching a byte takes, in bytes that are read. */
const SEARCHED: usize = 8;

/** Before another text of so many bytes is looked at. */
export function forgetRun(length: usize): void {
  lastForm = PLAIN;
  left = BUDGET + BUDGET_A_BYTE * length;
}

/** What `decodeRun` found. */
export const SAME: i32 = -1;
export const UNKNOWN: i32 = -2;

/**
 * Decodes the run around a hit.
 *
 * @param first - of the bytes that are known
 * @param last - past those
 * @param isStart - nothing is before `first`
 * @param isEnd - nothing is behind `last`
 * @returns how many bytes it decodes to, at `decodedText`; SAME if they are those of the last call, UNKNOWN if it is not for
 *   this module to say
 */
export function decodeRun(
  form: u32,
  phase: u32,
  start: usize,
  end: usize,
  first: usize,
  last: usize,
  isStart: bool,
  isEnd: bool,
): i32 {
  if (left < 0) return UNKNOWN;
  if (form == PERCENT || form == ESCAPE) return escapes(form, start, end, first, last, isStart, isEnd);
  if (form != BASE64 && form != HEX) return UNKNOWN;
  // What is farther away is of no run that is short enough.
  const from = start - first > LONGEST + BESIDE ? start - LONGEST - BESIDE : first;
  const to = last - end > LONGEST + BESIDE ? end + LONGEST + BESIDE : last;
  const encoding = form == BASE64 ? BASE64 | (phase << 8) : HEX;
  setRunText(from, <u32>(to - from), encoding);
  findDigits(<u32>(start - from), <u32>(end - from));
  const runFrom = from + runStart;
  const runTo = from + runEnd;
  left -= runTo - runFrom;
  if (runTo - runFrom > LONGEST) return UNKNOWN;
  if (runFrom - from < BESIDE && (from > first || !isStart)) return UNKNOWN;
  if (to - runTo < BESIDE && (to < last || !isEnd)) return UNKNOWN;
  // No more digits are left out than there are before the hit.
  const before = digitsBefore + (<u32>(start - from) - stretchStart);
  const skip = min(skipFor(<u32>(start - from), encoding), before);
  if (isLast(form, runFrom, runTo, skip)) return SAME;
  left -= SEARCHED * (runTo - runFrom);
  return decodeDigits(<u32>(start - from), skip, encoding, decoded);
}

function isLast(form: u32, start: usize, end: usize, skip: u32): bool {
  if (form == lastForm && start == lastStart && end == lastEnd && skip == lastSkip) return true;
  lastForm = form;
  lastStart = start;
  lastEnd = end;
  lastSkip = skip;
  return false;
}

/** Neither a quote nor a control character; in a word nor a blank or angle bracket. */
function isIn(form: u32, byte: u32): bool {
  if (byte < 0x20 || byte > 0x7e || byte == 0x22 || byte == 0x27 || byte == 0x60) return false;
  return form == ESCAPE || (byte != 0x20 && byte != 0x3c && byte != 0x3e);
}

function escapes(form: u32, start: usize, end: usize, first: usize, last: usize, isStart: bool, isEnd: bool): i32 {
  const lowest = end - first > LONGEST ? end - LONGEST : first;
  while (start > lowest && isIn(form, load<u8>(start - 1))) start--;
  const highest = last - start > LONGEST ? start + LONGEST : last;
  while (end < highest && isIn(form, load<u8>(end))) end++;
  left -= end - start;
  if ((start == lowest && (lowest > first || !isStart)) || (end == highest && (highest < last || !isEnd))) return UNKNOWN;
  if (isLast(form, start, end, 0)) return SAME;
  left -= SEARCHED * (end - start);
  return <i32>undoEscapes(form, start, end, decoded);
}
