import { lstatSync, realpathSync, statSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import type { Blob } from '../core/blob.ts';
import { CoverageLog, type Problem } from '../core/coverage.ts';
import type { Place } from '../core/finding.ts';
import { placeOf } from '../core/place.ts';
import type { ScannedBlob, Source } from '../core/source.ts';
import { GitError, gitMend } from '../errors/git.ts';
import { SourceError, type SourceProblemCode, sourceMend } from '../errors/source.ts';
import { findRoot, isGitDirectory } from '../git/locate.ts';
import { type Repository, openRepository } from '../git/repository.ts';
import { directoryFiles } from './directory.ts';
import type { FileScanner } from './files/file-scanner.ts';
import { type Listed, type ListedFile, isOmission } from './files/listing.ts';
import { type FileContent, type FileState, readFile } from './files/read-file.ts';
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
  /** Also what git ignores, as if there were no work tree and no `.gitignore`. */
  readonly ignored?: boolean;
  /** A symbolic link to a file stands for that file. Default: for the text of its target, as in git. */
  readonly followLinks?: boolean;
  readonly onProgress?: OnProgress;
  /** Scans files on other threads, once there are many. */
  readonly scanner?: FileScanner | null;
}

/** A listed file, in the order of the list. */
interface Known extends ListedFile {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  /** Named on its own, not met in a folder. */
  readonly named: boolean;
  /** Null until it was read. */
  state: FileState | null;
}

