import type { Matcher, Rule } from '../core/rule.ts';
import { encodedForms, needlessEscapes } from './encoded-forms.ts';
import type { Literal, ScreenBit } from './literal.ts';

/** A matcher and the rule it belongs to: what a hit leads to. */
export interface Target {
  readonly rule: Rule;
  readonly matcher: Matcher;
  /** Not set in what a hit has passed: it leads nowhere. Default: all are asked. */
  readonly screen?: ScreenBit;
}

/** Every distinct literal of a rule set, with the matchers it wakes. */
export interface LiteralSet {
  readonly literals: readonly Literal[];
  /** By `Literal.text`: who wants to see a plain hit of it. */
  readonly targets: readonly (readonly Target[])[];
}

interface Entry {
  readonly text: number;
  readonly spelling: string;
  readonly exact: boolean;
  encoded: boolean;
  readonly targets: Target[];
}

const ascii = new TextEncoder();

/** Collects the literals of all matchers, each spelling once, and their encoded forms. */
export function literalSet(rules: readonly Rule[], allowMarks: readonly string[]): LiteralSet {
  const all = entries(rules, allowMarks);
  const plain = all.map(({ spelling, exact, text }): Literal => ({
    bytes: ascii.encode(spelling),
    exact,
    form: 'plain',
    text,
    phase: 0,
  }));
  const encoded = all
    .filter((one) => one.encoded)
    .flatMap(({ spelling, exact, text }) => encodedForms(spelling, exact, text))
    .concat(all.some((one) => one.encoded) ? needlessEscapes(0) : []);
  // Literals with the same beginning share their encoded forms: which of them it was, the decoded run tells.
  const distinct = new Map(
    encoded.map((form) => [`${form.form}${form.phase}${String.fromCharCode(...form.bytes)}`, form]),
  );
  return { literals: [...plain, ...distinct.values()], targets: all.map(({ targets }) => targets) };
}

/** Only who wants to see which text: the cheap half, for a prefilter that was prepared before. */
export function literalTargets(rules: readonly Rule[], allowMarks: readonly string[]): LiteralSet['targets'] {
  return entries(rules, allowMarks).map(({ targets }) => targets);
}

/** Every distinct spelling, numbered: allow marks first, then in the order of the rules. */
function entries(rules: readonly Rule[], allowMarks: readonly string[]): Entry[] {
  const known = new Map<string, Entry>();
  const entry = (spelling: string, exact: boolean): Entry => {
    const key = `${exact ? 'x' : 'i'}${spelling}`;
    let found = known.get(key);
    if (!found) {
      found = { text: known.size, spelling, exact, encoded: false, targets: [] };
      known.set(key, found);
    }
    return found;
  };
  for (const mark of allowMarks) entry(mark, false);
  for (const rule of rules) {
    for (const matcher of rule.matchers) {
      for (const literal of matcher.literals) {
        const it = entry(matcher.caseSensitive ? literal : literal.toLowerCase(), matcher.caseSensitive);
        it.encoded ||= matcher.encoded;
        it.targets.push({ rule, matcher });
      }
    }
  }
  return [...known.values()];
}
