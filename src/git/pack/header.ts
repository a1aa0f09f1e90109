import { Cursor } from '../../bytes/cursor.ts';
import { PackError } from '../../errors/pack.ts';

/** Where the first entry of a pack starts. */
export const HEADER_SIZE = 12;
/** `PACK` in network order. */
const SIGNATURE = 0x50_41_43_4b;

/**
 * Number of objects that a pack says it holds.
 *
 * @param bytes - the pack, or its first 12 bytes
 * @param name - the pack's file name, for errors
 * @throws PackError `PACK_SIGNATURE` for another file or a version other than 2 and 3
 * @throws PackError `PACK_TRUNCATED` if there are fewer than 12 bytes
 * @see gitformat-pack(5), "pack-*.pack files have the following format"
 */
export function readPackHeader(bytes: Uint8Array, name: string): number {
  const cursor = new Cursor(bytes, name);
  const signature = cursor.u32();
  const version = cursor.u32();
  // Versions 2 and 3 are the same to a reader; git writes 2.
  if (signature === SIGNATURE && (version === 2 || version === 3)) return cursor.u32();
  throw new PackError('PACK_SIGNATURE', `${name} does not start like a pack of version 2 or 3`, { facts: { version } });
}
