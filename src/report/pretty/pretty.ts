import type { FindingsReport } from '../../core/finding.ts';
import type { PolicyFinding } from '../../core/policy.ts';
import { terminalText } from '../escape/terminal.ts';
import { withoutCommands } from '../escape/workflow-command.ts';
import type { ReportOptions } from '../format.ts';
import { openFindings } from '../order.ts';
import { groupProblems } from '../problem-groups.ts';
import { findingLines } from './finding.ts';
import { painter } from './paint.ts';
import { problemLines, summaryLines } from './summary.ts';
import { textColumns } from './width.ts';

/** For people: each open finding, worst first, then what was covered and the verdict. */
export function* pretty(report: FindingsReport, options: ReportOptions): Generator<string> {
  yield* prettyFindings(report, options);
  yield* prettySummary(report, options);
}

/** The findings alone. */
export function* prettyFindings(report: FindingsReport, options: ReportOptions): Generator<string> {
  const paint = painter(options.color ?? false);
  const columns = textColumns(options.width);
  const advised = new Set<string>();
  // Who hunts for a key wants to know of it, whatever was allowed.
  const mayAllow = report.coverage.source !== 'hunt' && options.mayAllow !== false;
  for (const finding of openFindings(report.findings)) {
    yield `${withoutCommands(findingLines(finding, { options, paint, columns, advised, mayAllow }).join('\n'))}\n\n`;
  }
  yield* prettyPolicy(report.policy ?? []);
}

/** How the keys are handled, apart from the leak. */
export function* prettyPolicy(policy: readonly PolicyFinding[]): Generator<string> {
  for (const { level, title, advice, reference, fingerprint, places, count } of policy) {
    const [place] = places;
    const more = count > 1 ? ` and ${count - 1} more` : '';
    const at = place?.path == null ? '' : `\n  at   ${terminalText(`${place.path}:${place.line}`)}${more}`;
    const text = `policy ${level}: ${terminalText(title)}${at}\n  of   ${terminalText(fingerprint)}\n  do   ${terminalText(advice)}\n  see  ${terminalText(reference)}`;
    yield `${withoutCommands(text)}\n\n`;
  }
}

/** What was covered, and the verdict. */
export function* prettySummary(report: FindingsReport, options: ReportOptions): Generator<string> {
  const paint = painter(options.color ?? false);
  yield `${withoutCommands(summaryLines(report, paint, textColumns(options.width)).join('\n'))}\n`;
}

/** What could not be covered, alone. */
export function* prettyProblems({ coverage }: FindingsReport, options: ReportOptions): Generator<string> {
  const paint = painter(options.color ?? false);
  for (const group of groupProblems(coverage.problems))
    yield `${withoutCommands(problemLines(group, paint, textColumns(options.width)).join('\n'))}\n`;
}
