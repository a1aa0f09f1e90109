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

/** An open file. What replaces it is another one. */
export interface OwnFile {
  readonly size: number;
  /** Bytes in memory of their own; fewer where the file ends. */
  read(at: number, length: number): Buffer;
  close(): void;
}

/** Null if there is none to be believed. */
export function openOwn(file: string): OwnFile | null {
  try {
    const handle = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(handle);
    const close = (): void => closeSync(handle);
    if (stat.isFile() && isOurs(stat, 0o077) && stat.size <= LARGEST)
      return { size: stat.size, read: (at, length) => readPiece(handle, at, length), close };
    close();
    return null;
  } catch {
    return null;
  }
}

/** All bytes of a file; null if there is none to be believed. */
export function readOwn(file: string): Buffer | null {
  const opened = openOwn(file);
  if (opened === null) return null;
  const bytes = opened.read(0, opened.size);
  opened.close();
  return bytes;
}

function readPiece(handle: number, at: number, length: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(Math.min(length, LARGEST)));
  let done = 0;
  try {
    while (done < bytes.length) {
      const count = readSync(handle, bytes, done, bytes.length - done, at + done);
      if (count === 0) break;
      done += count;
    }
  } catch {
    // Too short then, which whoever asked notices.
  }
  return bytes.subarray(0, done);
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
