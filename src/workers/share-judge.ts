import type { Rule } from '../core/rule.ts';
import { ALLOW_MARKERS } from '../detect/allow-mark.ts';
import { openArchive } from '../detect/archive/open.ts';
import { type Judge, createJudge } from '../detect/judge.ts';
import type { RegexFactory } from '../detect/regex.ts';
import type { Prefilter } from '../prefilter/literal.ts';
import { literalTargets } from '../prefilter/literal-set.ts';
import { type LaidOutScreens, openScreening } from '../prefilter/screening.ts';

/**
 * The judge of a scan's thread.
 *
 * @param linear - needed if a rule is untrusted; see `linearFor`
 * @param laid - of these rules, where it was
 */
export function shareJudge(
  rules: readonly Rule[],
  prefilter: Prefilter,
  linear: RegexFactory | null,
  laid: LaidOutScreens | null,
): Judge {
  const targets = literalTargets(rules, ALLOW_MARKERS);
  const screening = laid === null ? null : openScreening(rules, targets, laid);
  return createJudge(rules, {
    ready:
      screening === null
        ? { targets, prefilter }
        : { targets: screening.targets, names: screening.search.names, prefilter },
    openArchive,
    ...(linear === null ? {} : { linearRegex: linear }),
  });
}

/** The linear-time engine, loaded only for rules that came from outside the package. */
export async function linearFor(rules: readonly Rule[]): Promise<RegexFactory | null> {
  if (!rules.some((rule) => rule.untrusted === true)) return null;
  return (await import('../detect/linear-regex.ts')).linearRegex;
}
