import { realpathSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import type { Blob } from '../core/blob.ts';
import { CoverageLog, type Problem } from '../core/coverage.ts';
import type { Place } from '../core/finding.ts';
import type { Source } from '../core/source.ts';
import { GitError, gitMend } from '../errors/git.ts';
import { SourceError, type SourceProblemCode, sourceMend } from '../errors/source.ts';
import { findRoot } from '../git/locate.ts';
import { type Repository, openRepository } from '../git/repository.ts';
import { directoryFiles } from './directory.ts';
import { type Listed, type ListedFile, isOmission } from './files/listing.ts';
import { type FileState, readFile } from './files/read-file.ts';
import { isIgnored, workTreeFiles } from './files/work-tree.ts';
import { Names } from './names.ts';
import { type OnProgress, ProgressMeter } from './progress.ts';

export interface FilesOptions {
  /** Paths are relative to it, in requests and in reports. Default: the process's. */
  readonly cwd?: string;
  /** Bytes. Default: none; plain content is streamed. */
  readonly maxFileSize?: number;
  /** What excludes a path, such as a configuration file's name; null keeps it. Files named on their own are always read. */
  readonly excluded?: (path: string) => string | null;
  readonly environment?: NodeJS.ProcessEnv;
  readonly onProgress?: OnProgress;
}

interface Known {
  readonly location: string | Buffer;
  readonly state: FileState;
}

/**
 * Files and folders: in a git work tree what git tracks or would track, as it
 * lies on disk; elsewhere every file that no `.gitignore` leaves out. Their
 * names are texts to scan as well.
 *
 * @throws SourceError `NO_SUCH_PATH`, before anything is read
 */
export function filesSource(paths: readonly string[], options: FilesOptions = {}): Source {
  // Links resolved, as git and the folders below it are.
  const cwd = realpathSync(options.cwd ?? process.cwd());
  const coverage = new CoverageLog();
  const known = new Map<string, Known>();
  const names = new Names();
  const meter = new ProgressMeter(options.onProgress);
  const problem = (code: SourceProblemCode, name: string, what: string): void => {
    coverage.problem({ code, message: `${name} ${what}`, mend: sourceMend(code) });
  };

  const readListed = async (
    { location, mayBeAbsent }: ListedFile,
    name: string,
    named: boolean,
  ): Promise<Blob | null> => {
    const found = await readFile(location, options.maxFileSize ?? Number.POSITIVE_INFINITY, () =>
      problem('FILE_CHANGED', name, 'changed while it was read'),
    );
    switch (found.kind) {
      case 'absent':
        if (!mayBeAbsent) problem('FILE_CHANGED', name, 'vanished');
        return null;
      case 'special':
        // Who names a pipe expects it to be read; one met in a folder is nobody's.
        if (named) problem('FILE_UNREADABLE', name, 'is not a regular file');
        else coverage.skip('not-a-regular-file', name);
        return null;
      case 'too-large':
        coverage.skip('too-large', name, '--max-file-size');
        return null;
      case 'changed':
        problem('FILE_CHANGED', name, 'changed while it was read');
        return null;
      case 'unreadable':
        problem('FILE_UNREADABLE', name, `cannot be read (${found.reason})`);
        return null;
      case 'content': {
        const id = uniqueId(known, name);
        known.set(id, { location, state: found.state });
        coverage.add('files');
        coverage.add('bytesCovered', found.size);
        meter.add(1, found.size);
        return { id, kind: 'file', content: found.content };
      }
    }
  };

  return {
    name: 'scan',
    coverage,
    async *blobs(signal) {
      const seen = new Set<string>();
      for (const target of await targets(paths, cwd)) {
        for await (const listed of list(target, options, coverage, signal)) {
          signal.throwIfAborted();
          if (isOmission(listed)) {
            coverage.skip(listed.reason, listed.path, listed.setBy);
            continue;
          }
          const key = listed.location.toString('latin1');
          if (seen.has(key)) continue;
          seen.add(key);
          const name = nameOf(listed.location, cwd);
          const setBy = target.folder ? (options.excluded?.(name) ?? null) : null;
          if (setBy !== null) {
            coverage.skip('excluded', name, setBy);
            continue;
          }
          const blob = await readListed(listed, name, !target.folder);
          if (!blob) continue;
          yield* names.of(name);
          yield blob;
        }
      }
    },
    async read(id) {
      const file = known.get(id);
      if (!file) return names.read(id);
      const found = await readFile(file.location, Number.POSITIVE_INFINITY, () => undefined);
      if (found.kind === 'content' && found.state === file.state) return found.content;
      problem('FILE_CHANGED', id, 'changed during the scan');
      return null;
    },
    async attribute(holdings) {
      const places = [...holdings].flatMap(([blob, fingerprints]) =>
        [...fingerprints].map((fingerprint) => ({ blob, fingerprint, place: placeOf(blob, names) })),
      );
      return { places, firstSeen: new Map(), exposure: new Map() };
    },
  };
}

interface Target {
  /** Absolute, links resolved. */
  readonly location: string;
  readonly folder: boolean;
}

async function targets(paths: readonly string[], cwd: string): Promise<Target[]> {
  return Promise.all(
    paths.map(async (given) => {
      const asked = path.resolve(cwd, given);
      try {
        const found = await stat(asked);
        // A named link to a folder is followed, a named file is read where it is.
        return { location: found.isDirectory() ? await realpath(asked) : asked, folder: found.isDirectory() };
      } catch (cause) {
        throw new SourceError('NO_SUCH_PATH', `There is no ${given}`, { cause });
      }
    }),
  );
}

async function* list(
  target: Target,
  options: FilesOptions,
  coverage: CoverageLog,
  signal: AbortSignal,
): AsyncGenerator<Listed> {
  if (!target.folder) {
    yield { location: await realpath(target.location).catch(() => target.location), mayBeAbsent: false };
    return;
  }
  const problem = (found: Problem): void => coverage.problem(found);
  const { repository, fault } = await repositoryOf(target.location, options.environment, signal);
  if (repository?.workTree && !(await isIgnored(repository, target.location, signal))) {
    yield* workTreeFiles(repository, repository.workTree, target.location, problem, signal);
    return;
  }
  let ignored = 0;
  for await (const listed of directoryFiles(target.location, problem, signal)) {
    if (isOmission(listed) && listed.reason === 'ignored') ignored++;
    yield listed;
  }
  // Only git knows which of the ignored files are tracked all the same.
  if (fault !== null && ignored > 0)
    coverage.problem({
      code: fault.code,
      message: `${fault.message}; whether git tracks what .gitignore names is not known`,
      mend: fault.mend ?? gitMend(fault.code),
    });
}

interface Opened {
  /** Null outside of a work tree: also in a bare repository and in a `.git` folder, whose files are then plain files. */
  readonly repository: Repository | null;
  /** There is one, and git could not open it. */
  readonly fault: GitError | null;
}

async function repositoryOf(
  folder: string,
  environment: NodeJS.ProcessEnv | undefined,
  signal: AbortSignal,
): Promise<Opened> {
  if (findRoot(folder) === null) return { repository: null, fault: null };
  try {
    const repository = await openRepository(folder, { signal, ...(environment ? { environment } : {}) });
    const inside = repository.workTree !== null && !path.relative(repository.workTree, folder).startsWith('..');
    return { repository: inside && !isWithin(repository.gitDir, folder) ? repository : null, fault: null };
  } catch (error) {
    if (error instanceof GitError && (error.code === 'NOT_A_REPOSITORY' || error.code === 'GIT_NOT_FOUND'))
      return { repository: null, fault: error };
    throw error;
  }
}

function isWithin(parent: string, child: string): boolean {
  const relative = path.relative(parent, child);
  return !relative.startsWith('..') && !path.isAbsolute(relative);
}

/** Relative to `cwd` where it lies below it; always with forward slashes. */
function nameOf(location: string | Buffer, cwd: string): string {
  const absolute = location.toString('utf8');
  const relative = path.relative(cwd, absolute);
  const name = relative === '' || relative.startsWith('..') || path.isAbsolute(relative) ? absolute : relative;
  return path.sep === '\\' ? name.replaceAll('\\', '/') : name;
}

/** Two names that are not UTF-8 can look the same. */
function uniqueId(known: ReadonlyMap<string, unknown>, name: string): string {
  let id = name;
  for (let n = 2; known.has(id); n++) id = `${name}#${n}`;
  return id;
}

function placeOf(id: string, names: Names): Place {
  const named = names.pathOf(id);
  return {
    kind: named === null ? 'file' : 'path',
    path: named ?? id,
    commit: null,
    author: null,
    email: null,
    authorDate: null,
    commitDate: null,
    moved: false,
    removedIn: [],
    blob: null,
    blobs: 1,
    reach: 'none',
    heldBy: [],
    heldByCount: 0,
  };
}
