import type { Blob, ByteStream } from '../core/blob.ts';
import { CoverageLog } from '../core/coverage.ts';
import type { Place } from '../core/finding.ts';
import { placeOf } from '../core/place.ts';
import type { AttributedPlace, Source } from '../core/source.ts';
import { type GitProblemCode, gitMend } from '../errors/git.ts';
import { sourceMend } from '../errors/source.ts';
import { readObjects } from '../git/cat-file.ts';
import { idList } from '../git/object-id.ts';
import type { Repository } from '../git/repository.ts';
import { lfsObject } from './lfs.ts';
import { Names } from './names.ts';
import { type OnProgress, ProgressMeter } from './progress.ts';
import { mergeHeads, type StagedEntries, type StagedEntry, stagedEntries } from './staged-entries.ts';

/** Blobs, and about how many bytes, that are read together when findings are shown. */
const AHEAD = 512;
const AHEAD_BYTES = 16 * 1024 * 1024;

export interface StagedOptions {
  /** Report all that staged files hold, not only what the commit introduces. */
  readonly wholeFiles?: boolean;
  /** Further parents of the coming commit, besides HEAD. Default: what `MERGE_HEAD` lists. */
  readonly merged?: readonly string[];
  /** Bytes. Default: none; large blobs are streamed. */
  readonly maxFileSize?: number;
  /** What excludes a path, such as a configuration file's name; null keeps it. */
  readonly excluded?: (path: string) => string | null;
  readonly onProgress?: OnProgress;
}

/**
 * What `git commit` would record now: the index, not the work tree, so that a
 * secret that was staged and then edited away on disk is still seen, and the
 * names of new files. A fingerprint is reported at a path where no parent has it.
 */
