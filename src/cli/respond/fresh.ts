import type { FindingsReport } from '../../core/finding.ts';
import { UsageError } from '../../errors/usage.ts';
import type { Repository } from '../../git/repository.ts';
import type { Invocation } from '../commands/command.ts';
import { historyTask } from '../commands/history.ts';
import { performScan } from '../session/run-scan.ts';

/** Scans the whole history of the repository, for commands that were given no report. */
export async function freshReport(invocation: Invocation, repository: Repository | null): Promise<FindingsReport> {
  if (!repository) throw new UsageError('USAGE_NOT_A_REPOSITORY', 'there is no report, and no repository to scan');
  const task = await historyTask(invocation, repository.workTree ?? repository.gitDir);
  return (await performScan(invocation, task)).report;
}
