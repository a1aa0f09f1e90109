/** Reading a file of the user's own, and replacing it whole with everything about it but the content kept. */
import {
  type BigIntStats,
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { isScanError } from '../errors/base.ts';
import { StoreError } from '../errors/store.ts';

const LARGEST = 1024 * 1024;
/** Writing takes milliseconds: what is older was left by a run that died. */
const STALE_MS = 10_000;

export interface OwnFile {
  readonly path: string;
  /** A code unit a byte. */
  readonly text: string;
  readonly stat: BigIntStats;
}

function refused(file: string, what: string): StoreError {
  return new StoreError('STORE_FILE', `${file} ${what}`, { facts: { file } });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}

function failure(file: string, error: unknown): Error {
  if (isScanError(error)) return error;
  const code = codeOf(error);
  if (code === 'ENOENT') return new StoreError('STORE_NOT_FOUND', `${file} is not there`, { facts: { file } });
  return refused(file, code === 'ELOOP' ? 'is a symbolic link' : `cannot be read or replaced (${code})`);
}

function checkKind(file: string, stat: BigIntStats): void {
  if (stat.isSymbolicLink()) throw refused(file, 'is a symbolic link');
  if (!stat.isFile()) throw refused(file, 'is not a plain file');
  // A new file under the old name would leave the other names with the old content.
  if (stat.nlink > 1n) throw refused(file, 'has other names (hard links)');
  if (stat.size > BigInt(LARGEST)) throw refused(file, 'is larger than 1 MiB');
}

/** @throws StoreError `STORE_FILE`, `STORE_NOT_FOUND` */
export function readOwnFile(file: string): OwnFile {
  try {
    checkKind(file, lstatSync(file, { bigint: true }));
    const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(handle, { bigint: true });
      checkKind(file, stat);
      const text = readFileSync(handle, 'latin1');
      if (text.includes('\0')) throw refused(file, 'is not text');
      return { path: file, text, stat };
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw failure(file, error);
  }
}

/** When the content was last written, to the nanosecond: ISO 8601. */
export function writtenAt({ mtimeNs }: Pick<BigIntStats, 'mtimeNs'>): string {
  const seconds = new Date(Number(mtimeNs / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(mtimeNs % 1_000_000_000n).padStart(9, '0')}Z`;
}

/**
 * One name for all runs, so that it is a lock as well: who comes second finds it
 * there. It begins as the file's does, so that what git ignores as `.env*` or
 * `.env.*` covers it too.
 */
function temporaryOf(file: string): string {
  return `${file}.unleak-new`;
}

/** When a run that died, or one that lives, wrote the new file; null without one. @throws StoreError `STORE_FILE` */
function leftAt(temporary: string): number | null {
  const stat = lstatSync(temporary, { throwIfNoEntry: false });
  if (stat?.isFile() === false) throw refused(temporary, 'stands where the new file is written first');
  return stat?.mtimeMs ?? null;
}

/**
 * Takes away what a run that died left behind: it holds the key.
 *
 * @param now - what is younger may be another run's; null: whoever wrote it is known to be gone
 * @throws StoreError `STORE_FILE` for what no run of ours made, such as a folder
 */
export function sweep(file: string, now: Date | null): void {
  const temporary = temporaryOf(file);
  try {
    const left = leftAt(temporary);
    if (left !== null && (now === null || now.getTime() - left > STALE_MS)) rmSync(temporary, { force: true });
  } catch (error) {
    throw failure(temporary, error);
  }
}

/** Owners and groups that a new file can be given to. The superuser may give it to anyone. */
function canAdopt({ uid, gid }: BigIntStats): boolean {
  const { getuid, getgid, getgroups } = process;
  if (!getuid || !getgid || !getgroups || getuid() === 0) return true;
  return uid === BigInt(getuid()) && [getgid(), ...getgroups()].some((group) => gid === BigInt(group));
}

/** @throws StoreError `STORE_FILE`, `STORE_NOT_FOUND` if the file could not be replaced as it stands */
export function requireReplaceable(file: string): void {
  const { stat } = readOwnFile(file);
  leftAt(temporaryOf(file));
  if (!canAdopt(stat)) throw refused(file, 'belongs to another user or group, which a new file could not be given to');
  try {
    accessSync(path.dirname(file), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw refused(file, `is in a folder that nothing can be written to (${codeOf(error)})`);
  }
}

function create(file: string, temporary: string): number {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    return openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new StoreError('STORE_CONFLICT', `Another run is writing ${file}, or has left ${temporary}`, {
      facts: { file, temporary },
    });
  }
}

/** Owner, group and mode of the old file. Where that may not be done, the old file stays. */
function adopt(handle: number, old: BigIntStats): void {
  const mine = fstatSync(handle, { bigint: true });
  if (mine.uid !== old.uid || mine.gid !== old.gid) fchownSync(handle, Number(old.uid), Number(old.gid));
  fchmodSync(handle, Number(old.mode & 0o7777n));
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.mtimeNs === b.mtimeNs && a.size === b.size;
}

/** Names outlive a power cut only once their folder is written. Not every system can. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, constants.O_RDONLY);
    fsyncSync(handle);
    closeSync(handle);
  } catch {
    // The content itself is on disk.
  }
}

/**
 * Puts new content in place of a file that was read: whole or not at all, with
 * the old one's owner, group and mode.
 *
 * @throws StoreError `STORE_CONFLICT` if it has changed since it was read; `STORE_FILE`, and nothing is changed
 */
export function replaceOwnFile(old: OwnFile, text: string): OwnFile {
  const temporary = temporaryOf(old.path);
  try {
    const handle = create(old.path, temporary);
    try {
      writeFileSync(handle, text, 'latin1');
      fsyncSync(handle);
      if (!isSame(lstatSync(old.path, { bigint: true }), old.stat))
        throw new StoreError('STORE_CONFLICT', `${old.path} was changed meanwhile`, { facts: { file: old.path } });
      // Until now nobody else can read it: a run that is killed leaves no key that others could.
      adopt(handle, old.stat);
      renameSync(temporary, old.path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw failure(old.path, error);
  }
  syncFolder(path.dirname(old.path));
  return readOwnFile(old.path);
}
