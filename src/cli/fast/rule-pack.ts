/**
 * The package's rules as `pack-rules.ts` lays them out at build time, so that a
 * hook computes nothing and reads only the rules whose literals occur.
 */
import type { Rule } from '../../core/rule.ts';
import type { Ready } from '../../detect/engine.ts';
import type { Target } from '../../prefilter/literal-set.ts';
import { wasmPackedPrefilter } from '../../prefilter/packed-wasm.ts';

/** Name of the file, beside the quick check's script. */
export const RULE_PACK_LINES = 'quick.rules';

/** What is stored: words for the prefilter, and lines of JSON in ASCII, the targets first and then a rule each. */
export interface RulePack {
  readonly words: Uint32Array;
  readonly lines: string;
}

/** For each literal's text, rule and matcher of every target in turn. */
export type TargetIndexes = readonly (readonly number[])[];

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
