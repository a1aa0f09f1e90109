// What can be told about hits before anything is made of the text around them: whether so many token characters
// follow, what comes directly after, whether anything near it is as long as a match would be, and whether a name that
// is looked for stands around or near the hit and something follows that may be its value.
// `src/prefilter/screens.ts` lays the tables out.

import { UNESCAPED, UNESCAPED_BYTES, context } from './context';
import { ESCAPE, HTML, PERCENT, escapeAt, escapedByte, signOf } from './escapes';

const GATE: usize = 0;
const BEFORE: usize = 4;
const AFTER: usize = 8;
const CHECK: usize = 12;
/** Of names, what their values are like; else the characters that may not stand before the hit. */
const VALUE: usize = 16;
const SCREEN: usize = 20;
const LEAD: u32 = 1;
/** The name stands around the hit, or anywhere in its window. */
const NAME: u32 = 2;
const NAME_NEAR: u32 = 3;
/** Above the bytes before a hit: the row that a match needs. Its length, its kind, and two bits. */
const REACH: u32 = 0x1ffff;
const NEEDS: u32 = 17;
const NEEDED_LENGTH: u32 = 0x3ff;
const NEEDED_KIND: u32 = 10;
const OR_BASE64: u32 = 0x1000;
const BEFORE_TOO: u32 = 0x2000;
/** A window is never smaller than this on either side. */
const EDGE: usize = 8;

/** Where the screens lie, and how many texts they know. */
let screens: usize = 0;
let texts: u32 = 0;
/** Where the letters' table lies. */
let letters: usize = 0;
/** Where the table lies of what may stand between a name and its value. */
let notations: usize = 0;

/** What each byte is in an identifier. */
const STARTS: u32 = 1;
const PART: u32 = 2;
const TRAILS: u32 = 4;
const WORD: u32 = 8;
const TOKEN: u32 = 16;
/** Ends a value that stands in quotes, or any other. */
const ENDS_QUOTED: u32 = 32;
const ENDS: u32 = 64;
const QUOTE: u32 = 128;
let kinds: usize = 0;

/** What each byte is in a row, or in an escape of one of its characters. */
const HEX: u32 = 1;
const ALNUM: u32 = 2;
const LONG_TOKEN: u32 = 4;
const BASE64: u32 = 8;
let rowKinds: usize = 0;

// @ts-ignore: decorator
@inline
function fold(byte: u32): u32 {
  return byte - 0x41 < 26 ? byte + 32 : byte;
}

/** Says where screens lie, and where there are 512 bytes for this module itself. */
export function openScreens(at: usize, own: usize): void {
  screens = at;
  kinds = own;
  rowKinds = own + 256;
  texts = load<u32>(at, 4);
  letters = at + load<u32>(at, 16);
  notations = at + load<u32>(at, 20);
  for (let byte: u32 = 0; byte < 256; byte++) {
    store<u8>(kinds + byte, kindOf(byte));
    store<u8>(rowKinds + byte, rowKindOf(byte));
  }
}

/** A character that is written as an escape is one of what the escape is made of, and so goes on with the row. */
function rowKindOf(byte: u32): u32 {
  const letter = fold(byte) - 0x61 < 26;
  const digit = byte - 0x30 < 10;
  // \ % & # ; { } and what follows a backslash, or &#
  const inEscape = byte == 0x5c || byte == 0x25 || byte == 0x26 || byte == 0x23 || byte == 0x3b || byte == 0x7b || byte == 0x7d;
  if (inEscape) return HEX | ALNUM | LONG_TOKEN | BASE64;
  if (digit || fold(byte) - 0x61 < 6 || byte == 0x75 || fold(byte) == 0x78) return HEX | ALNUM | LONG_TOKEN | BASE64;
  if (letter) return ALNUM | LONG_TOKEN | BASE64;
  // + / _ = -, then . ~
  if (byte == 0x2b || byte == 0x2f || byte == 0x5f || byte == 0x3d || byte == 0x2d) return LONG_TOKEN | BASE64;
  return byte == 0x2e || byte == 0x7e ? LONG_TOKEN : 0;
}

