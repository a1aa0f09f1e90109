import { openRepository } from '../../git/repository.ts';
import { historySource } from '../../sources/history.ts';
import { packScanner } from '../../workers/pack-scanner.ts';
import type { ExitCode } from '../exit-code.ts';
import { REACHABLE } from '../flags/reading.ts';
import { runScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';

/** `unleak history [repo]` */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, signal } = invocation;
  const [named] = positionals;
  const repository = await openRepository(named ?? process.cwd(), { signal, fromEnvironment: named === undefined });
  return runScan(invocation, {
    root: repository.workTree ?? repository.gitDir,
    source: ({ rules, onProgress }) =>
      historySource(repository, {
        reachableOnly: options.get(REACHABLE),
        engine: 'packs',
        scanner: packScanner(rules),
        onProgress,
      }),
    // A blob can live at an ignored path and at another one, so paths count only once all are known.
    excludesAfterwards: true,
    presentation: 'summary',
    failOn: 'low',
  });
}
