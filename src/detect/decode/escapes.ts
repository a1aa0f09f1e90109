import { latin1 } from '../../bytes/latin1.ts';
import type { Span } from '../../core/span.ts';
import { type Decoded, indexInSorted } from './decoded.ts';

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
  const out = new Uint8Array(end - start);
  const positions = new Uint32Array(end - start + 1);
  const sign = SIGN[escaping];
  let filled = 0;
  for (let at = start; at < end;) {
    const byte = bytes[at] ?? 0;
    positions[filled] = at;
    if (byte !== sign) {
      out[filled++] = byte;
      at++;
      continue;
    }
    const escape = readEscape(bytes, at, end, escaping);
    out[filled++] = escape ? escape.byte : byte;
    at += escape ? escape.length : 1;
  }
  positions[filled] = end;
  return {
    bytes: out.subarray(0, filled),
    encoding: escaping,
    indexOf: (offset) => indexInSorted(positions, filled, offset),
    locate: (span) => ({ start: positions[span.start] ?? start, end: positions[span.end] ?? end }),
  };
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
