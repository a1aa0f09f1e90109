/**
 * Betterleaks' `filter` and `prefilter`, as far as they say what allow-lists and
 * `entropy` say: terms joined by `||`, each of which discards a finding. What a
 * term says beyond that is not followed, so that more is found, never less.
 *
 * Source: betterleaks docs/config.md (Expr)
 */
import type { AllowlistSource } from './schema.ts';

export interface Expression {
  readonly allowlists: readonly AllowlistSource[];
  /** A finding is kept only above it; 0: nothing is asked. */
  readonly entropy: number;
  /** Terms that are not followed, as written. */
  readonly unfollowed: readonly string[];
}

const LONGEST = 200_000;
/** Parentheses in parentheses. */
const DEEPEST = 64;

export function readExpression(source: string): Expression {
  const body = source.length > LONGEST ? null : bodyOf(withoutComments(source));
  const terms = body === null ? null : termsOf(body);
  if (terms === null) return { allowlists: [], entropy: 0, unfollowed: [shortened(source)] };
  const allowlists: AllowlistSource[] = [];
  const unfollowed: string[] = [];
  let entropy = 0;
  for (const term of terms) {
    const least = entropyOf(term);
    const list = least === null ? allowlistOf(term) : null;
    if (least !== null) entropy = Math.max(entropy, least);
    else if (list === null) unfollowed.push(shortened(term));
    else allowlists.push(list);
  }
  return { allowlists, entropy, unfollowed };
}

function withoutComments(source: string): string {
  let text = '';
  for (let at = 0; at < source.length; at++) {
    const char = source[at] ?? '';
    if (source.startsWith('//', at) || source.startsWith('/*', at)) {
      const [sign, skip] = source[at + 1] === '/' ? ['\n', 0] : ['*/', 1];
      const end = source.indexOf(sign, at + 2);
      at = end < 0 ? source.length : end + skip;
      text += ' ';
      continue;
    }
    const end = char === '"' || char === "'" || char === '`' ? endOfText(source, at) : at;
    text += source.slice(at, end + 1);
    at = Math.max(at, end);
  }
  return text;
}

/** Names that a term is read by. */
const TAKEN = /^\s*let\s+(?:finding|attributes|filter|entropy|matchesAny|containsAny|get)\b/;

/** What comes after `let …;`. Terms that use such a name are not followed. */
function bodyOf(source: string): string | null {
  const parts = split(source, ';');
  const body = parts?.pop();
  if (body === undefined || parts?.some((part) => TAKEN.test(part) || !/^\s*let\s/.test(part)) === true) return null;
  return /^\s*let\s/.test(body) ? null : body;
}

/** What `||` joins, also in parentheses; null where brackets or quotes do not match. */
function termsOf(source: string, depth = 0): string[] | null {
  if (depth > DEEPEST) return null;
  const parts = split(source, '||');
  if (parts === null) return null;
  // A condition binds less than what it chooses from.
  if ((split(source.replaceAll('??', '').replaceAll('?.', '.'), '?')?.length ?? 2) > 1) return [source];
  const found: string[] = [];
  for (const part of parts.map((one) => one.trim())) {
    const inner = unwrapped(part);
    const deeper = inner === part ? [part] : termsOf(inner, depth + 1);
    if (deeper === null) return null;
    found.push(...deeper.filter((term) => term !== '' && term !== 'false'));
  }
  return found;
}

/** Without parentheses around the whole. */
function unwrapped(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  const inner = text.slice(1, -1);
  return split(inner, '||') === null ? text : inner.trim();
}

const OPENING = '([{';
const CLOSING = ')]}';

/** Splits outside of brackets and quotes; null where these do not match. */
function split(text: string, separator: string): string[] | null {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"' || char === "'" || char === '`') {
      at = endOfText(text, at);
      if (at < 0) return null;
    } else if (OPENING.includes(char)) depth++;
    else if (CLOSING.includes(char)) {
      if (--depth < 0) return null;
    } else if (depth === 0 && text.startsWith(separator, at)) {
      parts.push(text.slice(from, at));
      from = at + separator.length;
      at = from - 1;
    }
  }
  return depth === 0 ? [...parts, text.slice(from)] : null;
}

/** The closing quote; -1 if there is none. */
function endOfText(text: string, at: number): number {
  const quote = text[at] ?? '';
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\' && quote !== '`') end++;
    else if (text[end] === quote) return end;
  }
  return -1;
}

