import { existsSync, lstatSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Where the build left compiled code, if it was done by this very node. */
export function builtCache(folder: string, name: string): string {
  return path.join(folder, cacheName(name));
}

/**
 * Where this release's compiled code is kept for this node, when the package
 * was built by another one. Null if the user's cache directory is not safe:
 * what stands in the file is executed.
 *
 * @param code - tells apart what is compiled, of which V8 compares no more than the length
 */
export function codeCacheFile(code: string): string | null {
  const base = cacheBase(process.env);
  if (base === null) return null;
  const folder = path.join(base, 'unleak');
  try {
    // One at a time: `recursive` never ends where nothing can be made, as in /proc.
    for (const one of [base, folder]) if (!existsSync(one)) mkdirSync(one, { mode: 0o700 });
    if (!isOurs(folder)) return null;
  } catch {
    return null;
  }
  return path.join(folder, cacheName(code));
}

function cacheName(name: string): string {
  return `${name}-${process.version}-${process.arch}.cache`;
}

/** Written aside and renamed, so that nobody reads half of it. A failure costs only speed. */
export function saveCodeCache(file: string, data: Uint8Array): void {
  const aside = `${file}.${process.pid}`;
  try {
    writeFileSync(aside, data, { flag: 'wx', mode: 0o600 });
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

/** A real directory of this user's that nobody else can write to. */
function isOurs(folder: string): boolean {
  const { uid, mode, isDirectory } = describe(folder);
  if (process.platform === 'win32') return isDirectory;
  return isDirectory && uid === process.getuid?.() && (mode & 0o022) === 0;
}

function describe(folder: string): { uid: number; mode: number; isDirectory: boolean } {
  const stat = lstatSync(folder);
  return { uid: stat.uid, mode: stat.mode, isDirectory: stat.isDirectory() };
}
