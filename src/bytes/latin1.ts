/**
 * Bytes as a string of the same length, one code unit a byte, so that string
 * offsets are byte offsets.
 */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', start, end);
}
