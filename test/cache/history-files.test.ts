import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { cacheDirectory, historyFiles } from '../../src/cache/history-files.ts';
import { encodeFacts, openFacts } from '../../src/cache/facts-format.ts';
import { decodeCleanBlobs, encodeCleanBlobs } from '../../src/cache/format.ts';
import type { Column, Facts } from '../../src/core/facts.ts';
import type { CleanBlobs } from '../../src/core/verdicts.ts';
import { Random } from '../helpers/pack-repository.ts';
import { makeFolder } from '../helpers/repository.ts';

const DIGEST = 'd'.repeat(64);

function someBlobs(count: number, idBytes = 20): CleanBlobs {
  const random = new Random(count);
  const ids = Array.from({ length: count }, () => random.bytes(idBytes)).toSorted((a, b) => a.compare(b));
  return {
    count,
    ids: new Uint8Array(Buffer.concat(ids)),
    sizes: Float64Array.from({ length: count }, (_, i) => (i === 0 ? 2 ** 40 + 1 : random.next(1e6))),
  };
}

const plain = (blobs: CleanBlobs | null) =>
  blobs && { count: blobs.count, ids: Buffer.from(blobs.ids).toString('hex'), sizes: [...blobs.sizes] };

function setUp() {
  const directory = makeFolder('cache');
  const objects = makeFolder('objects');
  const open = (digest = DIGEST, now?: () => number) =>
    historyFiles({ directory, objects, digest, ...(now ? { now } : {}) })?.verdicts ?? null;
  const folder = path.join(directory, 'unleak', 'verdicts');
  const file = (): string => path.join(folder, readdirSync(folder).find((name) => name.endsWith('.clean')) ?? '');
  return { directory, objects, open, folder, file };
}

describe('the form of remembered blobs', () => {
  test.each([
    [0, 20],
    [1, 20],
    [500, 20],
    [500, 32],
  ])('%i blobs with ids of %i bytes come back as they were', (count, idBytes) => {
    const blobs = someBlobs(count, idBytes);
    expect(plain(decodeCleanBlobs('n', idBytes, encodeCleanBlobs('n', idBytes, blobs)))).toEqual(plain(blobs));
  });

  test('nothing comes back from a file with one bit changed, of another name or cut short', () => {
    const file = encodeCleanBlobs('name', 20, someBlobs(20));
    for (let bit = 0; bit < file.length * 8; bit++) {
      const changed = Buffer.from(file);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodeCleanBlobs('name', 20, changed)).toBeNull();
    }
    for (let length = 0; length < file.length; length++)
      expect(decodeCleanBlobs('name', 20, file.subarray(0, length))).toBeNull();
    expect(decodeCleanBlobs('other', 20, file)).toBeNull();
    expect(decodeCleanBlobs('name', 32, file)).toBeNull();
    expect(decodeCleanBlobs('name', 20, file)).not.toBeNull();
  });
});

const FACTS: Facts = {
  about: JSON.stringify({ of: 'a test' }),
  columns: {
    bytes: Uint8Array.of(1, 2, 3),
    none: new Uint32Array(0),
    numbers: Int32Array.of(-1, 2 ** 31 - 1),
    words: Uint32Array.of(2 ** 32 - 1),
    doubles: Float64Array.of(2 ** 40 + 0.5, -1),
  },
};

/** What comes back from a file of these bytes. */
function reopened(file: Uint8Array, name = 'name'): Facts | null {
  const bytes = Buffer.from(file);
  const read = (at: number, length: number): Buffer =>
    Buffer.from(new Uint8Array(bytes.subarray(at, at + length)).buffer);
  const kept = openFacts(name, bytes.length, read);
  if (kept === null) return null;
  const columns: Record<string, Column> = {};
  for (const column of Object.keys(FACTS.columns)) {
    const values = kept.column(column);
    if (values !== null) columns[column] = values;
  }
  return { about: kept.about, columns };
}

describe('the form of facts', () => {
  const file = Buffer.concat(encodeFacts('name', FACTS));

  test('they come back as they were, and nothing that is not there', () => {
    expect(reopened(file)).toEqual(FACTS);
    expect(openFacts('name', file.length, (at, length) => file.subarray(at, at + length))?.column('other')).toBeNull();
  });

  test('nothing wrong comes back from a file with one bit changed', () => {
    let whole = 0;
    for (let bit = 0; bit < file.length * 8; bit++) {
      const changed = Buffer.from(file);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const facts = reopened(changed);
      if (facts === null) continue;
      expect(facts.about).toBe(FACTS.about);
      for (const [name, values] of Object.entries(facts.columns)) expect(values).toEqual(FACTS.columns[name]);
      if (Object.keys(facts.columns).length === Object.keys(FACTS.columns).length) whole++;
    }
    // Padding between columns says nothing.
    expect(whole).toBeLessThan(file.length);
  });

  test('nothing comes back from a file that is cut short, longer, or of another name', () => {
    for (let length = 0; length < file.length; length++) expect(reopened(file.subarray(0, length))).toBeNull();
    expect(reopened(Buffer.concat([file, Buffer.alloc(8)]))).toBeNull();
    expect(reopened(file, 'other')).toBeNull();
  });
});

