import { RE2JS } from 're2js';

import { RuleError } from '../errors/rule.ts';
import type { Regex, RegexMatch } from './regex.ts';

/** @throws RuleError `RULE_PATTERN` for what the engine has no room for, such as repeats of repeats */
function compiled(source: string, ignoreCase: boolean): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown';
    throw new RuleError('RULE_PATTERN', `the linear-time engine cannot run ${source.slice(0, 200)}: ${why}`, { cause });
  }
}

/** A linear-time engine with RE2's syntax, for patterns that other people wrote. */
export function linearRegex(source: string, ignoreCase: boolean): Regex {
  const pattern = compiled(source, ignoreCase);
  const named = /\(\?P?<secret>/.test(source);
  const found = (matcher: ReturnType<typeof pattern.matcher>): RegexMatch => {
    const start = named ? matcher.start('secret') : -1;
    return {
      start: matcher.start(),
      end: matcher.end(),
      secret: start >= 0 ? { start, end: matcher.end('secret') } : null,
    };
  };
  return {
    at(text, at) {
      const matcher = pattern.matcher(text.slice(at));
      if (!matcher.lookingAt()) return null;
      const { start, end, secret } = found(matcher);
      return { start: start + at, end: end + at, secret: secret && { start: secret.start + at, end: secret.end + at } };
    },
    *all(text, from, to) {
      const matcher = pattern.matcher(text);
      for (let next = from; next <= to && matcher.find(next);) {
        const match = found(matcher);
        if (match.start > to) return;
        next = Math.max(match.end, match.start + 1);
        yield match;
      }
    },
    whole(text) {
      const matcher = pattern.matcher(text);
      return matcher.matches() ? found(matcher) : null;
    },
    covers: (text) => pattern.matches(text),
  };
}
