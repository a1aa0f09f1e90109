import type { Problem } from '../../core/coverage.ts';
import type { FindingsReport } from '../../core/finding.ts';
import type { Confidence } from '../../core/rule.ts';
import { isScanError } from '../../errors/base.ts';
import { described } from '../../errors/described.ts';
import type { Unnamed } from '../../scan.ts';
import type { Repository } from '../../git/repository.ts';
import { diskFiles } from '../../session/project-files.ts';
import { remarksOn } from '../../session/settings.ts';
import { type ScanListeners, type Scanned, scanProject, type ScanTask } from '../../session/scan-project.ts';
import type { Invocation } from '../commands/command.ts';
import { errorText } from '../error-text.ts';
import { terminalText } from '../../report/escape/terminal.ts';
import { EXIT, type ExitCode, exitCodeOf, exitCodeOfError } from '../exit-code.ts';
import { asListed, MOST_PLACES } from '../../findings/listed.ts';
import { FORMAT, FORMATS, MAX_PLACES, NO_PROGRESS, QUIET } from '../flags/output.ts';
import type { Options } from '../options.ts';
import { MAX_FILE_SIZE } from '../flags/reading.ts';
import { VERIFY } from '../flags/respond.ts';
import { CONFIG, IGNORE_REPO_CONFIG, ONLY, RULES } from '../flags/rules.ts';
import { ALLOW_INCOMPLETE, FAIL_ON, FAIL_ON_POLICY, POLICY } from '../flags/verdict.ts';
import { progressLine } from '../progress-line.ts';
import { type Delivery, deliveryFor } from './delivery.ts';
import { type Presentation, present, sayNotices, sayUnused } from './present.ts';
import { wishesOf } from './wishes.ts';

/** One scanning command, apart from what all of them do. */
export interface ScanJob extends ScanTask {
  /** A last line for people, on standard error. */
  readonly summary?: (scanned: Scanned) => string;
  readonly presentation: Presentation;
  /** Whatever a suppression can be about is looked at: one that meets nothing is of no use any more. */
  readonly coversAll?: boolean;
  /** Where the values can be read again, for `--verify`. */
  readonly repository?: Repository;
  /** `unleak allow` finds by its place what this finds. */
  readonly isPointedAt?: boolean;
  /** The folder that reported paths start from. */
  readonly folder?: string;
  /** Least confidence that counts, unless `--fail-on` says otherwise. */
  readonly failOn: Confidence;
}

const RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };

/** Scans, prints, and gives the exit code of the outcome. */
export async function runScan(invocation: Invocation, job: ScanJob): Promise<ExitCode> {
  const { options, streams } = invocation;
  const delivery = deliveryFor(options, streams);
  const failOn = options.get(FAIL_ON) ?? job.failOn;
  const tally = { suspects: 0 };
  const unnamed = job.isPointedAt === true ? unnamedFor(options, delivery) : undefined;
  try {
    const rescue = (error: unknown): Problem | null => problemOf(error, invocation);
    const scanned = await performScan(
      invocation,
      { ...job, unnamed },
      { tally, rescue, maxPlaces: placesListed(options) },
    );
    const asked = options.get(VERIFY)
      ? await unlessFailed(scanned.report, rescue, () => verified(invocation, scanned, job))
      : scanned.report;
    const report =
      options.get(POLICY) || options.get(FAIL_ON_POLICY)
        ? await unlessFailed(asked, rescue, () => withPolicy(asked, job, invocation))
        : asked;
    await present(
      { ...report, findings: report.findings.map(asListed) },
      job.presentation,
      delivery,
      invocation,
      scanned.ruleOf,
    );
    if (!options.get(QUIET)) {
      sayNotices(scanned, streams);
      if (job.coversAll === true && report.coverage.complete) sayUnused(scanned, streams);
      for (const remark of remarksOn(scanned.settings)) streams.err.write(`unleak: ${terminalText(remark)}\n`);
      if (job.summary) streams.err.write(job.summary(scanned));
    }
    const counts = scanned.findings.some((one) => one.suppressed === null && RANK[one.confidence] >= RANK[failOn]);
    const broken = options.get(FAIL_ON_POLICY) && (report.policy ?? []).length > 0;
    return exitCodeOf({
      found: counts || broken,
      complete: report.coverage.complete,
      allowIncomplete: options.get(ALLOW_INCOMPLETE),
    });
  } catch (error) {
    return failed(error, tally.suspects, invocation);
  }
}

/**
 * Asks the providers, once the scan is over. Only here, and only where it was
 * asked for, is the code loaded that can reach a network.
 */
