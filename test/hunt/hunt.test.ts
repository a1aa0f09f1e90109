import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { huntKeys } from '../../src/index.ts';
import { piecesOf } from '../../src/hunt/spellings.ts';
import { Random } from '../helpers/pack-repository.ts';
import { makeFolder, makeRepository } from '../helpers/repository.ts';
import { zip } from '../helpers/zip.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ODD = `${LETTERS}+/=&<>"'\\%-_.~!@#$^*(){}[]|;:,?`;

function makeKey(random: Random, length: number, alphabet = LETTERS): string {
  return Array.from({ length }, () => alphabet[random.next(alphabet.length)] ?? 'x').join('');
}

function everyCharacter(text: string, spell: (code: number) => string): string {
  return [...text].map((c) => spell(c.charCodeAt(0))).join('');
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const wrapped = (text: string, columns: number): string => text.replaceAll(new RegExp(`.{${columns}}`, 'g'), '$&\n');
const half = (text: string): [string, string] => [text.slice(0, text.length >> 1), text.slice(text.length >> 1)];

function utf32(text: string): Buffer {
  return Buffer.concat([...`\ufeff${text}`].map((c) => Buffer.from(Uint32Array.of(c.codePointAt(0) ?? 0).buffer)));
}

/** Ways in which any key may be written. */
const FORMS: Readonly<Record<string, (key: string) => string | Buffer>> = {
  plain: (key) => `a line\nKEY=${key}\n`,
  'inside a word': (key) => `prefix${key}suffix`,
  alone: (key) => key,
  'base64, first alignment': (key) => base64(key),
  'base64, second alignment': (key) => base64(`:${key}`),
  'base64, third alignment': (key) => base64(`a:${key}:b`),
  base64url: (key) => `jwt.${Buffer.from(`??>${key}>>?`).toString('base64url')}.x`,
  'base64 with line breaks': (key) => wrapped(base64(`${'some text before it '.repeat(9)}${key} and after`), 64),
  'base64 with longer lines': (key) => wrapped(base64(`${'other text before '.repeat(9)}${key} and after`), 76),
  'base64 twice': (key) => base64(base64(`user:${key}`)),
  'base64 of JSON': (key) => base64(JSON.stringify({ key })),
  hex: (key) => Buffer.from(key).toString('hex'),
  'hex in capitals': (key) => Buffer.from(`x${key}`).toString('hex').toUpperCase(),
  'hex of base64': (key) => Buffer.from(base64(key)).toString('hex'),
  'base64 of hex': (key) => base64(Buffer.from(key).toString('hex')),
  'percent throughout': (key) => `q=${everyCharacter(key, (code) => `%${hex(code, 2)}`)}&r=1`,
  'percent where needed': (key) => `https://x.test/?q=${encodeURIComponent(key)}&r=1`,
  'percent in small letters': (key) =>
    `?q=${encodeURIComponent(key).replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())}`,
  'unicode escapes': (key) => `"${everyCharacter(key, (code) => `\\u${hex(code, 4)}`)}"`,
  'hexadecimal escapes': (key) => `'${everyCharacter(key, (code) => `\\x${hex(code, 2)}`)}'`,
  JSON: (key) => JSON.stringify({ key }),
  'JSON with escaped slashes': (key) => JSON.stringify({ key }).replaceAll('/', String.raw`\/`),
  'JSON in JSON': (key) => JSON.stringify({ text: JSON.stringify({ key }) }),
  'JSON for HTML': (key) => JSON.stringify({ key }).replaceAll(/[<>&'+]/g, (c) => `\\u${hex(c.charCodeAt(0), 4)}`),
  'UTF-16 with a mark': (key) => Buffer.from(`\ufeffkey = ${key}\r\n`, 'utf16le'),
  'UTF-16 the other way': (key) => Buffer.from(`\ufeffkey = ${key}\r\n`, 'utf16le').swap16(),
  'UTF-16 without a mark': (key) => Buffer.from(`some text and key = ${key}\r\n`, 'utf16le'),
  'UTF-32': (key) => utf32(`key = ${key}\n`),
  gzip: (key) => gzipSync(`key = ${key}\n`),
  zip: (key) => zip('inner/.env', Buffer.from(`key = ${key}\n`)),
  'zip in gzip': (key) => gzipSync(zip('inner.txt', Buffer.from(`key = ${key}\n`))),
  'a shell continuation': (key) => `export KEY="${half(key).join('\\\n')}"`,
  'a shell continuation, CRLF': (key) => `export KEY="${half(key).join('\\\r\n')}"`,
  'an indented continuation': (key) => `ENV KEY=${half(key).join('\\\n    ')}`,
  'strings added in JavaScript': (key) => `const key = '${half(key).join("' +\n  '")}';`,
  'strings added on the next line': (key) => `String key = "${half(key).join('"\n    + "')}";`,
  'strings added on one line': (key) => `x = "${half(key).join('" + "')}"`,
  'adjacent strings in Python': (key) => `key = ("${half(key).join('"\n       f"')}")`,
  'strings and a backslash': (key) => `key = "${half(key).join('" \\\n       "')}"`,
  'strings joined in PHP': (key) => `$key = '${half(key).join("' . '")}';`,
  'strings joined in Lua': (key) => `local key = "${half(key).join('" ..\n "')}"`,
  'strings joined in Basic': (key) => `key = "${half(key).join('" & _\r\n  "')}"`,
  'strings joined in SQL': (key) => `SELECT '${half(key).join("' || '")}'`,
  'a soft line break of a mail': (key) => `Your key is ${half(key).join('=\r\n')} today`,
  'a wrapped line': (key) => `  ${half(key).join('\n  ')}`,
  'a wrapped comment': (key) => ` * ${half(key).join('\n * ')}`,
  'strings added, in JSON': (key) => JSON.stringify({ code: `a = "${half(key).join('" +\n "')}"` }),
};

/** Forms that a key with these characters cannot be told apart in, or is written differently in. */
const NOT_FOR_ODD = /^(?:a shell|an indented|strings|adjacent|a wrapped|a soft)/;

interface Planted {
  readonly key: string;
  readonly form: string;
  readonly file: string;
}

function plant(folder: string, keys: readonly string[], forms: readonly string[]): Planted[] {
  return keys.map((key, i) => {
    const form = forms[i % forms.length] ?? 'plain';
    const file = path.join(folder, `file-${i}`);
    writeFileSync(file, FORMS[form]?.(key) ?? '');
    return { key, form, file };
  });
}

/** Another character of the same kind at one place. */
function changed(random: Random, key: string): string {
  const at = random.next(key.length);
  const other = key[at] === 'x' ? 'y' : 'x';
  return key.slice(0, at) + other + key.slice(at + 1);
}

async function found(keys: readonly string[], folder: string): Promise<Set<number>> {
  const { findings, coverage } = await huntKeys(keys, { paths: [folder] });
  expect(coverage).toMatchObject({ problems: [], source: 'hunt' });
  return new Set(findings.map(({ rule }) => Number(rule.replace('known-key-', ''))));
}

const numbers = (count: number): Set<number> => new Set(Array.from({ length: count }, (_, i) => i + 1));

describe('a hunt', () => {
  test.each([
    ['letters and digits', LETTERS, Object.keys(FORMS)],
    ['all characters', ODD, Object.keys(FORMS).filter((form) => !NOT_FOR_ODD.test(form))],
  ])('finds keys of %s in every form, and none with one character changed (control)', async (_, alphabet, forms) => {
    const random = new Random(3);
    const keys = forms.flatMap(() => [9, 32, 41, 90].map((length) => makeKey(random, length, alphabet)));
    const folder = makeFolder();
    const planted = plant(folder, keys, forms);
    const hits = await found(keys, folder);
    expect(planted.filter((_one, i) => !hits.has(i + 1)).map(({ form, key }) => `${form}: ${key}`)).toEqual([]);
    const others = keys.map((key) => changed(random, key));
    expect((await found(others, folder)).size).toBe(0);
  });

  test('finds 2,000 keys at once, with common beginnings too, and none of 2,000 others', async () => {
    const random = new Random(4);
    const forms = Object.keys(FORMS);
    const keys = Array.from({ length: 2000 }, (_, i) =>
      i % 3 === 0 ? `sk_live_${makeKey(random, 40)}` : makeKey(random, 30 + random.next(30)),
    );
    const folder = makeFolder();
    plant(folder, keys, forms);
    expect(await found(keys, folder)).toEqual(numbers(2000));
    const others = keys.map((key) => key.slice(0, 10) + changed(random, key.slice(10)));
    expect((await found(others, folder)).size).toBe(0);
  }, 60_000);

  test('finds a key torn at any place', async () => {
    const random = new Random(5);
    const folder = makeFolder();
    const keys = [8, 9, 13, 24, 41].map((length) => makeKey(random, length));
    const torn = keys.flatMap((key) =>
      Array.from({ length: key.length - 1 }, (_, i) => `"${key.slice(0, i + 1)}" +\n  "${key.slice(i + 1)}"\n`),
    );
    writeFileSync(path.join(folder, 'torn'), torn.join(`${'-'.repeat(9000)}\n`));
    const { findings } = await huntKeys(keys, { paths: [folder] });
    expect(findings.flatMap(({ occurrences }) => occurrences)).toHaveLength(torn.length);
  });

  test('finds a key torn at several places', async () => {
    const key = makeKey(new Random(6), 64);
    const folder = makeFolder();
    for (let width = 9; width < 40; width++)
      writeFileSync(
        path.join(folder, `torn-${width}`),
        `k = "${key.replaceAll(new RegExp(`.{${width}}`, 'g'), '$&" +\n"')}"`,
      );
    const { findings } = await huntKeys([key], { paths: [folder] });
    expect(findings[0]?.occurrences.map(({ path: name }) => name).toSorted()).toHaveLength(31);
  });

  test('tells of every key, of one that is part of another too', async () => {
    const key = makeKey(new Random(7), 40);
    const folder = makeFolder();
    writeFileSync(path.join(folder, 'a'), `x ${key} y`);
    const { findings } = await huntKeys([key, key.slice(5, 30), key.slice(0, 20)], { paths: [folder] });
    expect(findings.map(({ rule }) => rule).toSorted()).toEqual(['known-key-1', 'known-key-2', 'known-key-3']);
  });

  test('says where: the characters as they stand, whatever they are written in', async () => {
    const key = makeKey(new Random(8), 32);
    const folder = makeFolder();
    const [first, second] = half(key);
    writeFileSync(path.join(folder, 'a.js'), `\n\nconst k = '${first}' +\n  '${second}';\n`);
    const { findings } = await huntKeys([key], { paths: ['a.js'], cwd: folder });
    expect(findings).toMatchObject([
      {
        lastFour: key.slice(-4),
        occurrences: [{ path: 'a.js', line: 3, column: 12, endLine: 4, endColumn: 20, decoded: ['joined'] }],
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain(key.slice(0, 12));
  });

  test('hunts through a history: what was deleted, messages, names, what no ref holds', async () => {
    const random = new Random(9);
    const keys = Array.from({ length: 6 }, () => makeKey(random, 30));
    const [deleted = '', message = '', name = '', dropped = '', inFile = '', absent = ''] = keys;
    const repository = makeRepository();
    const commit = repository.commit('first', { 'a.txt': `one\n${base64(deleted)}\ntwo\n`, [name]: 'x' });
    repository.commit(`second\n\n${half(message).join('\n')}\n`, { 'a.txt': 'one\ntwo\n' });
    repository.commit('dropped', { 'b.txt': dropped });
    repository.git('reset', '-q', '--hard', 'HEAD~1');
    repository.git('repack', '-adfq');
    writeFileSync(path.join(repository.folder, 'untracked'), inFile);
    const { findings, coverage } = await huntKeys(keys, { repository: repository.folder, paths: [repository.folder] });
    expect(coverage).toMatchObject({ complete: true, source: 'hunt', commits: 3 });
    const places = (i: number) => findings.find(({ rule }) => rule === `known-key-${i}`)?.occurrences;
    expect(places(1)).toMatchObject([{ kind: 'blob', path: 'a.txt', commit, decoded: ['base64'] }]);
    expect(places(2)).toMatchObject([{ kind: 'commit-message', decoded: ['joined'] }]);
    expect(places(3)?.map(({ kind }) => kind)).toEqual(['path', 'path']);
    expect(places(4)).toMatchObject([{ kind: 'blob', path: 'b.txt', reach: 'reflog' }]);
    expect(places(5)).toMatchObject([{ kind: 'file', path: expect.stringMatching(/untracked$/) }]);
    expect(places(6)).toBeUndefined();
    expect(absent).not.toBe('');
  });

  test('is not talked out of a key by a comment', async () => {
    const key = makeKey(new Random(10), 30);
    const folder = makeFolder();
    writeFileSync(path.join(folder, 'a'), `${key} # unleak:allow`);
    expect((await huntKeys([key], { paths: [folder] })).findings).toMatchObject([{ suppressed: null }]);
  });

  test.each([
    ['none', []],
    ['a short one', ['abcdefg']],
    ['one with a line break', ['abcdefgh\nijklmnop']],
    ['one that is not ASCII', ['schlüsselbund']],
    ['one that is too long', ['k'.repeat(9000)]],
  ])('refuses %s, and does not say what it was', async (_, keys) => {
    const failure = await huntKeys(keys, {}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'USAGE_KEYS' });
    for (const key of keys) expect(String(failure)).not.toContain(key);
  });
});

describe('pieces', () => {
  test('are disjoint, lie in the key and are no shorter than a literal may be', () => {
    for (let length = 8; length < 200; length++) {
      const key = makeKey(new Random(length), length);
      const pieces = piecesOf(key);
      expect(pieces.length).toBeGreaterThanOrEqual(length < 12 ? 2 : 3);
      for (const [i, { at, text }] of pieces.entries()) {
        expect(key.slice(at, at + text.length)).toBe(text);
        expect(text.length).toBeGreaterThanOrEqual(4);
        expect(at).toBeGreaterThanOrEqual((pieces[i - 1]?.at ?? -10) + text.length);
      }
    }
  });
});
