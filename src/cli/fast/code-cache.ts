import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/** A file of compiled code. */
export interface CodePlace {
  readonly file: string;
  readonly isThere: boolean;
  /** Whether it is the build's; else it is this user's. */
  readonly isBuilt: boolean;
}

/**
 * Where compiled code for this node lies: where the build left it, if it was done by this very node, else where this
 * user's is kept. Null if the user's cache directory is not safe: what stands in the file is executed. Not safe is
 * one in a repository either: the file may have come with that.
 *
 * @param folder - of the code, and of what the build left
 * @param name - of that
 * @param code - tells apart what is compiled, of which V8 compares no more than the length
 */
export function codePlace(folder: string, name: string, code: string): CodePlace | null {
  const built = builtCache(folder, name);
  if (existsSync(built)) return { file: built, isThere: true, isBuilt: true };
  const base = cacheBase(process.env);
  if (base === null) return null;
  const own = path.join(base, 'unleak');
  const file = path.join(own, cacheName(code));
  const isThere = existsSync(file);
  if (isInRepository(base) || (isThere && !isOurs(own))) return null;
  return { file, isThere, isBuilt: false };
}

/** The code in a file; none if it is not there, cannot be read or is not to be believed, which costs only time. */
export function readCode(place: CodePlace | null): Buffer {
  try {
    if (place?.isThere === true) return place.isBuilt ? readFileSync(place.file) : readOwn(place.file);
  } catch {
    // A folder of that name, or no right to read it.
  }
  return Buffer.alloc(0);
}

/**
 * V8 looks at the first bytes of code, and executes the rest as it is: a damaged one too. So this user's is written twice, and both
 * must agree. To compute a hash takes longer.
 */
function readOwn(file: string): Buffer {
  const opened = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(opened);
    if (!stat.isFile() || !isOwn(stat, 0o077)) return Buffer.alloc(0);
    const all = readFileSync(opened);
    const code = all.subarray(0, all.length / 2);
    return code.equals(all.subarray(code.length)) ? code : Buffer.alloc(0);
  } finally {
    closeSync(opened);
  }
}

/** Where the build leaves compiled code. */
export function builtCache(folder: string, name: string): string {
  return path.join(folder, cacheName(name));
}

function cacheName(name: string): string {
  return `${name}-${process.version}-${process.arch}.cache`;
}

/**
 * Keeps compiled code for this user, in a folder that is made for it. Written aside and renamed, so that nobody reads
 * half of it. A failure costs only speed.
 *
 * @param compiled - asked for the code once there is a file to write it to
 */
export function saveCodeCache({ file }: CodePlace, compiled: () => Uint8Array): void {
  const folder = path.dirname(file);
  // In a container every run has the same number, and one that was killed may have left its file.
  const aside = `${file}.${process.pid}.${Date.now()}`;
  try {
    // One at a time: `recursive` never ends where nothing can be made, as in /proc.
    for (const one of [path.dirname(folder), folder]) if (!existsSync(one)) mkdirSync(one, { mode: 0o700 });
    if (!isOurs(folder)) return;
    const opened = openSync(aside, 'wx', 0o600);
    try {
      const code = compiled();
      writeFileSync(opened, code);
      writeFileSync(opened, code);
    } finally {
      closeSync(opened);
    }
    renameSync(aside, file);
  } catch {
    // The next run tries again.
    removeQuietly(aside);
  }
}

function cacheBase(environment: NodeJS.ProcessEnv): string | null {
  const base =
    environment['XDG_CACHE_HOME'] ??
    environment['LOCALAPPDATA'] ??
    (environment['HOME'] === undefined ? undefined : path.join(environment['HOME'], '.cache'));
  return base !== undefined && path.isAbsolute(base) ? base : null;
}

function isInRepository(folder: string): boolean {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return true;
    if (at === path.dirname(at)) return false;
  }
}

/** Whether it is a real directory of this user's that nobody else can write to. */
function isOurs(folder: string): boolean {
  try {
    const stat = lstatSync(folder);
    return stat.isDirectory() && isOwn(stat, 0o022);
  } catch {
    return false;
  }
}

/** Whether it is this user's, and others have none of these permissions. */
function isOwn(stat: Stats, forbidden: number): boolean {
  return process.platform === 'win32' || (stat.uid === process.getuid?.() && (stat.mode & forbidden) === 0);
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It is a file too many.
  }
}
