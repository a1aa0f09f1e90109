import type { FindingsReport } from '../core/finding.ts';
import type { Rule } from '../core/rule.ts';

export interface ReportOptions {
  /** What is known of a rule: its impact, its remedy, its dashboard. A stored report may name rules that are gone. */
  readonly ruleOf: (id: string) => Rule | undefined;
  /** The text goes to a terminal that shows colour. */
  readonly color?: boolean;
  /** Columns of that terminal; 80 by default. */
  readonly width?: number;
  /** How this program is called where its advice will be pasted; `unleak` by default. */
  readonly command?: string;
  /** Whether advice is given how a finding may stay; default: yes. */
  readonly mayAllow?: boolean;
  /** When the run ended, for formats that must say so; now by default. */
  readonly now?: Date;
  /** Most findings to list where space is limited (`markdown`); 100 by default. */
  readonly limit?: number;
}

/** A format is a function from a report to the pieces of its text. */
export type Format = (report: FindingsReport, options: ReportOptions) => Iterable<string>;
