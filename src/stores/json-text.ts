/**
 * JSON as text: a field is replaced where it stands, so that its siblings stay
 * byte for byte, numbers that JavaScript cannot hold among them.
 */
import { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';
import { parseJson } from '../http/body.ts';

/** `a.b`, or a JSON pointer (`/a.b/c`, RFC 6901) where a name has dots. */
function segmentsOf(field: string): string[] {
  if (!field.startsWith('/')) return field.split('.');
  return field
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Member extends Span {
  readonly name: string;
  /** Of the name; `start` and `end` are the value's. */
  readonly from: number;
}

const BLANK = /[ \t\r\n]*/y;

function skipBlank(text: string, index: number): number {
  BLANK.lastIndex = index;
  return index + (BLANK.exec(text)?.[0].length ?? 0);
}

function skipString(text: string, index: number): number {
  for (let at = index + 1; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter === '\\') at++;
    else if (letter === '"') return at + 1;
  }
  return text.length;
}

/** The end of the value that begins at `index`. Nesting is counted, not followed. */
function skipValue(text: string, index: number): number {
  let depth = 0;
  for (let at = index; at < text.length;) {
    const letter = text.charAt(at);
    if (letter === '"') {
      at = skipString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (letter === '{' || letter === '[') depth++;
    else if (letter === '}' || letter === ']') {
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && /[,\s]/.test(letter)) return at;
    at++;
  }
  return text.length;
}

/** Members of the object at `index`, which is one: the text has been parsed before. */
function membersOf(text: string, index: number): Member[] {
  const found: Member[] = [];
  let at = skipBlank(text, index + 1);
  while (text.charAt(at) === '"') {
    const nameEnd = skipString(text, at);
    const name: unknown = JSON.parse(text.slice(at, nameEnd));
    const start = skipBlank(text, skipBlank(text, nameEnd) + 1);
    const end = skipValue(text, start);
    found.push({ name: String(name), from: at, start, end });
    at = skipBlank(text, end);
    if (text.charAt(at) === ',') at = skipBlank(text, at + 1);
  }
  return found;
}

function refuse(why: string): StoreError {
  return new StoreError('STORE_VALUE', `${why}, so nothing is read from it or written into it`);
}

function rootOf(text: string): number {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('The secret is no JSON object');
  return skipBlank(text, 0);
}

/** The object that a path ends in, and the member it names, if that is there. */
interface Place {
  readonly start: number;
  readonly members: readonly Member[];
  readonly name: string;
  readonly index: number;
}

function placeOf(text: string, field: string): Place {
  const path = segmentsOf(field);
  let start = rootOf(text);
  for (const [depth, name] of path.entries()) {
    if (text.charAt(start) !== '{') throw refuse(`What ${field} goes through is no object`);
    const members = membersOf(text, start);
    const [one, second] = members.filter((member) => member.name === name);
    if (second) throw refuse(`The secret has ${field} twice`);
    if (depth === path.length - 1) return { start, members, name, index: one ? members.indexOf(one) : -1 };
    if (!one) throw new StoreError('STORE_NOT_FOUND', `The secret has nothing that ${field} could be in`);
    start = one.start;
  }
  throw refuse('No field is named');
}

/** The text of a value; null without one. @throws StoreError */
export function rawAt(text: string, field: string): string | null {
  const { members, index } = placeOf(text, field);
  const one = members[index];
  return one ? text.slice(one.start, one.end) : null;
}

/** A field's value; null without one. @throws StoreError `STORE_VALUE` if it is no string */
export function readField(text: string, field: string): Secret | null {
  const raw = rawAt(text, field);
  if (raw === null) return null;
  const value: unknown = JSON.parse(raw);
  if (typeof value !== 'string') throw refuse(`${field} is no text`);
  return new Secret(value);
}

/** From the end of the member before, so that what was added at the end leaves no trace. */
function cut(text: string, members: readonly Member[], index: number): string {
  const [before, one, after] = [members[index - 1], members[index], members[index + 1]];
  if (!one) return text;
  const [from, to] = before ? [before.end, one.end] : [one.from, after?.from ?? one.end];
  return text.slice(0, from) + text.slice(to);
}

/**
 * The text with the field set, or taken away if the value is null, and everything else as it was.
 *
 * @throws StoreError `STORE_VALUE`, `STORE_NOT_FOUND`
 */
export function withField(text: string, field: string, value: Secret | null): string {
  const { start, members, name, index } = placeOf(text, field);
  if (value === null) return cut(text, members, index);
  const written = JSON.stringify(value.reveal());
  const one = members[index];
  if (one) return `${text.slice(0, one.start)}${written}${text.slice(one.end)}`;
  const after = members.at(-1)?.end ?? start + 1;
  return `${text.slice(0, after)}${members.length > 0 ? ',' : ''}${JSON.stringify(name)}:${written}${text.slice(after)}`;
}
