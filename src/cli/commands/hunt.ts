import { createHash } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import type { Source } from '../../core/source.ts';
import { GitError } from '../../errors/git.ts';
import { UsageError } from '../../errors/usage.ts';
import { findRoot } from '../../git/locate.ts';
import { type Repository, openRepository } from '../../git/repository.ts';
import { type KnownKey, distinctKeys, keysFromLines } from '../../hunt/known-key.ts';
import { huntRules } from '../../hunt/rules.ts';
import { combinedSource } from '../../sources/combined.ts';
import { filesSource } from '../../sources/files.ts';
import { fileThreads } from '../../workers/file-threads.ts';
import type { ExitCode } from '../exit-code.ts';
import { JOBS, KEYS_FROM_ENV } from '../flags/reading.ts';
import { diskFiles } from '../../session/project-files.ts';
import type { Scanned, SourceSettings } from '../../session/scan-project.ts';
import { runScan } from '../session/run-scan.ts';
import type { Streams } from '../streams.ts';
import type { Invocation } from './command.ts';
import { storedHistory } from './history.ts';

/** `unleak hunt [repo] [path...]` */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, streams, signal } = invocation;
  const targets = await targetsOf(positionals, signal);
  const names = options.get(KEYS_FROM_ENV);
  const keys = distinctKeys(names.length > 0 ? keysFromEnvironment(names) : await keysFromInput(streams));
  const rules = huntRules(keys);
  return runScan(invocation, {
    files: diskFiles(process.cwd()),
    // Of the number alone: a digest of keys would help to guess them.
    rules: { rules, digest: createHash('sha256').update(`hunt ${keys.length}`).digest('hex') },
    unconfigured: true,
    source: (settings) => huntSource(targets, invocation, settings),
    summary: (scanned) => tally(scanned, keys.length),
    presentation: 'summary',
    failOn: 'low',
  });
}

interface Targets {
  /** Whose history is hunted through; null for none. */
  readonly repository: Repository | null;
  readonly paths: readonly string[];
}

/** The first argument may be a repository; without any, it is the one around the current folder. */
async function targetsOf(positionals: readonly string[], signal: AbortSignal): Promise<Targets> {
  for (const [i, given] of positionals.entries()) {
    // What stands there may be a key that somebody took for an argument: it is not said again.
    if (!existsSync(given))
      throw new UsageError('USAGE_KEYS', `argument ${i + 1} is neither a file nor a folder`, {
        mend: 'Check the spelling of the path. A key is no argument: give it on standard input, or in a variable named by --from-env.',
      });
  }
  const [first, ...rest] = positionals;
  if (first === undefined) {
    const here = process.cwd();
    const repository = await repositoryAt(here, signal);
    return repository === null ? { repository, paths: [here] } : { repository, paths: workTreeOf(repository) };
  }
  const repository =
    isFolder(first) && findRoot(first) === realpathSync(first) ? await repositoryAt(first, signal) : null;
  return repository === null
    ? { repository, paths: positionals }
    : { repository, paths: [...workTreeOf(repository), ...rest] };
}

function isFolder(name: string): boolean {
  return statSync(name).isDirectory();
}

function workTreeOf({ workTree }: Repository): string[] {
  return workTree === null ? [] : [workTree];
}

async function repositoryAt(folder: string, signal: AbortSignal): Promise<Repository | null> {
  try {
    return await openRepository(folder, { signal });
  } catch (error) {
    if (error instanceof GitError && error.code === 'NOT_A_REPOSITORY') return null;
    throw error;
  }
}

function huntSource({ repository, paths }: Targets, invocation: Invocation, settings: SourceSettings): Source {
  const jobs = invocation.options.get(JOBS) ?? availableParallelism();
  const history = repository === null ? [] : [storedHistory(repository, invocation, settings)];
  const files =
    paths.length === 0
      ? []
      : [filesSource(paths, { ...settings, cwd: process.cwd(), scanner: fileThreads(settings.rules, { jobs }) })];
  return combinedSource('hunt', [...history, ...files]);
}

/** @throws UsageError `USAGE_KEYS` for a variable that is not set */
function keysFromEnvironment(names: readonly string[]): KnownKey[] {
  return names.flatMap((name, i) => {
    const text = process.env[name];
    // Neither is a name that may be a key.
    if (text === undefined || text.trim() === '')
      throw new UsageError('USAGE_KEYS', `variable ${i + 1} of --from-env is not set, or is empty`, {
        mend: 'Export it, and give its name alone: --from-env NAME.',
      });
    return keysFromLines(text, name);
  });
}

async function keysFromInput({ stdin, err }: Streams): Promise<KnownKey[]> {
  if ('isTTY' in stdin && stdin.isTTY === true)
    err.write('unleak: type or paste keys, one a line, then an end of input (Ctrl-D)\n');
  const pieces: Buffer[] = [];
  for await (const piece of stdin) pieces.push(Buffer.from(piece));
  return keysFromLines(Buffer.concat(pieces).toString('utf8'));
}

function tally({ findings }: Scanned, keys: number): string {
  return `unleak: ${findings.length} of ${keys} ${keys === 1 ? 'key' : 'keys'} found\n`;
}
