import { PackError } from '../errors/pack.ts';

/** A number read from bytes, and where the next thing starts. */
export interface Read {
  readonly value: number;
  /** Byte offset just past the number. */
  readonly next: number;
}

function truncated(at: number): PackError {
  return new PackError('PACK_TRUNCATED', `Data ends inside the number at byte ${at}`, { facts: { at } });
}

function tooLarge(at: number): PackError {
  return new PackError('PACK_NUMBER_TOO_LARGE', `The number at byte ${at} exceeds 2^53 - 1`, { facts: { at } });
}

/**
 * Reads a number in git's *offset encoding*, which says how many bytes before an
 * OFS_DELTA entry its base entry starts.
 *
 * Seven bits a byte, most significant group first. Each continuation adds one
 * before shifting, so every distance has one spelling: 128 is `80 00`.
 *
 * @param bytes - a whole pack, or a window of one
 * @param at - byte offset into `bytes` of the number's first byte
 * @param end - byte offset that the number may not reach past
 * @returns `value` in bytes, 0 ≤ value ≤ 2^53 − 1; `next` ≤ `end`
 * @throws PackError `PACK_TRUNCATED` if `bytes` ends inside the number
 * @throws PackError `PACK_NUMBER_TOO_LARGE` if it exceeds 2^53 − 1
 * @see gitformat-pack(5), "offset encoding"
 */
export function readOffset(bytes: Uint8Array, at: number, end: number = bytes.length): Read {
  let value = -1;
  for (let i = at; ; i++) {
    const byte = i < end ? bytes[i] : undefined;
    if (byte === undefined) throw truncated(at);
    // Multiply: shifts are 32-bit in JavaScript, and packs pass 4 GiB.
    value = (value + 1) * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) throw tooLarge(at);
    if (byte < 0x80) return { value, next: i + 1 };
  }
}

/**
 * Reads a number in git's *size encoding*: seven bits a byte, least significant
 * group first, as at the start of a delta and (after four bits) of an entry.
 *
 * @param bytes - an inflated delta, or a window of a pack
 * @param at - byte offset into `bytes` of the number's first byte
 * @param end - byte offset that the number may not reach past
 * @param value - what earlier bytes contributed
 * @param scale - weight of the first group: a power of two
 * @returns `value` ≤ 2^53 − 1; `next` ≤ `end`
 * @throws PackError `PACK_TRUNCATED` if the bytes end inside the number
 * @throws PackError `PACK_NUMBER_TOO_LARGE` if it exceeds 2^53 − 1
 * @see gitformat-pack(5), "size encoding"
 */
export function readSize(
  bytes: Uint8Array,
  at: number,
  end: number = bytes.length,
  value: number = 0,
  scale: number = 1,
): Read {
  let sum = value;
  let weight = scale;
  for (let i = at; ; i++) {
    const byte = i < end ? bytes[i] : undefined;
    if (byte === undefined) throw truncated(at);
    sum += (byte & 0x7f) * weight;
    // Also caps runs of zero groups, which add nothing and could go on for ever.
    if (sum > Number.MAX_SAFE_INTEGER || weight > Number.MAX_SAFE_INTEGER) throw tooLarge(at);
    if (byte < 0x80) return { value: sum, next: i + 1 };
    weight *= 128;
  }
}
