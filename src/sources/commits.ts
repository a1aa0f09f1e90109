import type { Blob, ByteStream } from '../core/blob.ts';
import { CoverageLog } from '../core/coverage.ts';
import type { Source } from '../core/source.ts';
import { gitMend } from '../errors/git.ts';
import { type BatchItem, readObjects } from '../git/cat-file.ts';
import { type CommitSelection } from '../git/commit-range.ts';
import { listCommits } from '../git/commit-diff.ts';
import { messageText } from '../git/object/message.ts';
import { idList } from '../git/object-id.ts';
import { ObjectPipe } from '../git/object-pipe.ts';
import { listPool, newObjects } from '../git/object-pool.ts';
import type { Repository } from '../git/repository.ts';
import { shallowCommits } from '../git/shallow.ts';
import { attributeCommits, filesOfCommits } from './commits/attribute.ts';
import { ChangeList } from './commits/changes.ts';
import { CommitNames } from './commits/names.ts';
import { lfsObject } from './lfs.ts';
import { type OnProgress, ProgressMeter } from './progress.ts';

export interface CommitsOptions {
  /** What the report calls it. Default: `commits`. */
  readonly name?: 'commits' | 'pull-request';
  /** Names that are pushed along, to be scanned too: of branches and tags. */
  readonly refNames?: readonly string[];
  /** Bytes. Default: none; large blobs are streamed. */
  readonly maxFileSize?: number;
  /** What excludes a path, such as a configuration file's name; null keeps it. */
  readonly excluded?: (path: string) => string | null;
  readonly onProgress?: OnProgress;
  /** Changes that are kept in memory; of more, git is asked again. Default: 200,000. */
  readonly mostKept?: number;
}

/**
 * What the commits of a selection introduce: content that no parent has at its
 * path, merges' own content, messages of commits and tags, and new names.
 *
 * @param selection - see `resolveRange`
 */
export function commitsSource(
  repository: Repository,
  selection: CommitSelection,
  options: CommitsOptions = {},
): Source {
  const coverage = new CoverageLog();
  const pipe = new ObjectPipe(repository.invocation, repository.idLength);
  const names = new CommitNames();
  const changes = new ChangeList(repository, coverage, options);
  const scan = new CommitsScan(repository, selection, changes, names, coverage, options);
  return {
    name: options.name ?? 'commits',
    coverage,
    blobs: (signal) => scan.blobs(signal),
    async read(id, signal) {
      const name = names.read(id);
      if (name !== null) return name;
      if (scan.large.has(id)) return { chunks: scan.again(id, signal) };
      const object = await pipe.get(id, signal);
      if (object === null) return null;
      return object.type === 'commit' || object.type === 'tag' ? messageText(object.bytes) : object.bytes;
    },
    parentBlobs: (found, signal) => scan.parentBlobs(found, signal),
    attribute: (holdings, signal) =>
      attributeCommits({ repository, selection, changes, names, pipe, strays: scan.strays }, holdings, signal),
    files: (wanted, signal) =>
      filesOfCommits({ repository, selection, changes, names, pipe, strays: scan.strays }, wanted, signal),
  };
}

class CommitsScan {
  /** Blobs that were streamed. */
  readonly large = new Set<string>();
  /** Objects that nothing of the selection leads to. */
  strays: readonly string[] = [];
  readonly #repository: Repository;
  readonly #selection: CommitSelection;
  readonly #changes: ChangeList;
  readonly #names: CommitNames;
  readonly #coverage: CoverageLog;
  readonly #options: CommitsOptions;
  readonly #meter: ProgressMeter;

  constructor(
    repository: Repository,
    selection: CommitSelection,
    changes: ChangeList,
    names: CommitNames,
    coverage: CoverageLog,
    options: CommitsOptions,
  ) {
    this.#repository = repository;
    this.#selection = selection;
    this.#changes = changes;
    this.#names = names;
    this.#coverage = coverage;
    this.#options = options;
    this.#meter = new ProgressMeter(options.onProgress);
  }

