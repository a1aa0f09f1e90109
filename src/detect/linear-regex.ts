import { RE2JS } from 're2js';

import { RuleError } from '../errors/rule.ts';
import { GoPatternError, readGoPattern } from './go/pattern.ts';
import { Screen } from './go/screen.ts';
import type { Regex, RegexMatch } from './regex.ts';
import { StepMeter } from './steps.ts';

type LinearMatcher = ReturnType<RE2JS['matcher']>;

/**
 * A linear-time engine with RE2's syntax, for patterns that other people wrote.
 *
 * @throws RuleError `RULE_PATTERN` for what the engine has no room for
 */
export function linearRegex(
  source: string,
  ignoreCase: boolean,
  goGroup?: number,
  meter: StepMeter = new StepMeter(),
): Regex {
  const pattern = compiled(goGroup === undefined ? RE2JS.translateRegExp(source) : source, ignoreCase);
  const costs = new Costs(pattern, meter);
  if (goGroup === undefined) return regexOf(pattern, byName(/\(\?P?<secret>/.test(source)), null, costs);
  return regexOf(pattern, byNumber(pattern, goGroup, costs), screenOf(source, meter), costs);
}

/** @throws RuleError `RULE_PATTERN` for what the engine has no room for, such as repeats of repeats */
function compiled(source: string, ignoreCase: boolean): RE2JS {
  try {
    return RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown';
    throw new RuleError('RULE_PATTERN', `the linear-time engine cannot run ${source.slice(0, 200)}: ${why}`, { cause });
  }
}

/** What the engine takes at most: every state at every character, and the groups of every state. */
class Costs {
  readonly #meter: StepMeter;
  readonly #states: number;
  readonly #groups: number;

  constructor(pattern: RE2JS, meter: StepMeter) {
    this.#meter = meter;
    this.#states = pattern.programSize();
    this.#groups = pattern.groupCount();
  }

  /** Asks for what a search of so many characters may take. */
  before(length: number): void {
    this.#meter.need((length + 1) * this.#states);
  }

  /** Counts a search. @param found - where the match begins, or -1 */
  search(text: string, start: number, screen: Screen | null, found: number): void {
    if (screen === null) {
      this.#meter.spend((text.length - start + 1) * this.#states);
      return;
    }
    const share = Math.max(1, this.#states / screen.size / REPEATS_A_STEP);
    this.#meter.spend(Math.max(0, found - start) * this.#states);
    this.#meter.spend(Math.ceil(share * screen.statesFollowed(text, found < 0 ? start : found, found >= 0)));
  }

  /** Counts the answer whether the whole of so many characters matches. */
  whole(length: number): void {
    this.#meter.spend((length + 1) * this.#states);
  }

  /** Counts one that keeps its groups. */
  groups(length: number): void {
    this.#meter.spend((length + 1) * this.#states * (1 + this.#groups / GROUPS_A_STEP));
  }
}

/** States of long repeats that the engine mostly follows as one. */
const REPEATS_A_STEP = 4;

/** Groups that are copied in the time of one step. */
const GROUPS_A_STEP = 16;

function screenOf(source: string, meter: StepMeter): Screen | null {
  try {
    return Screen.of(readGoPattern(source).node, meter);
  } catch (error) {
    if (error instanceof GoPatternError) return null;
    throw error;
  }
}

function byName(named: boolean): (matcher: LinearMatcher) => RegexMatch {
  return (matcher) => {
    const start = named ? matcher.start('secret') : -1;
    return {
      start: matcher.start(),
      end: matcher.end(),
      secret: start >= 0 ? { start, end: matcher.end('secret') } : null,
    };
  };
}

/** As gitleaks does it: line breaks at the ends go, what is left is matched again, and a group of that is the secret. */
function byNumber(pattern: RE2JS, group: number, costs: Costs): (matcher: LinearMatcher, text: string) => RegexMatch {
  return (matcher, text) => {
    const [from, to] = [matcher.start(), matcher.end()];
    const lead = /^\n*/.exec(text.slice(from, to))?.[0].length ?? 0;
    const trimmed = text.slice(from, to).replace(/^\n+|\n+$/g, '');
    const start = from + lead;
    costs.groups(trimmed.length);
    const again = pattern.matcher(trimmed);
    const secret = again.find() ? groupOf(again, group) : null;
    return {
      start,
      end: start + trimmed.length,
      secret: secret && { start: start + secret.start, end: start + secret.end },
    };
  };
}

function groupOf(matcher: LinearMatcher, group: number): { start: number; end: number } | null {
  const numbers = group > 0 ? [group] : Array.from({ length: matcher.groupCount() }, (_, i) => i + 1);
  for (const number of numbers) {
    const [start, end] = [matcher.start(number), matcher.end(number)];
    if (start >= 0 && end > start) return { start, end };
  }
  return null;
}

function regexOf(
  pattern: RE2JS,
  found: (matcher: LinearMatcher, text: string) => RegexMatch,
  screen: Screen | null,
  costs: Costs,
): Regex {
  return {
    at(text, at) {
      costs.groups(text.length - at);
      const matcher = pattern.matcher(text.slice(at));
      if (!matcher.lookingAt()) return null;
      const { start, end, secret } = found(matcher, text.slice(at));
      return { start: start + at, end: end + at, secret: secret && { start: secret.start + at, end: secret.end + at } };
    },
    *all(text, from, to) {
      let matcher: LinearMatcher | undefined;
      for (let next = from; next <= to;) {
        // The screen knows where no match begins; what it cannot tell, the engine looks at.
        const start = screen === null ? next : screen.firstStart(text, next, to);
        if (start < 0) return;
        costs.before(text.length - start);
        matcher ??= pattern.matcher(text);
        const isFound = matcher.find(start);
        costs.search(text, start, screen, isFound ? matcher.start() : -1);
        if (!isFound) return;
        const match = found(matcher, text);
        if (match.start > to) return;
        next = Math.max(match.end, match.start + 1);
        yield match;
      }
    },
    whole(text) {
      costs.groups(text.length);
      const matcher = pattern.matcher(text);
      return matcher.matches() ? found(matcher, text) : null;
    },
    covers: (text) => pattern.matches(text),
    countCovers: (length) => costs.whole(length),
  };
}
