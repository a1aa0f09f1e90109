/**
 * `.env` files: `NAME=value` lines, as the shell and the libraries of most
 * languages read them. Text is latin1, a code unit a byte, so that what is not
 * touched stays byte for byte.
 */
import { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';

interface Assignment {
  readonly name: string;
  /** Where its line begins. */
  readonly line: number;
  /** Of the value as written, quotes included. */
  readonly start: number;
  readonly end: number;
  readonly quote: '' | "'" | '"' | '`';
  /** As a reader would have it; null where readers differ. */
  readonly value: string | null;
}

const HEAD = /[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/y;
const REST_OF_LINE = /[^\n]*(?:\n|$)/y;
const BARE = /[^\r\n]*/y;
const QUOTED: Readonly<Record<string, RegExp>> = {
  "'": /'([^']*)'/y,
  '"': /"((?:[^"\\]|\\[^])*)"/y,
  '`': /`([^`]*)`/y,
};
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

function at(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([nrt"\\$])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

function quoted(name: string, text: string, start: number): Omit<Assignment, 'line'> | null {
  const quote = text.charAt(start);
  if (quote !== "'" && quote !== '"' && quote !== '`') return null;
  const match = at(QUOTED[quote] ?? BARE, text, start);
  if (!match) return null;
  const end = start + match[0].length;
  const inner = match[1] ?? '';
  // `'a'b` is `ab` to a shell and something else to everybody else.
  const alone = /^[ \t]*(?:#.*)?$/.test(at(BARE, text, end)?.[0] ?? '');
  return { name, start, end, quote, value: alone ? (quote === '"' ? unescaped(inner) : inner) : null };
}

function bare(name: string, text: string, start: number): Omit<Assignment, 'line'> {
  const value = (at(BARE, text, start)?.[0] ?? '').replace(/(?:^|[ \t]+)#.*$/, '').trimEnd();
  return { name, start, end: start + value.length, quote: '', value };
}

/** A byte order mark, as editors on Windows put before the first line; libraries pass it over. */
const MARK = '\xef\xbb\xbf';

/** All assignments in order. Never throws: what is no assignment is passed over. */
function assignments(text: string): Assignment[] {
  const found: Assignment[] = [];
  for (let index = text.startsWith(MARK) ? MARK.length : 0; index < text.length;) {
    const head = at(HEAD, text, index);
    const line = index;
    if (head) {
      const start = index + head[0].length;
      const one = quoted(head[1] ?? '', text, start) ?? bare(head[1] ?? '', text, start);
      index = one.end;
      found.push({ ...one, line });
    }
    index += at(REST_OF_LINE, text, index)?.[0].length ?? 1;
  }
  return found;
}

/** The one assignment of a name; null without one. @throws StoreError `STORE_VALUE` if readers would differ */
function assignmentOf(text: string, name: string): Assignment | null {
  const [one, second] = assignments(text).filter((assignment) => assignment.name === name);
  if (second)
    throw new StoreError('STORE_VALUE', `${name} stands more than once in the file`, {
      mend: `Remove all lines of ${name} but one: readers differ about which of them counts.`,
    });
  return one ?? null;
}

/** The value of a variable; null if the file has none. @throws StoreError `STORE_VALUE` */
export function readVariable(text: string, name: string): Secret | null {
  const one = assignmentOf(text, name);
  if (!one) return null;
  if (one.value === null) throw new StoreError('STORE_VALUE', `${name} is written so that readers differ about it`);
  return new Secret(Buffer.from(one.value, 'latin1').toString('utf8'));
}

const PLAIN = /^[A-Za-z0-9_./:@%+,=~-]+$/;

/** A value so that every reader takes it for what it is. @throws StoreError `STORE_VALUE` */
function written(name: string, value: string, quote: string): string {
  if (!/^[\x20-\x7e]*$/.test(value))
    throw new StoreError('STORE_VALUE', `The new value of ${name} is not of printable ASCII alone`);
  if (PLAIN.test(value)) return `${quote}${value}${quote}`;
  if (!value.includes("'") && !value.includes('\\')) return `'${value}'`;
  if (!/["$`\\!]/.test(value)) return `"${value}"`;
  throw new StoreError(
    'STORE_VALUE',
    `The new value of ${name} has characters that readers of such files take differently`,
  );
}

/**
 * The text with a variable set, or its line taken away if the value is null;
 * everything else stays as it is. A name that is not there is added at the end.
 *
 * @throws StoreError `STORE_VALUE`
 */
export function withVariable(text: string, name: string, value: Secret | null): string {
  const one = assignmentOf(text, name);
  if (value === null) {
    if (!one) return text;
    const end = one.end + (at(REST_OF_LINE, text, one.end)?.[0].length ?? 0);
    return text.slice(0, one.line) + text.slice(end);
  }
  const line = written(name, value.reveal(), one?.quote ?? '');
  if (one) return `${text.slice(0, one.start)}${line}${text.slice(one.end)}`;
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const gap = text === '' || text.endsWith('\n') ? '' : ending;
  return `${text}${gap}${name}=${line}${ending}`;
}
