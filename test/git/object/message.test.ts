import { describe, expect, test } from 'vitest';

import { parseCommit } from '../../../src/git/object/commit.ts';
import { parseHeaders } from '../../../src/git/object/headers.ts';
import { messageText } from '../../../src/git/object/message.ts';
import { isoDate, parseIdentity } from '../../../src/git/object/signature.ts';
import { parseTag } from '../../../src/git/object/tag.ts';

const ID = 'a'.repeat(40);
const lines = (...text: readonly string[]): Buffer => Buffer.from(text.join('\n'), 'latin1');
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

const SIGNATURE = [
  '-----BEGIN PGP SIGNATURE-----',
  'Version: 1',
  '',
  'iQEzBAABCAAdFiEE',
  '=abcd',
  '-----END PGP SIGNATURE-----',
];

describe('parseCommit', () => {
  test('reads what git reads', () => {
    const bytes = lines(
      `tree ${ID}`,
      `parent ${ID}`,
      `parent ${'b'.repeat(40)}`,
      'author A B <a@b> 1 +0000',
      'committer C <c@d> 86400 -0130',
      '',
      'm',
    );
    expect(parseCommit(bytes)).toEqual({
      tree: ID,
      parents: [ID, 'b'.repeat(40)],
      author: { name: 'A B', email: 'a@b', date: '1970-01-01T00:00:01Z' },
      committer: { name: 'C', email: 'c@d', date: '1970-01-01T22:30:00-01:30' },
      commitSeconds: 86400,
    });
  });

  test('a parent line in the message, or after the author, is none', () => {
    const bytes = lines(
      `tree ${ID}`,
      'author A <a@b> 1 +0000',
      `parent ${ID}`,
      'committer C <c@d> 1 +0000',
      '',
      `parent ${ID}`,
    );
    expect(parseCommit(bytes).parents).toEqual([]);
  });

  test.each([
    ['nothing', ''],
    ['no header', '\n\n'],
    ['text', 'hello'],
    ['a bad id', `tree ${'x'.repeat(40)}\n\n`],
  ])('survives %s', (_, content) => {
    expect(parseCommit(Buffer.from(content))).toMatchObject({ tree: null, parents: [], commitSeconds: 0 });
  });

  test('names come in the encoding of the commit', () => {
    const bytes = lines(
      `tree ${ID}`,
      'author Zo\u00eb <z@b> 1 +0000',
      'committer C <c@d> 1 +0000',
      'encoding ISO-8859-1',
      '',
      'm',
    );
    expect(parseCommit(bytes).author.name).toBe('Zoë');
  });
});

