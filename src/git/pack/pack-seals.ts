/** Tells whether the packs of an object directory are the files that an earlier run has read. */
import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

import { isAbsent } from './alternates.ts';

/** A file as it was. A change that the system dates changes it; a change of its end does, too. */
export interface FileSeal {
  readonly file: string;
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  /** Milliseconds since 1970. Nobody can set the second one back. */
  readonly modified: number;
  readonly changed: number;
  /** Its last bytes, in hexadecimal: of packs and indexes, their checksums. */
  readonly end: string;
}

/** What git reads packs by. Reverse indexes, bitmaps and marks beside them say nothing of objects. */
const KINDS = /(?:\.(?:pack|idx)|^multi-pack-index)$/;
/** Two checksums of SHA-256: an index ends with that of its pack and its own. */
const END_BYTES = 64;

/**
 * Seals of all packs and indexes of some object directories, by path.
 *
 * @returns null if one of them cannot be looked at, or goes away meanwhile
 */
export function sealPacks(directories: readonly string[]): ReadonlyMap<string, FileSeal> | null {
  try {
    const files = directories.flatMap((directory) => {
      const folder = path.join(directory, 'pack');
      return listFolder(folder)
        .filter((name) => KINDS.test(name))
        .map((name) => path.join(folder, name));
    });
    return new Map(files.map((file) => [file, sealFile(file)]));
  } catch {
    return null;
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function sealFile(file: string): FileSeal {
  const { dev, ino, size, mtimeMs, ctimeMs } = statSync(file);
  return { file, device: dev, inode: ino, size, modified: mtimeMs, changed: ctimeMs, end: endOf(file, size) };
}

function endOf(file: string, size: number): string {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(END_BYTES, size));
    const count = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('hex', 0, count);
  } finally {
    closeSync(fd);
  }
}

export function isSameFile(one: FileSeal, other: FileSeal): boolean {
  return (
    one.file === other.file &&
    one.device === other.device &&
    one.inode === other.inode &&
    one.size === other.size &&
    one.modified === other.modified &&
    one.changed === other.changed &&
    one.end === other.end
  );
}
