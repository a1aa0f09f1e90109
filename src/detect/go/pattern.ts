/**
 * Reads regular expressions as Go's `regexp` package takes them (RE2 syntax),
 * as far as is needed to know which texts every match holds, how long a match
 * can be, and where there surely is none. Matching itself is the linear-time
 * engine's business.
 *
 * Source: https://github.com/google/re2/wiki/Syntax
 */

/** A byte of latin1 text, as a set of the 256 there are. */
export type ByteSet = ReadonlySet<number>;

/** What a match is made of. */
export type GoNode =
  | { readonly kind: 'set'; readonly set: ByteSet }
  | { readonly kind: 'sequence'; readonly items: readonly GoNode[] }
  | { readonly kind: 'choice'; readonly options: readonly GoNode[] }
  | { readonly kind: 'repeat'; readonly item: GoNode; readonly min: number; readonly max: number }
  /** A place between characters: `^`, `\b`, `\z`, …; `atEnd` of the text and nowhere else. */
  | { readonly kind: 'edge'; readonly atEnd: boolean };

export interface GoPattern {
  readonly node: GoNode;
  /** How many groups capture. */
  readonly groups: number;
}

/** What the reader cannot follow. The engine has the last word on whether the expression is valid. */
export class GoPatternError extends Error {
  override readonly name = 'GoPatternError';
}

const DEEPEST = 200;
const EDGES = 'bBAz';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const code = (char: string): number => char.codePointAt(0) ?? 0;
const DIGIT = range(48, 57);
const LOWER = range(97, 122);
const UPPER = range(65, 90);
const WORD = [...DIGIT, ...UPPER, ...LOWER, 95];
const SPACE = [9, 10, 12, 13, 32];

const complement = (set: ByteSet): Set<number> => new Set(range(0, 255).filter((byte) => !set.has(byte)));

const PERL: Readonly<Record<string, ByteSet>> = {
  d: new Set(DIGIT),
  w: new Set(WORD),
  s: new Set(SPACE),
  D: complement(new Set(DIGIT)),
  W: complement(new Set(WORD)),
  S: complement(new Set(SPACE)),
};

const POSIX: Readonly<Record<string, readonly number[]>> = {
  alnum: [...DIGIT, ...UPPER, ...LOWER],
  alpha: [...UPPER, ...LOWER],
  ascii: range(0, 127),
  blank: [9, 32],
  cntrl: [...range(0, 31), 127],
  digit: DIGIT,
  graph: range(33, 126),
  lower: LOWER,
  print: range(32, 126),
  punct: [...range(33, 47), ...range(58, 64), ...range(91, 96), ...range(123, 126)],
  space: [9, 10, 11, 12, 13, 32],
  upper: UPPER,
  word: WORD,
  xdigit: [...DIGIT, ...range(65, 70), ...range(97, 102)],
};

interface Reader {
  readonly source: string;
  at: number;
  groups: number;
  depth: number;
  /** `(?i)` is in force here. */
  fold: boolean;
  /** `(?s)` is in force here. */
  dotAll: boolean;
  /** `(?m)` is in force here. */
  manyLines: boolean;
}

/** @throws GoPatternError */
export function readGoPattern(source: string): GoPattern {
  const reader: Reader = { source, at: 0, groups: 0, depth: 0, fold: false, dotAll: false, manyLines: false };
  const node = readChoice(reader);
  if (reader.at < source.length) throw new GoPatternError(`unmatched ) at character ${reader.at + 1}`);
  return { node, groups: reader.groups };
}

function readChoice(reader: Reader): GoNode {
  if (++reader.depth > DEEPEST) throw new GoPatternError('groups nested too deeply');
  const options = [readSequence(reader)];
  while (reader.source[reader.at] === '|') {
    reader.at++;
    options.push(readSequence(reader));
  }
  reader.depth--;
  return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'choice', options };
}

function readSequence(reader: Reader): GoNode {
  const items: GoNode[] = [];
  for (;;) {
    const char = reader.source[reader.at];
    if (char === undefined || char === '|' || char === ')') return { kind: 'sequence', items };
    const atoms = readAtoms(reader);
    const last = atoms.pop();
    items.push(...atoms);
    if (last !== undefined) items.push(readRepeats(reader, last));
  }
}

function readRepeats(reader: Reader, item: GoNode): GoNode {
  let node = item;
  for (;;) {
    const bounds = readBounds(reader);
    if (bounds === null) return node;
    if (reader.source[reader.at] === '?') reader.at++;
    node = { kind: 'repeat', item: node, ...bounds };
  }
}

const QUANTIFIERS: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  '*': { min: 0, max: Infinity },
  '+': { min: 1, max: Infinity },
  '?': { min: 0, max: 1 },
};

function readBounds(reader: Reader): { min: number; max: number } | null {
  const simple = QUANTIFIERS[reader.source[reader.at] ?? ''];
  if (simple !== undefined) {
    reader.at++;
    return simple;
  }
  // A brace that is no quantifier stands for itself, as in RE2.
  const match = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(reader.source.slice(reader.at, reader.at + 12));
  if (match === null) return null;
  reader.at += match[0].length;
  const min = Number(match[1]);
  if (match[2] === undefined) return { min, max: min };
  return { min, max: match[3] === '' ? Infinity : Number(match[3]) };
}

