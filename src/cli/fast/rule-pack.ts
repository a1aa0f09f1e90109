/**
 * The package's rules as `pack-rules.ts` lays them out at build time, so that a
 * hook computes nothing and reads only the rules whose literals occur.
 */
import type { Rule } from '../../core/rule.ts';
import type { Ready } from '../../detect/engine.ts';
import type { ScreenBit } from '../../prefilter/literal.ts';
import type { Target } from '../../prefilter/literal-set.ts';
import { screenedSearch, type Words } from '../../prefilter/packed-wasm.ts';

/** Name of the file, beside the quick check's script. */
export const RULE_PACK_LINES = 'quick.rules';

/** What is stored: words for the prefilter and its screens, and text in ASCII: numbers, then the pieces whose places they are. */
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

/**
 * Characters of a number. The first is how many texts literals have, the second where the pieces begin; then, for one piece more
 * than there are, where each does, counted from there. In JSON: rule, matcher and `ScreenBit` of every target in turn, for each text; then each rule.
 */
export const DIGITS = 8;

/** Engine parts that read a rule when one of its literals was found. */
export function openRulePack({ words, screens, read }: RulePackFile): Ready {
  let pieces: Pieces | undefined;
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
          pieces ??= new Pieces(read);
          targets[text] ??= targetsOf(pieces, text);
        }
      },
    },
  };
}

function targetsOf(pieces: Pieces, text: number): Target[] {
  const list = pieces.targets(text);
  const found: Target[] = [];
  for (let i = 0; i < list.length; i += 3)
    found.push(new LazyTarget(pieces, list[i] ?? 0, list[i + 1] ?? 0, list[i + 2] ?? 0));
  return found;
}

/** Only what is asked for is read, and only where a hit is left that somebody has to judge. */
class Pieces {
  readonly #read: RulePackFile['read'];
  readonly #texts: number;
  readonly #first: number;
  readonly #rules: Rule[] = [];

  constructor(read: RulePackFile['read']) {
    this.#read = read;
    this.#texts = this.#number(0);
    // The first piece begins where the numbers end.
    this.#first = this.#number(1);
  }

  #number(index: number): number {
    return Number(this.#read(index * DIGITS, (index + 1) * DIGITS));
  }

  #piece(index: number): string {
    const places = this.#read((index + 2) * DIGITS, (index + 4) * DIGITS);
    return this.#read(this.#first + Number(places.slice(0, DIGITS)), this.#first + Number(places.slice(DIGITS)));
  }

  /** Rule, matcher and `ScreenBit` of each target in turn. */
  targets(text: number): readonly number[] {
    return JSON.parse(this.#piece(text));
  }

  /** Always the same object for one index: pairing compares rules by identity. */
  rule(index: number): Rule {
    const known = this.#rules[index];
    if (known) return known;
    const rule: Rule = JSON.parse(this.#piece(this.#texts + index));
    this.#rules[index] = rule;
    return rule;
  }
}

class LazyTarget implements Target {
  readonly #pieces: Pieces;
  readonly #rule: number;
  readonly #matcher: number;
  readonly screen: ScreenBit;

  constructor(pieces: Pieces, rule: number, matcher: number, screen: ScreenBit) {
    this.#pieces = pieces;
    this.#rule = rule;
    this.#matcher = matcher;
    this.screen = screen;
  }

  get rule(): Rule {
    return this.#pieces.rule(this.#rule);
  }

  get matcher(): Target['matcher'] {
    const matcher = this.rule.matchers[this.#matcher];
    if (!matcher) throw new RangeError('the packed rules do not fit their targets');
    return matcher;
  }
}
