/** A file's 32-bit words, copied only if its bytes are not aligned. */
export function readWords(file: Uint8Array): Uint32Array {
  const bytes = file.byteOffset % 4 === 0 ? file : Uint8Array.from(file);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Flips every bit, in place: text becomes nothing that reads like text, and back. */
export function invert(bytes: Buffer): Buffer {
  for (let i = 0; i < bytes.length; i++) bytes[i] = ~(bytes[i] ?? 0);
  return bytes;
}
