import type { CoverageLog } from '../../core/coverage.ts';
import type { NamedObject } from '../../git/commit-range.ts';
import { MODE_GITLINK, type PathChange, type RangeCommit, isBlobMode, listChanges } from '../../git/commit-diff.ts';
import { splitRecords } from '../../git/records.ts';
import type { Repository } from '../../git/repository.ts';
import { runGit } from '../../git/run.ts';

/** So many changes are kept; of a longer list git is asked again, should there be findings. */
const MOST_KEPT = 200_000;

export interface ChangeOptions {
  readonly excluded?: (path: string) => string | null;
  readonly mostKept?: number;
}

/** What the commits of a selection change, and the blobs they bring. */
export class ChangeList {
  /** Distinct blobs that a commit has and its parents, at that path, have not. */
  readonly blobs = new Set<string>();
  /** Blobs at paths that are excluded. */
  readonly excluded = new Set<string>();
  /** Commits whose parents a shallow clone left out. */
  boundary: ReadonlySet<string> = new Set();
  commits: readonly RangeCommit[] = [];
  readonly #repository: Repository;
  readonly #coverage: CoverageLog;
  readonly #excluded: ((path: string) => string | null) | undefined;
  readonly #paths = new Set<string>();
  readonly #left = new Set<string>();
  #objects: readonly NamedObject[] = [];
  readonly #mostKept: number;
  #kept: PathChange[] | null = [];

  constructor(repository: Repository, coverage: CoverageLog, { excluded, mostKept = MOST_KEPT }: ChangeOptions = {}) {
    this.#repository = repository;
    this.#coverage = coverage;
    this.#excluded = excluded;
    this.#mostKept = mostKept;
  }

  /** Number of distinct paths. */
  get paths(): number {
    return this.#paths.size;
  }

  /**
   * The first way through: counts, and collects the blobs.
   *
   * @param objects - trees and blobs that are judged by themselves
   */
  async *run(
    commits: readonly RangeCommit[],
    objects: readonly NamedObject[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly PathChange[]> {
    this.commits = commits;
    this.#objects = objects;
    for await (const found of this.#list(signal)) {
      const wanted = found.filter((change) => this.#take(change));
      if (this.#kept !== null && this.#kept.length + wanted.length > this.#mostKept) this.#kept = null;
      for (const change of wanted) this.#kept?.push(change);
      yield wanted;
    }
  }

  /** All changes, once more. */
  async *all(signal: AbortSignal): AsyncGenerator<readonly PathChange[]> {
    if (this.#kept !== null) yield this.#kept;
    else
      for await (const found of this.#list(signal))
        yield found.filter(({ path }) => (this.#excluded?.(path) ?? null) === null);
  }

  async *#list(signal: AbortSignal): AsyncGenerator<readonly PathChange[]> {
    yield* listChanges(this.#repository, this.commits, signal);
    for (const { id, type } of this.#objects)
      if (type === 'tree') yield await treeEntries(this.#repository, id, signal);
  }

  /** Leaves out what is excluded, and says so. */
  #take({ path, mode, id, before }: PathChange): boolean {
    const setBy = this.#excluded?.(path) ?? null;
    if (setBy !== null) {
      if (isBlobMode(mode) && !this.#left.has(path)) this.#coverage.skip('excluded', path, setBy);
      this.#left.add(path);
      if (id !== null) this.excluded.add(id);
      return false;
    }
    if (mode === MODE_GITLINK) this.#coverage.skip('gitlink', path);
    if (id === null || !isBlobMode(mode)) return true;
    this.#paths.add(path);
    if (!before.includes(id)) this.blobs.add(id);
    return true;
  }

  /** The first path that a blob of the range is at, among those kept; null if there is none. */
  pathOf(blob: string): string | null {
    return this.#kept?.find(({ id, before }) => id === blob || before.includes(blob))?.path ?? null;
  }

  /**
   * What parents have where a commit has one of these blobs, and what such a
   * commit removed, as far as it is not in `blobs` itself.
   */
  async blobsBefore(found: ReadonlySet<string>, signal: AbortSignal): Promise<string[]> {
    const suspects = new Set<number>();
    for await (const changes of this.all(signal))
      for (const { commit, id } of changes) if (id !== null && found.has(id)) suspects.add(commit);
    const wanted = new Set<string>();
    for await (const changes of this.all(signal)) {
      for (const { commit, id, before } of changes) {
        if (!suspects.has(commit) || (id !== null && !found.has(id))) continue;
        for (const old of before) if (old !== null && !this.blobs.has(old)) wanted.add(old);
      }
    }
    return [...wanted];
  }
}

/** What a tree holds that no commit of the range names. All of it counts as new. */
async function treeEntries(repository: Repository, id: string, signal: AbortSignal): Promise<PathChange[]> {
  const { stdout } = await runGit(repository.invocation, ['ls-tree', '-r', '-t', '-z', '--full-tree', id], { signal });
  return splitRecords(stdout).map((record): PathChange => {
    const tab = record.indexOf('\t');
    const [mode = '', , entry = ''] = record.toString('latin1', 0, tab).split(' ');
    return { commit: -1, path: record.toString('utf8', tab + 1), mode, id: entry, before: [], added: true };
  });
}