function kindOf(byte: u32): u32 {
  const letter = fold(byte) - 0x61 < 26;
  const digit = byte - 0x30 < 10;
  const alike = letter || digit;
  let kind: u32 = 0;
  if (letter || byte == 0x5f || byte == 0x24) kind |= STARTS;
  if (alike || byte == 0x5f || byte == 0x2e || byte == 0x24 || byte == 0x2d) kind |= PART;
  if (byte == 0x2e || byte == 0x24 || byte == 0x2d) kind |= TRAILS;
  if (alike || byte == 0x5f || byte == 0x2e || byte == 0x2d) kind |= WORD;
  // + / _ = . ~ -
  if (alike || byte == 0x2b || byte == 0x2f || byte == 0x5f || byte == 0x3d || byte == 0x2e || byte == 0x7e || byte == 0x2d)
    kind |= TOKEN;
  const isQuote = byte == 0x22 || byte == 0x27 || byte == 0x60;
  const isBlank = byte == 0x20 || byte == 9 || byte == 10 || byte == 13;
  if (isQuote) kind |= QUOTE;
  if (isQuote || isBlank || byte == 0x5c) kind |= ENDS_QUOTED;
  if (isQuote || byte <= 0x20 || byte == 0xa0 || endsUnquoted(byte)) kind |= ENDS;
  return kind;
}

/** As `UNQUOTED`, `SENTENCE_END` and `ENCODED_END` in `src/detect/assignment.ts`. */
function endsUnquoted(byte: u32): bool {
  // # % & ( ) * , . : ; < > ? ! [ \ ] { | }
  if (byte == 0x23 || byte == 0x25 || byte == 0x26 || (byte >= 0x28 && byte <= 0x2a) || byte == 0x2c || byte == 0x2e) return true;
  if (byte == 0x3a || byte == 0x3b || byte == 0x3c || byte == 0x3e || byte == 0x3f || byte == 0x21) return true;
  return (byte >= 0x5b && byte <= 0x5d) || (byte >= 0x7b && byte <= 0x7d);
}

// @ts-ignore: decorator
@inline
function is(at: usize, kind: u32): bool {
  return (load<u8>(kinds + load<u8>(at)) & kind) != 0;
}

/** The screens of a text's literals; 0 if there are none, and so nothing is ruled out. */
export function screensOf(text: u32): usize {
  if (text >= texts) return 0;
  const list = load<u32>(screens + 24 + ((<usize>text) << 2));
  return list == 0 ? 0 : screens + ((<usize>list) << 2);
}

/**
 * Whether a hit may lead to something.
 *
 * @param list - from `screensOf`
 * @param first - of the bytes that are known around the hit
 * @param last - past those
 */
export function passesScreens(list: usize, start: usize, end: usize, first: usize, last: usize): bool {
  const past = list + 4 + (<usize>load<u32>(list)) * SCREEN;
  for (let at = list + 4; at < past; at += SCREEN) if (passes(at, start, end, first, last)) return true;
  return false;
}

/** Of a list's screens the first so many have a bit of their own; the last of these is also that of all others. */
const SCREEN_BITS: u32 = 12;

/** Likewise, a bit for each screen that the hit passes. */
export function passedScreens(list: usize, start: usize, end: usize, first: usize, last: usize): u32 {
  const screenCount = load<u32>(list);
  let passed: u32 = 0;
  let at = list + 4;
  for (let i: u32 = 0; i < screenCount; i++, at += SCREEN) {
    const bit: u32 = 1 << min(i, SCREEN_BITS - 1);
    if ((passed & bit) == 0 && passes(at, start, end, first, last)) passed |= bit;
  }
  return passed;
}

function passes(at: usize, start: usize, end: usize, first: usize, last: usize): bool {
  const sides = load<u32>(at, BEFORE);
  const before = max<usize>(sides & REACH, EDGE);
  const after = max<usize>(load<u32>(at, AFTER), EDGE);
  const from = start - first > before ? start - before : first;
  const to = last - end > after ? end + after : last;
  const check = load<u32>(at, CHECK);
  const table = screens + (check & ~3);
  const value = load<u32>(at, VALUE);
  const form = value == 0 ? 0 : screens + value;
  // Most names are none, or nothing is assigned to them: sooner seen than a window is read for tokens.
  if ((check & 3) == NAME && !mayAssign(false, table, form, start, end, from, to)) return false;
  const gate = load<u32>(at, GATE);
  if (gate > 0 && !hasTokenAfter(end, to, gate)) return false;
  if ((check & 3) == LEAD && !mayLead(table, start, to)) return false;
  const needs = sides >>> NEEDS;
  if (needs != 0 && !hasRow(needs, needs & BEFORE_TOO ? from : start, to)) return false;
  if ((check & 3) < NAME) return value == 0 || !goesOnBefore(form, start, from);
  return (check & 3) == NAME || mayAssign(true, table, form, start, end, from, to);
}

