import type { Filter } from '../core/rule.ts';
import type { Span } from '../core/span.ts';
import { LINE_REACH } from '../core/limits.ts';
import type { RegexCache } from './regex.ts';

/** What a filter may look at. */
export interface Filtered {
  readonly at: Span;
  readonly match?: Span;
  readonly secret: string;
}

/** The first filter that drops the candidate, as a reason. */
export function filterFault(
  filters: readonly Filter[],
  text: string,
  found: Filtered,
  regexes: RegexCache,
): string | null {
  return filters.some((filter) => holds(filter, text, found, regexes)) ? 'allowed by its content' : null;
}

function holds(filter: Filter, text: string, found: Filtered, regexes: RegexCache): boolean {
  const answers: boolean[] = [];
  if (filter.regexes.length > 0) {
    const target = targetOf(filter, text, found);
    answers.push(filter.regexes.some((source) => occurs(regexes, source, target)));
  }
  if (filter.stopwords.length > 0) {
    const secret = found.secret.toLowerCase();
    answers.push(filter.stopwords.some((word) => secret.includes(word)));
  }
  return filter.all ? answers.every(Boolean) : answers.some(Boolean);
}

function targetOf({ target }: Filter, text: string, { at, match = at, secret }: Filtered): string {
  if (target === 'secret') return secret;
  if (target === 'match') return text.slice(match.start, match.end);
  const from = Math.max(text.lastIndexOf('\n', match.start - 1) + 1, match.start - LINE_REACH);
  const end = text.indexOf('\n', match.end);
  return text.slice(from, Math.min(end < 0 ? text.length : end, match.end + LINE_REACH));
}

function occurs(regexes: RegexCache, source: string, text: string): boolean {
  for (const _ of regexes.go(source, 0).all(text, 0, text.length)) return true;
  return false;
}
