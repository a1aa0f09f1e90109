import path from 'node:path';

import type { BlobScan } from '../core/detector.ts';
import type { FindingsReport } from '../core/finding.ts';
import { commitFiles } from '../session/commit-files.ts';
import { commitsTask } from '../session/commits.ts';
import { type ScanTask, type Scanned, scanProject } from '../session/scan-project.ts';
import type { Wishes } from '../session/wishes.ts';
import { type GatherOptions, type Gathered, type GatheredRange, gatherHistory, gatherRange } from './gather.ts';
import type { Inputs } from './inputs.ts';
import type { HistoryPlan, RangePlan } from './plan.ts';
import type { Environment } from './runner.ts';

export interface ActionScan {
  readonly scanned: Scanned;
  readonly gathered: Gathered;
}

/**
 * Fetches what the event is about and scans it. Configuration is the trusted
 * commit's; the checkout's files are never read.
 *
 * @param onFound - told of every blob with findings, before anything else is done with them
 */
export async function scanEvent(
  plan: RangePlan | HistoryPlan,
  inputs: Inputs,
  options: GatherOptions,
  onFound: (scan: BlobScan) => void,
): Promise<ActionScan> {
  const { environment, signal } = options;
  const checkout = environment['GITHUB_WORKSPACE'] ?? null;
  const { gathered, task } = await (plan.kind === 'range'
    ? rangeTask(plan, await gatherRange(plan, options), checkout, signal)
    : historyTask(await gatherHistory(plan, options), checkout, signal));
  const scanned = await scanProject(withProblems(task, gathered), wishesOf(inputs, environment), { signal, onFound });
  return { scanned: { ...scanned, report: pushed(scanned.report) }, gathered };
}

/** Whatever is scanned here came from the server. */
function pushed(report: FindingsReport): FindingsReport {
  return { ...report, findings: report.findings.map((finding) => ({ ...finding, exposure: 'remote' as const })) };
}

interface Prepared {
  readonly gathered: Gathered;
  readonly task: ScanTask;
}

async function rangeTask(
  plan: RangePlan,
  gathered: GatheredRange,
  checkout: string | null,
  signal: AbortSignal,
): Promise<Prepared> {
  const name = plan.pull === null ? 'commits' : 'pull-request';
  const options = { checkout, name, refNames: plan.names, signal } as const;
  return { gathered, task: await commitsTask(gathered.repository, gathered.selection, options) };
}

async function historyTask(gathered: Gathered, checkout: string | null, signal: AbortSignal): Promise<Prepared> {
  const { repository, trusted } = gathered;
  // Reading packs takes code that a pull request does not need.
  const [{ historySource }, { packScanner }] = await Promise.all([
    import('../sources/history.ts'),
    import('../workers/pack-scanner.ts'),
  ]);
  const { base } = await commitFiles(repository, trusted, [], checkout, signal);
  const task: ScanTask = {
    files: base,
    source: ({ rules, onProgress, isProvisional }) =>
      historySource(repository, { engine: 'packs', scanner: packScanner(rules), isProvisional, onProgress }),
    // A blob can live at an ignored path and at another one, so paths count only once all are known.
    excludesAfterwards: true,
  };
  return { gathered, task };
}

/** What could not be fetched is a problem of the scan. */
function withProblems(task: ScanTask, { problems }: Gathered): ScanTask {
  return {
    ...task,
    async source(settings) {
      const source = await task.source(settings);
      for (const problem of problems) source.coverage.problem(problem);
      return source;
    },
  };
}

/** Files are named from the top of the repository, wherever the step was started. */
function wishesOf({ rules, baseline }: Inputs, environment: Environment): Wishes {
  const root = environment['GITHUB_WORKSPACE'] ?? process.cwd();
  return {
    rules: rules.map((rule) => (/^(?:all|messaging)$/.test(rule) ? rule : path.resolve(root, rule))),
    only: [],
    config: undefined,
    baseline: baseline === null ? undefined : path.resolve(root, baseline),
    ignoreRepoConfig: false,
    maxFileSize: undefined,
    showSecrets: false,
  };
}
