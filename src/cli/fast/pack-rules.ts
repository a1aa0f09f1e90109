/** Lays the rules out for the hook. Runs when the command is built; nothing of it is loaded by a hook. */
import type { Matcher, Rule } from '../../core/rule.ts';
import { ALLOW_MARKERS } from '../../detect/allow-mark.ts';
import { literalSet } from '../../prefilter/literal-set.ts';
import { packLiterals } from '../../prefilter/packed.ts';
import { nameFilter } from '../../rules/name-filter.ts';
import { readPattern } from '../../rules/pattern.ts';
import { INDEX_DIGITS, type RulePack, type RulePackFile, type RulePackIndex } from './rule-pack.ts';

/** @returns what `openRulePack` reads */
export function packRules(rules: readonly Rule[]): RulePack {
  const { literals, targets } = literalSet(rules, ALLOW_MARKERS);
  const texts = rules.map((rule) => inAscii(JSON.stringify(withNameFilters(withoutProse(rule)))));
  const starts = [0];
  for (const text of texts) starts.push((starts.at(-1) ?? 0) + text.length);
  const index: RulePackIndex = {
    targets: targets.map((list) =>
      list.flatMap(({ rule, matcher }) => [rules.indexOf(rule), rule.matchers.indexOf(matcher)]),
    ),
    starts,
  };
  const head = JSON.stringify(index);
  return {
    ...packLiterals(literals),
    lines: [String(head.length).padStart(INDEX_DIGITS, '0'), head, ...texts].join(''),
  };
}

/** A rule pack that is in memory. */
export function rulePackFile({ words, lines }: RulePack): RulePackFile {
  return { words, read: (start, end) => lines.slice(start, end) };
}

/** The quick check says nothing but "plainly clean": what people read about a finding is not its matter. */
function withoutProse(rule: Rule): Rule {
  const { dashboard: _, verify: _verify, revoke: _revoke, ...rest } = rule;
  return { ...rest, title: '', impact: '', remediation: '', references: [] };
}

/** Text of one byte a character is read without being decoded, and takes half the memory. */
function inAscii(json: string): string {
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The expressions for names are the slowest to compile and seldom match: most names are turned down without them. */
function withNameFilters(rule: Rule): Rule {
  const matchers = rule.matchers.map((matcher): Matcher => {
    if (matcher.find.kind === 'pattern') {
      // It saves time over a history, and here costs more to read than it saves.
      const { lead: _, ...find } = matcher.find;
      return { ...matcher, find };
    }
    const filter = nameFilter(readPattern(matcher.find.name, rule.id, true).node);
    return filter === null ? matcher : { ...matcher, find: { ...matcher.find, nameFilter: filter } };
  });
  return { ...rule, matchers };
}