export function stagedSource(repository: Repository, options: StagedOptions = {}): Source {
  const coverage = new CoverageLog();
  const meter = new ProgressMeter(options.onProgress);
  const names = new Names();
  let listed: readonly StagedEntry[] = [];
  let reported: readonly string[] = [];
  const ahead = new Map<string, Uint8Array>();

  async function* read(ids: readonly string[], covered: boolean, signal: AbortSignal): AsyncGenerator<Blob> {
    const answers = readObjects(repository.invocation, idList(ids, repository.idLength), { signal });
    for await (const items of answers) {
      for (const item of items) {
        const id = ids[item.at] ?? '';
        if (item.kind === 'absent') {
          problem(coverage, item.why === 'missing' ? 'GIT_OBJECT_MISSING' : 'GIT_OBJECT_CORRUPT', id, listed);
          continue;
        }
        if (covered && item.size > (options.maxFileSize ?? Number.POSITIVE_INFINITY)) {
          coverage.skip('too-large', pathOf(id, listed), '--max-file-size');
          continue;
        }
        if (covered) {
          coverage.add('blobs');
          coverage.add('bytesCovered', item.size);
          meter.add(1, item.size);
          const pointer = item.content instanceof Uint8Array ? lfsObject(item.content) : null;
          if (pointer !== null) coverage.skip('lfs-object', pathOf(id, listed));
        }
        yield { id, kind: 'blob', content: item.content };
      }
    }
  }

  async function* again(id: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const { content } of read([id], false, signal)) {
      if (content instanceof Uint8Array) yield content;
      else yield* content.chunks;
    }
  }

  /** One blob, and as many of those that will be asked for after it as are small: git is started once for them. */
  async function readAhead(id: string, signal: AbortSignal): Promise<Uint8Array | ByteStream | null> {
    ahead.clear();
    const from = Math.max(0, reported.indexOf(id));
    const ids = reported[from] === id ? reported.slice(from, from + AHEAD) : [id];
    let room = AHEAD_BYTES;
    for await (const { id: next, content } of read(ids, false, signal)) {
      if (!(content instanceof Uint8Array)) break;
      // These lie in memory that is used again.
      ahead.set(next, Uint8Array.from(content));
      room -= content.length;
      if (room < 0) break;
    }
    const bytes = ahead.get(id);
    ahead.delete(id);
    return bytes ?? (await readAlone(id, signal));
  }

  async function readAlone(id: string, signal: AbortSignal): Promise<Uint8Array | ByteStream | null> {
    for await (const { content } of read([id], false, signal))
      return content instanceof Uint8Array ? Uint8Array.from(content) : { chunks: again(id, signal) };
    return null;
  }

  return {
    name: 'staged',
    coverage,
    async *blobs(signal) {
      const found = stagedEntries(repository.invocation, options.merged ?? mergeHeads(repository.gitDir));
      listed = wanted(found, options, coverage);
      coverage.add('files', listed.length);
      for (const { path, before } of listed)
        if (options.wholeFiles === true || before.length === 0) yield* names.of(path);
      yield* read(distinct(listed.map(({ id }) => id)), true, signal);
    },
    async read(id, signal) {
      const name = names.read(id);
      if (name !== null) return name;
      const held = ahead.get(id);
      if (held !== undefined) {
        ahead.delete(id);
        return held;
      }
      return readAhead(id, signal);
    },
    parentBlobs(found, signal) {
      const suspects = listed.filter(({ id }) => found.has(id));
      const before = options.wholeFiles === true ? [] : suspects.flatMap((entry) => entry.before);
      return read(distinct(before), false, signal);
    },
    async attribute(holdings) {
      const places = listed.flatMap(({ id, path, before }): AttributedPlace[] => {
        const known = options.wholeFiles === true ? [] : before.flatMap((old) => [...(holdings.get(old) ?? [])]);
        const fresh = [...(holdings.get(id) ?? [])].filter((fingerprint) => !known.includes(fingerprint));
        return fresh.map((fingerprint) => ({ blob: id, fingerprint, place: stagedPlace('blob', id, path) }));
      });
      const named = [...holdings].flatMap(([blob, fingerprints]): AttributedPlace[] => {
        const path = names.pathOf(blob);
        if (path === null) return [];
        return [...fingerprints].map((fingerprint) => ({ blob, fingerprint, place: stagedPlace('path', null, path) }));
      });
      reported = distinct(places.map(({ blob }) => blob));
      return { places: [...places, ...named], firstSeen: new Map(), exposure: new Map() };
    },
    async files(isWanted) {
      const fresh = listed.filter(({ id, before }) => options.wholeFiles === true || !before.includes(id));
      return fresh
        .filter(({ path }) => isWanted(path))
        .map(({ id, path }) => ({ place: stagedPlace('blob', id, path), exposure: 'unknown' }));
    },
  };
}

/** Leaves out what is excluded, and says so; unresolved merges cannot be judged. */
function wanted(found: StagedEntries, { excluded }: StagedOptions, coverage: CoverageLog): StagedEntry[] {
  for (const path of found.gitlinks) coverage.skip('gitlink', path);
  for (const path of found.unmerged)
    coverage.problem({
      code: 'STAGED_UNMERGED',
      message: `${path} is not merged, so what would be committed is not known`,
      mend: sourceMend('STAGED_UNMERGED'),
    });
  return found.entries.filter(({ path }) => {
    const setBy = excluded?.(path) ?? null;
    if (setBy !== null) coverage.skip('excluded', path, setBy);
    return setBy === null;
  });
}

function problem(coverage: CoverageLog, code: GitProblemCode, id: string, listed: readonly StagedEntry[]): void {
  const message = `${pathOf(id, listed)} (${id.slice(0, 12)}) cannot be read`;
  coverage.problem({ code, message, mend: gitMend(code) });
}

function pathOf(id: string, listed: readonly StagedEntry[]): string {
  return listed.find((entry) => entry.id === id || entry.before.includes(id))?.path ?? id;
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

function stagedPlace(kind: 'blob' | 'path', blob: string | null, path: string): Place {
  return placeOf({ kind, path, blob, reach: 'index' });
}
