/**
 * The package's rules as `pack-rules.ts` lays them out at build time, so that a
 * hook computes nothing and reads only the rules whose literals occur.
 */
import type { Rule } from '../../core/rule.ts';
import type { Ready } from '../../detect/engine.ts';
import type { Target } from '../../prefilter/literal-set.ts';
import { screenedSearch, type Words } from '../../prefilter/packed-wasm.ts';

/** Name of the file, beside the quick check's script. */
export const RULE_PACK_LINES = 'quick.rules';

/** What is stored: words for the prefilter and its screens, and JSON in ASCII: where each rule's begins, the targets, and the rules. */
export interface RulePack {
  readonly words: Uint32Array;
  readonly screens: Uint32Array;
  readonly lines: string;
}

/** A rule pack as a hook reads it: the long part piece by piece. */
export interface RulePackFile {
  readonly words: Words;
  readonly screens: Words;
  /** Characters `[start, end)` of the lines. */
  readonly read: (start: number, end: number) => string;
}

/** The lines' first: where the second ends, and where each rule's begins, counted from there, and the last one ends. */
export interface RulePackIndex {
  /** For each literal's text, rule and matcher of every target in turn. */
  readonly targets: readonly (readonly number[])[];
  readonly starts: readonly number[];
}

/** Digits of the index's length, which stand before it. */
export const INDEX_DIGITS = 8;

/** Engine parts that read a rule when one of its literals was found. */
export function openRulePack({ words, screens, read }: RulePackFile): Ready {
  let opened: Opened | undefined;
  const { prefilter: inner, names } = screenedSearch({ words }, screens);
  const targets: Target[][] = [];
  return {
    targets,
    names,
    prefilter: {
      literals: inner.literals,
      find(bytes, from, to, hits) {
        const before = hits.count;
        inner.find(bytes, from, to, hits);
        for (let i = before; i < hits.count; i++) {
          const text = inner.literals[hits.literal(i)]?.text ?? 0;
          opened ??= openLines(read);
          targets[text] ??= targetsOf(opened.rules, opened.targets[text] ?? []);
        }
      },
    },
  };
}

interface Opened {
  readonly targets: RulePackIndex['targets'];
  readonly rules: LazyRules;
}

/** Only where a hit is left that somebody has to judge. */
function openLines(read: RulePackFile['read']): Opened {
  const end = INDEX_DIGITS + Number(read(0, INDEX_DIGITS));
  const { targets, starts }: RulePackIndex = JSON.parse(read(INDEX_DIGITS, end));
  return { targets, rules: new LazyRules(starts, (from, to) => read(end + from, end + to)) };
}

function targetsOf(rules: LazyRules, list: readonly number[]): Target[] {
  const found: Target[] = [];
  for (let i = 0; i < list.length; i += 2) found.push(new LazyTarget(rules, list[i] ?? 0, list[i + 1] ?? 0));
  return found;
}

class LazyRules {
  readonly #starts: readonly number[];
  readonly #read: RulePackFile['read'];
  readonly #parsed: Rule[] = [];

  constructor(starts: readonly number[], read: RulePackFile['read']) {
    this.#starts = starts;
    this.#read = read;
  }

  /** Always the same object for one index: pairing compares rules by identity. */
  at(index: number): Rule {
    const known = this.#parsed[index];
    if (known) return known;
    const rule: Rule = JSON.parse(this.#read(this.#starts[index] ?? 0, this.#starts[index + 1] ?? 0));
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
