import type { CheckFunction } from './check.ts';
import { isPublishedSample } from './published-samples.ts';

/** Words that only stand in values which are not meant to be real. */
const ANYWHERE =
  /example|placeholder|changeme|change_me|change-me|redacted|dummy|your[_-]|[_-]your|replace|insert[_-]|xxxxx|\.\.\.\.|\*\*\*\*|_here\b|-here\b|sample|foobar|undefined|not[_-]?a[_-]?real|deadbeef(?:deadbeef|cafe)|1234567890abcdef|abcdefghijkl|0123456789|qwertyuiop|lorem|mysecret|my[_-]secret|my[_-]api|secret[_-]key[_-]|test[_-]?key|fake[_-]?key|api[_-]?key[_-]?(?:here|goes)/i;
/** Words that people build stand-ins from; what is left without them must still be long enough for a key. */
const STAND_IN =
  /your|fake|todo|fixme|test|demo|null|none|true|false|some|enter|token|secret|passw(?:or)?d|api|key|here|value|goes|put|add|set|the|dev|local|prod|live|xxx+|[^a-z0-9]/gi;
const LEFT_MIN = 8;

/** References to where the value comes from. */
const REFERENCE =
  /\$\{|\$\(|\{\{|\}\}|%\(|<%|process\.env|os\.environ|getenv|import\.meta|\benv\.[A-Z]|secrets\.|^\$|^%[A-Za-z_]+%$|^<.*>$|^\[.*\]$|^@[\w./:~-]*(?:$|[({])|\$[A-Z_]{3,}/;

/** Words of one case joined by `_` or `-`: the name of a variable, not its value. */
const IDENTIFIER = /^(?:[A-Z]+(?:[_-][A-Z]+)+[0-9]{0,2}|[a-z]+(?:[_-][a-z]+)+[0-9]{0,2})$/;

/** What stands in the templates of rule files, ours and others'. */
const TEMPLATE = /^(?:hex|alnum|alpha|digits|upper|lower|base62|base64|base64url|lower-alnum|uuid)(?::\d{1,4})?$/;

/** Fewest different characters in 16 or more of a real key. */
const DISTINCT_MIN = 5;
/** Greatest share of one character, and of steps by one. */
const SAME_SHARE = 0.5;
const SEQUENCE_SHARE = 0.6;

/** Values that documentation, templates and people use instead of a key. */
export const notPlaceholder: CheckFunction = ({ secret }) => {
  if (TEMPLATE.test(secret)) return 'a template, not a value';
  if (IDENTIFIER.test(secret)) return 'an identifier, not a value';
  if (REFERENCE.test(secret)) return 'a reference, not a value';
  if (ANYWHERE.test(secret)) return 'placeholder word';
  if (secret.length < 40 && secret.replaceAll(STAND_IN, '').length < Math.min(LEFT_MIN, secret.length / 2))
    return 'placeholder word';
  if (repeats(secret)) return 'repeated or sequential characters';
  return isPublishedSample(secret) ? 'a published sample' : null;
};

function repeats(text: string): boolean {
  const counts = new Map<string, number>();
  let steps = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? '';
    counts.set(character, (counts.get(character) ?? 0) + 1);
    const step = i === 0 ? 9 : Math.abs(text.charCodeAt(i) - text.charCodeAt(i - 1));
    if (step <= 1) steps++;
  }
  const most = Math.max(0, ...counts.values());
  const few = text.length >= 16 && counts.size < DISTINCT_MIN;
  return (
    few ||
    most > text.length * SAME_SHARE ||
    (text.length >= 8 && steps > text.length * SEQUENCE_SHARE) ||
    periodic(text)
  );
}

/** One short piece over and over: `abcabcabc…`. */
function periodic(text: string): boolean {
  for (let period = 2; period <= 8 && period * 2 < text.length; period++) {
    if (text.slice(period) === text.slice(0, -period)) return true;
  }
  return false;
}
