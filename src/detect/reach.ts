import type { Span } from '../core/span.ts';

/** A line break between context and secret counts as this many characters; more so if the context follows. */
const LINE_BEFORE = 24;
const LINE_AFTER = 44;
/** The end of a block, call or element in between: what follows is about something else. */
const CLOSED = 200;

/**
 * How far a secret is from the text that speaks for its provider, so that of
 * several providers in one file the one that is meant wins: `"a": {"apiKey":
 * "…"}, "b": {…}` belongs to `a`, although `b` is nearer.
 *
 * @param hit - span of the context in `text`
 * @param secret - span of the secret in `text`
 * @returns 0 if they overlap, else a cost in characters
 */
export function reachCost(text: string, hit: Span, secret: Span): number {
  if (hit.start < secret.end && secret.start < hit.end) return 0;
  const before = hit.end <= secret.start;
  const between = before ? text.slice(hit.end, secret.start) : text.slice(secret.end, hit.start);
  let cost = between.length + 1;
  for (let i = 0; i < between.length; i++) {
    const char = between[i];
    if (char === '\n') cost += before ? LINE_BEFORE : LINE_AFTER;
    else if (char === '}' || char === ')' || (char === '<' && between[i + 1] === '/')) cost += CLOSED;
  }
  return cost;
}
