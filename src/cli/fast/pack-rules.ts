/** Lays the rules out for the hook. Runs when the command is built; nothing of it is loaded by a hook. */
import type { Matcher, Rule } from '../../core/rule.ts';
import { ALLOW_MARKERS } from '../../detect/allow-mark.ts';
import { literalSet } from '../../prefilter/literal-set.ts';
import { packLiterals } from '../../prefilter/packed.ts';
import { nameFilter } from '../../rules/name-filter.ts';
import { readPattern } from '../../rules/pattern.ts';
import type { RulePack, TargetIndexes } from './rule-pack.ts';

/** @returns what `openRulePack` reads */
export function packRules(rules: readonly Rule[]): RulePack {
  const { literals, targets } = literalSet(rules, ALLOW_MARKERS);
  const indexes: TargetIndexes = targets.map((list) =>
    list.flatMap(({ rule, matcher }) => [rules.indexOf(rule), rule.matchers.indexOf(matcher)]),
  );
  const lines = [indexes, ...rules.map(withNameFilters)].map((one) => inAscii(JSON.stringify(one)));
  return { ...packLiterals(literals), lines: lines.join('\n') };
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
