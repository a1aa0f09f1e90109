// Runs of base64 and hex around a hit, as `src/detect/decode/runs.ts` finds and decodes them.

import { BASE64_VALUES, HEX_VALUES, context } from './context';

/** How a literal is encoded, in its traits: what it is, and from PHASE on the digits of its run before it, modulo a group's. */
export const BASE64: u32 = 1;
export const HEX: u32 = 2;
const FORM: u32 = 0xff;
const PHASE: u32 = 8;

const NO_DIGIT: u8 = 255;
/** A line of a run that goes on in another line has so many digits at least. */
const WRAPPED_LINE: u32 = 32;
/** Most blanks before a line that goes on. */
const INDENT: u32 = 64;

let text: usize = 0;
let size: u32 = 0;
let digits: usize = 0;

/** Of the run that was found last. */
export let runStart: u32 = 0;
export let runEnd: u32 = 0;
/** Digits without a break around its hit, and how many come before them in the run. */
export let stretchStart: u32 = 0;
export let stretchEnd: u32 = 0;
export let digitsBefore: u32 = 0;

export function initRuns(): void {
  memory.fill(context + BASE64_VALUES, NO_DIGIT, 512);
  for (let i: u32 = 0; i < 26; i++) {
    store<u8>(context + BASE64_VALUES + 0x41 + i, <u8>i);
    store<u8>(context + BASE64_VALUES + 0x61 + i, <u8>(26 + i));
  }
  for (let i: u32 = 0; i < 10; i++) {
    store<u8>(context + BASE64_VALUES + 0x30 + i, <u8>(52 + i));
    store<u8>(context + HEX_VALUES + 0x30 + i, <u8>i);
  }
  for (let i: u32 = 0; i < 6; i++) {
    store<u8>(context + HEX_VALUES + 0x41 + i, <u8>(10 + i));
    store<u8>(context + HEX_VALUES + 0x61 + i, <u8>(10 + i));
  }
  // + and -, / and _
  store<u8>(context + BASE64_VALUES + 0x2b, 62);
  store<u8>(context + BASE64_VALUES + 0x2d, 62);
  store<u8>(context + BASE64_VALUES + 0x2f, 63);
  store<u8>(context + BASE64_VALUES + 0x5f, 63);
}

/** Says which text the next calls are about. */
export function setRunText(at: usize, length: u32, encoding: u32): void {
  text = at;
  size = length;
  digits = context + ((encoding & FORM) == BASE64 ? BASE64_VALUES : HEX_VALUES);
}

// @ts-ignore: decorator
@inline
export function groupOf(encoding: u32): u32 {
  return (encoding & FORM) == BASE64 ? 4 : 2;
}

// @ts-ignore: decorator
@inline
export function phaseOf(encoding: u32): u32 {
  return encoding >> PHASE;
}

// @ts-ignore: decorator
@inline
function isDigit(at: u32): bool {
  return load<u8>(digits + load<u8>(text + at)) != NO_DIGIT;
}

// @ts-ignore: decorator
@inline
function isBlank(at: u32): bool {
  const byte = load<u8>(text + at);
  return byte == 32 || byte == 9;
}

/** Finds the run of a hit, which is the same for all hits in one stretch of digits. */
export function findDigits(start: u32, end: u32): void {
  let first = start;
  while (first > 0 && isDigit(first - 1)) first--;
  stretchStart = first;
  runStart = startFrom(first);
  runEnd = endFrom(end);
  let last = end;
  while (last < runEnd && isDigit(last)) last++;
  stretchEnd = last;
  digitsBefore = 0;
  for (let at = runStart; at < first; at++) if (isDigit(at)) digitsBefore++;
}

/** Goes back to a run that was found before. */
export function recallRun(start: u32, end: u32, stretch: u32, before: u32): void {
  runStart = start;
  runEnd = end;
  stretchStart = stretch;
  digitsBefore = before;
}

/** @param at - of the first digit of a line */
function startFrom(at: u32): u32 {
  while (true) {
    const before = breakBefore(at);
    if (before == at || before == 0) return at;
    // The line above must be a full one.
    let length: u32 = 0;
    while (before - length > 0 && length < WRAPPED_LINE && isDigit(before - length - 1)) length++;
    if (length < WRAPPED_LINE) return at;
    at = before - length;
    while (at > 0 && isDigit(at - 1)) at--;
  }
}

function endFrom(at: u32): u32 {
  while (true) {
    while (at < size && isDigit(at)) at++;
    let length: u32 = 0;
    while (at - length > 0 && length < WRAPPED_LINE && isDigit(at - length - 1)) length++;
    if (length < WRAPPED_LINE) return at;
    const after = breakAfter(at);
    if (after == at || after >= size || !isDigit(after)) return at;
    at = after;
  }
}

function breakBefore(at: u32): u32 {
  let i = at;
  while (i > 0 && at - i < INDENT && isBlank(i - 1)) i--;
  if (i == 0 || load<u8>(text + i - 1) != 10) return at;
  i--;
  return i > 0 && load<u8>(text + i - 1) == 13 ? i - 1 : i;
}

function breakAfter(at: u32): u32 {
  let i = at;
  if (i < size && load<u8>(text + i) == 13) i++;
  if (i >= size || load<u8>(text + i) != 10) return at;
  i++;
  const most = min(i + INDENT, size);
  while (i < most && isBlank(i)) i++;
  return i;
}

/**
 * Decodes the run that was found last.
 *
 * @param start - of the hit, before which its groups are counted
 * @param to - room for as many bytes as the run has
 * @returns how many bytes there are
 */
export function decodeDigits(start: u32, skip: u32, encoding: u32, to: usize): u32 {
  let at = runStart;
  for (; skip > 0 && at < start; at++) if (isDigit(at)) skip--;
  const width: u32 = (encoding & FORM) == BASE64 ? 6 : 4;
  const table = digits;
  const end = text + runEnd;
  const begin = to;
  let held: u32 = 0;
  let bits: u32 = 0;
  for (let from = text + at; from < end; from++) {
    const value = <u32>load<u8>(table + load<u8>(from));
    if (value == NO_DIGIT) continue;
    held = (held << width) | value;
    bits += width;
    if (bits >= 8) {
      bits -= 8;
      store<u8>(to++, <u8>(held >> bits));
    }
  }
  return <u32>(to - begin);
}

/** Digits to leave out at the run's start, so that groups are as a hit there has them. */
export function skipFor(start: u32, encoding: u32): u32 {
  const group = groupOf(encoding);
  return (digitsBefore + (start - stretchStart) + group - phaseOf(encoding)) % group;
}

/**
 * For tests: what a hit's run decodes to.
 *
 * @param to - takes where the run starts and ends, then its bytes
 */
export function decodedRun(at: usize, length: u32, start: u32, end: u32, encoding: u32, to: usize): u32 {
  setRunText(at, length, encoding);
  findDigits(start, end);
  store<u32>(to, runStart);
  store<u32>(to, runEnd, 4);
  return decodeDigits(start, skipFor(start, encoding), encoding, to + 8);
}
