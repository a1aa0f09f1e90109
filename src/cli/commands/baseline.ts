import path from 'node:path';

import { UsageError } from '../../errors/usage.ts';
import { counted } from '../../report/words.ts';
import { baselineOf, pruned } from '../../triage/baseline.ts';
import { fingerprinter } from '../../triage/fingerprint.ts';
import { BASELINE_FILE, formatBaseline, parseTriageFile } from '../../triage/triage-file.ts';
import { writeFileSafely } from '../../triage/write-file.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { BASELINE_OUTPUT, QUIET } from '../flags/output.ts';
import { BASELINE } from '../flags/rules.ts';
import { ALLOW_INCOMPLETE } from '../flags/verdict.ts';
import { problemText } from '../session/present.ts';
import { performScan } from '../session/run-scan.ts';
import { TRIAGE_MOST, readIfThere } from '../../session/read-given.ts';
import type { Invocation } from './command.ts';
import { filesJob } from './scan.ts';

/** `unleak baseline write [path...]`: what is there today, by fingerprint. */
export async function write(invocation: Invocation): Promise<ExitCode> {
  const { options, streams } = invocation;
  const job = filesJob(invocation);
  const { findings, report } = await performScan(invocation, job);
  const entries = baselineOf(findings);
  const file = options.get(BASELINE_OUTPUT) ?? path.join(job.root, BASELINE_FILE);
  writeFileSafely(file, [formatBaseline(entries)], 0o644);
  if (!options.get(QUIET)) streams.err.write(`unleak: ${counted(entries.length, 'finding')} written to ${file}\n`);
  for (const problem of report.coverage.problems) streams.err.write(problemText(problem));
  return report.coverage.complete || options.get(ALLOW_INCOMPLETE) ? EXIT.clean : EXIT.incomplete;
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
  const { findings, report, settings } = await performScan(invocation, job);
  for (const problem of report.coverage.problems) streams.err.write(problemText(problem));
  if (!report.coverage.complete) return EXIT.incomplete;
  const kept = pruned(entries, findings, fingerprinter(settings.config?.fingerprintKey).keyId);
  writeFileSafely(file, [formatBaseline(kept)], 0o644);
  if (!options.get(QUIET))
    streams.err.write(`unleak: ${counted(entries.length - kept.length, 'entry', 'entries')} dropped from ${file}\n`);
  return EXIT.clean;
}
