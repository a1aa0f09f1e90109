import { UsageError } from '../../errors/usage.ts';
import { openRepository } from '../../git/repository.ts';
import { stagedSource } from '../../sources/staged.ts';
import type { ExitCode } from '../exit-code.ts';
import { WHOLE_FILES } from '../flags/reading.ts';
import { GIT_HOOKS, isGitHook } from '../hook/git-hooks.ts';
import { filesOf, runScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';

/** `unleak staged` */
export function run(invocation: Invocation): Promise<ExitCode> {
  return judgeStaged(invocation);
}

/** `unleak hook run <git-hook>` */
export function runHook(invocation: Invocation): Promise<ExitCode> {
  const [hook = ''] = invocation.positionals;
  if (!isGitHook(hook))
    throw new UsageError('USAGE_ARGUMENTS', `${JSON.stringify(hook)} is not a hook that unleak serves`, {
      mend: `Choose among ${GIT_HOOKS.join(', ')}.`,
    });
  return judgeStaged(invocation, hook === 'pre-merge-commit' ? headsBeingMerged(process.env) : undefined);
}

async function judgeStaged(invocation: Invocation, merged?: readonly string[]): Promise<ExitCode> {
  const { options, signal } = invocation;
  const repository = await openRepository(process.cwd(), { signal, fromEnvironment: true });
  const wholeFiles = options.get(WHOLE_FILES);
  return runScan(invocation, {
    files: filesOf(repository),
    repository,
    source: (settings) => stagedSource(repository, { ...settings, wholeFiles, ...(merged ? { merged } : {}) }),
    presentation: 'hook',
    failOn: 'high',
  });
}

/** During `git merge` the heads are not in MERGE_HEAD yet: git names them in the hook's environment. */
function headsBeingMerged(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment).flatMap((name) => /^GITHEAD_([0-9a-f]{40}(?:[0-9a-f]{24})?)$/.exec(name)?.[1] ?? []);
}
