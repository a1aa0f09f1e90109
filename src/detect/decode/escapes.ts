import { latin1 } from '../../bytes/latin1.ts';
import type { Span } from '../../core/span.ts';
import type { Decoded } from './decoded.ts';

/** Escaping schemes: URLs; JSON and source strings; HTML and XML. */
export type Escaping = 'percent' | 'json' | 'html';

interface Escape {
  /** The character, one byte. */
  readonly byte: number;
  /** Bytes the escape takes up. */
  readonly length: number;
}

const SIMPLE: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, f: 12, v: 11, '0': 0 };
const ENTITIES: readonly (readonly [string, number])[] = [
  ['&amp;', 0x26],
  ['&quot;', 0x22],
  ['&apos;', 0x27],
  ['&lt;', 0x3c],
  ['&gt;', 0x3e],
];

/** What every escape of a kind begins with: `%`, `\\`, `&`. */
const SIGN: Readonly<Record<Escaping, number>> = { percent: 0x25, json: 0x5c, html: 0x26 };

/** Undoes one layer of escapes. Characters above U+00FF become 0xff; what is no escape stays. */
export function unescapeBytes(bytes: Uint8Array, { start, end }: Span, escaping: Escaping): Decoded {
  const text = bytes.subarray(start, end);
  const out = new Uint8Array(text.length);
  const escapes = new Escapes();
  let filled = 0;
  let from = 0;
  for (let at = text.indexOf(SIGN[escaping]); at >= 0;) {
    const escape = readEscape(text, at, text.length, escaping);
    if (escape !== null) {
      out.set(text.subarray(from, at), filled);
      filled += at - from;
      out[filled++] = escape.byte;
      from = at + escape.length;
      escapes.add(at, escape.length);
    }
    at = text.indexOf(SIGN[escaping], escape === null ? at + 1 : from);
  }
  out.set(text.subarray(from), filled);
  filled += text.length - from;
  return {
    bytes: out.subarray(0, filled),
    encoding: escaping,
    indexOf: (offset) => (offset < start || offset >= end ? -1 : escapes.indexOf(offset - start)),
    locate: (span) => ({ start: start + escapes.offsetOf(span.start), end: start + escapes.offsetOf(span.end) }),
  };
}

/** Where escapes stand in a text, each of which became one byte: the way between both texts without an entry for each byte. */
class Escapes {
  /** Offsets in the escaped text. */
  readonly #offsets: number[] = [];
  /** Bytes that went away before each escape; one entry more, for all. */
  readonly #saved = [0];

  /** They come in order. */
  add(offset: number, length: number): void {
    this.#offsets.push(offset);
    this.#saved.push((this.#saved.at(-1) ?? 0) + length - 1);
  }

  /** From an index in the plain text to the offset in the escaped one. */
  offsetOf(index: number): number {
    const passed = this.#count((i) => (this.#offsets[i] ?? 0) - (this.#saved[i] ?? 0) < index);
    return index + (this.#saved[passed] ?? 0);
  }

  /** The other way; −1 inside an escape. */
  indexOf(offset: number): number {
    const passed = this.#count((i) => (this.#offsets[i] ?? 0) < offset);
    const saved = this.#saved[passed] ?? 0;
    const last = passed - 1;
    const inside = last >= 0 && offset <= (this.#offsets[last] ?? 0) + saved - (this.#saved[last] ?? 0);
    return inside ? -1 : offset - saved;
  }

  /** How many of the first escapes are so. */
  #count(isSo: (i: number) => boolean): number {
    let low = 0;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isSo(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** @param at - of the sign */
function readEscape(bytes: Uint8Array, at: number, end: number, escaping: Escaping): Escape | null {
  switch (escaping) {
    case 'percent':
      return hexEscape(bytes, at, 1, 2, end);
    case 'json':
      return backslash(bytes, at, end);
    case 'html':
      return entity(bytes, at, end);
  }
}

function backslash(bytes: Uint8Array, at: number, end: number): Escape | null {
  if (at + 1 >= end) return null;
  const next = String.fromCharCode(bytes[at + 1] ?? 0);
  if (next === 'u') {
    // \u{2d} as well as \u002d
    if (bytes[at + 2] === 0x7b) return braced(bytes, at, end);
    return hexEscape(bytes, at, 2, 4, end);
  }
  if (next === 'x') return hexEscape(bytes, at, 2, 2, end);
  return { byte: SIMPLE[next] ?? next.charCodeAt(0), length: 2 };
}

function braced(bytes: Uint8Array, at: number, end: number): Escape | null {
  for (let digits = 1; digits <= 6; digits++) {
    if (at + 3 + digits >= end) return null;
    if (bytes[at + 3 + digits] === 0x7d) {
      const escape = hexEscape(bytes, at, 3, digits, end);
      return escape && { byte: escape.byte, length: escape.length + 1 };
    }
  }
  return null;
}

function entity(bytes: Uint8Array, at: number, end: number): Escape | null {
  const text = latin1(bytes, at, Math.min(end, at + 10));
  for (const [name, byte] of ENTITIES) if (text.startsWith(name)) return { byte, length: name.length };
  const numeric = /^&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/i.exec(text);
  if (!numeric) return null;
  const code = numeric[1] === undefined ? Number(numeric[2]) : Number.parseInt(numeric[1], 16);
  return { byte: code < 0x100 ? code : 0xff, length: numeric[0].length };
}

function hexEscape(bytes: Uint8Array, at: number, skip: number, digits: number, end: number): Escape | null {
  if (at + skip + digits > end) return null;
  let value = 0;
  for (let i = 0; i < digits; i++) {
    const digit = hexDigit(bytes[at + skip + i] ?? 0);
    if (digit < 0) return null;
    value = value * 16 + digit;
  }
  return { byte: value < 0x100 ? value : 0xff, length: skip + digits };
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