const SECRET = String.raw`finding(?:\.secret|\[["']secret["']\])`;
const ENTROPY = new RegExp(String.raw`^(?:filter\.)?entropy\(\s*${SECRET}\s*\)\s*(<=?)\s*(\d+(?:\.\d+)?)$`);
/** Just under a bound that is itself kept. */
const UNDER = 1e-9;

function entropyOf(term: string): number | null {
  const match = ENTROPY.exec(term);
  if (match === null) return null;
  return Number(match[2]) - (match[1] === '<' ? UNDER : 0);
}

/** Null unless all that `&&` joins can be said in one list. */
function allowlistOf(term: string): AllowlistSource | null {
  const atoms = split(term, '&&');
  if (atoms === null) return null;
  const list: AllowlistSource = atoms.length > 1 ? { condition: 'AND' } : {};
  for (const atom of atoms) {
    const one = atomOf(unwrapped(atom.trim()));
    if (one === null || Object.keys(one).some((key) => key in list)) return null;
    Object.assign(list, one);
  }
  return list;
}

const CALL = /^(?:filter\.)?(matchesAny|containsAny)\((.*)\)$/s;
const IN = /^(.+?)\s+in\s+(\[.*\])$/s;

function atomOf(atom: string): AllowlistSource | null {
  const [, name = 'in', ...rest] = CALL.exec(atom) ?? IN.exec(atom)?.toSpliced(1, 0, 'in') ?? [];
  const [subject, list, ...more] = name === 'in' ? rest : (split(rest[0] ?? '', ',') ?? []).map((one) => one.trim());
  if (subject === undefined || list === undefined || more.some((one) => one !== '')) return null;
  const texts = textsOf(list);
  if (texts === null || texts.length === 0) return null;
  switch (`${name} ${subjectOf(subject.trim()) ?? ''}`) {
    case 'matchesAny path':
      return { paths: texts };
    case 'in git.sha':
      return { commits: texts };
    case 'containsAny secret':
      return { stopwords: texts };
    case 'matchesAny secret':
      return { regexes: texts };
    case 'matchesAny match':
      return { regexes: texts, regextarget: 'match' };
    case 'matchesAny line':
      return { regexes: texts, regextarget: 'line' };
    default:
      return null;
  }
}

/** What is looked at: a part of the finding, or where it is. */
function subjectOf(text: string): string | null {
  const got = /^get\(\s*attributes\s*,\s*["']([\w.]+)["']\s*,\s*["']{2}\s*\)$/.exec(text);
  const read = /^(?:attributes|finding)(?:\??\.(\w+)|\[\s*["']([\w.]+)["']\s*\])(?:\s*\?\?\s*["']{2})?$/.exec(text);
  return got?.[1] ?? read?.[1] ?? read?.[2] ?? null;
}

/** The texts of a list; null if anything else is in it. */
function textsOf(list: string): string[] | null {
  if (!list.startsWith('[') || !list.endsWith(']')) return null;
  const items = (split(list.slice(1, -1), ',') ?? ['?']).map((item) => item.trim());
  // A comma may stand at the end.
  if (items.at(-1) === '') items.pop();
  const texts = items.map(textOf);
  return texts.includes(null) ? null : texts.filter((text) => text !== null);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function textOf(item: string): string | null {
  const quote = item[0] ?? '';
  if (!['"', "'", '`'].includes(quote) || endOfText(item, 0) !== item.length - 1) return null;
  const inner = item.slice(1, -1);
  if (quote === '`') return inner;
  // Others than these stand for characters by number.
  if (!/^(?:[^\\]|\\[nrt\\"'`])*$/s.test(inner)) return null;
  return inner.replaceAll(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
}

function shortened(text: string): string {
  const plain = text.trim().replaceAll(/\s+/g, ' ');
  return plain.length > 80 ? `${plain.slice(0, 79)}…` : plain;
}