describe('remembered facts', () => {
  test('are kept for one repository, digest and purpose, and can be forgotten', () => {
    const { directory, objects } = setUp();
    const open = (digest = DIGEST) => historyFiles({ directory, objects, digest });
    open()?.facts.save(FACTS);
    const kept = open()?.facts.load();
    expect(kept?.about).toBe(FACTS.about);
    expect(kept?.column('doubles')).toEqual(FACTS.columns['doubles']);
    expect(open()?.marks.load()).toBeNull();
    expect(open('e'.repeat(64))?.facts.load()).toBeNull();
    open()?.facts.save({ about: '{}', columns: {} });
    // What was opened before is what it was.
    expect(kept?.column('numbers')).toEqual(FACTS.columns['numbers']);
    kept?.close();
    open()?.facts.forget();
    expect(open()?.facts.load()).toBeNull();
  });

  test('of one purpose are not those of another, nor believed if others could have written them', () => {
    const { directory, objects, folder } = setUp();
    const memory = historyFiles({ directory, objects, digest: DIGEST });
    memory?.facts.save(FACTS);
    const [file = ''] = readdirSync(folder).map((name) => path.join(folder, name));
    writeFileSync(file.replace('.facts', '.marks'), readFileSync(file), { mode: 0o600 });
    expect(memory?.marks.load()).toBeNull();
    chmodSync(file, 0o644);
    expect(memory?.facts.load()).toBeNull();
    chmodSync(file, 0o600);
    expect(memory?.facts.load()).not.toBeNull();
  });
});

describe('remembered blobs', () => {
  test('are kept for one repository and digest', () => {
    const { directory, objects, open } = setUp();
    const blobs = someBlobs(50);
    open()?.save(20, blobs);
    expect(plain(open()?.load(20) ?? null)).toEqual(plain(blobs));
    expect(open('e'.repeat(64))?.load(20)).toBeNull();
    expect(open(`${DIGEST.slice(0, 40)}${'e'.repeat(24)}`)?.load(20)).toBeNull();
    expect(historyFiles({ directory, objects: makeFolder(), digest: DIGEST })?.verdicts.load(20)).toBeNull();
    // Cloned anew into the same place.
    renameSync(objects, `${objects}-old`);
    mkdirSync(objects);
    expect(open()?.load(20)).toBeNull();
  });

  test('lie where only their owner reads and writes', () => {
    const { open, folder, file } = setUp();
    open()?.save(20, someBlobs(3));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test('are not believed if somebody else could have written them', () => {
    const { open, folder, file, directory } = setUp();
    open()?.save(20, someBlobs(3));
    chmodSync(file(), 0o666);
    expect(open()?.load(20)).toBeNull();
    chmodSync(file(), 0o600);
    expect(open()?.load(20)).not.toBeNull();
    chmodSync(folder, 0o770);
    expect(open()).toBeNull();
    chmodSync(folder, 0o700);
    chmodSync(path.dirname(folder), 0o777);
    expect(open()).toBeNull();
    chmodSync(path.dirname(folder), 0o700);
    const real = `${folder}-real`;
    renameSync(folder, real);
    symlinkSync(real, folder);
    expect(open()).toBeNull();
    expect(existsSync(directory)).toBe(true);
  });

  test('of another user are not believed', () => {
    // Only root can become somebody else; for others the control alone remains.
    const isRoot = process.geteuid?.() === 0;
    const { open } = setUp();
    open()?.save(20, someBlobs(3));
    const asNobody = (): boolean => {
      process.seteuid?.(65_534);
      try {
        return open() === null;
      } finally {
        process.seteuid?.(0);
      }
    };
    expect(isRoot ? asNobody() : true).toBe(true);
    expect(open()?.load(20)).not.toBeNull();
  });

  test('behind a link are not read', () => {
    const { open, file } = setUp();
    open()?.save(20, someBlobs(3));
    const real = `${file()}-real`;
    const link = file();
    renameSync(link, real);
    symlinkSync(real, link);
    expect(open()?.load(20)).toBeNull();
  });

  test('that a run did not finish writing are not there, and go after a day', () => {
    const { open, folder, file } = setUp();
    open()?.save(20, someBlobs(3));
    const left = `${file()}.0123.tmp`;
    writeFileSync(left, readFileSync(file()).subarray(0, 40));
    expect(open()?.load(20)).not.toBeNull();
    open()?.save(20, someBlobs(4));
    expect(readdirSync(folder)).toHaveLength(2);
    open(DIGEST, () => Date.now() + 2 * 86_400_000)?.save(20, someBlobs(4));
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('of rules that are in force no more go after a day, those of other repositories after two months', () => {
    const { open, folder, directory } = setUp();
    open('a'.repeat(64))?.save(20, someBlobs(3));
    historyFiles({ directory, objects: makeFolder(), digest: DIGEST })?.verdicts.save(20, someBlobs(3));
    open()?.save(20, someBlobs(3));
    expect(readdirSync(folder)).toHaveLength(3);
    const old = new Date(Date.now() - 2 * 86_400_000);
    for (const name of readdirSync(folder)) utimesSync(path.join(folder, name), old, old);
    open()?.save(20, someBlobs(3));
    expect(readdirSync(folder)).toHaveLength(2);
    open(DIGEST, () => Date.now() + 70 * 86_400_000)?.save(20, someBlobs(3));
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test.each([
    [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x'],
    [{ HOME: '/h' }, '/h/.cache'],
    [{ XDG_CACHE_HOME: 'relative' }, null],
    [{}, null],
  ])('of %j have their place in %s', (environment, directory) => {
    expect(cacheDirectory(environment)).toBe(directory);
  });

  test('have none where none can be made', () => {
    expect(historyFiles({ directory: '/proc/none', objects: makeFolder(), digest: DIGEST })).toBeNull();
    expect(historyFiles({ directory: makeFolder(), objects: '/no/such/folder', digest: DIGEST })).toBeNull();
  });
});
