import { GitError } from '../errors/git.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run.ts';

/** Commits that are to be judged, and what is pushed along with them. All are object ids. */
export interface CommitSelection {
  /** Judged with everything that they reach, or, if `alone`, by themselves. */
  readonly tips: readonly string[];
  /** Not judged, nor anything that they reach. */
  readonly without: readonly string[];
  readonly alone?: boolean;
  /** Nor is anything that any ref reaches: for a server that is being pushed to. */
  readonly withoutRefs?: boolean;
  /** Annotated tags whose messages are judged too. */
  readonly tags: readonly string[];
  /** Trees and blobs that a ref or tag names by themselves. */
  readonly objects: readonly NamedObject[];
  /** Folder of objects that came along; what no commit of the selection leads to is judged by itself. */
  readonly pool?: string;
  /** The commit whose configuration holds; null for none. */
  readonly base: string | null;
  /** Commits that propose another configuration. */
  readonly heads: readonly string[];
}

/** A range as written. */
export interface WrittenRange {
  /** Null for a single commit. */
  readonly from: string | null;
  readonly to: string;
  /** `a...b`: configuration comes from the merge base. */
  readonly symmetric: boolean;
}

/**
 * Takes `a..b`, `a...b` or `a` apart. A side that is left out is `HEAD`.
 *
 * @throws GitError `RANGE_INVALID`
 */
export function parseRange(text: string): WrittenRange {
  const parts = /^(?<from>.*?)(?<dots>\.{2,3})(?!\.)(?<to>.*)$/s.exec(text)?.groups;
  const { from, dots = '', to = '' } = parts ?? { to: text };
  const sides = [from, to].filter((side) => side !== undefined);
  if (text === '' || sides.some((side) => /^[-^]|[\n\0]|\.\.|^\.|\.$/.test(side)))
    throw new GitError('RANGE_INVALID', `${JSON.stringify(text)} is no range of commits`);
  return { from: from === '' ? 'HEAD' : (from ?? null), to: to === '' ? 'HEAD' : to, symmetric: dots === '...' };
}

/**
 * Finds the commits of a range. `a..b` is what b reaches and a does not;
 * `a...b` the same, counted from where the two parted; `a` that commit alone.
 *
 * @throws GitError `RANGE_INVALID`, `RANGE_UNKNOWN_COMMIT`, `RANGE_NO_MERGE_BASE`
 */
export async function resolveRange(
  repository: Repository,
  text: string,
  signal: AbortSignal,
): Promise<CommitSelection> {
  const { from, to, symmetric } = parseRange(text);
  const asked = [to, `${to}^{commit}`, from === null ? `${to}^{commit}^1` : `${from}^{commit}`];
  const [named, tip, other] = await lookUp(repository, asked, signal);
  if (tip?.type !== 'commit') throw unknown(repository, to);
  if (from !== null && other?.type !== 'commit') throw unknown(repository, from);
  const tags = named?.type === 'tag' ? [named.id] : [];
  const selection = { tips: [tip.id], tags, objects: [], heads: [tip.id] };
  if (from === null) return { ...selection, without: [], alone: true, base: other?.id ?? null };
  const without = [other?.id ?? ''];
  if (!symmetric) return { ...selection, without, base: other?.id ?? null };
  return { ...selection, without, base: await mergeBase(repository, other?.id ?? '', tip.id, signal) };
}

/**
 * One commit by any of its names.
 *
 * @throws GitError `RANGE_INVALID`, `RANGE_UNKNOWN_COMMIT`
 */
export async function resolveCommit(repository: Repository, name: string, signal: AbortSignal): Promise<string> {
  const { from, to } = parseRange(name);
  if (from !== null) throw new GitError('RANGE_INVALID', `${JSON.stringify(name)} is no single commit`);
  const [found] = await lookUp(repository, [`${to}^{commit}`], signal);
  if (found?.type !== 'commit') throw unknown(repository, name);
  return found.id;
}

/**
 * The best common ancestor. Where a shallow clone cut the histories before
 * they meet, the first commit stands in for it, which leaves nothing out.
 */
async function mergeBase(repository: Repository, a: string, b: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await runGit(repository.invocation, ['merge-base', a, b], { signal, accept: [0, 1] });
  const base = stdout.toString('latin1').trim();
  if (base !== '') return base;
  if (repository.shallow) return a;
  throw new GitError('RANGE_NO_MERGE_BASE', 'the two commits have no common ancestor');
}

function unknown({ shallow }: Repository, name: string): GitError {
  const where = shallow ? ' in this shallow clone' : '';
  const unborn = name === 'HEAD' ? { mend: 'Make the first commit; `unleak staged` judges what it would record.' } : {};
  return new GitError('RANGE_UNKNOWN_COMMIT', `there is no commit ${JSON.stringify(name)}${where}`, unborn);
}

const BATCH_CHECK = '--batch-check=%(objectname) %(objecttype) %(objectsize)';

export interface NamedObject {
  readonly id: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

/** What revisions name; null for those that name nothing here. None may hold a line break. */
export async function lookUp(
  repository: Repository,
  revisions: readonly string[],
  signal: AbortSignal,
): Promise<(NamedObject | null)[]> {
  if (revisions.length === 0) return [];
  const { stdout } = await runGit(repository.invocation, ['cat-file', BATCH_CHECK], {
    signal,
    input: revisions.map((revision) => `${revision}\n`).join(''),
    accept: [0, 128],
  });
  const lines = stdout.toString('latin1').split('\n');
  return revisions.map((_, i) => {
    const [id = '', type = '', size = '', ...rest] = (lines[i] ?? '').split(' ');
    const found =
      rest.length === 0 &&
      /^\d+$/.test(size) &&
      id.length === repository.idLength &&
      /^(?:commit|tag|tree|blob)$/.test(type);
    return found ? { id, type, size: Number(size) } : null;
  });
}
