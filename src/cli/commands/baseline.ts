import path from 'node:path';

import type { Config } from '../../config/load.ts';
import type { Finding } from '../../core/finding.ts';
import { UsageError } from '../../errors/usage.ts';
import { counted } from '../../report/words.ts';
import { baselineOf, pruned } from '../../triage/baseline.ts';
import { fingerprinter } from '../../triage/fingerprint.ts';
import { BASELINE_FILE, formatBaseline, parseTriageFile } from '../../triage/triage-file.ts';
import { writeFileSafely } from '../../triage/write-file.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { BASELINE_OUTPUT, QUIET } from '../flags/output.ts';
import { IN_HISTORY } from '../flags/reading.ts';
import { BASELINE } from '../flags/rules.ts';
import { ALLOW_INCOMPLETE } from '../flags/verdict.ts';
import { sayProblems } from '../session/present.ts';
import { performScan } from '../session/run-scan.ts';
import { TRIAGE_MOST, readIfThere } from '../../session/read-given.ts';
import type { ScanTask } from '../../session/scan-project.ts';
import type { Invocation } from './command.ts';
import { historyTask } from './history.ts';
import { filesJob } from './scan.ts';

/** `unleak baseline write [path...]`: what is there today, by fingerprint. */
export async function write(invocation: Invocation): Promise<ExitCode> {
  const { options, streams } = invocation;
  const job = filesJob(invocation);
  const { findings, complete } = await sweep(invocation, job);
  const entries = baselineOf(findings);
  const file = options.get(BASELINE_OUTPUT) ?? path.join(job.root, BASELINE_FILE);
  writeFileSafely(file, [formatBaseline(entries)], 0o644);
  const count = new Set(entries.map(({ fingerprint }) => fingerprint)).size;
  if (!options.get(QUIET)) streams.err.write(`unleak: ${counted(count, 'finding')} written to ${file}\n`);
  return complete || options.get(ALLOW_INCOMPLETE) ? EXIT.clean : EXIT.incomplete;
}

/**
 * `unleak baseline prune [path...]`: drops what is not there any more. After an
 * incomplete scan nothing is dropped: what was not covered was not shown to be gone.
 */
export async function prune(invocation: Invocation): Promise<ExitCode> {
  const { options, streams } = invocation;
  const job = filesJob(invocation);
  const file = options.get(BASELINE) ?? path.join(job.root, BASELINE_FILE);
  // It is written again, so a pipe will not do.
  const bytes = readIfThere(file, { most: TRIAGE_MOST });
  if (bytes === null) throw new UsageError('USAGE_NO_SUCH_PATH', `there is no ${file}`);
  const { entries } = parseTriageFile(Buffer.from(bytes).toString('utf8'), file);
  const { findings, complete, config } = await sweep(invocation, job);
  if (!complete) return EXIT.incomplete;
  const kept = pruned(entries, findings, fingerprinter(config?.fingerprintKey).keyId);
  writeFileSafely(file, [formatBaseline(kept)], 0o644);
  if (!options.get(QUIET))
    streams.err.write(`unleak: ${counted(entries.length - kept.length, 'entry', 'entries')} dropped from ${file}\n`);
  return EXIT.clean;
}

interface Sweep {
  /** A secret that is in the files and in the history is there twice. */
  readonly findings: readonly Finding[];
  readonly complete: boolean;
  readonly config: Config | null;
}

/** What is in the files, and with `--history` in all commits; problems are told. */
async function sweep(invocation: Invocation, files: ScanTask): Promise<Sweep> {
  const { options, streams } = invocation;
  const tasks = [files, ...(options.get(IN_HISTORY) ? [await historyTask(invocation, undefined)] : [])];
  const swept = [];
  for (const task of tasks) swept.push(await performScan(invocation, task));
  for (const { report } of swept) sayProblems(report.coverage.problems, streams);
  return {
    findings: swept.flatMap(({ findings }) => findings),
    complete: swept.every(({ report }) => report.coverage.complete),
    config: swept[0]?.settings.config ?? null,
  };
}
