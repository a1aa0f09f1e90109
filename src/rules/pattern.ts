/**
 * Reads the subset of regular expressions that rules may use: what JavaScript
 * and RE2 agree on, with bounded quantifiers and without look-around, so that
 * a match has a greatest length and a matcher a bounded amount of work.
 */
import { RuleError } from '../errors/rule.ts';

/** One character of latin1 text, as a set of the 256 there are. */
export type CharSet = ReadonlySet<number>;

export type Node =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly item: Node; readonly min: number; readonly max: number; readonly lazy: boolean }
  /** `named`: this is the group `secret`. */
  | { readonly kind: 'group'; readonly item: Node; readonly named: boolean }
  | { readonly kind: 'edge'; readonly edge: '^' | '$' | 'b' | 'B' };

const MOST_REPEATS = 32_768;
const DEEPEST = 32;
const LATIN1 = 256;

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const code = (char: string): number => char.charCodeAt(0);
const DIGIT = range(code('0'), code('9'));
const LOWER = range(code('a'), code('z'));
const UPPER = range(code('A'), code('Z'));
const WORD = [...DIGIT, ...UPPER, ...LOWER, code('_')];
// RE2's \s; JavaScript's has four more in latin1 (vertical tab, NBSP, …), which no credential holds.
const SPACE = [9, 10, 12, 13, 32];
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 };

const complement = (set: CharSet): Set<number> => new Set(range(0, LATIN1 - 1).filter((c) => !set.has(c)));

const CLASSES: Readonly<Record<string, readonly number[]>> = {
  d: DIGIT,
  w: WORD,
  s: SPACE,
  D: [...complement(new Set(DIGIT))],
  W: [...complement(new Set(WORD))],
  S: [...complement(new Set(SPACE))],
};

/** Both cases of every ASCII letter of the set. */
function foldCase(set: CharSet): CharSet {
  const folded = new Set(set);
  for (const [i, lower] of LOWER.entries()) {
    const upper = UPPER[i] ?? lower;
    if (set.has(lower)) folded.add(upper);
    if (set.has(upper)) folded.add(lower);
  }
  return folded;
}

interface Reader {
  readonly source: string;
  readonly ignoreCase: boolean;
  readonly fail: (why: string) => RuleError;
  at: number;
  /** Named groups seen so far; only `secret` may be. */
  secrets: number;
}

export interface Pattern {
  readonly node: Node;
  /** How many groups named `secret` there are. */
  readonly secrets: number;
}

/**
 * @param source - regular expression without delimiters
 * @param where - place for messages
 * @throws RuleError `RULE_PATTERN` for anything outside the subset
 */
export function readPattern(source: string, where: string, ignoreCase = false): Pattern {
  const reader: Reader = {
    source,
    ignoreCase,
    at: 0,
    secrets: 0,
    fail: (why) => new RuleError('RULE_PATTERN', `${where}: ${why} at character ${reader.at + 1} of ${source}`),
  };
  const node = readChoice(reader, 0);
  if (reader.at < source.length) throw reader.fail('unmatched )');
  return { node, secrets: reader.secrets };
}

function readChoice(reader: Reader, depth: number): Node {
  if (depth > DEEPEST) throw reader.fail('groups nested too deeply');
  const options = [readSequence(reader, depth)];
  while (reader.source[reader.at] === '|') {
    reader.at++;
    options.push(readSequence(reader, depth));
  }
  const [only] = options;
  return options.length === 1 && only !== undefined ? only : { kind: 'choice', options };
}

function readSequence(reader: Reader, depth: number): Node {
  const items: Node[] = [];
  for (;;) {
    const char = reader.source[reader.at];
    if (char === undefined || char === '|' || char === ')') break;
    items.push(readRepeat(reader, readAtom(reader, depth)));
  }
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : { kind: 'sequence', items };
}

function readRepeat(reader: Reader, item: Node): Node {
  const char = reader.source[reader.at];
  if (char === '*' || char === '+') throw reader.fail(`unbounded ${char}; write {min,max}`);
  if (char !== '?' && char !== '{') return item;
  if (maxLength(item) === 0) throw reader.fail('a quantifier on something without length');
  const bounds = char === '?' ? { min: 0, max: 1 } : readBounds(reader);
  reader.at++;
  const lazy = reader.source[reader.at] === '?';
  if (lazy) reader.at++;
  if ('*+?{'.includes(reader.source[reader.at] ?? ' ')) throw reader.fail('two quantifiers in a row');
  return { kind: 'repeat', item, ...bounds, lazy };
}

/** Leaves the reader on the closing brace. */
function readBounds(reader: Reader): { min: number; max: number } {
  const close = reader.source.indexOf('}', reader.at);
  const match = /^\{(\d{1,5})(?:,(\d{0,5}))?\}$/.exec(reader.source.slice(reader.at, close + 1));
  if (match === null) throw reader.fail('{ that is no quantifier; write \\{');
  if (match[2] === '') throw reader.fail('unbounded {n,}; write {min,max}');
  const min = Number(match[1]);
  const max = Number(match[2] ?? match[1]);
  if (max < min || max > MOST_REPEATS) throw reader.fail(`quantifier out of range (most ${MOST_REPEATS})`);
  reader.at = close;
  return { min, max };
}

