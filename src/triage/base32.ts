const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * The first `length` digits of `bytes` in RFC 4648 base32, lower case, unpadded.
 *
 * @param length - at most `bytes.length * 8 / 5`, rounded down
 */
export function base32(bytes: Uint8Array, length: number): string {
  let digits = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && digits.length < length) digits += ALPHABET.charAt((held >> (bits -= 5)) & 31);
  }
  return digits;
}