describe('messageText', () => {
  test('keeps people’s words, drops ids and signatures', () => {
    const bytes = lines(
      `tree ${ID}`,
      `parent ${ID}`,
      'author A <a@b> 1 +0000',
      'committer C <c@d> 1 +0000',
      `gpgsig ${SIGNATURE.join('\n ')}`,
      'x-note by hand',
      '',
      'subject',
      '',
      'body',
    );
    expect(text(messageText(bytes))).toBe(
      `\n\nauthor A <a@b> 1 +0000\ncommitter C <c@d> 1 +0000\n${'\n'.repeat(SIGNATURE.length)}x-note by hand\n\nsubject\n\nbody`,
    );
  });

  test('a tag without its signature', () => {
    const bytes = lines(
      `object ${ID}`,
      'type commit',
      'tag v1',
      'tagger T <t@u> 1 +0000',
      '',
      'words',
      ...SIGNATURE,
      '',
    );
    expect(text(messageText(bytes))).toBe('\n\ntag v1\ntagger T <t@u> 1 +0000\n\nwords\n');
    expect(parseTag(bytes)).toMatchObject({ object: ID, name: 'v1', tagger: { name: 'T' } });
  });

  test.each([
    ['words inside', [...SIGNATURE.slice(0, 4), 'password is hunter2', ...SIGNATURE.slice(4)]],
    ['words after', [...SIGNATURE, 'password is hunter2']],
    ['no end', [...SIGNATURE.slice(0, -1), 'password is hunter2']],
    ['another end', [...SIGNATURE.slice(0, -1), 'password-is-hunter2', '-----END SSH SIGNATURE-----']],
  ])('what only looks like a signature stays: %s', (_, tail) => {
    expect(text(messageText(lines(`object ${ID}`, 'type commit', 'tag v1', '', 'words', ...tail)))).toMatch(/hunter2/);
  });

  test.each([
    ['a signature', 'gpgsig hunter2'],
    ['the start of a signature', `gpgsig hunter2\n ${SIGNATURE.join('\n ')}`],
    ['the end of a signature', `gpgsig ${SIGNATURE.join('\n ')}\n hunter2`],
    ['a line of a signature', `gpgsig-sha256 ${SIGNATURE.join('\n ').replace('iQEzB', 'hunter2-')}`],
    ['an id', 'parent hunter2'],
    ['a type', 'type hunter2'],
    ['an id of another length', `object ${ID}hunter2`],
  ])('what is put in place of %s stays', (_, forged) => {
    expect(text(messageText(lines(`tree ${ID}`, 'author A <a@b> 1 +0000', forged, '', 'm')))).toContain('hunter2');
  });

  test.each([
    ['UTF-16LE', 'm hunter2'],
    ['UTF-16', 'm hunter2'],
    ['ISO-2022-KR', 'm hunter2'],
    // The last byte of a character in UTF-8, and the letter behind it, would be one character there.
    ['GBK', 'm \u94a5hunter2'],
    ['Big5', 'm \u94a5hunter2'],
  ])('what is not written in the encoding it states stays: %s', (encoding, message) => {
    const bytes = Buffer.from(`tree ${ID}\nencoding ${encoding}\n\n${message}`);
    expect(text(messageText(bytes))).toBe(`\nencoding ${encoding}\n\n${message}`);
  });

  test('every line keeps its number', () => {
    const tag = [`object ${ID}`, 'type commit', 'tag v1', 'tagger T <t@u> 1 +0000', '', 'of the tag', ...SIGNATURE, ''];
    const bytes = lines(
      `tree ${ID}`,
      'author A <a@b> 1 +0000',
      `mergetag ${tag.join('\n ')}`,
      `gpgsig ${SIGNATURE.join('\n ')}`,
      'x-note by hand',
      '',
      'subject',
    );
    const shown = text(bytes).split('\n');
    const scanned = text(messageText(bytes)).split('\n');
    for (const word of ['author', 'of the tag', 'x-note', 'subject'])
      expect(scanned.findIndex((line) => line.includes(word))).toBe(shown.findIndex((line) => line.includes(word)));
    expect(scanned.join('')).not.toContain('SIGNATURE');
  });

  test('a merged tag keeps its message', () => {
    const tag = [`object ${ID}`, 'type commit', 'tag v1', 'tagger T <t@u> 1 +0000', '', 'words of the tag'].join('\n ');
    const kept = text(messageText(lines(`tree ${ID}`, 'author A <a@b> 1 +0000', `mergetag ${tag}`, '', 'm')));
    expect(kept).toContain('words of the tag');
    expect(kept).not.toContain(ID);
  });

  test('goes by the encoding header, and by bytes where nobody knows it', () => {
    const latin1 = lines(`tree ${ID}`, 'encoding latin1', '', 'Schl\u00fcssel');
    expect(text(messageText(latin1))).toContain('Schlüssel');
    const unknown = lines(`tree ${ID}`, 'encoding klingon', '', 'Schl\u00fcssel');
    expect(Buffer.from(messageText(unknown)).toString('latin1')).toContain('Schl\u00fcssel');
  });

  test('a line that is no header is kept', () => {
    expect(text(messageText(lines('tree', 'key=1234', '', 'm')))).toContain('key=1234');
  });
});

describe('parseHeaders', () => {
  test('joins continuation lines', () => {
    expect(
      parseHeaders(lines('a 1', ' 2', ' ', ' 3', 'b 4', '', 'm')).headers.map(({ key, value }) => [key, String(value)]),
    ).toEqual([
      ['a', '1\n2\n\n3'],
      ['b', '4'],
    ]);
  });
});

describe('parseIdentity', () => {
  test.each([
    ['A <a@b> 1700000000 +0530', 'A', 'a@b', '2023-11-15T03:43:20+05:30'],
    ['<a@b> 0 +0000', '', 'a@b', '1970-01-01T00:00:00Z'],
    ['A <a@b>', 'A', 'a@b', null],
    ['A <a@b> 999999999999999 +0000', 'A', 'a@b', null],
    ['A <a@b> 1 +9999', 'A', 'a@b', null],
    ['just words', 'just words', '', null],
  ])('%s', (line, name, email, date) => {
    expect(parseIdentity(line)).toEqual({ name, email, date });
  });

  test('agrees with Date on UTC', () => {
    expect(isoDate(1_700_000_000, '+0000')).toBe(new Date(1_700_000_000_000).toISOString().replace('.000', ''));
  });
});
