import type { FindingsReport } from '../../core/finding.ts';
import { isScanError } from '../../errors/base.ts';
import type { Repository } from '../../git/repository.ts';
import type { Invocation } from '../commands/command.ts';
import { errorText } from '../error-text.ts';
import { EXIT, exitCodeOfError } from '../exit-code.ts';
import { openContext } from './context.ts';
import { locatorFor, rulesFor } from './locator-for.ts';
import { withVerdicts } from './verdicts.ts';

/** Where a scan that has just ended found its values. */
export interface ScannedPlace {
  readonly repository: Repository | null;
  /** Folder that the paths of files start from; null where nothing was read from disk. */
  readonly folder: string | null;
}

/**
 * `--verify`: a report that this process has just made, with verdicts. What
 * keeps it from asking is said, and the report stays as it was: a scan's
 * findings are never lost to a network.
 *
 * @throws UsageError
 */
export async function verifyScanned(
  invocation: Invocation,
  report: FindingsReport,
  place: ScannedPlace,
): Promise<FindingsReport> {
  try {
    const context = openContext(invocation);
    const rules = await rulesFor(invocation);
    const locator = await locatorFor(invocation, place.repository, rules, place.folder);
    const open = report.findings.filter(({ suppressed }) => suppressed === null);
    return await withVerdicts(context, report, open, rules, locator);
  } catch (error) {
    if (invocation.signal.aborted || !isScanError(error) || exitCodeOfError(error) === EXIT.usage) throw error;
    invocation.streams.err.write(errorText(error));
    return report;
  }
}
