import { ownValue } from '../../core/own-value.ts';
import { isScanError } from '../../errors/base.ts';
import { SourceError } from '../../errors/source.ts';
import { UsageError } from '../../errors/usage.ts';
import { terminalText } from '../../report/escape/terminal.ts';
import type { ReportOptions } from '../../report/format.ts';
import { formatNamed } from '../../report/formats.ts';
import { prettyFindings, prettySummary } from '../../report/pretty/pretty.ts';
import { counted } from '../../report/words.ts';
import { remarksOn } from '../../session/settings.ts';
import { scanProject, type Scanned } from '../../session/scan-project.ts';
import { VERSION } from '../../session/version.ts';
import type { Wishes } from '../../session/wishes.ts';
import { calledAs } from '../called-as.ts';
import { errorText } from '../error-text.ts';
import {
  G_BASELINE,
  G_CONFIG,
  G_ENABLE,
  G_EXIT_CODE,
  G_FORMAT,
  G_IGNORE,
  G_IGNORE_COMMENTS,
  G_MEGABYTES,
  G_NO_COLOR,
  G_REDACT,
  G_REPORT,
  G_TIMEOUT,
  G_VERBOSE,
  MOOT_FLAGS,
  REFUSED_FLAGS,
} from '../flags/gitleaks.ts';
import { OUTPUT, SHOW_SECRETS } from '../flags/output.ts';
import { ALLOW_INCOMPLETE } from '../flags/verdict.ts';
import { type GitleaksArguments, gitleaksArguments } from '../gitleaks/arguments.ts';
import { ownFiles } from '../gitleaks/own-files.ts';
import { type GitleaksProject, gitleaksProject } from '../gitleaks/project.ts';
import { sourcePart, targetOf } from '../gitleaks/task.ts';
import { Options } from '../options.ts';
import { type Delivery, deliveryFor } from '../session/delivery.ts';
import { sayNotices } from '../session/present.ts';
import type { Invocation } from './command.ts';

/** Exit codes of gitleaks: 0 clean, `--exit-code` with findings, and these. */
const ERROR = 1;
const UNKNOWN_FLAG = 126;

/** Megabytes of gitleaks are powers of ten. */
const MEGABYTE = 1_000_000;

/** `unleak gitleaks …`: the command line of gitleaks, word for word. */
export async function run(invocation: Invocation): Promise<number> {
  try {
    return await scanAsGitleaks(invocation);
  } catch (error) {
    if (invocation.signal.aborted || !isScanError(error)) throw error;
    invocation.streams.err.write(errorText(error));
    return error.code === 'USAGE_FLAG_UNKNOWN' ? UNKNOWN_FLAG : ERROR;
  }
}

async function scanAsGitleaks(invocation: Invocation): Promise<number> {
  const typed = gitleaksArguments(invocation.positionals);
  const { options, command } = typed;
  if (command === 'version') {
    invocation.streams.out.write(`unleak ${VERSION}, with the command line of gitleaks 8.30\n`);
    return 0;
  }
  const refused = REFUSED_FLAGS.find((flag) => options.has(flag));
  if (refused !== undefined) throw unsupported(`--${refused.name}`);
  const streams = options.get(G_NO_COLOR) ? colourless(invocation.streams) : invocation.streams;
  const report = reportAsked(options, streams);
  sayWhatDiffers(typed, report !== null, streams);
  const target = targetOf(typed);
  const project = gitleaksProject(target.path ?? '.', options.get(G_CONFIG), options.get(G_IGNORE), process.env);
  const { scanned, part } = await inTime(options.get(G_TIMEOUT) ?? 0, invocation, async (signal) => {
    const source = await sourcePart(target, typed, { ...invocation, signal });
    const leavesOut = ownFiles(target, {
      config: options.get(G_CONFIG),
      inForce: project.config,
      baseline: options.get(G_BASELINE),
    });
    const task = { files: project.files, ...source, leavesOut };
    return { scanned: await scanProject(task, wishes(typed, project), { signal }), part: source };
  });
  await show(scanned, report, options, streams, project.warnings);
  sayLeftOut(part.leftOut?.() ?? 0, streams);
  return exitCode(scanned, options);
}

function unsupported(flag: string): UsageError {
  return new UsageError('USAGE_FLAG_UNSUPPORTED', `${flag} is not supported`);
}