async function verified(invocation: Invocation, { report }: Scanned, job: ScanJob): Promise<FindingsReport> {
  if (report.findings.every(({ suppressed }) => suppressed !== null)) return report;
  const { verifyScanned } = await import('../respond/verify-scanned.ts');
  return verifyScanned(invocation, report, { repository: job.repository ?? null, folder: job.folder ?? null });
}

/** How the keys that were found are handled; nothing of it is loaded unless it is asked for. */
async function withPolicy(report: FindingsReport, job: ScanJob, { signal }: Invocation): Promise<FindingsReport> {
  const { judgePolicy } = await import('../../policy/judge.ts');
  const { policyFacts } = await import('../../session/policy-facts.ts');
  const facts = await policyFacts(report.findings, job.folder ?? job.repository?.workTree ?? null, signal);
  return { ...report, policy: judgePolicy(report.findings, facts) };
}

/** The error as a problem of the report; null where it is no scan that failed, but wrong use or Ctrl-C. */
function problemOf(error: unknown, { signal }: Invocation): Problem | null {
  if (signal.aborted || (isScanError(error) && exitCodeOfError(error) === EXIT.usage)) return null;
  return described(error);
}

/** What is done with a finished report. If that fails, the report as it was, with what was the matter. */
async function unlessFailed(
  report: FindingsReport,
  rescue: (error: unknown) => Problem | null,
  work: () => Promise<FindingsReport>,
): Promise<FindingsReport> {
  try {
    return await work();
  } catch (error) {
    const problem = rescue(error);
    if (problem === null) throw error;
    const { coverage } = report;
    return { ...report, coverage: { ...coverage, complete: false, problems: [...coverage.problems, problem] } };
  }
}

/** A run that ends without a report is not clean, and says what had been found: 1 is for findings that are reported. */
function failed(error: unknown, suspects: number, invocation: Invocation): ExitCode {
  if (problemOf(error, invocation) === null) throw error;
  const { err } = invocation.streams;
  err.write(errorText(error));
  if (suspects > 0)
    err.write(`unleak: ${suspects} possible secrets had been found before that; they are not reported\n`);
  return EXIT.incomplete;
}

/**
 * Which findings can be told without their ids. People read a place as well, but `unleak allow` scans with the project's own rules and limits; and who
 * trusts nothing of the project is not told how to allow anything.
 */
function unnamedFor(options: Options, { file }: Delivery): Unnamed | undefined {
  if (file !== null || options.get(FORMAT) !== 'pretty') return undefined;
  if (options.get(VERIFY) || options.get(POLICY) || options.get(FAIL_ON_POLICY)) return undefined;
  if (options.get(IGNORE_REPO_CONFIG)) return 'all';
  const ownRules = options.get(RULES).length + options.get(ONLY).length > 0 || options.get(CONFIG) !== undefined;
  return ownRules || options.get(MAX_FILE_SIZE) !== undefined ? undefined : 'pointed';
}

/** Of each of these formats, all that is said of a finding is a line for each place. */
const PLACE_BY_PLACE: ReadonlySet<string> = new Set(
  FORMATS.filter((name) => name === 'csv' || name.startsWith('gitleaks')),
);

function placesListed(options: Options): number {
  return options.get(MAX_PLACES) ?? (PLACE_BY_PLACE.has(options.get(FORMAT)) ? Infinity : MOST_PLACES);
}

interface Performing extends Pick<ScanListeners, 'rescue'> {
  /** Counts what was seen, should it break off. */
  readonly tally?: { suspects: number };
  /** That are looked at again, of one finding. Default: all. */
  readonly maxPlaces?: number;
}

/** The scan without the printing. */
export async function performScan(
  { options, streams, signal }: Invocation,
  task: ScanTask,
  { tally = { suspects: 0 }, maxPlaces = Infinity, ...listeners }: Performing = {},
): Promise<Scanned> {
  const isShown = !options.get(QUIET) && !options.get(NO_PROGRESS);
  let line = progressLine(streams.err, isShown);
  try {
    return await scanProject(
      task,
      { ...wishesOf(options), maxPlaces },
      {
        ...listeners,
        signal,
        onProgress: (progress) => line.onProgress(progress),
        onSuspects: (count) => {
          tally.suspects += count;
        },
        onAnew(why) {
          tally.suspects = 0;
          line.end();
          if (!options.get(QUIET)) streams.err.write(`unleak: begins anew: ${why}\n`);
          line = progressLine(streams.err, isShown);
        },
      },
    );
  } finally {
    line.end();
  }
}

/** The project's files as they lie on disk. */
export function filesOf(repository: { readonly workTree: string | null; readonly gitDir: string }): ScanTask['files'] {
  return diskFiles(repository.workTree ?? repository.gitDir);
}
