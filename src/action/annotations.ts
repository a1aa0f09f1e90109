import type { FindingsReport } from '../core/finding.ts';
import { github } from '../report/github.ts';

/** A runner keeps so many annotations of each level from one step, and drops the rest. */
const MOST_OF_A_LEVEL = 10;

/**
 * Workflow commands that mark the lines, worst first, as many as a runner
 * keeps. What is left out stands in the log and the summary, and the last
 * command says so.
 */
export function* annotations(report: FindingsReport): Generator<string> {
  const used = new Map<string, number>();
  let dropped = 0;
  for (const line of github(report)) {
    const level = /^::(\w+)/.exec(line)?.[1] ?? '';
    const count = used.get(level) ?? 0;
    used.set(level, count + 1);
    if (count < MOST_OF_A_LEVEL) yield line;
    else dropped++;
  }
  if (dropped > 0) yield `::notice title=unleak::${dropped} more in the log and the summary\n`;
}
