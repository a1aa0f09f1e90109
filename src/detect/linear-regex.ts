import { RE2JS } from 're2js';

import { RuleError } from '../errors/rule.ts';
import { GoPatternError, readGoPattern } from './go/pattern.ts';
import { Screen } from './go/screen.ts';
import type { Regex, RegexMatch } from './regex.ts';

type LinearMatcher = ReturnType<RE2JS['matcher']>;

/**
 * A linear-time engine with RE2's syntax, for patterns that other people wrote.
 *
 * @throws RuleError `RULE_PATTERN` for what the engine has no room for
 */
export function linearRegex(source: string, ignoreCase: boolean, goGroup?: number): Regex {
  const pattern = compiled(goGroup === undefined ? RE2JS.translateRegExp(source) : source, ignoreCase);
  if (goGroup === undefined) return regexOf(pattern, byName(/\(\?P?<secret>/.test(source)), null);
  return regexOf(pattern, byNumber(pattern, goGroup), screenOf(source));
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

function screenOf(source: string): Screen | null {
  try {
    return Screen.of(readGoPattern(source).node);
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
function byNumber(pattern: RE2JS, group: number): (matcher: LinearMatcher, text: string) => RegexMatch {
  return (matcher, text) => {
    const [from, to] = [matcher.start(), matcher.end()];
    const lead = /^\n*/.exec(text.slice(from, to))?.[0].length ?? 0;
    const trimmed = text.slice(from, to).replace(/^\n+|\n+$/g, '');
    const start = from + lead;
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
): Regex {
  return {
    at(text, at) {
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
        matcher ??= pattern.matcher(text);
        if (!matcher.find(start)) return;
        const match = found(matcher, text);
        if (match.start > to) return;
        next = Math.max(match.end, match.start + 1);
        yield match;
      }
    },
    whole(text) {
      const matcher = pattern.matcher(text);
      return matcher.matches() ? found(matcher, text) : null;
    },
    covers: (text) => pattern.matches(text),
  };
}
