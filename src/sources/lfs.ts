/** What a pointer file begins with. */
export const POINTER_START = Buffer.from('version https://git-lfs.github.com/spec/v1\n');
/** The specification's limit for a pointer file. */
export const POINTER_BYTES = 1024;

/** What such files are looked for by. */
export const POINTER = { start: POINTER_START, limit: POINTER_BYTES };

/**
 * The object that a Git LFS pointer stands for, which is not in the
 * repository; null if the content is no pointer.
 */
export function lfsObject(content: Uint8Array): string | null {
  if (content.length > POINTER_BYTES || content.length < POINTER_START.length) return null;
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (!text.subarray(0, POINTER_START.length).equals(POINTER_START)) return null;
  return /^oid (sha256:[0-9a-f]{64})$/m.exec(text.toString('latin1'))?.[1] ?? null;
}