function wishes({ options }: GitleaksArguments, { config }: GitleaksProject): Wishes {
  const megabytes = options.get(G_MEGABYTES) ?? 0;
  return {
    rules: [],
    only: options.get(G_ENABLE),
    config,
    baseline: options.get(G_BASELINE),
    ignoreRepoConfig: false,
    ignoreComments: options.get(G_IGNORE_COMMENTS),
    maxFileSize: megabytes === 0 ? undefined : megabytes * MEGABYTE,
    showSecrets: options.get(SHOW_SECRETS),
  };
}

interface ReportAsked {
  readonly format: string;
  readonly delivery: Delivery;
}

const FORMATS: Readonly<Record<string, string>> = {
  json: 'gitleaks',
  csv: 'gitleaks-csv',
  junit: 'gitleaks-junit',
  sarif: 'gitleaks-sarif',
};

/** @throws UsageError `USAGE_FLAG_UNSUPPORTED`, `USAGE_ARGUMENTS`, `USAGE_OUTPUT` */
function reportAsked(options: Options, streams: Invocation['streams']): ReportAsked | null {
  const file = options.get(G_REPORT);
  if (file === undefined) return null;
  const ending = /\.(json|csv|sarif)$/i.exec(file)?.[1];
  const name = (options.get(G_FORMAT) ?? ending ?? '').trim().toLowerCase();
  if (name === 'template') throw unsupported('--report-format template');
  const format = ownValue(FORMATS, name);
  if (format === undefined)
    throw new UsageError('USAGE_ARGUMENTS', `no report format ${JSON.stringify(name)}`, {
      mend: `Give --report-format one of ${Object.keys(FORMATS).join(', ')}.`,
    });
  return { format, delivery: deliveryFor(new Options(new Map([[OUTPUT.name, [file]]])), streams) };
}

/** A hidden difference is worse than a named one. */
function sayWhatDiffers(
  { options }: GitleaksArguments,
  reports: boolean,
  { err }: Pick<Invocation['streams'], 'err'>,
): void {
  for (const flag of MOOT_FLAGS)
    if (options.has(flag)) err.write(`unleak: --${flag.name}: ${flag.summary.replace('of no effect: ', '')}\n`);
  const clear = !options.has(G_REDACT) || options.get(G_REDACT) === '0';
  if (reports && clear && !options.get(SHOW_SECRETS))
    err.write('unleak: the report holds no secrets, as with --redact; --show-secrets would put them in\n');
}

function sayLeftOut(count: number, { err }: Pick<Invocation['streams'], 'err'>): void {
  if (count === 0) return;
  const places = counted(count, 'place');
  err.write(
    `unleak: ${places} in objects that no ref leads to left out, as gitleaks would; unleak history shows them\n`,
  );
}

function colourless({ stdin, out, err }: Invocation['streams']): Invocation['streams'] {
  return { stdin, out: { ...out, color: false }, err: { ...err, color: false } };
}

/** @throws SourceError `SCAN_OUT_OF_TIME` */
async function inTime<T>(
  seconds: number,
  { signal }: Invocation,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (seconds === 0) return work(signal);
  const timeout = AbortSignal.timeout(seconds * 1000);
  try {
    return await work(AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (signal.aborted || !timeout.aborted) throw error;
    throw new SourceError('SCAN_OUT_OF_TIME', `not finished within ${seconds} seconds; no report was written`);
  }
}

async function show(
  scanned: Scanned,
  report: ReportAsked | null,
  options: Options,
  streams: Invocation['streams'],
  warnings: readonly string[],
): Promise<void> {
  const { out, err } = streams;
  const base: ReportOptions = { ruleOf: scanned.ruleOf, command: calledAs() };
  if (report !== null) await report.delivery.deliver(formatNamed(report.format)(scanned.report, base));
  const printed = report === null || (options.get(G_VERBOSE) && report.delivery.file !== null);
  if (printed) {
    for (const piece of prettyFindings(scanned.report, { ...base, color: out.color, width: out.columns })) {
      out.write(piece);
      await out.drained();
    }
  }
  for (const piece of prettySummary(scanned.report, { ...base, color: err.color, width: err.columns }))
    err.write(piece);
  sayNotices(scanned, streams);
  for (const remark of [...warnings, ...remarksOn(scanned.settings)]) err.write(`unleak: ${terminalText(remark)}\n`);
}

/** As gitleaks: what could not be covered is an error, whatever `--exit-code` says. Findings still come first. */
function exitCode({ findings, report }: Scanned, options: Options): number {
  const found = findings.some(({ suppressed }) => suppressed === null);
  const wanted = found ? (options.get(G_EXIT_CODE) ?? 1) : 0;
  if (wanted !== 0 || report.coverage.complete || options.get(ALLOW_INCOMPLETE)) return wanted;
  return ERROR;
}
