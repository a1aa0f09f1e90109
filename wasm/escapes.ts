// Escapes undone as `src/detect/decode/escapes.ts` undoes them.

import { HEX_VALUES, context } from './context';

/** Kinds of escapes, as literals are marked in `src/prefilter/literal-columns.ts`, and as traits name them. */
export const PERCENT: u32 = 3;
export const ESCAPE: u32 = 4;
export const HTML: u32 = 6;

const NO_DIGIT: u8 = 255;

/** Of the escape that was read last. */
let value: u32 = 0;

/**
 * Undoes one layer of escapes. Characters above U+00FF become 0xff; what is no escape stays.
 *
 * @param to - room for as many bytes as there are
 * @returns how many come out
 */
export function undoEscapes(form: u32, from: usize, end: usize, to: usize): u32 {
  const sign = signOf(form);
  const begin = to;
  while (from < end) {
    const byte: u32 = load<u8>(from);
    const length = byte == sign ? escapeAt(form, from, end) : 0;
    store<u8>(to++, <u8>(length == 0 ? byte : escapedByte()));
    from += length == 0 ? 1 : length;
  }
  return <u32>(to - begin);
}

/** What escapes of a kind begin with. */
export function signOf(form: u32): u32 {
  return form == PERCENT ? 0x25 : form == ESCAPE ? 0x5c : 0x26;
}

/** What the escape that was read last stands for. */
export function escapedByte(): u32 {
  return min<u32>(value, 0xff);
}

/**
 * Whether one of the signs that escapes begin with begins one that is undone wherever any is, or may do so beyond `end`. A
 * backslash before most characters does only where a text has others, see `hasBackslashEscape`.
 *
 * @param isCut - the text goes on behind `end`
 */
export function beginsEscape(at: usize, end: usize, isCut: bool): bool {
  const sign: u32 = load<u8>(at);
  if (at + (sign == 0x25 ? 2 : 1) >= end) return isCut;
  const next: u32 = load<u8>(at, 1);
  if (sign == 0x25) return hexEscape(at, 1, 2, end) != 0;
  // Names begin with a, q, l and g.
  if (sign == 0x26) return next == 0x61 || next == 0x71 || next == 0x6c || next == 0x67 || next == 0x23;
  return isEscapedAnywhere(next);
}

/** As `begins` of backslashes in `src/detect/window.ts`, or more: quotes, slashes, low lines, x and u. */
function isEscapedAnywhere(next: u32): bool {
  return (
    next == 0x22 || next == 0x27 || next == 0x2f || next == 0x5c || next == 0x5f || next == 0x78 || next == 0x75
  );
}

/** Whether anything in a text is undone. */
export function hasEscape(at: usize, end: usize): bool {
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at);
    if ((byte == 0x5c || byte == 0x25 || byte == 0x26) && beginsEscape(at, end, false)) return true;
  }
  return false;
}

/** Whether backslashes before other characters are undone too in a text. */
export function hasBackslashEscape(at: usize, end: usize): bool {
  for (end--; at < end; at++) if (<u32>load<u8>(at) == 0x5c && isEscapedAnywhere(load<u8>(at, 1))) return true;
  return false;
}

/** Length of the escape that begins with the sign at `at`; 0 if none does. */
export function escapeAt(form: u32, at: usize, end: usize): usize {
  if (form == PERCENT) return hexEscape(at, 1, 2, end);
  return form == ESCAPE ? backslash(at, end) : entity(at, end);
}

/** Length of the escape with so many digits; 0 if it is none. */
function hexEscape(at: usize, skip: usize, digits: usize, end: usize): usize {
  if (at + skip + digits > end) return 0;
  value = 0;
  for (let i: usize = 0; i < digits; i++) {
    const digit = load<u8>(context + HEX_VALUES + load<u8>(at + skip + i));
    if (digit == NO_DIGIT) return 0;
    value = (value << 4) | digit;
  }
  return skip + digits;
}

function backslash(at: usize, end: usize): usize {
  if (at + 1 >= end) return 0;
  const next: u32 = load<u8>(at, 1);
  if (next == 0x75) return at + 2 < end && load<u8>(at, 2) == 0x7b ? braced(at, end) : hexEscape(at, 2, 4, end);
  if (next == 0x78) return hexEscape(at, 2, 2, end);
  value = simple(next);
  return 2;
}

function braced(at: usize, end: usize): usize {
  for (let digits: usize = 1; digits <= 6; digits++) {
    if (at + 3 + digits >= end) return 0;
    if (load<u8>(at + 3 + digits) != 0x7d) continue;
    const length = hexEscape(at, 3, digits, end);
    return length == 0 ? 0 : length + 1;
  }
  return 0;
}

/** n r t b f v 0 stand for control characters, all others for themselves. */
function simple(next: u32): u32 {
  if (next == 0x6e) return 10;
  if (next == 0x72) return 13;
  if (next == 0x74) return 9;
  if (next == 0x62) return 8;
  if (next == 0x66) return 12;
  if (next == 0x76) return 11;
  return next == 0x30 ? 0 : next;
}

/** &amp; &quot; &apos; &lt; &gt;, &#x and up to six digits, &# and up to seven. */
function entity(at: usize, end: usize): usize {
  if (at + 4 > end) return 0;
  const next: u32 = load<u8>(at, 1);
  if (next == 0x23) return number(at, end);
  if (isText(at, end, 0x706d61, 3)) return named(0x26, 5);
  if (isText(at, end, 0x746f7571, 4)) return named(0x22, 6);
  if (isText(at, end, 0x736f7061, 4)) return named(0x27, 6);
  if (next == 0x6c && isText(at, end, 0x746c, 2)) return named(0x3c, 4);
  return next == 0x67 && isText(at, end, 0x7467, 2) ? named(0x3e, 4) : 0;
}

/** Whether a name of so many letters, the first in the lowest bits, and a semicolon follow. */
function isText(at: usize, end: usize, letters: u32, length: usize): bool {
  if (at + length + 2 > end || load<u8>(at + length + 1) != 0x3b) return false;
  for (let i: usize = 0; i < length; i++) {
    if (<u32>load<u8>(at + 1 + i) != ((letters >>> (<u32>i << 3)) & 0xff)) return false;
  }
  return true;
}

function named(byte: u32, length: usize): usize {
  value = byte;
  return length;
}

function number(at: usize, end: usize): usize {
  const isHex = at + 2 < end && (load<u8>(at, 2) | 0x20) == 0x78;
  const first = at + (isHex ? 3 : 2);
  const most = min<usize>(end, first + (isHex ? 6 : 7));
  let to = first;
  let sum: u32 = 0;
  for (; to < most; to++) {
    const digit = load<u8>(context + HEX_VALUES + load<u8>(to));
    if (digit > (isHex ? 15 : 9)) break;
    sum = sum * (isHex ? 16 : 10) + digit;
  }
  if (to == first || to >= end || load<u8>(to) != 0x3b) return 0;
  value = sum;
  return to + 1 - at;
}
