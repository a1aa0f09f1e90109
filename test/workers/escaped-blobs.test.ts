import { describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { SHA1 } from '../../src/git/pack/hash-format.ts';
import { type ObjectStore, openObjectStore } from '../../src/git/pack/object-store.ts';
import type { StoredScanResult } from '../../src/git/pack/stored-scan.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { storedScan } from '../../src/workers/stored-scan.ts';
import { sureKey } from '../helpers/key.ts';
import { Random, allObjects, objectsFolder, packAll, storeBlobs } from '../helpers/pack-repository.ts';
import { makeRepository } from '../helpers/repository.ts';
import { allRows, found, wholeScans } from '../helpers/stored-scans.ts';

const ROOM = { arena: 48 << 20, hits: 4 << 20, windows: 4 << 20, holdings: 1 << 18, decisions: 1 << 18 };

const hex = (byte: number, digits: number): string => byte.toString(16).padStart(digits, '0');
/** Text in which only some characters are escaped, or all. */
const escaped =
  (spell: (byte: number) => string, which: RegExp = /[^]/g) =>
  (text: string): string =>
    text.replaceAll(which, (one) => spell(one.charCodeAt(0)));

const ENCODINGS: readonly ((text: string) => string)[] = [
  escaped((byte) => `%${hex(byte, 2)}`),
  escaped((byte) => `%${hex(byte, 2).toUpperCase()}`, /[^A-Za-z0-9]/g),
  escaped((byte) => `\\x${hex(byte, 2)}`),
  escaped((byte) => `\\u${hex(byte, 4)}`),
  escaped((byte) => `\\u{${hex(byte, 2)}}`, /[_:/.-]/g),
  escaped((byte) => `\\u${hex(byte, 4)}`, /[_:/.-]/g),
  escaped((byte) => `&#x${hex(byte, 2)};`),
  escaped((byte) => `&#${byte};`, /[_:/.-]/g),
  (text) => text.replaceAll('_', '\\_'),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('hex'),
];

/** Up to four layers, which is one more than are undone. */
function encoded(random: Random, text: string): string {
  let out = text;
  for (let layers = 1 + random.next(4); layers > 0; layers--) out = random.pick(ENCODINGS)(out);
  return out;
}

/** Findings that stand as they are, in the midst of signs. */
function openText(random: Random): string {
  const secret = random.bytes(30).toString('hex');
  const joint = random.pick([' ', ' \\\n  ', ' && ', ' %s ', ' & ', ' \\t']);
  return random.pick([
    `curl -fsSL${joint}-u deploy:Xk${secret.slice(0, 12)} https://example.org/`,
    `curl -o /dev/null${joint}${'https://example.org/a/b '.repeat(random.next(8))}--user bob:Zq${secret.slice(0, 10)}`,
    `https://deploy:Xk${secret.slice(0, 12)}%40w@registry.acme.dev/`,
    // Undone only because of the quote.
    `https://deploy\\:Xk${secret.slice(0, 12)}w@registry.acme.dev/ \\"`,
    `ASIA${secret
      .replaceAll(/[0189]/g, '2')
      .slice(0, 16)
      .toUpperCase()}${joint}'${random.bytes(30).toString('base64').replaceAll('=', '')}'`,
    `users:\n- name: a\n  user:${random.pick(['', ' '])}\n    token: ${secret}${joint}`,
    `Authorization: Basic ${Buffer.from(`deploy:${secret.slice(0, 14)}`).toString('base64')}${joint}`,
  ]);
}

/** With one character spelled out. */
function pierced(random: Random, text: string): string {
  const at = random.next(text.length);
  return text.slice(0, at) + random.pick(ENCODINGS.slice(0, 8))(text.slice(at, at + 1)) + text.slice(at + 1);
}

function lineFor(random: Random): string {
  const words = [
    'nothing',
    'token: ',
    'a\\x2db',
    '\\u002e',
    'com%2f',
    '&#x2d;',
    'ken%3a x',
    'C:\\temp\\_new',
    'password',
  ];
  const filler = (): string =>
    Array.from({ length: 1 + random.next(6) }, () => random.pick(words)).join(random.pick(['', ' ', '"', ',']));
  switch (random.next(11)) {
    // Signs that begin no escape, some that do, and some that do only beside others.
    case 8:
    case 9:
      return pierced(random, openText(random));
    case 10:
      return `${openText(random)} ${random.pick(['', '\\"', '\\n', '%20', '&amp;'])}`;
    case 0:
      return `x = "${encoded(random, sureKey(random.next(1000)))}"`;
    case 1:
      return `x="${encoded(random, `password: ${sureKey(random.next(1000))} and more`)}";`;
    case 2:
      return `${filler()}${encoded(random, sureKey(random.next(1000)))}${filler()}`;
    // Cut by a quote in the midst of an escape.
    case 3:
      return `'${encoded(random, `token: ${sureKey(random.next(1000))}`).slice(0, -1 - random.next(40))}'`;
    case 4:
      return `"${encoded(random, random.bytes(60).toString('latin1'))}"`;
    default:
      return filler();
  }
}

/** Versions of a file: lines inserted and deleted, and single characters, so that borders go through runs and escapes. */
function versions(random: Random, count: number, length: number): string[] {
  let text = Array.from({ length }, () => lineFor(random)).join('\n');
  return Array.from({ length: count }, () => {
    for (let n = 1 + random.next(3); n > 0; n--) {
      const at = random.next(text.length);
      const gone = random.pick([0, 1, 2, 60]);
      text =
        text.slice(0, at) +
        random.pick(['', '', 'a', '"', '\\', '%', `\n${lineFor(random)}\n`]) +
        text.slice(at + gone);
    }
    return text;
  });
}

function stored(blobs: readonly (string | Uint8Array)[]): {
  store: ObjectStore;
  objects: ReturnType<typeof allObjects>;
} {
  const repository = makeRepository();
  storeBlobs(repository, [...blobs]);
  packAll(repository, '--window=30', '--depth=40');
  const report = (error: Error): never => expect.fail(error.message);
  return {
    store: openObjectStore(objectsFolder(repository), { format: SHA1, report }),
    objects: allObjects(repository),
  };
}

function scanned(store: ObjectStore): Promise<StoredScanResult> {
  const request = { store, wanted: allRows(store), signal: new AbortController().signal };
  return storedScan(BUILTIN_RULES, { room: ROOM, jobs: 1 })(request);
}

const engine = createEngine(BUILTIN_RULES);

describe('escaped text in stored blobs', () => {
  test.each([1, 2, 3])('comes to what it comes to in the whole blob (%i)', async (seed) => {
    const random = new Random(seed);
    const { store, objects } = stored([...versions(random, 25, 30), ...versions(random, 15, 120)]);
    const result = await scanned(store);
    const expected = wholeScans(engine, store, objects);
    expect(found(result)).toEqual(expected);
    // Controls: there was much to find, and deltas to find it in.
    expect(expected.length).toBeGreaterThan(30);
    expect(store.packs[0]?.forest.bases.filter((base) => base >= 0).length).toBeGreaterThan(20);
  });

  test('comes to that in runs as long as a window may be, and longer', async () => {
    const random = new Random(9);
    const key = escaped((byte) => `\\x${hex(byte, 2)}`)(` ${sureKey(5)} `);
    const noise = escaped((byte) => `\\x${hex(byte, 2)}`)(random.bytes(300_000).toString('latin1'));
    const blobs = [-1, 0, 1].flatMap((more) => {
      const run = noise.slice(0, (1 << 20) + more - key.length) + key;
      return [`var s = "${run}"\n`, `var s = "${run}"\nvar t = 1\n`, `var s = "${run.replace('\\x00', '\\x01')}"\n`];
    });
    const long = noise.repeat(4);
    const { store, objects } = stored([...blobs, `"${long}${key}"`, `"${key}${long}"\n`]);
    const expected = wholeScans(engine, store, objects);
    expect(found(await scanned(store))).toEqual(expected);
    expect(expected.length).toBe(blobs.length + 2);
  });

  test('comes to that where it is something only with escapes undone', async () => {
    const random = new Random(11);
    const secret = random.bytes(30).toString('base64').replaceAll('+', 'x').replaceAll('/', 'Y');
    const { store, objects } = stored([
      // A colon that is undone only because of the quote.
      `url = https://deploy\\:Xk${secret.slice(0, 12)}w@registry.acme.dev/ \\"\n`,
      // What the secret key stands behind is an escape.
      `AKIA is what ids begin with, keys\\u003d${secret}\n`,
    ]);
    const expected = wholeScans(engine, store, objects);
    expect(found(await scanned(store))).toEqual(expected);
    expect(expected.length).toBe(2);
  });

  test('comes to that at each alignment of one run', async () => {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    // One digit further, a prefix and nothing behind it, at the run's start and not; then a key.
    const runs = ['ghp_ and more', 'only ghp_ and more'].map((one) => `A${base64(one)}AAA${base64(` ${sureKey(3)} `)}`);
    const { store, objects } = stored(
      runs.flatMap((run) => [`x = ${run}\n`, `x = ${run.slice(20)}\n`, `y = ${run}\nz\n`]),
    );
    const expected = wholeScans(engine, store, objects);
    expect(found(await scanned(store))).toEqual(expected);
    expect(expected.length).toBe(3 * runs.length);
  });

  test('says what is encoded in one layer more than are undone', async () => {
    // Each layer shows that there is more to it, and nothing else in it leads anywhere.
    const nested = (layers: number): string =>
      Array.from({ length: layers }).reduce<string>(
        (text) => `ghp_ ${Buffer.from(text).toString('base64')}`,
        'ghp_ and more',
      );
    const { store, objects } = stored([3, 4, 5].flatMap((layers) => [`${nested(layers)}\n`, nested(layers)]));
    const expected = wholeScans(engine, store, objects);
    expect(found(await scanned(store))).toEqual(expected);
    expect(expected.map(([, scan]) => JSON.stringify(scan).includes('DECODE_DEPTH'))).toEqual([true, true, true, true]);
  });

  test('takes bounded time, however it is layered', async () => {
    const bombs = [
      '%25',
      '\\x5c',
      '&#x26;',
      '\\\\',
      '%5Cx5c',
      'ken%3a ',
      '\\x2d"',
      ['\\x2d', '%2d', '&#x2d;'].join(''),
      'com\\/',
      'Z2hwXw',
    ];
    const { store, objects } = stored(bombs.flatMap((bomb) => [bomb.repeat(20_000), `${bomb.repeat(20_000)}!`]));
    expect(found(await scanned(store))).toEqual(wholeScans(engine, store, objects));
    expect(store.table.count).toBe(2 * bombs.length);
  });
});
