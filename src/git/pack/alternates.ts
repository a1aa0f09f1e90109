import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

import { PackError } from '../../errors/pack.ts';

import type { Report } from './report.ts';

/** git follows alternates of alternates this far, the first being 0. */
const DEEPEST = 5;
/** A list longer than this is not one. */
const LIST_LIMIT = 1 << 20;

/** The variables that say where objects are; the ones git sets for a hook that judges a push. */
export interface ObjectEnvironment {
  readonly GIT_OBJECT_DIRECTORY?: string | undefined;
  readonly GIT_ALTERNATE_OBJECT_DIRECTORIES?: string | undefined;
  /** What relative paths in them are relative to; default: the working directory. */
  readonly relativeTo?: string;
}

/** One entry that may be in double quotes with C escapes, and what follows it. */
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/s;
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
};

function unquote(entry: string): string {
  const quoted = QUOTED.exec(entry)?.[1];
  if (quoted === undefined) return entry;
  const bytes = quoted.replaceAll(/\\([0-7]{3}|.)/gs, (_, escape: string) =>
    escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8)) : (ESCAPES[escape] ?? escape),
  );
  // Octal escapes spell bytes; where there are none this changes nothing.
  return /\\[0-7]{3}/.test(quoted) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/** Entries of `GIT_ALTERNATE_OBJECT_DIRECTORIES`: separated like PATH, quoted where they hold the separator. */
export function splitAlternates(list: string, delimiter: string = path.delimiter): string[] {
  const escaped = delimiter === ';' ? ';' : ':';
  const pattern = new RegExp(`"(?:[^"\\\\]|\\\\.)*"(?=${escaped}|$)|[^${escaped}]+`, 'gs');
  return [...list.matchAll(pattern)].map(([entry]) => unquote(entry)).filter((entry) => entry !== '');
}

/** Entries of `info/alternates`: one a line, `#` starts a comment. */
function readAlternatesFile(directory: string, report: Report): string[] {
  const file = path.join(directory, 'info', 'alternates');
  try {
    if (statSync(file).size > LIST_LIMIT)
      throw new PackError('ALTERNATE_INVALID', `${file} is longer than any list of directories`);
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map(unquote);
  } catch (error) {
    if (isAbsent(error)) return [];
    report(
      error instanceof PackError
        ? error
        : new PackError('ALTERNATE_INVALID', `${file} cannot be read`, { cause: error }),
    );
    return [];
  }
}

/** True for errors that say a file does not exist. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function realDirectory(directory: string): string | null {
  try {
    return statSync(directory).isDirectory() ? realpathSync(directory) : null;
  } catch {
    return null;
  }
}

/**
 * All directories that hold a repository's objects: the one new objects go to
 * first, then alternates, and theirs. A loop or a repetition counts once.
 *
 * @param primary - `objects` of the repository, unless the environment names another
 * @param environment - a quarantine (pre-receive) names its directory and the real one here
 * @param report - told of alternates that are missing or nested deeper than git follows
 * @returns real paths
 * @throws PackError `OBJECT_DIRECTORY_UNREADABLE` if the first one does not exist
 * @see gitrepository-layout(5), "objects/info/alternates"
 */
export function findObjectDirectories(primary: string, environment: ObjectEnvironment, report: Report): string[] {
  const { GIT_OBJECT_DIRECTORY: own = primary, relativeTo = '' } = environment;
  const first = realDirectory(path.resolve(relativeTo, own));
  if (first === null) throw new PackError('OBJECT_DIRECTORY_UNREADABLE', `There is no object directory ${own}`);
  const found = new Set<string>();
  const visit = (directory: string, depth: number): void => {
    if (found.has(directory)) return;
    found.add(directory);
    for (const entry of readAlternatesFile(directory, report)) enter(path.resolve(directory, entry), depth, directory);
  };
  const enter = (directory: string, depth: number, by: string): void => {
    const real = realDirectory(directory);
    if (real === null)
      report(new PackError('ALTERNATE_MISSING', `${by} names the alternate ${directory}, which is no directory`));
    else if (depth > DEEPEST && !found.has(real))
      report(new PackError('ALTERNATE_TOO_DEEP', `${by} nests alternates deeper than ${DEEPEST} levels`));
    else visit(real, depth + 1);
  };
  visit(first, 0);
  for (const entry of splitAlternates(environment.GIT_ALTERNATE_OBJECT_DIRECTORIES ?? ''))
    enter(path.resolve(relativeTo, entry), 0, 'GIT_ALTERNATE_OBJECT_DIRECTORIES');
  return [...found];
}
