import { availableParallelism } from 'node:os';

import { UsageError } from '../../errors/usage.ts';
import { filesSource } from '../../sources/files.ts';
import { stdinSource } from '../../sources/stdin.ts';
import { fileThreads } from '../../workers/file-threads.ts';
import type { ExitCode } from '../exit-code.ts';
import { JOBS } from '../flags/reading.ts';
import { fromProject, projectRoot } from '../session/project.ts';
import { runScan, type ScanJob } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';

/** `unleak scan [path...]` */
export function run(invocation: Invocation): Promise<ExitCode> {
  return runScan(invocation, { ...filesJob(invocation), presentation: 'summary', failOn: 'low' });
}

/** Files and folders, or standard input, within the project around the current folder. */
export function filesJob({ positionals, options, streams }: Invocation): Pick<ScanJob, 'root' | 'fromRoot' | 'source'> {
  const cwd = process.cwd();
  const root = projectRoot(cwd);
  if (!positionals.includes('-')) {
    const paths = positionals.length === 0 ? ['.'] : positionals;
    const jobs = options.get(JOBS) ?? availableParallelism();
    return {
      root,
      fromRoot: fromProject(root, cwd),
      source: (settings) => filesSource(paths, { cwd, ...settings, scanner: fileThreads(settings.rules, { jobs }) }),
    };
  }
  if (positionals.length > 1)
    throw new UsageError('USAGE_ARGUMENTS', '`-` (standard input) and paths cannot be scanned together');
  return { root, source: () => stdinSource(streams.stdin) };
}
