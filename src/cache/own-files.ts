/** Files that this user alone reads and writes. Whoever else may write there is not believed. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  utimesSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

/** Larger files are not read. */
const LARGEST = 2 ** 30;

/** `unleak/verdicts` below a directory, for this user alone; null if that cannot be had. */
export function ownFolder(directory: string): string | null {
  const folders = [directory, path.join(directory, 'unleak'), path.join(directory, 'unleak', 'verdicts')];
  try {
    // One at a time: `recursive` never ends where nothing can be made, as in /proc.
    for (const folder of folders) if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    const [, outer = '', inner = ''] = folders;
    return isOurs(lstatSync(outer), 0o022) && isOurs(lstatSync(inner), 0o077) ? inner : null;
  } catch {
    return null;
  }
}

/** A real folder or file of this user's, of which others have none of these permissions. */
function isOurs(stat: Stats, forbidden: number): boolean {
  if (!stat.isDirectory() && !stat.isFile()) return false;
  return process.platform === 'win32' || (stat.uid === process.getuid?.() && (stat.mode & forbidden) === 0);
}

/** All bytes of a file, at the start of a buffer of their own; null if there is none to be believed. */
export function readOwn(file: string): Buffer | null {
  try {
    const handle = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = fstatSync(handle);
      return stat.isFile() && isOurs(stat, 0o077) && stat.size <= LARGEST ? readAll(handle, stat.size) : null;
    } finally {
      closeSync(handle);
    }
  } catch {
    return null;
  }
}

function readAll(handle: number, size: number): Buffer | null {
  const bytes = Buffer.from(new ArrayBuffer(size));
  for (let at = 0; at < size;) {
    const count = readSync(handle, bytes, at, size - at, at);
    if (count === 0) return null;
    at += count;
  }
  return bytes;
}

/** Says that a file is in use. */
export function touchOwn(file: string, now: number): void {
  try {
    utimesSync(file, now / 1000, now / 1000);
  } catch {
    // It is only removed sooner.
  }
}

/**
 * Written aside and renamed: whoever reads meanwhile, or is killed, sees the old
 * file or the new one. Not forced to the disk: what a power cut leaves has
 * another checksum than its own, and costs time only.
 */
export function replaceOwn(file: string, pieces: readonly Uint8Array[]): boolean {
  const aside = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = openSync(aside, 'wx', 0o600);
    try {
      for (const piece of pieces) for (let at = 0; at < piece.length;) at += writeSync(handle, piece, at);
    } finally {
      closeSync(handle);
    }
    renameSync(aside, file);
    return true;
  } catch {
    rmSync(aside, { force: true });
    return false;
  }
}
