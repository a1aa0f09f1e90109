import { availableParallelism } from 'node:os';

import { UsageError } from '../../errors/usage.ts';
import { filesSource } from '../../sources/files.ts';
import { stdinSource } from '../../sources/stdin.ts';
import { fileThreads } from '../../workers/file-threads.ts';
import type { ExitCode } from '../exit-code.ts';
import { fromProject, projectRoot } from '../../session/project.ts';
import { diskFiles } from '../../session/project-files.ts';
import type { ScanTask } from '../../session/scan-project.ts';
import { JOBS } from '../flags/reading.ts';
import { runScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';

/** `unleak scan [path...]` */
export function run(invocation: Invocation): Promise<ExitCode> {
  return runScan(invocation, {
    ...filesJob(invocation),
    isPointedAt: !invocation.positionals.includes('-'),
    folder: process.cwd(),
    presentation: 'summary',
    failOn: 'low',
  });
}

/** Files and folders, or standard input, within the project around the current folder. */
export function filesJob({ positionals, options, streams }: Invocation): ScanTask & { readonly root: string } {
  const cwd = process.cwd();
  const root = projectRoot(cwd);
  const files = diskFiles(root);
  if (!positionals.includes('-')) {
    const paths = positionals.length === 0 ? ['.'] : positionals;
    const jobs = options.get(JOBS) ?? availableParallelism();
    return {
      root,
      files,
      fromRoot: fromProject(root, cwd),
      source: (settings) => filesSource(paths, { cwd, ...settings, scanner: fileThreads(settings.rules, { jobs }) }),
    };
  }
  if (positionals.length > 1)
    throw new UsageError('USAGE_ARGUMENTS', '`-` (standard input) and paths cannot be scanned together');
  return { root, files, source: () => stdinSource(streams.stdin) };
}
