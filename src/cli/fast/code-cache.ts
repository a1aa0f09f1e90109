import { closeSync, existsSync, lstatSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
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
 * user's is kept. Null if the user's cache directory is not safe: what stands in the file is executed.
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
  return isThere && !isOurs(own) ? null : { file, isThere, isBuilt: false };
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
  const aside = `${file}.${process.pid}`;
  try {
    // One at a time: `recursive` never ends where nothing can be made, as in /proc.
    for (const one of [path.dirname(folder), folder]) if (!existsSync(one)) mkdirSync(one, { mode: 0o700 });
    if (!isOurs(folder)) return;
    const opened = openSync(aside, 'wx', 0o600);
    try {
      writeFileSync(opened, compiled());
    } finally {
      closeSync(opened);
    }
    renameSync(aside, file);
  } catch {
    // The next run tries again.
  }
}

function cacheBase(environment: NodeJS.ProcessEnv): string | null {
  const base =
    environment['XDG_CACHE_HOME'] ??
    environment['LOCALAPPDATA'] ??
    (environment['HOME'] === undefined ? undefined : path.join(environment['HOME'], '.cache'));
  return base !== undefined && path.isAbsolute(base) ? base : null;
}

/** Whether it is a real directory of this user's that nobody else can write to. */
function isOurs(folder: string): boolean {
  try {
    const stat = lstatSync(folder);
    if (process.platform === 'win32') return stat.isDirectory();
    return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0;
  } catch {
    return false;
  }
}
