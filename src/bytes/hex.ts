/** Lower-case hexadecimal of `bytes[start, end)`. */
export function toHex(bytes: Uint8Array, start: number = 0, end: number = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex');
}

/** The bytes that `text` spells, or null if it is not an even number of hexadecimal digits. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return null;
  return new Uint8Array(Buffer.from(text, 'hex'));
}