function readAtom(reader: Reader, depth: number): Node {
  const char = reader.source[reader.at] ?? '';
  switch (char) {
    case '(':
      return readGroup(reader, depth);
    case '[':
      return readClass(reader);
    case '\\':
      return readEscape(reader);
    case '^':
    case '$':
      reader.at++;
      return { kind: 'edge', edge: char };
    case '.':
      reader.at++;
      return { kind: 'set', set: complement(new Set([10, 13])) };
    case '*':
    case '+':
    case '?':
    case '{':
    case '}':
    case ']':
      throw reader.fail(`${char} without a meaning here; write \\${char}`);
    default:
      reader.at++;
      return { kind: 'set', set: charSet(reader, [latin1(reader, char)]) };
  }
}

function readGroup(reader: Reader, depth: number): Node {
  const opening = /^\((?:\?:|\?<([A-Za-z_]\w{0,30})>|(\?)|)/.exec(reader.source.slice(reader.at, reader.at + 40));
  if (opening === null || opening[2] !== undefined) throw reader.fail('look-around and flags are not available');
  if (opening[0] === '(') throw reader.fail('a group that captures; write (?:…)');
  if (opening[1] !== undefined) {
    if (opening[1] !== 'secret') throw reader.fail(`a group named ${opening[1]}; only secret is`);
    reader.secrets++;
  }
  reader.at += opening[0].length;
  const item = readChoice(reader, depth + 1);
  if (reader.source[reader.at] !== ')') throw reader.fail('a group is not closed');
  reader.at++;
  return { kind: 'group', item, named: opening[1] !== undefined };
}

function readEscape(reader: Reader): Node {
  const next = reader.source[reader.at + 1];
  if (next === 'b' || next === 'B') {
    reader.at += 2;
    return { kind: 'edge', edge: next };
  }
  return { kind: 'set', set: charSet(reader, readEscaped(reader)) };
}

/** The characters an escape stands for; moves past it. */
function readEscaped(reader: Reader): readonly number[] {
  const char = reader.source[reader.at + 1];
  if (char === undefined) throw reader.fail('a \\ at the end');
  const hex = /^\\x([0-9a-fA-F]{2})/.exec(reader.source.slice(reader.at, reader.at + 4));
  if (hex !== null) {
    reader.at += 4;
    return [Number.parseInt(hex[1] ?? '', 16)];
  }
  const known = CLASSES[char] ?? (CONTROLS[char] === undefined ? undefined : [CONTROLS[char]]);
  if (known === undefined && /[A-Za-z0-9]/.test(char)) throw reader.fail(`the escape \\${char}`);
  reader.at += 2;
  return known ?? [latin1(reader, char)];
}

function readClass(reader: Reader): Node {
  reader.at++;
  const negated = reader.source[reader.at] === '^';
  if (negated) reader.at++;
  const members: number[] = [];
  while (reader.source[reader.at] !== ']') {
    const from = readMember(reader);
    const isRange = reader.source[reader.at] === '-' && reader.source[reader.at + 1] !== ']' && from.length === 1;
    if (!isRange) {
      members.push(...from);
      continue;
    }
    reader.at++;
    const to = readMember(reader);
    const [first = 0] = from;
    const [last = -1] = to;
    if (to.length !== 1 || last < first) throw reader.fail('a character range out of order');
    members.push(...range(first, last));
  }
  reader.at++;
  const set = charSet(reader, members);
  if (set.size === 0) throw reader.fail('an empty character class');
  return { kind: 'set', set: negated ? complement(set) : set };
}

function readMember(reader: Reader): readonly number[] {
  const char = reader.source[reader.at];
  if (char === undefined) throw reader.fail('a character class is not closed');
  if (char === '\\') return reader.source[reader.at + 1] === 'b' ? unknownEscape(reader) : readEscaped(reader);
  if (char === '[') throw reader.fail('[ inside a class; write \\[');
  reader.at++;
  return [latin1(reader, char)];
}

function unknownEscape(reader: Reader): never {
  throw reader.fail('the escape \\b inside a class');
}

function charSet(reader: Reader, members: readonly number[]): CharSet {
  const set = new Set(members);
  return reader.ignoreCase ? foldCase(set) : set;
}

function latin1(reader: Reader, char: string): number {
  const value = code(char);
  if (value >= 128) throw reader.fail('a character outside ASCII; write its bytes as \\xNN');
  return value;
}

/** Greatest number of characters a match can have. */
export function maxLength(node: Node): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'edge':
      return 0;
    case 'group':
      return maxLength(node.item);
    case 'repeat':
      return node.max * maxLength(node.item);
    case 'sequence':
      return node.items.reduce((sum, item) => sum + maxLength(item), 0);
    case 'choice':
      return Math.max(...node.options.map(maxLength));
  }
}
