import path from 'node:path';

import { baselineOf } from '../../triage/baseline.ts';
import { BASELINE_FILE, formatBaseline } from '../../triage/triage-file.ts';
import { writeFileSafely } from '../../triage/write-file.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { OUTPUT, QUIET } from '../flags/output.ts';
import { ALLOW_INCOMPLETE } from '../flags/verdict.ts';
import { problemText } from '../session/present.ts';
import { performScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';
import { filesJob } from './scan.ts';

/** `unleak baseline write [path...]`: what is there today, by fingerprint. */
export async function write(invocation: Invocation): Promise<ExitCode> {
  const { options, streams } = invocation;
  const job = filesJob(invocation);
  const { findings, report } = await performScan(invocation, job);
  const entries = baselineOf(findings);
  const file = options.get(OUTPUT) ?? path.join(job.root, BASELINE_FILE);
  writeFileSafely(file, [formatBaseline(entries)], 0o644);
  if (!options.get(QUIET)) streams.err.write(`unleak: ${entries.length} findings written to ${file}\n`);
  for (const problem of report.coverage.problems) streams.err.write(problemText(problem));
  return report.coverage.complete || options.get(ALLOW_INCOMPLETE) ? EXIT.clean : EXIT.incomplete;
}
