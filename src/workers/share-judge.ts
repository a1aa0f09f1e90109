import type { Rule } from '../core/rule.ts';
import { ALLOW_MARKERS } from '../detect/allow-mark.ts';
import { openArchive } from '../detect/archive/open.ts';
import { type Judge, createJudge } from '../detect/judge.ts';
import type { RegexFactory } from '../detect/regex.ts';
import type { Prefilter } from '../prefilter/literal.ts';
import { literalTargets } from '../prefilter/literal-set.ts';

/** The judge of a scan's thread. @param linear - needed if a rule is untrusted; see `linearFor` */
export function shareJudge(rules: readonly Rule[], prefilter: Prefilter, linear: RegexFactory | null): Judge {
  return createJudge(rules, {
    ready: { targets: literalTargets(rules, ALLOW_MARKERS), prefilter },
    openArchive,
    ...(linear === null ? {} : { linearRegex: linear }),
  });
}

/** The linear-time engine, loaded only for rules that came from outside the package. */
export async function linearFor(rules: readonly Rule[]): Promise<RegexFactory | null> {
  if (!rules.some((rule) => rule.untrusted === true)) return null;
  return (await import('../detect/linear-regex.ts')).linearRegex;
}