/** More than an escape has bytes whose backslash is one, and that one's too; or a colour's code (`ESCAPE_BEFORE` in `src/detect/decide.ts`). */
const LONGEST_ESCAPE: usize = 32;

/** Whether a character of a set stands before `start`, as it is written and not as the end of an escape. */
function goesOnBefore(set: usize, start: usize, from: usize): bool {
  if (start == from || !isIn(set, start - 1)) return false;
  const first = start - from > LONGEST_ESCAPE ? start - LONGEST_ESCAPE : from;
  for (let at = first; at < start; at++) {
    const byte: u32 = load<u8>(at);
    if (byte == 0x5c || byte == 0x25 || byte == 0x26 || byte == 0x1b) return false;
  }
  return true;
}

/** A bit for each of 256 characters. */
// @ts-ignore: decorator
@inline
function isIn(set: usize, at: usize): bool {
  return has(set, load<u8>(at));
}

// @ts-ignore: decorator
@inline
function has(set: usize, byte: u32): bool {
  return (load<u8>(set + (byte >>> 3)) & (1 << (byte & 7))) != 0;
}

/** Whether a row as long as a match needs stands there, or one of base64 that could be decoded to it. */
function hasRow(needs: u32, from: usize, to: usize): bool {
  const length = needs & NEEDED_LENGTH;
  if (hasRowOf(<u32>1 << ((needs >>> NEEDED_KIND) & 3), length, from, to)) return true;
  return (needs & OR_BASE64) != 0 && hasRowOf(BASE64, (4 * length + 2) / 3, from, to);
}

/** A row covers one of every `length` places: those are looked at, and what is before them. */
function hasRowOf(kind: u32, length: usize, from: usize, to: usize): bool {
  for (let probe = from + length - 1; probe < to; ) {
    let back: usize = 0;
    while (back < length && (load<u8>(rowKinds + load<u8>(probe - back)) & kind) != 0) back++;
    if (back == length) return true;
    probe += length - back;
  }
  return false;
}

