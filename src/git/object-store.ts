/** Looks for objects that git does not list: it passes over a pack without an index, or a folder it may not read, in silence. */
import { readdirSync } from 'node:fs';
import path from 'node:path';

import type { Repository } from './repository.ts';
import { runGit } from './run.ts';

export interface StoreFault {
  readonly code: 'GIT_PACK_INCOMPLETE' | 'GIT_STORE_UNREADABLE';
  readonly file: string;
}

/** The object directories of a repository, its own first, then alternates. */
export async function objectDirectories(repository: Repository, signal: AbortSignal): Promise<string[]> {
  const own = await runGit(repository.invocation, ['rev-parse', '--git-path', 'objects'], { signal });
  const counted = await runGit(repository.invocation, ['count-objects', '-v'], { signal, accept: [0, 128] });
  const alternates = counted.stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('alternate: '))
    .map((line) => unquote(line.slice('alternate: '.length)));
  const first = own.stdout.toString('utf8').replace(/\n$/, '');
  return [first, ...alternates].map((directory) => path.resolve(repository.invocation.cwd, directory));
}

/** Faults of one object directory. */
export function storeFaults(directory: string): StoreFault[] {
  const top = list(directory);
  if (top === null) return [{ code: 'GIT_STORE_UNREADABLE', file: directory }];
  const folders = top
    .filter((name) => name === 'pack' || /^[0-9a-f]{2}$/.test(name))
    .map((name) => path.join(directory, name));
  const unreadable = folders.filter((folder) => list(folder) === null);
  return [
    ...unreadable.map((file) => ({ code: 'GIT_STORE_UNREADABLE' as const, file })),
    ...halfPacks(path.join(directory, 'pack')),
  ];
}

/** Whether a pack came from a partial clone: git marks it with a file beside it, even if no remote is configured any more. */
export function hasPromisedPack(directory: string): boolean {
  return (list(path.join(directory, 'pack')) ?? []).some((name) => name.endsWith('.promisor'));
}

/** Packs without their index, and indexes without their pack. */
function halfPacks(folder: string): StoreFault[] {
  const names = new Set(list(folder));
  const halves = [...names].filter((name) => {
    if (!/^pack-.*\.(?:pack|idx)$/.test(name)) return false;
    return !names.has(name.endsWith('.idx') ? name.replace(/\.idx$/, '.pack') : name.replace(/\.pack$/, '.idx'));
  });
  return halves.map((name) => ({ code: 'GIT_PACK_INCOMPLETE', file: path.join(folder, name) }));
}

function list(folder: string): string[] | null {
  try {
    return readdirSync(folder);
  } catch {
    return null;
  }
}

/** Undoes git's C-style quoting of odd paths. */
function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  const bytes = text
    .slice(1, -1)
    .replaceAll(/\\([0-7]{3}|.)/g, (_, what: string) =>
      what.length === 3 ? String.fromCharCode(Number.parseInt(what, 8)) : (ESCAPES[what] ?? what),
    );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' };
