/** Largest prime below 2^16. */
const MODULUS = 65_521;
/** Bytes between reductions: 255·n·(n+1)/2 + (n+1)·65520 stays below 2^31, so that engines keep the sums as small integers. */
const BLOCK = 3800;

/**
 * The checksum at the end of a zlib stream.
 *
 * @returns an unsigned 32-bit number
 * @see RFC 1950, section 8.2
 */
export function adler32(bytes: Uint8Array, start: number = 0, end: number = bytes.length): number {
  let a = 1;
  let b = 0;
  for (let at = start; at < end;) {
    const stop = Math.min(at + BLOCK, end);
    const unrolled = stop - ((stop - at) & 3);
    for (; at < unrolled; at += 4) {
      const b0 = bytes[at] ?? 0;
      const b1 = bytes[at + 1] ?? 0;
      const b2 = bytes[at + 2] ?? 0;
      const b3 = bytes[at + 3] ?? 0;
      // Four steps of a += x; b += a, with the additions to `b` gathered.
      b = (b + 4 * a + 4 * b0 + 3 * b1 + 2 * b2 + b3) | 0;
      a = (a + b0 + b1 + b2 + b3) | 0;
    }
    for (; at < stop; at++) {
      a += bytes[at] ?? 0;
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}
