/**
 * The package's rules, laid out at build time so that a hook computes nothing
 * and reads only the rules whose literals occur.
 */
import type { Matcher, Rule } from '../../core/rule.ts';
import { ALLOW_MARKERS } from '../../detect/allow-mark.ts';
import type { Ready } from '../../detect/engine.ts';
import { literalSet, type Target } from '../../prefilter/literal-set.ts';
import { packLiterals } from '../../prefilter/packed.ts';
import { wasmPackedPrefilter } from '../../prefilter/packed-wasm.ts';
import { nameFilter } from '../../rules/name-filter.ts';
import { readPattern } from '../../rules/pattern.ts';

/** Names of the two files, beside the quick check's script. */
export const RULE_PACK_WORDS = 'quick.literals';
export const RULE_PACK_LINES = 'quick.rules';

/** What is stored: words for the prefilter, and lines of JSON in ASCII, the targets first and then a rule each. */
export interface RulePack {
  readonly words: Uint32Array;
  readonly lines: string;
}

/** For each literal's text, rule and matcher of every target in turn. */
type TargetIndexes = readonly (readonly number[])[];

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
    if (matcher.find.kind !== 'assigned') return matcher;
    const filter = nameFilter(readPattern(matcher.find.name, rule.id, true).node);
    return filter === null ? matcher : { ...matcher, find: { ...matcher.find, nameFilter: filter } };
  });
  return { ...rule, matchers };
}

/** Engine parts that parse a rule when one of its literals was found. */
export function openRulePack(pack: RulePack): Ready {
  const [first = '[]', ...lines] = pack.lines.split('\n');
  const rules = new LazyRules(lines);
  const indexes: TargetIndexes = JSON.parse(first);
  const prefilter = wasmPackedPrefilter(pack);
  const targets = indexes.map((list) => {
    const found: Target[] = [];
    for (let i = 0; i < list.length; i += 2) found.push(new LazyTarget(rules, list[i] ?? 0, list[i + 1] ?? 0));
    return found;
  });
  return { targets, prefilter };
}

class LazyRules {
  readonly #lines: readonly string[];
  readonly #parsed: Rule[] = [];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /** Always the same object for one index: pairing compares rules by identity. */
  at(index: number): Rule {
    const known = this.#parsed[index];
    if (known) return known;
    const rule: Rule = JSON.parse(this.#lines[index] ?? 'null');
    this.#parsed[index] = rule;
    return rule;
  }
}

class LazyTarget implements Target {
  readonly #rules: LazyRules;
  readonly #rule: number;
  readonly #matcher: number;

  constructor(rules: LazyRules, rule: number, matcher: number) {
    this.#rules = rules;
    this.#rule = rule;
    this.#matcher = matcher;
  }

  get rule(): Rule {
    return this.#rules.at(this.#rule);
  }

  get matcher(): Target['matcher'] {
    const matcher = this.rule.matchers[this.#matcher];
    if (!matcher) throw new RangeError('the packed rules do not fit their targets');
    return matcher;
  }
}
