/**
 * Templates of credentials, so that no file of ours holds anything a scanner
 * would report: `GITHUB_TOKEN=ghp_${base62:30}${crc32-base62}`.
 *
 * `${name}` or `${name:argument}` calls a generator; the argument may hold
 * further calls. `${key=name:…}` also remembers the result, which `${same:key}`
 * repeats. `$${` stands for the two characters `${`.
 */
import { createHash } from 'node:crypto';

import { ownValue } from '../core/own-value.ts';
import { RuleError } from '../errors/rule.ts';
import { nearest } from '../core/nearest.ts';
import type { Random } from './random.ts';

/** A template written out. */
export interface Expansion {
  readonly text: string;
  /** Remembered values by key; `secret` is what a scan must report exactly. */
  readonly values: ReadonlyMap<string, string>;
}

interface Context {
  readonly random: Random;
  readonly where: string;
  readonly values: Map<string, string>;
}

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const BASE62 = DIGITS + UPPER + LOWER;
const BASE64 = `${UPPER}${LOWER}${DIGITS}+/`;
const BASE32 = `${UPPER}234567`;

/** `${name:n}`: n characters of the alphabet. */
const ALPHABETS: Readonly<Record<string, string>> = {
  hex: `${DIGITS}abcdef`,
  'upper-hex': `${DIGITS}ABCDEF`,
  digits: DIGITS,
  nonzero: '123456789',
  lower: LOWER,
  upper: UPPER,
  letters: UPPER + LOWER,
  'lower-alnum': DIGITS + LOWER,
  'upper-alnum': DIGITS + UPPER,
  alnum: BASE62,
  base62: BASE62,
  base64: BASE64,
  base64url: `${UPPER}${LOWER}${DIGITS}-_`,
  base32: BASE32,
  // Without what is easily taken for another: 0, O, I and l
  base58: BASE62.replaceAll(/[0OIl]/g, ''),
  // Capitals, as secret keys of age have them
  bech32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
  word: `${BASE62}_`,
};

/** `${name:text}`: the text, written in another way. */
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  text: (text) => text,
  'to-base64': (text) => Buffer.from(text, 'latin1').toString('base64'),
  'to-base64url': (text) => Buffer.from(text, 'latin1').toString('base64url'),
  'to-hex': (text) => Buffer.from(text, 'latin1').toString('hex'),
  'to-percent': (text) => encodeURIComponent(text),
  'to-json': (text) => JSON.stringify(text).slice(1, -1),
  'to-upper': (text) => text.toUpperCase(),
};

const LONGEST = 20_000;
const LINE = 64;
const DEEPEST = 8;

/** CRC-32 (IEEE 802.3) of latin1 text. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i) & 0xff;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** The six characters with which GitHub and npm end a token whose random part is `text`. */
function crc32Base62(text: string): string {
  let digits = '';
  for (let rest = crc32(text); rest > 0; rest = Math.floor(rest / 62)) digits = (BASE62[rest % 62] ?? '') + digits;
  return digits.padStart(6, '0');
}

/** First `count` characters of the base32 of the SHA-256 of latin1 text. */
function sha256Base32(text: string, count: number): string {
  const bits = [...createHash('sha256').update(text, 'latin1').digest()].map((b) => b.toString(2).padStart(8, '0'));
  const groups = bits.join('').match(/.{5}/g) ?? [];
  return groups
    .slice(0, count)
    .map((group) => BASE32[Number.parseInt(group, 2)] ?? '')
    .join('');
}

function letters(random: Random, alphabet: string, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += alphabet[random.below(alphabet.length)] ?? '';
  return text;
}

/**
 * Expands a template.
 *
 * @param where - place for messages, such as `github.yaml:12:9`
 * @throws RuleError `RULE_TEMPLATE`
 */
export function expandTemplate(template: string, random: Random, where: string): Expansion {
  const context: Context = { random, where, values: new Map() };
  return { text: expand(template, context, 0), values: context.values };
}