/** One atom, or the characters of `\Q…\E`. */
function readAtoms(reader: Reader): GoNode[] {
  const char = reader.source[reader.at] ?? '';
  switch (char) {
    case '(':
      return readGroup(reader);
    case '[':
      return [readClass(reader)];
    case '.':
      reader.at++;
      return [{ kind: 'set', set: complement(new Set(reader.dotAll ? [] : [10])) }];
    case '^':
    case '$':
      reader.at++;
      return [{ kind: 'edge', atEnd: char === '$' && !reader.manyLines }];
    case '\\':
      return readEscape(reader);
    default:
      reader.at++;
      return [setOf(reader, [code(char)])];
  }
}

function setOf(reader: Reader, members: Iterable<number>): GoNode {
  const set = new Set(members);
  for (const member of set) if (member > 255) throw new GoPatternError('a character beyond latin1');
  if (!reader.fold) return { kind: 'set', set };
  for (const [i, lower] of LOWER.entries()) {
    const upper = UPPER[i] ?? lower;
    if (set.has(lower)) set.add(upper);
    if (set.has(upper)) set.add(lower);
  }
  return { kind: 'set', set };
}

/** A group, or nothing for flags that hold from here on. */
function readGroup(reader: Reader): GoNode[] {
  const rest = reader.source.slice(reader.at, reader.at + 300);
  const opening = /^\((?:\?P?<\w+>|\?([imsU]*)(?:-([imsU]+))?([:)])|)/.exec(rest);
  if (opening === null || (opening[0] === '(' && rest[1] === '?'))
    throw new GoPatternError(`a group at character ${reader.at + 1}`);
  const [text, on = '', off = '', end] = opening;
  reader.at += text.length;
  const { fold, dotAll, manyLines } = reader;
  reader.fold = (fold || on.includes('i')) && !off.includes('i');
  reader.dotAll = (dotAll || on.includes('s')) && !off.includes('s');
  reader.manyLines = (manyLines || on.includes('m')) && !off.includes('m');
  if (end === ')') return [];
  if (end === undefined) reader.groups++;
  const node = readChoice(reader);
  if (reader.source[reader.at] !== ')') throw new GoPatternError('a group is not closed');
  reader.at++;
  reader.fold = fold;
  reader.dotAll = dotAll;
  reader.manyLines = manyLines;
  return [node];
}

function readEscape(reader: Reader): GoNode[] {
  const next = reader.source[reader.at + 1] ?? '';
  if (next === 'Q') return readQuoted(reader);
  if (EDGES.includes(next)) {
    reader.at += 2;
    return [{ kind: 'edge', atEnd: next === 'z' }];
  }
  return [setOf(reader, readEscaped(reader))];
}

function readQuoted(reader: Reader): GoNode[] {
  const end = reader.source.indexOf('\\E', reader.at);
  const text = reader.source.slice(reader.at + 2, end < 0 ? undefined : end);
  reader.at = end < 0 ? reader.source.length : end + 2;
  return [...text].map((char) => setOf(reader, [code(char)]));
}

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\x07' };

/** What an escape stands for. Moves past it. */
function readEscaped(reader: Reader): Iterable<number> {
  const rest = reader.source.slice(reader.at, reader.at + 40);
  const coded = /^\\(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|([0-7]{3}))/.exec(rest);
  if (coded !== null) {
    reader.at += coded[0].length;
    return [coded[3] === undefined ? Number.parseInt(coded[1] ?? coded[2] ?? '', 16) : Number.parseInt(coded[3], 8)];
  }
  const char = rest[1];
  if (char === undefined || char === 'p' || char === 'P')
    throw new GoPatternError(`an escape at character ${reader.at + 1}`);
  reader.at += 2;
  return PERL[char] ?? [code(CONTROLS[char] ?? char)];
}

function readClass(reader: Reader): GoNode {
  reader.at++;
  const negated = reader.source[reader.at] === '^';
  if (negated) reader.at++;
  const members: number[] = [];
  for (let first = true; first || reader.source[reader.at] !== ']'; first = false) members.push(...readMember(reader));
  reader.at++;
  const node = setOf(reader, members);
  return negated && node.kind === 'set' ? { kind: 'set', set: complement(node.set) } : node;
}

function readMember(reader: Reader): readonly number[] {
  const named = /^\[:(\^?)(\w+):\]/.exec(reader.source.slice(reader.at, reader.at + 16));
  if (named !== null) {
    reader.at += named[0].length;
    const set = new Set(POSIX[named[2] ?? ''] ?? []);
    return named[1] === '^' ? [...complement(set)] : [...set];
  }
  const from = readMemberChars(reader);
  if (from.length !== 1 || reader.source[reader.at] !== '-' || reader.source[reader.at + 1] === ']') return from;
  reader.at++;
  const [last = -1] = readMemberChars(reader);
  const [first = 0] = from;
  if (last > 255) throw new GoPatternError('a character beyond latin1');
  return first <= last ? range(first, last) : [];
}

function readMemberChars(reader: Reader): readonly number[] {
  const char = reader.source[reader.at];
  if (char === undefined) throw new GoPatternError('a character class is not closed');
  if (char === '\\') return [...readEscaped(reader)];
  reader.at++;
  return [code(char)];
}
