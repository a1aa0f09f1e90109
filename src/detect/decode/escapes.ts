import { latin1 } from '../../bytes/latin1.ts';
import type { Span } from '../../core/span.ts';
import type { Decoded } from './decoded.ts';

/** Escaping schemes: URLs; JSON and source strings; HTML and XML. */
export type Escaping = 'percent' | 'json' | 'html';

// Of the escape that was read last: the character, one byte, and the bytes it took up. A megabyte has a quarter of a million.
let readByte = 0;
let readLength = 0;

/** By the byte behind a backslash: what it stands for, mostly itself. */
const SIMPLE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
for (const [letter, byte] of Object.entries({ n: 10, r: 13, t: 9, b: 8, f: 12, v: 11, '0': 0 }))
  SIMPLE[letter.charCodeAt(0)] = byte;
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
  const sign = SIGN[escaping];
  let filled = 0;
  for (let at = 0; at < text.length;) {
    if (text[at] !== sign) {
      const next = text.indexOf(sign, at);
      const stop = next < 0 ? text.length : next;
      out.set(text.subarray(at, stop), filled);
      filled += stop - at;
      at = stop;
    } else if (readEscape(text, at, text.length, escaping)) {
      out[filled++] = readByte;
      escapes.add(at, readLength);
      at += readLength;
    } else out[filled++] = text[at++] ?? 0;
  }
  return {
    bytes: out.subarray(0, filled),
    encoding: escaping,
    indexOf: (offset) => (offset < start || offset >= end ? -1 : escapes.indexOf(offset - start)),
    locate: (span) => ({ start: start + escapes.offsetOf(span.start), end: start + escapes.offsetOf(span.end) }),
  };
}

/** Where escapes stand in a text, each of which became one byte: the way between both texts without an entry for each byte. */
class Escapes {
  /** Offsets in the escaped text, and bytes that went away up to each escape, its own among them. */
  #offsets = new Uint32Array(16);
  #savedBy = new Uint32Array(16);
  #length = 0;

  /** They come in order. */
  add(offset: number, length: number): void {
    const at = this.#length++;
    if (at === this.#offsets.length) {
      this.#offsets = grown(this.#offsets);
      this.#savedBy = grown(this.#savedBy);
    }
    this.#offsets[at] = offset;
    this.#savedBy[at] = this.#saved(at) + length - 1;
  }

  /** Bytes that went away before the `i`-th escape. */
  #saved(i: number): number {
    return i === 0 ? 0 : (this.#savedBy[i - 1] ?? 0);
  }

  /** From an index in the plain text to the offset in the escaped one. */
  offsetOf(index: number): number {
    const passed = this.#count((i) => (this.#offsets[i] ?? 0) - this.#saved(i) < index);
    return index + this.#saved(passed);
  }

  /** The other way; −1 inside an escape. */
  indexOf(offset: number): number {
    const passed = this.#count((i) => (this.#offsets[i] ?? 0) < offset);
    const saved = this.#saved(passed);
    const last = passed - 1;
    const inside = last >= 0 && offset <= (this.#offsets[last] ?? 0) + saved - this.#saved(last);
    return inside ? -1 : offset - saved;
  }

  /** How many of the first escapes are so. */
  #count(isSo: (i: number) => boolean): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isSo(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function grown(numbers: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}

/** @param at - of the sign. @returns whether there is one: then `readByte` and `readLength` tell of it */
function readEscape(bytes: Uint8Array, at: number, end: number, escaping: Escaping): boolean {
  switch (escaping) {
    case 'percent':
      return hexEscape(bytes, at, 1, 2, end);
    case 'json':
      return backslash(bytes, at, end);
    case 'html':
      return entity(bytes, at, end);
  }
}

function found(byte: number, length: number): true {
  readByte = byte < 0x100 ? byte : 0xff;
  readLength = length;
  return true;
}

const [U, X, BRACE, BRACE_END] = [0x75, 0x78, 0x7b, 0x7d];

function backslash(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 1 >= end) return false;
  const next = bytes[at + 1] ?? 0;
  if (next === X) {
    const value = at + 4 > end ? -1 : hexByte(bytes, at + 2);
    return value >= 0 && found(value, 4);
  }
  // \u{2d} as well as \u002d
  if (next === U) return bytes[at + 2] === BRACE ? braced(bytes, at, end) : hexEscape(bytes, at, 2, 4, end);
  return found(SIMPLE[next] ?? next, 2);
}

/** The two digits at `at`, or a negative number. */
function hexByte(bytes: Uint8Array, at: number): number {
  return ((HEX_DIGITS[bytes[at] ?? 0] ?? -1) << 4) | (HEX_DIGITS[bytes[at + 1] ?? 0] ?? -1);
}

function braced(bytes: Uint8Array, at: number, end: number): boolean {
  for (let digits = 1; digits <= 6; digits++) {
    if (at + 3 + digits >= end) return false;
    if (bytes[at + 3 + digits] !== BRACE_END) continue;
    return hexEscape(bytes, at, 3, digits, end) && found(readByte, readLength + 1);
  }
  return false;
}

function entity(bytes: Uint8Array, at: number, end: number): boolean {
  const text = latin1(bytes, at, Math.min(end, at + 10));
  for (const [name, byte] of ENTITIES) if (text.startsWith(name)) return found(byte, name.length);
  const numeric = /^&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/i.exec(text);
  if (!numeric) return false;
  return found(numeric[1] === undefined ? Number(numeric[2]) : Number.parseInt(numeric[1], 16), numeric[0].length);
}

function hexEscape(bytes: Uint8Array, at: number, skip: number, digits: number, end: number): boolean {
  if (at + skip + digits > end) return false;
  let value = 0;
  for (let i = 0; i < digits; i++) {
    const digit = HEX_DIGITS[bytes[at + skip + i] ?? 0] ?? -1;
    if (digit < 0) return false;
    value = value * 16 + digit;
  }
  return found(value, skip + digits);
}

/** By byte: the digit that it is, or −1. */
const HEX_DIGITS = new Int8Array(256).fill(-1);
// Not by changing cases: that has Node's tables of languages loaded, for a millisecond of a hook's time.
for (const digits of ['0123456789abcdef', '0123456789ABCDEF'])
  for (let digit = 0; digit < 16; digit++) HEX_DIGITS[digits.charCodeAt(digit)] = digit;
