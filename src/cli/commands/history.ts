import type { Source } from '../../core/source.ts';
import type { HistoryMemory } from '../../core/facts.ts';
import { type Repository, openRepository } from '../../git/repository.ts';
import { historySource } from '../../sources/history.ts';
import { packScanner } from '../../workers/pack-scanner.ts';
import { startThreadFor } from '../../workers/thread-ahead.ts';
import type { ExitCode } from '../exit-code.ts';
import { ENGINE, JOBS, NO_CACHE, REACHABLE, VERIFY_OBJECTS } from '../flags/reading.ts';
import { ONLY, RULES } from '../flags/rules.ts';
import { historyCache, isBuildServer } from '../../session/history-cache.ts';
import type { ScanTask, SourceSettings } from '../../session/scan-project.ts';
import { filesOf, runScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';

/** `unleak history [repo]` */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const task = await historyTask(invocation, invocation.positionals[0]);
  const { options } = invocation;
  const coversAll = !options.get(REACHABLE) && options.get(RULES).length === 0 && options.get(ONLY).length === 0;
  return runScan(invocation, { ...task, coversAll, presentation: 'summary', failOn: 'low' });
}

/** @param named - path of the repository; default: the one around the current folder */
export async function historyTask(
  invocation: Invocation,
  named: string | undefined,
): Promise<ScanTask & { readonly repository: Repository }> {
  const { signal } = invocation;
  const repository = await openRepository(named ?? process.cwd(), { signal, fromEnvironment: named === undefined });
  const { options } = invocation;
  // Where earlier runs may have left something, packs are perhaps not read at all.
  const readsPacks = options.get(ENGINE) === 'packs' && !options.get(VERIFY_OBJECTS);
  if (readsPacks && (options.get(NO_CACHE) || isBuildServer())) startThreadFor(repository, options.get(JOBS));
  return {
    files: filesOf(repository),
    repository,
    source: (settings) => {
      const memory = options.get(NO_CACHE) ? null : historyCache(repository, settings.rulesDigest);
      return storedHistory(repository, invocation, settings, memory);
    },
    // A blob can live at an ignored path and at another one, so paths count only once all are known.
    excludesAfterwards: true,
  };
}

/**
 * All that a repository stores, read and scanned as the command line asks for.
 * @param memory - of earlier runs with the same rules
 */
export function storedHistory(
  repository: Repository,
  { options }: Invocation,
  { rules, onProgress, isProvisional }: SourceSettings,
  memory: HistoryMemory | null = null,
): Source {
  const engine = options.get(ENGINE);
  const jobs = options.get(JOBS);
  const verifyObjects = options.get(VERIFY_OBJECTS);
  return historySource(repository, {
    reachableOnly: options.get(REACHABLE),
    engine,
    // The kernel computes no ids.
    scanner: engine === 'packs' && !verifyObjects ? packScanner(rules, jobs === undefined ? {} : { jobs }) : null,
    verifyObjects,
    isProvisional,
    memory,
    onProgress,
  });
}