/** @param gate - a length; with the topmost bit, the row must hold a digit or letters that no word has */
function hasTokenAfter(at: usize, to: usize, gate: u32): bool {
  const length = gate & ~WITH_DIGIT;
  const enough: i32 = load<u8>(letters, 2);
  const none = gate == length ? enough : 0;
  let run: u32 = 0;
  let evidence = none;
  for (; at < to; at++) {
    if (!is(at, TOKEN)) {
      run = 0;
      evidence = none;
      continue;
    }
    if (evidence < enough) evidence = isDigit(at) ? enough : evidence + letterEvidence(at, run > 0);
    run++;
    if (run >= length && evidence >= enough) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 0x30 < 10;
}

/** As in `src/bytes/letters.ts`. */
function letterEvidence(at: usize, goesOn: bool): i32 {
  const byte: u32 = load<u8>(at);
  const letter = letterOf(byte);
  if (letter >= LETTERS) return 0;
  const before: u32 = goesOn ? load<u8>(at - 1) : 0;
  const last = letterOf(before);
  const capitalWithin = last < LETTERS && before >= 0x61 && byte < 0x61;
  const row = last >= LETTERS || capitalWithin ? BEGINNING : last;
  const step = <i32>load<u8>(letters + row * LETTERS + letter, 4) - <i32>load<u8>(letters);
  return capitalWithin ? step + <i32>load<u8>(letters, 1) : step;
}

const LETTERS: u32 = 26;
/** The row for a letter that begins a word. */
const BEGINNING: u32 = 26;

/** 0 to 25 for letters of either case, more for anything else. */
// @ts-ignore: decorator
@inline
function letterOf(byte: u32): u32 {
  return byte < 0x41 ? LETTERS : (byte | 0x20) - 0x61;
}

const WITH_DIGIT: u32 = 0x80000000;

const LEAD_REACH: usize = 128;

/** As in `src/detect/lead.ts`. */
function mayLead(table: usize, at: usize, to: usize): bool {
  const columns = load<u32>(table);
  const rows = table + 260;
  const stop = min<usize>(to, at + LEAD_REACH);
  let row: u32 = 2;
  for (; at < stop; at++) {
    const byte: u32 = load<u8>(at);
    // Past an escape anything may be meant.
    if (isSign(byte)) return true;
    row = load<u8>(rows + row * columns + load<u8>(table + byte, 4));
    if (row <= 1) return row == 1;
  }
  return stop < to;
}

/** Whether a value may follow a name of the table, in `[from, to)` as it stands or with escapes undone, as a window's views have it. */
function mayAssign(isNear: bool, table: usize, value: usize, start: usize, end: usize, from: usize, to: usize): bool {
  if (assigns(isNear, table, value, start, end, from, to)) return true;
  if (!hasSign(from, to)) return false;
  for (let i = 0; i < 3; i++) {
    const form = i == 0 ? ESCAPE : i == 1 ? PERCENT : HTML;
    if (hasEscape(form, from, to) && assignsUnescaped(form, isNear, table, value, start, end, from, to)) return true;
  }
  return false;
}

/** Whether a sign with which an escape begins stands there. */
function hasSign(from: usize, to: usize): bool {
  let at = from;
  for (; at + 16 <= to; at += 16) if (v128.any_true(signsOf(v128.load(at)))) return true;
  for (; at < to; at++) if (isSign(load<u8>(at))) return true;
  return false;
}

// @ts-ignore: decorator
@inline
function signsOf(bytes: v128): v128 {
  return v128.or(
    i8x16.eq(bytes, i8x16.splat(0x5c)),
    v128.or(i8x16.eq(bytes, i8x16.splat(0x25)), i8x16.eq(bytes, i8x16.splat(0x26))),
  );
}

// @ts-ignore: decorator
@inline
function isSign(byte: u32): bool {
  return byte == 0x5c || byte == 0x25 || byte == 0x26;
}

function assigns(isNear: bool, table: usize, value: usize, start: usize, end: usize, from: usize, to: usize): bool {
  return isNear ? assignsNear(table, value, from, to) : assignsAround(table, value, start, end, from, to);
}

/** Layers of backslashes that are undone. */
const LAYERS: u32 = 3;

function assignsUnescaped(
  form: u32,
  isNear: bool,
  table: usize,
  value: usize,
  start: usize,
  end: usize,
  from: usize,
  to: usize,
): bool {
  if (to - from > UNESCAPED_BYTES) return true;
  const length = end - start;
  const scratch = context + UNESCAPED;
  for (let layer: u32 = 0; layer < (form == ESCAPE ? LAYERS : 1); layer++) {
    // What is undone is never longer, so the second layer goes where the first one is.
    let filled = scratch;
    let hit: usize = 0;
    for (let at = from; at < to; ) {
      if (at == start) hit = filled;
      const byte: u32 = load<u8>(at);
      const escaped = byte == signOf(form) ? escapeAt(form, at, to) : 0;
      store<u8>(filled++, <u8>(escaped == 0 ? byte : escapedByte()));
      at += escaped == 0 ? 1 : escaped;
    }
    from = scratch;
    to = filled;
    start = hit;
    // An escape swallows the hit.
    if (hit == 0 && !isNear) return false;
    const past = hit + length;
    if (assigns(isNear, table, value, hit, past < to ? past : to, from, to)) return true;
    if (form != ESCAPE || !isNested(from, to)) return false;
  }
  return false;
}

/** A backslash before a quote, a slash or another one. */
function isNested(from: usize, to: usize): bool {
  for (let at = from; at + 1 < to; at++) {
    if (<u32>load<u8>(at) != 0x5c) continue;
    const next: u32 = load<u8>(at, 1);
    if (next == 0x22 || next == 0x27 || next == 0x2f || next == 0x5c) return true;
  }
  return false;
}

/** As `ESCAPES` in `src/detect/window.ts`: whether a view with these escapes undone is made at all. */
function hasEscape(form: u32, from: usize, to: usize): bool {
  const sign = signOf(form);
  for (let at = from; at + 1 < to; at++) {
    if (<u32>load<u8>(at) != sign) continue;
    const next: u32 = load<u8>(at, 1);
    if (form == PERCENT) {
      if (next - 0x32 < 6 && isHex(at + 2, to)) return true;
    } else if (form == HTML) {
      if (isEntity(next, at + 2 < to ? load<u8>(at, 2) : 0)) return true;
    } else if (next == 0x78) {
      if (isHex(at + 2, to)) return true;
    } else if (next == 0x75) {
      if (isHex(at + 2 < to && load<u8>(at, 2) == 0x7b ? at + 3 : at + 2, to)) return true;
    } else if (next == 0x22 || next == 0x27 || next == 0x2f || next == 0x5c || next == 0x5f) return true;
  }
  return false;
}

function isHex(at: usize, to: usize): bool {
  if (at >= to) return false;
  const byte: u32 = load<u8>(at);
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 6;
}

/** `&#`, `&amp;`, `&apos;`, `&quot;`, `&lt;` and `&gt;`, by their first two letters. */
function isEntity(next: u32, following: u32): bool {
  if (next == 0x23) return true;
  if (next == 0x61) return following == 0x6d || following == 0x70;
  if (next == 0x71) return following == 0x75;
  return (next == 0x6c || next == 0x67) && following == 0x74;
}

/** As `identifiersAround` in `src/detect/identifier.ts`. */
function assignsAround(table: usize, value: usize, start: usize, hitEnd: usize, from: usize, to: usize): bool {
  let end = hitEnd;
  while (end > start && !is(end - 1, PART)) end--;
  let begin = start;
  while (begin > from && start - begin < 96 && is(begin - 1, PART)) begin--;
  let part = end;
  while (part < to && part - end < 96 && is(part, PART)) part++;
  let trimmed = part;
  while (trimmed > end && is(trimmed - 1, TRAILS)) trimmed--;
  for (let word = 0; ; word++) {
    if (hasName(table, begin, trimmed) && mayFollow(value, trimmed, to)) return true;
    if (word == 3 || trimmed >= to || !isBlank(trimmed)) break;
    let next = trimmed + 1;
    while (next < to && next - trimmed <= 24 && is(next, WORD)) next++;
    if (next == trimmed + 1) break;
    trimmed = next;
  }
  return false;
}

/** As `identifiersIn`. Where a row of an identifier's characters is too long for one, it is for others to say what they are. */
function assignsNear(table: usize, value: usize, from: usize, to: usize): bool {
  for (let at = from; at + 1 < to; ) {
    if (!is(at, STARTS) || !is(at + 1, PART)) {
      at++;
      continue;
    }
    const most = min<usize>(to, at + 64);
    let end = at + 2;
    while (end < most && is(end, PART)) end++;
    if (end == at + 64 && end < to && is(end, PART)) return true;
    let trimmed = end;
    while (trimmed > at && is(trimmed - 1, TRAILS)) trimmed--;
    if (hasName(table, at, trimmed) && mayFollow(value, trimmed, to)) return true;
    at = end;
  }
  return false;
}

/** Whether what stands at `at`, past a name, may lead to a value: the notations' table says where one may begin. */
function mayFollow(value: usize, at: usize, to: usize): bool {
  if (value == 0) return true;
  const columns = load<u32>(notations, 4);
  const begins = notations + 8 + 256;
  const rows = begins + ((load<u32>(notations) + 3) & ~3);
  let row: u32 = 1;
  while (row != 0) {
    if (load<u8>(begins + row) != 0 && mayBeValue(value, at, to)) return true;
    if (at >= to) break;
    row = load<u16>(rows + ((row * columns + load<u8>(notations + load<u8>(at), 8)) << 1));
    at++;
  }
  return false;
}

// Of a value: a bit for each character that one may have, then 16 bits each.
const LEAST: usize = 32;
const MOST: usize = 34;
const LEAST_BASE64: usize = 36;
/** None of the characters ends a value, so one goes up to what does. */
const GOES_ON: usize = 38;
/** Characters of a sentence that are left out at its end. */
const LEFT_OUT: usize = 3;

/** Whether a value may begin at `at`, as it is or in base64. */
function mayBeValue(value: usize, at: usize, to: usize): bool {
  let end = at;
  while (end < to && isIn(value, end)) end++;
  const goesOn = load<u16>(value, GOES_ON) != 0;
  if (end - at >= <usize>load<u16>(value, LEAST)) {
    if (!goesOn || (end - at <= <usize>load<u16>(value, MOST) + LEFT_OUT && isEnd(at, end, to))) return true;
  }
  const least = <usize>load<u16>(value, LEAST_BASE64);
  if (least == 0) return false;
  end = at;
  while (end < to && is(end, TOKEN) && load<u8>(end) != 0x2e && load<u8>(end) != 0x7e) end++;
  return end - at >= least && isEnd(at, end, to) && isValueInBase64(value, at, end);
}

/** A line break at the end of what is decoded is left out. */
const LINE_BREAK: u32 = 2;

/** Whether a row is base64 of what has only characters of a value, and no more than one. */
function isValueInBase64(value: usize, at: usize, end: usize): bool {
  while (end > at && load<u8>(end - 1) == 0x3d) end--;
  const digits = <u32>(end - at);
  if ((digits & 3) == 1) return false;
  const bytes = (digits * 6) >> 3;
  if (bytes > <u32>load<u16>(value, MOST) + LINE_BREAK) return false;
  let held: u32 = 0;
  let bits: u32 = 0;
  let done: u32 = 0;
  for (; at < end; at++) {
    const digit = base64Digit(load<u8>(at));
    if (digit > 63) return false;
    held = (held << 6) | digit;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    done++;
    const byte = (held >>> bits) & 255;
    const isBreak = (byte == 10 || byte == 13) && done + LINE_BREAK > bytes;
    if (!isBreak && !has(value, byte)) return false;
  }
  return true;
}

/** In either alphabet; above 63 for what is no digit. */
function base64Digit(byte: u32): u32 {
  if (byte - 0x41 < 26) return byte - 0x41;
  if (byte - 0x61 < 26) return byte - 0x61 + 26;
  if (byte - 0x30 < 10) return byte - 0x30 + 52;
  if (byte == 0x2b || byte == 0x2d) return 62;
  return byte == 0x2f || byte == 0x5f ? 63 : 64;
}

/** Behind a quote, only another one ends a value, or what may stand before that one. */
function isEnd(at: usize, end: usize, to: usize): bool {
  return end >= to || is(end, is(at - 1, QUOTE) ? ENDS_QUOTED : ENDS);
}

function isBlank(at: usize): bool {
  const byte = load<u8>(at);
  return byte == 0x20 || byte == 9;
}

/** The whole of `[from, to)` is one of the table's names, or what follows one of its dots. */
function hasName(table: usize, from: usize, to: usize): bool {
  if (isName(table, from, to)) return true;
  for (let at = from; at < to; at++) if (load<u8>(at) == 0x2e && isName(table, at + 1, to)) return true;
  return false;
}

/** Columns that are none: of what names are written without, and of what no name has. */
const SKIPPED: u32 = 254;
const FOREIGN: u32 = 255;

function isName(table: usize, at: usize, to: usize): bool {
  const columns = load<u32>(table) & 0xffff;
  const width = load<u32>(table) >>> 16;
  const rows = table + 260;
  const rowLength = 1 + columns * width;
  let row: u32 = 1;
  for (; at < to; at++) {
    const column: u32 = load<u8>(table + load<u8>(at), 4);
    if (column == SKIPPED) continue;
    if (column == FOREIGN) return true;
    const cell = rows + row * rowLength + 1 + column * width;
    row = width == 1 ? load<u8>(cell) : (<u32>load<u8>(cell) << 8) | load<u8>(cell, 1);
    if (row == 0) return false;
  }
  return load<u8>(rows + row * rowLength) == 1;
}

/** Whether `[text, text + length)`, an identifier, may be a name of the table. */
export function named(text: usize, length: u32, table: u32): bool {
  return hasName(screens + table, text, text + length);
}

/**
 * Finds the identifiers of `[text, text + length)` that begin in `[from, to]` or go on there and may be names of the table, as
 * `identifiersIn` in `src/detect/identifier.ts` does.
 *
 * @param table - as screens refer to it
 * @param out - takes pairs of start and end offset; room for one for each two bytes
 */
export function names(text: usize, length: u32, from: u32, to: u32, table: u32, out: usize): u32 {
  const address = screens + table;
  const past = text + length;
  let at = text + from;
  while (at > text && text + from - at < 96 && is(at - 1, PART)) at--;
  let found: u32 = 0;
  while (at <= text + to && at + 1 < past) {
    if (!is(at, STARTS) || !is(at + 1, PART)) {
      at++;
      continue;
    }
    const most = min<usize>(past, at + 64);
    let end = at + 2;
    while (end < most && is(end, PART)) end++;
    let trimmed = end;
    while (trimmed > at && is(trimmed - 1, TRAILS)) trimmed--;
    if (hasName(address, at, trimmed)) {
      store<u32>(out + (found << 3), <u32>(at - text));
      store<u32>(out + (found << 3), <u32>(trimmed - text), 4);
      found++;
    }
    at = end;
  }
  return found;
}
