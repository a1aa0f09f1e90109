import type { FindingsReport } from '../core/finding.ts';
import { invocationOf } from './command.ts';
import type { Outcome } from './present.ts';

/** The report with a verdict at every open finding. Sends requests that read, to the providers of what was found. */
export async function verifyFound(outcome: Outcome): Promise<FindingsReport> {
  const { scanned, gathered, runner, signal, fingerprintOptions } = outcome;
  if (!scanned.report.findings.some(({ suppressed }) => suppressed === null)) return scanned.report;
  const { verifyScanned } = await import('../cli/respond/verify-scanned.ts');
  const before = { ...process.env };
  const invocation = invocationOf(runner, fingerprintOptions, [], signal);
  const report = await verifyScanned(invocation, scanned.report, { repository: gathered.repository, folder: null });
  // Asking took the operator's credentials out of the environment; responding takes them out once more.
  Object.assign(process.env, before);
  return report;
}
