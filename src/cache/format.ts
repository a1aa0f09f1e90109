import { createHash } from 'node:crypto';

import { compareBytes } from '../bytes/compare.ts';
import type { CleanBlobs } from '../core/verdicts.ts';

/** Of the file: name and version, bytes of an id, number of entries. */
const MAGIC = Buffer.from('unleak clean blobs 1\n', 'latin1');
const HEADER = MAGIC.length + 1 + 8;
/** A size: 48 bits, low byte first. */
const SIZE = 6;
const CHECKSUM = 32;

/**
 * Ids and sizes in one piece, with a checksum over them and over the name that
 * they are kept under, so that no entry of another repository or rule set passes for one.
 */
export function encodeCleanBlobs(name: string, idBytes: number, { count, ids, sizes }: CleanBlobs): Buffer {
  const file = Buffer.alloc(HEADER + count * (idBytes + SIZE) + CHECKSUM);
  MAGIC.copy(file);
  file[MAGIC.length] = idBytes;
  file.writeDoubleLE(count, MAGIC.length + 1);
  file.set(ids.subarray(0, count * idBytes), HEADER);
  const sizesAt = HEADER + count * idBytes;
  for (let i = 0; i < count; i++) file.writeUIntLE(sizes[i] ?? 0, sizesAt + i * SIZE, SIZE);
  file.set(checksum(name, file.subarray(0, -CHECKSUM)), file.length - CHECKSUM);
  return file;
}

/** @returns null unless the file is whole, of this name and in order */
export function decodeCleanBlobs(name: string, idBytes: number, file: Buffer): CleanBlobs | null {
  if (file.length < HEADER + CHECKSUM || !file.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const count = file.readDoubleLE(MAGIC.length + 1);
  if (file[MAGIC.length] !== idBytes || file.length !== HEADER + count * (idBytes + SIZE) + CHECKSUM) return null;
  if (!checksum(name, file.subarray(0, -CHECKSUM)).equals(file.subarray(-CHECKSUM))) return null;
  const sizesAt = HEADER + count * idBytes;
  const ids = file.subarray(HEADER, sizesAt);
  if (!isRising(ids, idBytes)) return null;
  return {
    count,
    ids,
    sizes: Float64Array.from({ length: count }, (_, i) => file.readUIntLE(sizesAt + i * SIZE, SIZE)),
  };
}

function checksum(name: string, bytes: Uint8Array): Buffer {
  return createHash('sha256').update(`${name}\n`).update(bytes).digest();
}

function isRising(ids: Uint8Array, idBytes: number): boolean {
  for (let at = idBytes; at < ids.length; at += idBytes)
    if (compareBytes(ids, at - idBytes, ids, at, idBytes) >= 0) return false;
  return true;
}
