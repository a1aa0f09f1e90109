/** Ids that are asked for, without a string for each. */
export interface IdList {
  readonly length: number;
  /** Hexadecimal characters of one id: 40 or 64. */
  readonly idLength: number;
  /** The id at a position, in lower-case hexadecimal. */
  hex(at: number): string;
}

/** A few ids that are strings already. */
export function idList(ids: readonly string[], idLength: number): IdList {
  return { length: ids.length, idLength, hex: (at) => ids[at] ?? '' };
}

const DIGITS = '0123456789abcdef';
const NIBBLE = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) NIBBLE[DIGITS.charCodeAt(i)] = i;

/**
 * Decodes lower-case hexadecimal in place.
 *
 * @param from - ASCII characters, from `start`; `2 * length` of them are read
 * @returns false if one of them is no hexadecimal digit
 */
export function fromHex(from: Uint8Array, start: number, into: Uint8Array, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const high = NIBBLE[from[start + 2 * i] ?? 0] ?? -1;
    const low = NIBBLE[from[start + 2 * i + 1] ?? 0] ?? -1;
    if (high < 0 || low < 0) return false;
    into[at + i] = high * 16 + low;
  }
  return true;
}
