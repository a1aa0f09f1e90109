import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  type Stats,
  utimesSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

import type { Verdicts } from '../core/verdicts.ts';
import { decodeCleanBlobs, encodeCleanBlobs } from './format.ts';

export interface VerdictCacheOptions {
  /** The user's cache directory; see `cacheDirectory`. */
  readonly directory: string;
  /** The repository's directory of objects. */
  readonly objects: string;
  /** Of everything that a verdict depends on besides the object: engine, rules, limits. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Larger files are not read: 30 million blobs. */
const LARGEST = 2 ** 30;
const DAY_MS = 24 * 3600 * 1000;
/** What was not used for so long is removed. */
const KEPT_MS = 60 * DAY_MS;
/** What a killed run left behind, too. */
const TEMPORARY_MS = DAY_MS;

/**
 * Verdicts in files of the user's cache directory: one for each repository and
 * digest, replaced as a whole. Whoever else may write there is not believed.
 *
 * @returns null where there is no safe place for them
 */
export function verdictCache({ directory, objects, digest, now = Date.now }: VerdictCacheOptions): Verdicts | null {
  const folder = ownFolder(directory);
  const repository = folder === null ? null : repositoryKey(objects);
  if (folder === null || repository === null) return null;
  const name = `${repository}-${digest.slice(0, 32)}`;
  const file = path.join(folder, `${name}.clean`);
  return {
    load: (idBytes) => {
      const bytes = readOwn(file);
      const blobs = bytes === null ? null : decodeCleanBlobs(name + digest, idBytes, bytes);
      if (blobs !== null) touch(file, now());
      return blobs;
    },
    save: (idBytes, blobs) => {
      if (replace(file, encodeCleanBlobs(name + digest, idBytes, blobs))) sweep(folder, file, repository, now());
    },
  };
}

/** `XDG_CACHE_HOME`, or what stands for it; null if there is none. */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string | null {
  const { XDG_CACHE_HOME: named, LOCALAPPDATA: local, HOME: home } = environment;
  const base = named ?? local ?? (home === undefined ? undefined : path.join(home, '.cache'));
  return base !== undefined && path.isAbsolute(base) ? base : null;
}

/** `unleak/verdicts` below it, for this user alone; null if that cannot be had. */
function ownFolder(directory: string): string | null {
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

/**
 * Where the objects are, and that they are still the same: of a repository that
 * was cloned anew into the same place nothing is remembered.
 */
function repositoryKey(objects: string): string | null {
  try {
    const { dev, ino, birthtimeMs } = statSync(objects);
    return createHash('sha256')
      .update(JSON.stringify([realpathSync(objects), dev, ino, birthtimeMs]))
      .digest('hex')
      .slice(0, 32);
  } catch {
    return null;
  }
}

function readOwn(file: string): Buffer | null {
  try {
    const handle = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = fstatSync(handle);
      return stat.isFile() && isOurs(stat, 0o077) && stat.size <= LARGEST ? readFileSync(handle) : null;
    } finally {
      closeSync(handle);
    }
  } catch {
    return null;
  }
}

function touch(file: string, now: number): void {
  try {
    utimesSync(file, now / 1000, now / 1000);
  } catch {
    // It is only removed sooner.
  }
}

/** Written aside and renamed: whoever reads meanwhile, or is killed, sees the old file or the new one. */
function replace(file: string, bytes: Buffer): boolean {
  const aside = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = openSync(aside, 'wx', 0o600);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
      fsyncSync(handle);
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

/** Removes what nobody will ask for: of this repository by other digests, of others after a long time. */
function sweep(folder: string, kept: string, repository: string, now: number): void {
  for (const entry of listed(folder)) {
    const file = path.join(folder, entry);
    if (file === kept) continue;
    const age = now - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now);
    const isOld = entry.endsWith('.tmp') ? age > TEMPORARY_MS : age > KEPT_MS;
    const isReplaced = entry.startsWith(`${repository}-`) && entry.endsWith('.clean') && age > DAY_MS;
    if (isOld || isReplaced) rmSync(file, { force: true });
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
