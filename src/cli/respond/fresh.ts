import type { FindingsReport } from '../../core/finding.ts';
import { UsageError } from '../../errors/usage.ts';
import type { Repository } from '../../git/repository.ts';
import { historySource } from '../../sources/history.ts';
import type { Invocation } from '../commands/command.ts';
import { filesOf, performScan } from '../session/run-scan.ts';

/** Scans the whole history of the repository, for commands that were given no report. */
export async function freshReport(invocation: Invocation, repository: Repository | null): Promise<FindingsReport> {
  if (!repository) throw new UsageError('USAGE_NOT_A_REPOSITORY', 'there is no report, and no repository to scan');
  const scanned = await performScan(invocation, {
    files: filesOf(repository),
    source: ({ onProgress }) => historySource(repository, { onProgress }),
    excludesAfterwards: true,
  });
  return scanned.report;
}