/** After this long, whatever else waits has its turn: other threads' answers, a signal. */
const TURN_MS = 5;

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
  const maxSize = options.maxFileSize ?? Number.POSITIVE_INFINITY;
  const scanned: ScannedBlob[] = [];
  const problem = (code: SourceProblemCode, name: string, what: string): void => {
    coverage.problem({ code, message: `${name} ${what}`, mend: sourceMend(code) });
  };
  const changed = (name: string): void => problem('FILE_CHANGED', name, 'changed while it was read');

  const cover = (files: number, bytes: number): void => {
    coverage.add('files', files);
    coverage.add('bytesCovered', bytes);
    meter.add(files, bytes);
  };

  /** Says why a file was not read. */
  const leaveOut = (
    { name, mayBeAbsent, named }: Known,
    found: Exclude<FileContent, { readonly kind: 'content' }>,
  ): void => {
    switch (found.kind) {
      case 'absent':
        if (!mayBeAbsent) problem('FILE_CHANGED', name, 'vanished');
        break;
      case 'special':
        // Who names a pipe expects it to be read; one met in a folder is nobody's.
        if (named) problem('FILE_UNREADABLE', name, 'is not a regular file');
        else coverage.skip('not-a-regular-file', name);
        break;
      case 'too-large':
        coverage.skip('too-large', name, '--max-file-size');
        break;
      case 'changed':
        changed(name);
        break;
      case 'unreadable':
        problem('FILE_UNREADABLE', name, `cannot be read (${found.reason})`);
    }
  };

  const readListed = (file: Known): Blob | null => {
    const found = readFile(file.location, maxSize, () => changed(file.name));
    if (found.kind !== 'content') {
      leaveOut(file, found);
      return null;
    }
    file.state = found.state;
    cover(1, found.size);
    return { id: file.id, kind: 'file', content: found.content };
  };

  const takeScanned = (scanner: FileScanner, listed: readonly Known[]): void => {
    const { clean, cleanBytes, told } = scanner.take();
    if (clean > 0) cover(clean, cleanBytes);
    coverage.add('bytesScanned', cleanBytes);
    for (const { index, outcome } of told) {
      const file = listed[index];
      if (file === undefined) continue;
      if (outcome.kind !== 'scanned') {
        leaveOut(file, outcome);
        continue;
      }
      file.state = outcome.state;
      cover(1, outcome.size);
      coverage.add('bytesScanned', outcome.scan.size);
      if (outcome.changed) changed(file.name);
      scanned.push({ id: file.id, kind: 'file', scan: outcome.scan });
    }
  };

  return {
    name: 'scan',
    coverage,
    async *blobs(signal) {
      const seen = new Set<string>();
      const listing: Known[] = [];
      const { scanner = null } = options;
      let turnBegan = performance.now();
      try {
        for (const target of await targets(paths, cwd)) {
          for await (const met of list(target, options, coverage, signal)) {
            signal.throwIfAborted();
            const listed = options.followLinks === true ? followed(met) : met;
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
            const index = listing.length;
            const file: Known = {
              ...listed,
              index,
              id: uniqueId(known, name),
              name,
              named: !target.folder,
              state: null,
            };
            known.set(file.id, file);
            listing.push(file);
            if (scanner?.offer({ index, location: listed.location, maxSize }) === true) {
              yield* names.of(name);
              continue;
            }
            const blob = readListed(file);
            if (performance.now() - turnBegan > TURN_MS) {
              await new Promise((resolve) => setImmediate(resolve));
              turnBegan = performance.now();
            }
            if (scanner) takeScanned(scanner, listing);
            if (!blob) continue;
            yield* names.of(name);
            yield blob;
          }
        }
        if (scanner) {
          await scanner.finish(signal);
          takeScanned(scanner, listing);
        }
      } finally {
        scanner?.close();
      }
    },
    scanned: () => scanned.toSorted((a, b) => indexOf(known, a.id) - indexOf(known, b.id)),
    async read(id) {
      const file = known.get(id);
      if (!file?.state) return names.read(id);
      const found = readFile(file.location, Number.POSITIVE_INFINITY, () => undefined);
      if (found.kind === 'content' && found.state === file.state) return found.content;
      problem('FILE_CHANGED', id, 'changed during the scan');
      return null;
    },
    async attribute(holdings) {
      // In the order of the list, whichever thread came upon what first.
      const inOrder = [...holdings].toSorted(([a], [b]) => indexOf(known, a) - indexOf(known, b));
      const places = inOrder.flatMap(([blob, fingerprints]) =>
        [...fingerprints].map((fingerprint) => ({ blob, fingerprint, place: placeAt(blob, names) })),
      );
      return { places, firstSeen: new Map(), exposure: new Map() };
    },
    async files(wanted) {
      const named = [...known.values()].filter(({ name }) => wanted(name)).toSorted((a, b) => a.index - b.index);
      return named.map(({ name }) => ({ place: placeOf({ kind: 'file', path: name }), exposure: 'unknown' }));
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
  // Its own files are compressed: whoever names a bare repository would be told it is clean, whatever is in it.
  if (isGitDirectory(target.location))
    problem({
      code: 'OBJECTS_NOT_READ',
      message: `${target.location} is a git repository without a work tree; its objects are not read as files`,
      mend: sourceMend('OBJECTS_NOT_READ'),
    });
  if (options.ignored === true) {
    yield* directoryFiles(target.location, problem, signal, false);
    return;
  }
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

/** What a link to a file leads to; anything else as it is. */
function followed(listed: Listed): Listed {
  if (isOmission(listed) || lstatSync(listed.location, { throwIfNoEntry: false })?.isSymbolicLink() !== true)
    return listed;
  try {
    const location = realpathSync(listed.location);
    return statSync(location).isFile() ? { ...listed, location } : listed;
  } catch {
    return listed;
  }
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

/** Place in the list; of a name of a file or folder, before all files. */
function indexOf(known: ReadonlyMap<string, Known>, id: string): number {
  return known.get(id)?.index ?? -1;
}

/** Two names that are not UTF-8 can look the same. */
function uniqueId(known: ReadonlyMap<string, unknown>, name: string): string {
  let id = name;
  for (let n = 2; known.has(id); n++) id = `${name}#${n}`;
  return id;
}

function placeAt(id: string, names: Names): Place {
  const named = names.pathOf(id);
  return placeOf({ kind: named === null ? 'file' : 'path', path: named ?? id });
}
