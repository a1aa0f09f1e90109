import { availableParallelism } from 'node:os';

import { openRepository } from '../../git/repository.ts';
import { splitRecords } from '../../git/records.ts';
import { runGit } from '../../git/run.ts';
import type { ScanTask } from '../../session/scan-project.ts';
import { commitsSource } from '../../sources/commits.ts';
import { filesSource } from '../../sources/files.ts';
import { stagedSource } from '../../sources/staged.ts';
import { stdinSource } from '../../sources/stdin.ts';
import { fileThreads } from '../../workers/file-threads.ts';
import type { Invocation } from '../commands/command.ts';
import { storedHistory } from '../commands/history.ts';
import {
  G_FOLLOW,
  G_LOG_OPTS,
  G_NO_GIT,
  G_PIPE,
  G_PRE_COMMIT,
  G_SOURCE,
  G_STAGED,
  G_WORKERS,
} from '../flags/gitleaks.ts';
import { JOBS } from '../flags/reading.ts';
import type { GitleaksArguments } from './arguments.ts';
import { selectionOf } from './log-options.ts';

/** What a command line of gitleaks wants scanned. */
export interface GitleaksTarget {
  readonly kind: 'history' | 'commits' | 'staged' | 'unstaged' | 'files' | 'stdin';
  /** Folder or file; null for standard input. */
  readonly path: string | null;
}

export function targetOf({ command, positionals, options }: GitleaksArguments): GitleaksTarget {
  const path = positionals[0] ?? '.';
  const source = options.get(G_SOURCE) ?? '.';
  const log = options.get(G_LOG_OPTS) === undefined ? 'history' : 'commits';
  switch (command) {
    case 'dir':
      return { kind: 'files', path };
    case 'git':
      if (options.get(G_STAGED)) return { kind: 'staged', path };
      return { kind: options.get(G_PRE_COMMIT) ? 'unstaged' : log, path };
    case 'protect':
      return { kind: options.get(G_STAGED) ? 'staged' : 'unstaged', path: source };
    case 'detect':
      if (options.get(G_NO_GIT)) return { kind: 'files', path: source };
      return options.get(G_PIPE) ? { kind: 'stdin', path: null } : { kind: log, path: source };
    case 'stdin':
    case 'version':
      return { kind: 'stdin', path: null };
  }
}

export interface SourcePart extends Pick<ScanTask, 'source' | 'excludesAfterwards' | 'admits'> {
  /** Of the scan: places in objects that no ref leads to, which gitleaks does not look at. */
  readonly leftOut?: () => number;
}

/** @throws GitError, SourceError, UsageError for what is not there */
export async function sourcePart(
  { kind, path }: GitleaksTarget,
  typed: GitleaksArguments,
  invocation: Invocation,
): Promise<SourcePart> {
  if (path === null || kind === 'stdin') return { source: () => stdinSource(invocation.streams.stdin) };
  if (kind === 'files') return filesPart([path], process.cwd(), typed);
  const { signal } = invocation;
  const repository = await openRepository(path, { signal, fromEnvironment: path === '.' });
  switch (kind) {
    case 'staged':
      return { source: (settings) => stagedSource(repository, settings) };
    case 'unstaged': {
      // Whole files, which is more than the changed lines that gitleaks reads.
      const { stdout } = await runGit(repository.invocation, ['diff-files', '-z', '--name-only', '--diff-filter=d'], {
        signal,
      });
      const changed = splitRecords(stdout).map((name) => name.toString('utf8'));
      return filesPart(changed, repository.workTree ?? path, typed);
    }
    case 'commits': {
      const selection = await selectionOf(repository, typed.options.get(G_LOG_OPTS) ?? '', signal);
      return { source: (settings) => commitsSource(repository, selection, settings) };
    }
    case 'history': {
      let leftOut = 0;
      return {
        source: (settings) => storedHistory(repository, { ...invocation, options: typed.options }, settings),
        excludesAfterwards: true,
        admits({ reach }) {
          if (reach !== 'ref') leftOut++;
          return reach === 'ref';
        },
        leftOut: () => leftOut,
      };
    }
  }
}

function filesPart(paths: readonly string[], cwd: string, { options }: GitleaksArguments): SourcePart {
  const jobs = jobsOf(options) ?? availableParallelism();
  const ways = { cwd, ignored: true, followLinks: options.get(G_FOLLOW) };
  return {
    source: (settings) => filesSource(paths, { ...ways, ...settings, scanner: fileThreads(settings.rules, { jobs }) }),
  };
}

function jobsOf(options: GitleaksArguments['options']): number | undefined {
  const workers = Number(options.get(G_WORKERS) ?? 0);
  return options.get(JOBS) ?? (Number.isInteger(workers) && workers > 0 && workers <= 256 ? workers : undefined);
}
