import { readdirSync } from 'node:fs';
import path from 'node:path';

import { splitRecords } from './records.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run.ts';

export interface Ref {
  /** Full name, such as `refs/heads/main`, or `HEAD`; latin1, so that no byte is lost. */
  readonly name: string;
  readonly id: string;
}

export interface Refs {
  readonly refs: readonly Ref[];
  /** What git said about refs it passed over. */
  readonly messages: readonly string[];
}

/**
 * All refs, and the `HEAD` of this and every linked work tree. A symbolic ref
 * to another ref is left out, since the other is there. Unborn ones too.
 */
export async function listRefs(repository: Repository, signal: AbortSignal): Promise<Refs> {
  const format = '%(objectname)%00%(symref)%00%(refname)';
  const [listed, heads] = await Promise.all([
    runGit(repository.invocation, ['for-each-ref', `--format=${format}`], { signal, accept: [0, 1, 128] }),
    listHeads(repository, signal),
  ]);
  const refs: Ref[] = [];
  for (const line of listed.stdout.toString('latin1').split('\n')) {
    const [id = '', symref, name = ''] = line.split('\0');
    if (symref === '') refs.push({ name, id });
  }
  const messages = listed.stderr.split('\n').filter((line) => line !== '');
  return { refs: [...heads, ...refs], messages };
}

async function listHeads(repository: Repository, signal: AbortSignal): Promise<Ref[]> {
  const names = ['HEAD', ...linkedWorkTrees(repository).map((name) => `worktrees/${name}/HEAD`)];
  const { stdout } = await runGit(repository.invocation, ['cat-file', '--batch-check=%(objectname)'], {
    signal,
    input: names.map((name) => `${name}\n`).join(''),
    accept: [0, 128],
  });
  const ids = stdout.toString('latin1').split('\n');
  return names.flatMap((name, i) => {
    const id = ids[i] ?? '';
    return id.length === repository.idLength && !id.includes(' ') ? [{ name, id }] : [];
  });
}

/** Names that git gave to linked work trees. */
function linkedWorkTrees(repository: Repository): string[] {
  try {
    return readdirSync(path.join(repository.commonDir, 'worktrees')).filter((name) => !name.includes('\n'));
  } catch {
    return [];
  }
}

/** Ids that reflogs mention, of all work trees. */
export async function listReflogIds(repository: Repository, signal: AbortSignal): Promise<string[]> {
  const { stdout } = await runGit(
    repository.invocation,
    ['rev-list', '--reflog', '--no-walk=unsorted', '--ignore-missing'],
    // 129: no reflog names a commit that still exists.
    { signal, accept: [0, 128, 129] },
  );
  return stdout
    .toString('latin1')
    .split('\n')
    .filter((id) => id.length === repository.idLength);
}

export interface IndexEntry {
  readonly id: string;
  readonly mode: number;
  /** Bytes as latin1. */
  readonly path: string;
}

/** The entries of every index, those of linked work trees included, conflict stages too. */
export async function listIndexes(repository: Repository, signal: AbortSignal): Promise<IndexEntry[]> {
  const linked = linkedWorkTrees(repository).map((name) => path.join(repository.commonDir, 'worktrees', name, 'index'));
  const main = path.join(repository.commonDir, 'index');
  const named = repository.invocation.environment['GIT_INDEX_FILE'];
  const files = [main, ...linked, ...(named === undefined ? [] : [path.resolve(repository.invocation.cwd, named)])];
  const lists = await Promise.all([...new Set(files)].map((file) => listIndex(repository, file, signal)));
  return lists.flat();
}

async function listIndex(repository: Repository, file: string, signal: AbortSignal): Promise<IndexEntry[]> {
  const { invocation } = repository;
  const environment = { ...invocation.environment, GIT_INDEX_FILE: file };
  const { stdout } = await runGit({ ...invocation, environment }, ['ls-files', '--stage', '-z'], {
    signal,
    accept: [0, 128],
  });
  return splitRecords(stdout).flatMap((record) => {
    const text = record.toString('latin1');
    const tab = text.indexOf('\t');
    const [mode = '', id = ''] = text.slice(0, tab).split(' ');
    return tab < 0 ? [] : [{ mode: Number.parseInt(mode, 8), id, path: text.slice(tab + 1) }];
  });
}
