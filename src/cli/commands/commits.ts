import { type CommitSelection, resolveCommit, resolveRange } from '../../git/commit-range.ts';
import { openRepository, type Repository } from '../../git/repository.ts';
import { commitsTask } from '../../session/commits.ts';
import type { ExitCode } from '../exit-code.ts';
import { CONFIG_FROM } from '../flags/reading.ts';
import { runScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';

/** `unleak commits <range>` */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const repository = await openRepository(process.cwd(), { signal: invocation.signal, fromEnvironment: true });
  const selection = await selectionOf(repository, invocation);
  const task = await commitsTask(repository, selection, { signal: invocation.signal });
  return runScan(invocation, { ...task, repository, presentation: 'summary', failOn: 'low' });
}

async function selectionOf(
  repository: Repository,
  { positionals, options, signal }: Invocation,
): Promise<CommitSelection> {
  const selection = await resolveRange(repository, positionals[0] ?? '', signal);
  const from = options.get(CONFIG_FROM);
  return from === undefined ? selection : { ...selection, base: await resolveCommit(repository, from, signal) };
}
