import fs from 'node:fs';
import path from 'node:path';

import glob from 'fast-glob';
import ignore, { type Ignore } from 'ignore';

import { readPlainFile } from '../bytes/plain-file.ts';
import type { Problem } from '../core/coverage.ts';
import { sourceMend } from '../errors/source.ts';
import type { Listed } from './files/listing.ts';

/**
 * Every file below a folder that no git work tree holds, dot files included.
 * `.gitignore` files are honoured as git would, `.git` folders left alone, and
 * symbolic links not followed. A folder that cannot be listed is told to
 * `problem`.
 *
 * @param folder - absolute
 * @param heeded - whether `.gitignore` files are
 */
export async function* directoryFiles(
  folder: string,
  problem: (problem: Problem) => void,
  signal: AbortSignal,
  heeded = true,
): AsyncGenerator<Listed> {
  const unreadable = (failed: string): void => {
    const name = path.relative(folder, failed) || '.';
    problem({ code: 'FOLDER_UNREADABLE', message: `${name} cannot be listed`, mend: sourceMend('FOLDER_UNREADABLE') });
  };
  const odd = new Set<string>();
  const ignores = new Ignores(folder);
  const options: glob.Options = {
    cwd: folder,
    dot: true,
    followSymbolicLinks: false,
    onlyFiles: false,
    suppressErrors: true,
    ignore: ['**/.git/**'],
    fs: watchedFileSystem(odd, unreadable, (file) => {
      if (heeded) ignores.read(path.relative(folder, file).replaceAll('\\', '/'));
    }),
  };
  for await (const entry of glob.stream('**', { ...options, markDirectories: true, objectMode: false })) {
    signal.throwIfAborted();
    const name = entry.toString();
    if (name.endsWith('/') || ODD.test(name)) continue;
    const by = ignores.match(name);
    if (path.basename(name) === '.git') yield { reason: 'git-directory', path: name };
    else if (by !== null) yield { reason: 'ignored', path: name, setBy: by };
    else yield { location: path.join(folder, name), mayBeAbsent: false };
  }
  for (const parent of odd) yield* oddFiles(Buffer.from(parent), unreadable);
}

/** Patterns do not match line breaks, and names that are not UTF-8 come garbled. */
const ODD = /[\n\r\u2028\u2029\ufffd]/;

/**
 * The file system as fast-glob sees it, telling of folders that could not be listed, of those with odd names in them, and
 * of `.gitignore` files before anything in their folder. Lists without giving way: handing a folder to another thread costs several times what listing does.
 */
function watchedFileSystem(
  odd: Set<string>,
  failed: (folder: string) => void,
  ignoring: (file: string) => void,
): Partial<glob.FileSystemAdapter> {
  const list = (folder: string): fs.Dirent[] | NodeJS.ErrnoException => {
    try {
      return fs.readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return error;
    }
  };
  const readdir = (
    folder: string,
    _options: { withFileTypes: true },
    done: (error: NodeJS.ErrnoException | null, entries: fs.Dirent[]) => void,
  ): void => {
    const entries = list(folder);
    if (!Array.isArray(entries)) {
      if (!ODD.test(folder)) failed(folder);
      process.nextTick(done, entries, []);
      return;
    }
    if (!ODD.test(folder) && entries.some(({ name }) => ODD.test(name))) odd.add(folder);
    if (entries.some(({ name }) => name === '.gitignore')) ignoring(path.join(folder, '.gitignore'));
    process.nextTick(done, null, entries);
  };
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- fast-glob uses this overload of fs.readdir only
  return { readdir: readdir as typeof fs.readdir };
}

/** Files below the oddly named entries of a folder, by the bytes of their names. */
function* oddFiles(parent: Buffer, failed: (folder: string) => void, all = false): Generator<Listed> {
  for (const entry of listBytes(parent, failed)) {
    if (!all && !ODD.test(entry.name.toString('utf8'))) continue;
    const location = Buffer.concat([parent, Buffer.from(path.sep), entry.name]);
    if (entry.isDirectory()) yield* oddFiles(location, failed, true);
    else yield { location, mayBeAbsent: false };
  }
}

function listBytes(folder: Buffer, failed: (folder: string) => void): fs.Dirent<Buffer>[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
  } catch {
    failed(folder.toString('utf8'));
    return [];
  }
}

/** Bytes of the largest `.gitignore` that is heard. */
const LARGEST_IGNORE = 2 ** 20;

/** The `.gitignore` files of a tree; deeper ones overrule those above them. */
class Ignores {
  readonly #folder: string;
  readonly #byFolder = new Map<string, Ignore>();
  readonly #cache = new Map<string, string | null>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(file: string): void {
    // As in git, a link is not followed. One that is unreadable or no ordinary file ignores nothing; as a file to scan it is a problem of its own.
    const found = readPlainFile(path.join(this.#folder, file), { most: LARGEST_IGNORE, unlinked: true });
    if (found.kind !== 'content') return;
    const lines = Buffer.from(found.bytes).toString('utf8');
    this.#byFolder.set(folderOf(file), ignore({ allowRelativePaths: true }).add(lines));
  }

  /** The `.gitignore` that leaves a path out, or null. */
  match(name: string): string | null {
    if (this.#byFolder.size === 0) return null;
    const parts = name.split('/');
    for (let depth = 1; depth <= parts.length; depth++) {
      const isFolder = depth < parts.length;
      const by = this.#one(parts.slice(0, depth).join('/'), isFolder);
      // What lies in an ignored folder cannot be brought back, as in git.
      if (by !== null) return by;
    }
    return null;
  }

  #one(name: string, isFolder: boolean): string | null {
    const key = isFolder ? `${name}/` : name;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    let verdict: string | null = null;
    for (let folder = ''; ;) {
      const rules = this.#byFolder.get(folder);
      const result = rules?.test(key.slice(folder.length));
      if (result?.ignored) verdict = `${folder}.gitignore`;
      else if (result?.unignored) verdict = null;
      const next = name.indexOf('/', folder.length);
      if (next < 0) break;
      folder = name.slice(0, next + 1);
    }
    if (isFolder) this.#cache.set(key, verdict);
    return verdict;
  }
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}