  async *blobs(signal: AbortSignal): AsyncGenerator<Blob, void, undefined> {
    const { tags, objects } = this.#selection;
    const commits = await listCommits(this.#repository, this.#selection, signal);
    this.#reportShallow(commits.map(({ id }) => id));
    for (const name of this.#options.refNames ?? []) {
      this.#coverage.add('refs');
      yield* this.#names.ofRef(name);
    }
    yield* this.#newNames(commits, signal);
    const messages = [...commits.map(({ id }) => id), ...tags];
    const loose = objects.filter(({ type }) => type === 'blob').map(({ id }) => id);
    const known = new Set([...messages, ...this.#changes.blobs, ...loose]);
    this.strays = await this.#strays(new Set([...known, ...this.#changes.excluded]), signal);
    this.#coverage.add('unreachable', this.strays.length);
    yield* this.#read([...known, ...this.strays], true, signal);
  }

  /** What came along without being reached: nobody needs it, and yet it would be stored. */
  async #strays(known: ReadonlySet<string>, signal: AbortSignal): Promise<string[]> {
    const { pool } = this.#selection;
    if (pool === undefined) return [];
    const stored = await listPool(this.#repository, pool, signal);
    const left = stored.filter(({ id, type }) => type !== 'tree' && !known.has(id));
    return newObjects(
      this.#repository,
      left.map(({ id }) => id),
      signal,
    );
  }

  /** Goes through all changes; what is new in them is read afterwards. */
  async *#newNames(commits: Parameters<ChangeList['run']>[0], signal: AbortSignal): AsyncGenerator<Blob> {
    for await (const found of this.#changes.run(commits, this.#selection.objects, signal)) {
      for (const change of found) if (change.added) yield* this.#names.of(change);
    }
    this.#coverage.add('files', this.#changes.paths);
  }

  /** Before the boundary everything is unknown, so what stands behind it looks as if it were new there. */
  #reportShallow(ids: readonly string[]): void {
    const boundary = shallowCommits(this.#repository);
    const cut = ids.filter((id) => boundary.has(id));
    this.#changes.boundary = new Set(cut);
    if (cut.length === 0) return;
    const message = `The clone is shallow: what came before ${cut[0]?.slice(0, 12) ?? ''} is not here`;
    this.#coverage.problem({ code: 'GIT_SHALLOW', message, mend: gitMend('GIT_SHALLOW'), count: cut.length });
  }

  async *parentBlobs(found: ReadonlySet<string>, signal: AbortSignal): AsyncGenerator<Blob, void, undefined> {
    yield* this.#read(await this.#changes.blobsBefore(found, signal), false, signal);
  }

  async *again(id: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const { content } of this.#read([id], false, signal)) {
      if (content instanceof Uint8Array) yield content;
      else yield* content.chunks;
    }
  }

  /** @param covered - they are what was asked for, not only what was there before */
  async *#read(ids: readonly string[], covered: boolean, signal: AbortSignal): AsyncGenerator<Blob> {
    const answers = readObjects(this.#repository.invocation, idList(ids, this.#repository.idLength), { signal });
    for await (const items of answers) {
      for (const item of items) {
        const id = ids[item.at] ?? '';
        if (item.kind === 'absent') this.#reportAbsent(id, item.why);
        else if (item.type === 'commit' || item.type === 'tag') yield* this.#message(id, item);
        else if (item.type === 'blob' && (!covered || this.#cover(id, item))) yield this.#blob(id, item.content);
      }
    }
  }

  #blob(id: string, content: Uint8Array | ByteStream): Blob {
    if (!(content instanceof Uint8Array)) this.large.add(id);
    return { id, kind: 'blob', content };
  }

  /** False for a blob that a limit leaves out. */
  #cover(id: string, { size, content }: Extract<BatchItem, { kind: 'object' }>): boolean {
    if (size > (this.#options.maxFileSize ?? Number.POSITIVE_INFINITY)) {
      this.#coverage.skip('too-large', this.#changes.pathOf(id) ?? id, '--max-file-size');
      return false;
    }
    this.#coverage.add('blobs');
    this.#coverage.add('bytesCovered', size);
    this.#meter.add(1, size);
    const pointed = content instanceof Uint8Array ? lfsObject(content) : null;
    if (pointed !== null) this.#coverage.skip('lfs-object', this.#changes.pathOf(id) ?? id);
    return true;
  }

  *#message(id: string, { type, content }: Extract<BatchItem, { kind: 'object' }>): Generator<Blob> {
    this.#coverage.add(type === 'tag' ? 'tags' : 'commits');
    if (content instanceof Uint8Array)
      yield { id, kind: type === 'tag' ? 'tag-message' : 'commit-message', content: messageText(content) };
    else this.#report('GIT_OBJECT_MALFORMED', `Object ${id} is too large for its type`);
  }

  #reportAbsent(id: string, why: 'missing' | 'unreadable'): void {
    const path = this.#changes.pathOf(id);
    const what = path === null ? `Object ${id}` : `${path} (${id.slice(0, 12)})`;
    this.#report(why === 'missing' ? 'GIT_OBJECT_MISSING' : 'GIT_OBJECT_CORRUPT', `${what} cannot be read`);
  }

  #report(code: 'GIT_OBJECT_MISSING' | 'GIT_OBJECT_CORRUPT' | 'GIT_OBJECT_MALFORMED', message: string): void {
    this.#coverage.problem({ code, message, mend: gitMend(code) });
  }
}
