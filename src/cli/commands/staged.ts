import { openRepository } from '../../git/repository.ts';
import { stagedSource } from '../../sources/staged.ts';
import type { ExitCode } from '../exit-code.ts';
import { WHOLE_FILES } from '../flags/reading.ts';
import { filesOf, runScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';

/** `unleak staged`, and the pre-commit hook */
export function run(invocation: Invocation): Promise<ExitCode> {
  return judgeStaged(invocation);
}

/** The pre-merge-commit hook. */
export function runMerge(invocation: Invocation): Promise<ExitCode> {
  return judgeStaged(invocation, headsBeingMerged(process.env));
}

async function judgeStaged(invocation: Invocation, merged?: readonly string[]): Promise<ExitCode> {
  const { options, signal } = invocation;
  const repository = await openRepository(process.cwd(), { signal, fromEnvironment: true });
  const wholeFiles = options.get(WHOLE_FILES);
  return runScan(invocation, {
    files: filesOf(repository),
    repository,
    source: (settings) => stagedSource(repository, { ...settings, wholeFiles, ...(merged ? { merged } : {}) }),
    presentation: 'commit',
    failOn: 'high',
  });
}

/** During `git merge` the heads are not in MERGE_HEAD yet: git names them in the hook's environment. */
function headsBeingMerged(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment).flatMap((name) => /^GITHEAD_([0-9a-f]{40}(?:[0-9a-f]{24})?)$/.exec(name)?.[1] ?? []);
}
