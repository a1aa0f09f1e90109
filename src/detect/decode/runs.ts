import type { Span } from '../../core/span.ts';
import type { LiteralForm } from '../../prefilter/literal.ts';
import { type Decoded, indexInSorted } from './decoded.ts';
import { type Escaping, unescapeBytes } from './escapes.ts';

/** An encoded run around a hit, or null where the limit cut it. */
export type Run = { readonly span: Span; readonly decoded: Decoded } | { readonly cut: true };

/** A line of wrapped base64 or hex is at least this long, else the run ends with it. */
const WRAPPED_LINE = 32;

const BASE64_VALUES = values('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', '-_');
const HEX_VALUES = hexValues();
/** Neither space, quote nor angle bracket: what may stand in one URL-like word. */
const WORD = byteSet((byte) => byte > 0x20 && byte < 0x7f && !'"\'`<>'.includes(String.fromCharCode(byte)));
const STRING = byteSet((byte) => byte >= 0x20 && byte < 0x7f && !'"\'`'.includes(String.fromCharCode(byte)));

/** Text, and the zeros between its characters. */
const WIDE = byteSet((byte) => byte === 0 || isText(byte));

/**
 * Which bytes `decodeRun` may step over on either side of a hit, those of line
 * breaks and indents included: it looks at nothing beyond the first other one.
 */
export function runBytes(form: LiteralForm): Uint8Array {
  switch (form) {
    case 'plain':
      return new Uint8Array(256);
    case 'base64':
      return byteSet((byte) => (BASE64_VALUES[byte] ?? -1) >= 0 || isBlank(byte));
    case 'hex':
      return byteSet((byte) => (HEX_VALUES[byte] ?? -1) >= 0 || isBlank(byte));
    case 'percent':
    case 'html':
      return WORD;
    case 'escape':
      return STRING;
    case 'wide':
      return WIDE;
  }
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 9 || byte === 10 || byte === 13;
}

/**
 * Finds and decodes the encoded run that a hit lies in.
 * @param hit - the encoded literal's span in `bytes`
 * @param phase - see `Literal.phase`
 * @param limit - longest run, in bytes, that is decoded in one piece
 * @returns null where there is no run
 */
export function decodeRun(bytes: Uint8Array, hit: Span, form: LiteralForm, phase: number, limit: number): Run | null {
  switch (form) {
    case 'plain':
      return null;
    case 'base64':
      return wrapped(bytes, hit, BASE64_VALUES, phase, 4, limit, 'base64');
    case 'hex':
      return wrapped(bytes, hit, HEX_VALUES, 0, 2, limit, 'hex');
    case 'percent':
      return escaped(bytes, hit, WORD, 'percent', limit);
    case 'escape':
      return escaped(bytes, hit, STRING, 'json', limit);
    case 'wide':
      return wide(bytes, hit, limit);
    case 'html':
      return escaped(bytes, hit, WORD, 'html', limit);
  }
}

/** base64 and hex: fixed groups of characters, lines wrapped. */
function wrapped(
  bytes: Uint8Array,
  hit: Span,
  alphabet: Int8Array,
  phase: number,
  group: number,
  limit: number,
  encoding: string,
): Run | null {
  const start = runStart(bytes, hit.start, alphabet, limit);
  const end = runEnd(bytes, hit.end, alphabet, limit);
  if (start === null || end === null) return { cut: true };
  const from = aligned(bytes, { start, end: hit.start }, alphabet, phase, group);
  const size = Math.floor(((end - from) * (group === 4 ? 3 : 1)) / group) + 1;
  const out = new Uint8Array(size);
  // Offset of the first character of every group, to find the way back.
  const groups = new Uint32Array(Math.ceil((end - from) / group) + 1);
  let filled = 0;
  let held = 0;
  let bits = 0;
  let characters = 0;
  const width = group === 4 ? 6 : 4;
  for (let at = from; at < end; at++) {
    const value = alphabet[bytes[at] ?? 0] ?? -1;
    if (value < 0) continue;
    if (characters % group === 0) groups[characters / group] = at;
    characters++;
    held = ((held << width) | value) & 0xffff;
    bits += width;
    if (bits >= 8) {
      bits -= 8;
      out[filled++] = (held >> bits) & 0xff;
    }
  }
  const perGroup = group === 4 ? 3 : 1;
  const locate = (span: Span): Span => {
    const first = groups[Math.floor(span.start / perGroup)] ?? from;
    const last = groups[Math.floor((span.end - 1) / perGroup)] ?? first;
    return { start: first, end: afterGroup(bytes, last, alphabet, group, end) };
  };
  const indexOf = (offset: number): number => {
    const index = indexInSorted(groups, Math.ceil(characters / group), offset);
    return index < 0 ? -1 : index * perGroup;
  };
  return { span: { start: from, end }, decoded: { bytes: out.subarray(0, filled), encoding, locate, indexOf } };
}

function afterGroup(bytes: Uint8Array, first: number, alphabet: Int8Array, group: number, end: number): number {
  let at = first;
  for (let seen = 0; at < end && seen < group; at++) if ((alphabet[bytes[at] ?? 0] ?? -1) >= 0) seen++;
  return at;
}

