/** A file's 32-bit words, copied only if its bytes are not aligned. */
export function readWords(file: Uint8Array): Uint32Array {
  const bytes = file.byteOffset % 4 === 0 ? file : Uint8Array.from(file);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
