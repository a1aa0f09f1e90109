import type { Coverage } from '../../core/coverage.ts';
import type { Finding, FindingsReport } from '../../core/finding.ts';
import type { Confidence, Rule } from '../../core/rule.ts';
import type { Source } from '../../core/source.ts';
import { isScanError } from '../../errors/base.ts';
import { maskLine } from '../../report/snippet.ts';
import { scan, type ScanResult } from '../../scan.ts';
import type { OnProgress } from '../../sources/progress.ts';
import { applySuppressions, type SuppressionOutcome } from '../../triage/apply.ts';
import { fingerprinter } from '../../triage/fingerprint.ts';
import type { Invocation } from '../commands/command.ts';
import { EXIT, type ExitCode, exitCodeOf, exitCodeOfError } from '../exit-code.ts';
import { MAX_FILE_SIZE } from '../flags/reading.ts';
import { NO_PROGRESS, QUIET, SHOW_SECRETS } from '../flags/output.ts';
import { ALLOW_INCOMPLETE, FAIL_ON } from '../flags/verdict.ts';
import { errorText } from '../error-text.ts';
import { progressLine } from '../progress-line.ts';
import { VERSION } from '../version.ts';
import { deliveryFor } from './delivery.ts';
import { detectorFor } from './detector.ts';
import { unlessNothingCovered } from './nothing-covered.ts';
import { type Presentation, present, sayNotices } from './present.ts';
import { ruleSet } from './rule-set.ts';
import { readSettings, type Settings } from './settings.ts';
import { withoutExcluded } from './without-excluded.ts';

/** What a command's source may use. */
export interface SourceSettings {
  /** In force, for sources that scan by themselves. */
  readonly rules: readonly Rule[];
  readonly maxFileSize?: number;
  readonly excluded?: (path: string) => string | null;
  readonly onProgress: OnProgress;
}

/** One scanning command, apart from what all of them do. */
export interface ScanJob {
  /** Folder that the project's configuration stands in. */
  readonly root: string;
  /** A reported path as seen from that folder. Default: the same. */
  readonly fromRoot?: (path: string) => string;
  source(settings: SourceSettings): Promise<Source> | Source;
  /** The source does not leave out excluded paths; the findings there are dropped. */
  readonly excludesAfterwards?: boolean;
  readonly presentation: Presentation;
  /** Least confidence that counts, unless `--fail-on` says otherwise. */
  readonly failOn: Confidence;
}

/** A finished scan, with what people let pass marked. */
export interface Scanned extends SuppressionOutcome {
  readonly report: FindingsReport;
  readonly settings: Settings;
  readonly ruleOf: (id: string) => Rule | undefined;
}

const RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };

/** Scans, prints, and gives the exit code of the outcome. */
export async function runScan(invocation: Invocation, job: ScanJob): Promise<ExitCode> {
  const { options, streams } = invocation;
  const delivery = deliveryFor(options, streams);
  const failOn = options.get(FAIL_ON) ?? job.failOn;
  const tally = { suspects: 0 };
  try {
    const scanned = await performScan(invocation, job, tally);
    await present(scanned.report, job.presentation, delivery, invocation, scanned.ruleOf);
    if (!options.get(QUIET)) sayNotices(scanned, streams);
    const counts = scanned.findings.some((one) => one.suppressed === null && RANK[one.confidence] >= RANK[failOn]);
    return exitCodeOf({
      found: counts,
      complete: scanned.report.coverage.complete,
      allowIncomplete: options.get(ALLOW_INCOMPLETE),
    });
  } catch (error) {
    return failed(error, tally.suspects, invocation);
  }
}

/** A scan that broke off is not clean; if it had found something already, that counts. */
function failed(error: unknown, suspects: number, { streams, signal }: Invocation): ExitCode {
  if (signal.aborted || (isScanError(error) && exitCodeOfError(error) === EXIT.usage)) throw error;
  streams.err.write(errorText(error));
  if (suspects === 0) return EXIT.incomplete;
  streams.err.write(`unleak: ${suspects} possible secrets had been found before that\n`);
  return EXIT.found;
}

/** The scan without the printing. `tally` counts what was seen, should it break off. */
export async function performScan(
  { options, streams, signal }: Invocation,
  job: Pick<ScanJob, 'root' | 'fromRoot' | 'source' | 'excludesAfterwards'>,
  tally: { suspects: number } = { suspects: 0 },
): Promise<Scanned> {
  const settings = seenFrom(readSettings(job.root, options), job.fromRoot ?? ((name) => name));
  const { rules, digest } = await ruleSet(options, settings);
  const maker = fingerprinter(settings.config?.fingerprintKey);
  const line = progressLine(streams.err, !options.get(QUIET) && !options.get(NO_PROGRESS));
  const source = await job.source(sourceSettings(settings, rules, options.get(MAX_FILE_SIZE), line.onProgress));
  if (settings.config !== null) source.coverage.configured(settings.config.use);
  let result: ScanResult;
  try {
    result = await scan({
      source,
      detector: await detectorFor(rules),
      fingerprinter: maker,
      maskLine,
      showSecrets: options.get(SHOW_SECRETS),
      signal,
      onBlob: (_, { findings }) => {
        tally.suspects += findings.length;
      },
    });
  } finally {
    line.end();
  }
  const { findings, coverage } = job.excludesAfterwards === true ? withoutExcluded(result, settings) : result;
  const outcome = applySuppressions(believed(findings, settings), settings.suppressions, new Date(), maker.keyId);
  const report = reportOf(outcome.findings, unlessNothingCovered(coverage, settings.config), rules, digest);
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return { ...outcome, report, settings, ruleOf: (id) => byId.get(id) };
}

/** The configuration speaks of paths from its own folder. */
function seenFrom(settings: Settings, fromRoot: (path: string) => string): Settings {
  const { config } = settings;
  if (config === null) return settings;
  const rules = config.allow.map((rule) => {
    const { matchesPath } = rule;
    return matchesPath === null ? rule : { ...rule, matchesPath: (name: string) => matchesPath(fromRoot(name)) };
  });
  return {
    ...settings,
    config: { ...config, allow: rules, ignoresPath: (name) => config.ignoresPath(fromRoot(name)) },
    suppressions: { ...settings.suppressions, rules },
  };
}

function sourceSettings(
  { config }: Settings,
  rules: readonly Rule[],
  asked: number | undefined,
  onProgress: OnProgress,
): SourceSettings {
  const maxFileSize = asked ?? config?.maxFileSize ?? undefined;
  return {
    rules,
    ...(maxFileSize === undefined ? {} : { maxFileSize }),
    ...(config === null ? {} : { excluded: (path) => (config.ignoresPath(path) ? config.file : null) }),
    onProgress,
  };
}

/** In a stranger's repository, comments in the code allow nothing. */
function believed(findings: readonly Finding[], { trusted }: Settings): readonly Finding[] {
  return trusted ? findings : findings.map((finding) => ({ ...finding, suppressed: null }));
}

function reportOf(
  findings: readonly Finding[],
  coverage: Coverage,
  rules: readonly Rule[],
  rulesDigest: string,
): FindingsReport {
  return {
    schema: 'unleak.findings/1',
    tool: { name: 'unleak', version: VERSION, rules: rules.length, rulesDigest },
    coverage,
    findings,
  };
}