/** The first character from which the hit's group begins where its phase says. */
function aligned(bytes: Uint8Array, before: Span, alphabet: Int8Array, phase: number, group: number): number {
  let characters = 0;
  for (let at = before.start; at < before.end; at++) if ((alphabet[bytes[at] ?? 0] ?? -1) >= 0) characters++;
  let skip = (((characters - phase) % group) + group) % group;
  let at = before.start;
  while (skip > 0 && at < before.end) if ((alphabet[bytes[at++] ?? 0] ?? -1) >= 0) skip--;
  return at;
}

function runStart(bytes: Uint8Array, from: number, alphabet: Int8Array, limit: number): number | null {
  let at = from;
  let line = 0;
  for (;;) {
    while (at > 0 && (alphabet[bytes[at - 1] ?? 0] ?? -1) >= 0) {
      at--;
      line++;
      if (from - at > limit) return null;
    }
    const before = lineBreakBefore(bytes, at);
    if (before === at || before === 0) return at;
    // The line above must be a full one.
    let length = 0;
    while (before - length > 0 && (alphabet[bytes[before - length - 1] ?? 0] ?? -1) >= 0 && length < WRAPPED_LINE)
      length++;
    if (length < WRAPPED_LINE) return at;
    at = before;
    line = 0;
  }
}

function runEnd(bytes: Uint8Array, from: number, alphabet: Int8Array, limit: number): number | null {
  let at = from;
  for (;;) {
    const lineStart = at;
    while (at < bytes.length && (alphabet[bytes[at] ?? 0] ?? -1) >= 0) {
      at++;
      if (at - from > limit) return null;
    }
    const lineLength = at - Math.min(lineStart, lineStartOf(bytes, at, alphabet));
    if (lineLength < WRAPPED_LINE) return at;
    const after = lineBreakAfter(bytes, at);
    if (after === at || (alphabet[bytes[after] ?? 0] ?? -1) < 0) return at;
    at = after;
  }
}

function lineStartOf(bytes: Uint8Array, at: number, alphabet: Int8Array): number {
  let start = at;
  while (start > 0 && at - start < WRAPPED_LINE && (alphabet[bytes[start - 1] ?? 0] ?? -1) >= 0) start--;
  return start;
}

/** Most blanks that may indent a wrapped line. */
const INDENT = 64;

function lineBreakBefore(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i > 0 && at - i < INDENT && (bytes[i - 1] === 0x20 || bytes[i - 1] === 9)) i--;
  if (i === 0 || bytes[i - 1] !== 10) return at;
  i--;
  return i > 0 && bytes[i - 1] === 13 ? i - 1 : i;
}

function lineBreakAfter(bytes: Uint8Array, at: number): number {
  let i = at;
  if (bytes[i] === 13) i++;
  if (bytes[i] !== 10) return at;
  i++;
  const limit = i + INDENT;
  while (i < limit && (bytes[i] === 0x20 || bytes[i] === 9)) i++;
  return i;
}

function escaped(bytes: Uint8Array, hit: Span, alphabet: Uint8Array, escaping: Escaping, limit: number): Run | null {
  let start = hit.start;
  while (start > 0 && alphabet[bytes[start - 1] ?? 0] === 1) {
    start--;
    if (hit.start - start > limit) return { cut: true };
  }
  let end = hit.end;
  while (end < bytes.length && alphabet[bytes[end] ?? 0] === 1) {
    end++;
    if (end - hit.end > limit) return { cut: true };
  }
  return { span: { start, end }, decoded: unescapeBytes(bytes, { start, end }, escaping) };
}

/**
 * ASCII in UTF-16 within bytes that are something else: a log that two programs
 * write, a resource of an executable. The hit begins with a character, not with
 * its zero, so both byte orders are read alike.
 */
function wide(bytes: Uint8Array, hit: Span, limit: number): Run | null {
  let start = hit.start;
  while (start > 1 && bytes[start - 1] === 0 && isText(bytes[start - 2] ?? 0)) {
    start -= 2;
    if (hit.start - start > limit) return { cut: true };
  }
  let end = hit.end;
  while (bytes[end] === 0 && end + 1 < bytes.length && isText(bytes[end + 1] ?? 0)) {
    end += 2;
    if (end - hit.end > limit) return { cut: true };
  }
  const big = bytes[end] !== 0 && start > 0 && bytes[start - 1] === 0;
  const from = big ? start - 1 : start;
  const out = new Uint8Array((end - start + 1) >> 1);
  for (let i = 0; i < out.length; i++) out[i] = bytes[start + 2 * i] ?? 0;
  const locate = (span: Span): Span => ({
    start: from + 2 * span.start,
    end: Math.min(from + 2 * span.end, bytes.length),
  });
  const indexOf = (offset: number): number => ((offset - start) % 2 === 0 ? (offset - start) / 2 : -1);
  const encoding = big ? 'utf-16be' : 'utf-16le';
  return { span: { start: from, end }, decoded: { bytes: out, encoding, locate, indexOf } };
}

function values(alphabet: string, aliases: string): Int8Array {
  const table = new Int8Array(256).fill(-1);
  for (let i = 0; i < alphabet.length; i++) table[alphabet.charCodeAt(i)] = i;
  table[aliases.charCodeAt(0)] = 62;
  table[aliases.charCodeAt(1)] = 63;
  return table;
}

function hexValues(): Int8Array {
  const table = new Int8Array(256).fill(-1);
  for (let i = 0; i < 16; i++) {
    const digit = i.toString(16);
    table[digit.charCodeAt(0)] = i;
    table[digit.toUpperCase().charCodeAt(0)] = i;
  }
  return table;
}

function byteSet(has: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (has(byte) ? 1 : 0));
}
