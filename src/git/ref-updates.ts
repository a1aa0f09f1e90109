/** Refs that are about to be written, as git tells its hooks, and the commits that they bring. */
import { GitError } from '../errors/git.ts';
import { type CommitSelection, lookUp, type NamedObject } from './commit-range.ts';
import { parseTag } from './object/tag.ts';
import { ObjectPipe } from './object-pipe.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run.ts';

export interface RefUpdate {
  /** The ref's name where it is written. */
  readonly ref: string;
  /** What it names there now; null for nothing. */
  readonly from: string | null;
  /** What it is to name; null to delete it. */
  readonly to: string | null;
}

/**
 * What `pre-push` reads: local ref, local id, remote ref, remote id.
 *
 * @throws GitError `GIT_PROTOCOL`
 */
export function parsePushed(text: string): RefUpdate[] {
  return fieldsOf(text, 4).map(([, to = '', ref = '', from = '']) => ({ ref, from: idOf(from), to: idOf(to) }));
}

/**
 * What `pre-receive` reads: old id, new id, ref.
 *
 * @throws GitError `GIT_PROTOCOL`
 */
export function parseReceived(text: string): RefUpdate[] {
  return fieldsOf(text, 3).map(([from = '', to = '', ref = '']) => ({ ref, from: idOf(from), to: idOf(to) }));
}

function fieldsOf(text: string, count: number): string[][] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const fields = line.split(' ');
    if (fields.length !== count) throw new GitError('GIT_PROTOCOL', 'git told the hook something else than it should');
    return fields;
  });
}

function idOf(text: string): string | null {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text))
    throw new GitError('GIT_PROTOCOL', 'git told the hook something else than it should');
  return /^0+$/.test(text) ? null : text;
}

/**
 * What a push brings: everything that the refs reach and the remote, as far as
 * is known here, has not. It has what its refs named just now, and what the
 * remote-tracking refs remember.
 *
 * @param remote - its name, or the address that was pushed to
 */
export async function pushedCommits(
  repository: Repository,
  updates: readonly RefUpdate[],
  remote: string,
  signal: AbortSignal,
): Promise<CommitSelection> {
  const brought = await bringing(repository, updates, signal);
  if (brought.tips.length === 0) return { ...brought, without: [], base: null, heads: [] };
  const had = updates.flatMap(({ from }) => (from === null ? [] : [`${from}^{commit}`]));
  const there = (await lookUp(repository, had, signal)).flatMap((object) => (object === null ? [] : [object.id]));
  const remembered = await trackedCommits(repository, remote, signal);
  return { ...brought, without: [...new Set([...there, ...remembered])], base: null, heads: [] };
}

/** What is received: everything that the refs reach and no ref of this repository does. */
export async function receivedCommits(
  repository: Repository,
  updates: readonly RefUpdate[],
  signal: AbortSignal,
): Promise<CommitSelection> {
  const brought = await bringing(repository, updates, signal);
  const [base] = await lookUp(repository, ['HEAD^{commit}'], signal);
  const pool = repository.invocation.environment['GIT_QUARANTINE_PATH'];
  return {
    ...brought,
    without: [],
    withoutRefs: true,
    base: base?.id ?? null,
    heads: brought.tips,
    ...(pool === undefined ? {} : { pool }),
  };
}

type Brought = Pick<CommitSelection, 'tips' | 'tags' | 'objects'>;

/** What the updated refs name, through tags. */
async function bringing(repository: Repository, updates: readonly RefUpdate[], signal: AbortSignal): Promise<Brought> {
  const wanted = [...new Set(updates.flatMap(({ to }) => to ?? []))];
  const tips = new Set<string>();
  const tags = new Set<string>();
  const objects = new Map<string, NamedObject>();
  for (let ids = wanted; ids.length > 0;) {
    const found = await lookUp(repository, ids, signal);
    for (const [i, object] of found.entries()) {
      if (object === null) throw absent(ids[i] ?? '');
      if (object.type === 'commit') tips.add(object.id);
      else if (object.type === 'tag') tags.add(object.id);
      else objects.set(object.id, object);
    }
    const next = found.flatMap((object) => (object?.type === 'tag' ? [object.id] : []));
    ids = await targets(repository, next, signal);
  }
  return { tips: [...tips], tags: [...tags], objects: [...objects.values()] };
}

async function targets(repository: Repository, tags: readonly string[], signal: AbortSignal): Promise<string[]> {
  if (tags.length === 0) return [];
  const pipe = new ObjectPipe(repository.invocation, repository.idLength);
  const named: string[] = [];
  for (const tag of tags) {
    const target = parseTag((await pipe.get(tag, signal))?.bytes ?? new Uint8Array()).object;
    if (target === null) throw new GitError('GIT_OBJECT_MALFORMED', `the tag ${tag} names no object`);
    named.push(target);
  }
  pipe.close();
  return named;
}

function absent(id: string): GitError {
  return new GitError('RANGE_UNKNOWN_COMMIT', `there is no object ${id}`);
}

/** Commits that the remote-tracking refs of a remote name. */
async function trackedCommits(repository: Repository, remote: string, signal: AbortSignal): Promise<string[]> {
  const names = await remoteNames(repository, remote, signal);
  const prefixes = names.map((name) => `refs/remotes/${name}/`);
  if (prefixes.length === 0) return [];
  const format = '--format=%(objecttype) %(objectname) %(refname)';
  const { stdout } = await runGit(repository.invocation, ['for-each-ref', format, 'refs/remotes/'], { signal });
  return stdout
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [type, id = '', ref = ''] = line.split(' ');
      return type === 'commit' && prefixes.some((prefix) => ref.startsWith(prefix)) ? [id] : [];
    });
}

/** A remote by its name, or those with the address that was pushed to. */
async function remoteNames(repository: Repository, remote: string, signal: AbortSignal): Promise<string[]> {
  const { stdout } = await runGit(
    repository.invocation,
    ['config', '-z', '--get-regexp', String.raw`^remote\..*\.(push)?url$`],
    { signal, accept: [0, 1] },
  );
  const remotes = stdout
    .toString('utf8')
    .split('\0')
    .flatMap((record) => {
      const end = record.indexOf('\n');
      const name = /^remote\.(.*)\.(?:push)?url$/s.exec(record.slice(0, end))?.[1];
      return name === undefined ? [] : [{ name, url: record.slice(end + 1) }];
    });
  if (remotes.some(({ name }) => name === remote)) return [remote];
  return [...new Set(remotes.filter(({ url }) => url === remote).map(({ name }) => name))];
}
