import { ScanError } from '../errors/base.ts';
import { StepMeter } from './steps.ts';

/** A match: the whole, and the group `secret` where the expression has one. */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  readonly secret: { readonly start: number; readonly end: number } | null;
}

/** A compiled expression. Positions are indexes into the text. */
export interface Regex {
  /** The match that begins exactly at `at`. */
  at(text: string, at: number): RegexMatch | null;
  /** Every match that begins in `[from, to]`, left to right, not overlapping. */
  all(text: string, from: number, to: number): Iterable<RegexMatch>;
  /** The match that covers the whole text. */
  whole(text: string): RegexMatch | null;
  /** Whether there is one. */
  covers(text: string): boolean;
  /** Counts what `covers` takes for a text of this length, where steps are counted: answers are remembered, and steps must not depend on that. */
  countCovers?(length: number): void;
}

/**
 * Compiles an expression whose group `secret`, if any, is the part that counts.
 * With `goGroup` it is an expression of Go's; see `PatternFind`. Steps are counted by `meter`.
 */
export type RegexFactory = (source: string, ignoreCase: boolean, goGroup?: number, meter?: StepMeter) => Regex;

/** A rule of other people's, and no engine that is safe to run it in. */
export class UntrustedPatternError extends ScanError {
  override readonly name = 'UntrustedPatternError';
  readonly code = 'RULE_NEEDS_LINEAR_ENGINE';

  constructor() {
    super('A pattern that is not compiled into the package needs the linear-time engine', {
      mend: 'Pass `linearRegex` from detect/linear-regex.ts to createEngine.',
    });
  }
}

/**
 * Compiles each distinct expression once. Patterns of the package run in the
 * host's engine: they are bounded and tested against adversarial input.
 * Patterns of other people run in a linear-time engine, which is only loaded
 * where there are such rules.
 */
export class RegexCache {
  readonly #linear: RegexFactory | undefined;
  /** Of all expressions in the linear-time engine. */
  readonly meter = new StepMeter();
  /** One map for each combination of flags, so that looking up needs no key made for it. */
  readonly #go = new Map<string, Regex>();
  readonly #compiled: readonly Map<string, Regex>[] = [new Map(), new Map(), new Map(), new Map()];

  constructor(linear?: RegexFactory) {
    this.#linear = linear;
  }

  get(source: string, ignoreCase: boolean, untrusted: boolean): Regex {
    const compiled = this.#compiled[(untrusted ? 2 : 0) + (ignoreCase ? 1 : 0)];
    let regex = compiled?.get(source);
    if (!regex) {
      if (untrusted && !this.#linear) throw new UntrustedPatternError();
      regex =
        untrusted && this.#linear
          ? this.#linear(source, ignoreCase, undefined, this.meter)
          : nativeRegex(source, ignoreCase);
      compiled?.set(source, regex);
    }
    return regex;
  }

  /** An expression of Go's. @param group - see `PatternFind.goGroup` */
  go(source: string, group: number): Regex {
    const key = `${group} ${source}`;
    let regex = this.#go.get(key);
    if (!regex) {
      if (!this.#linear) throw new UntrustedPatternError();
      regex = this.#linear(source, false, group, this.meter);
      this.#go.set(key, regex);
    }
    return regex;
  }
}

/** The host's engine. */
export function nativeRegex(source: string, ignoreCase: boolean): Regex {
  const flags = ignoreCase ? 'di' : 'd';
  const sticky = new RegExp(source, `${flags}y`);
  const global = new RegExp(source, `${flags}g`);
  let entire: RegExp | undefined;
  let bare: RegExp | undefined;
  const known = new Map<string, boolean>();
  return {
    at(text, at) {
      sticky.lastIndex = at;
      return nativeMatch(sticky.exec(text));
    },
    *all(text, from, to) {
      for (let next = from; next <= to;) {
        const found = nativeMatch(next + STEPS >= to ? firstOf(sticky, text, next, to) : firstFrom(global, text, next));
        if (!found || found.start > to) return;
        next = Math.max(found.end, found.start + 1);
        yield found;
      }
    },
    whole(text) {
      entire ??= new RegExp(`^(?:${source})$`, flags);
      return nativeMatch(entire.exec(text));
    },
    covers(text) {
      // Asked of every name near a hit: the same few, again and again.
      const before = known.get(text);
      if (before !== undefined) return before;
      // Without `d`: positions cost more than the match.
      bare ??= new RegExp(`^(?:${source})$`, ignoreCase ? 'i' : '');
      const now = bare.test(text);
      if (known.size >= VERDICTS_KEPT) known.clear();
      known.set(text, now);
      return now;
    },
  };
}

const VERDICTS_KEPT = 4096;

/** Places that are tried one by one sooner than the text behind them is searched to its end. */
const STEPS = 64;

function firstOf(sticky: RegExp, text: string, from: number, to: number): RegExpExecArray | null {
  for (let at = from; at <= to && at <= text.length; at++) {
    sticky.lastIndex = at;
    const match = sticky.exec(text);
    if (match) return match;
  }
  return null;
}

function firstFrom(global: RegExp, text: string, from: number): RegExpExecArray | null {
  global.lastIndex = from;
  return global.exec(text);
}

function nativeMatch(match: RegExpExecArray | null): RegexMatch | null {
  if (!match?.indices) return null;
  const group = match.indices.groups?.['secret'];
  return {
    start: match.index,
    end: match.index + match[0].length,
    secret: group ? { start: group[0], end: group[1] } : null,
  };
}