function expand(template: string, context: Context, depth: number): string {
  if (depth > DEEPEST) throw fail(context, 'calls nested too deeply');
  let out = '';
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('${', at);
    if (open === -1) return out + template.slice(at);
    if (template[open - 1] === '$') {
      out += `${template.slice(at, open - 1)}\${`;
      at = open + 2;
      continue;
    }
    const close = closingBrace(template, open + 2, context);
    out += template.slice(at, open);
    out += call(template.slice(open + 2, close), out, context, depth);
    at = close + 1;
  }
  return out;
}

/** Braces inside a call must be balanced, whatever they belong to. */
function closingBrace(template: string, from: number, context: Context): number {
  let open = 1;
  for (let i = from; i < template.length; i++) {
    if (template[i] === '{') open++;
    else if (template[i] === '}') open--;
    if (open === 0) return i;
  }
  throw fail(context, 'a ${ is not closed');
}

function call(source: string, before: string, context: Context, depth: number): string {
  const match = /^(?:([a-z][a-zA-Z0-9]*)=)?([a-z][a-z0-9-]*)(?::([\s\S]*))?$/.exec(source);
  if (match === null) throw fail(context, `"\${${source}}" is not a call`);
  const [, key, name = '', argument] = match;
  const value = generate(name, argument, before, context, depth);
  if (key !== undefined) context.values.set(key, value);
  return value;
}

function generate(name: string, argument: string | undefined, before: string, context: Context, depth: number): string {
  const alphabet = ownValue(ALPHABETS, name);
  if (alphabet !== undefined) return letters(context.random, alphabet, lengthOf(argument, context));
  const encoding = ownValue(ENCODINGS, name);
  if (encoding !== undefined) return encoding(expand(argument ?? '', context, depth + 1));
  switch (name) {
    case 'same': {
      const value = context.values.get(argument ?? '');
      if (value === undefined) throw fail(context, `\${same:${argument ?? ''}} comes before its value`);
      return value;
    }
    case 'uuid':
      return [8, 4, 4, 4, 12].map((n) => letters(context.random, ALPHABETS['hex'] ?? '', n)).join('-');
    case 'lines':
      return wrapped(letters(context.random, BASE64, lengthOf(argument, context)));
    case 'repeat':
      return repeated(argument ?? '', context);
    case 'crc32-base62':
      // Of the characters of the token's random part, which is what stands right before.
      return crc32Base62(/[0-9A-Za-z]*$/.exec(before)?.[0].slice(-lengthOf(argument ?? '30', context)) ?? '');
    case 'sha256-base32':
      return sha256Base32(/[\w]*$/.exec(before)?.[0] ?? '', lengthOf(argument, context));
    default: {
      const meant = nearest(name, [...Object.keys(ALPHABETS), ...Object.keys(ENCODINGS), 'same', 'uuid', 'lines']);
      throw fail(context, `no generator "${name}"${meant === null ? '' : `; did you mean "${meant}"?`}`);
    }
  }
}

/** `${repeat:32 x}`: placeholders, without writing them out. */
function repeated(argument: string, context: Context): string {
  const match = /^(\d{1,5}) ([\s\S]{1,100})$/.exec(argument);
  if (match === null) throw fail(context, 'repeat takes a number, a space and a text');
  return (match[2] ?? '').repeat(lengthOf(match[1], context));
}

function wrapped(text: string): string {
  return (text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []).join('\n');
}

function lengthOf(argument: string | undefined, context: Context): number {
  const value = Number(argument);
  if (argument === undefined || !/^\d{1,5}$/.test(argument) || value > LONGEST) {
    throw fail(context, `"${argument ?? ''}" is not a length (most ${LONGEST})`);
  }
  return value;
}

function fail(context: Context, why: string): RuleError {
  return new RuleError('RULE_TEMPLATE', `${context.where}: ${why}`);
}
