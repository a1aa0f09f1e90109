import { deflateRawSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import type { Rule } from '../../src/core/rule.ts';
import { openArchive } from '../../src/detect/archive/open.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { SHA1 } from '../../src/git/pack/hash-format.ts';
import { type ObjectStore, closeObjectStore, openObjectStore } from '../../src/git/pack/object-store.ts';
import type { StoredScanResult } from '../../src/git/pack/stored-scan.ts';
import { packRules } from '../../src/cli/fast/pack-rules.ts';
import { haveLaidOut } from '../../src/prefilter/rule-literals.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { selfTest } from '../../src/rules/self-test.ts';
import { type StoredScanOptions, storedScan } from '../../src/workers/stored-scan.ts';
import { doubtfulLine, sureKey } from '../helpers/key.ts';
import { Random, allObjects, objectsFolder, packAll, storeBlobs } from '../helpers/pack-repository.ts';
import { makeRepository } from '../helpers/repository.ts';
import { allRows, found, wholeScans } from '../helpers/stored-scans.ts';
import { assigned, makeRule } from '../helpers/rules.ts';

const WORKER = new URL('../helpers/source-worker.mjs', import.meta.url);
const ROOM = { arena: 8 << 20, hits: 1 << 20, windows: 1 << 20, holdings: 1 << 16, decisions: 1 << 16 };
/** Buffers that fill up. */
const TIGHT = { ...ROOM, windows: 96 << 10, holdings: 2048, decisions: 2000 };

/** A rule from outside the package: its patterns run in the linear-time engine. */
const STRANGE = {
  ...makeRule('strange', [assigned(['strange'], '.*strange.*', '[a-z0-9]{8,20}', { before: 30, after: 40 })]),
  untrusted: true,
};
const RULES: readonly Rule[] = [...BUILTIN_RULES, STRANGE];

function linesFor(random: Random): string[] {
  const seed = random.next(1000);
  const words = ['nothing', 'to see', 'key', 'token = 1', 'secret', 'in here', 'password'];
  switch (random.next(14)) {
    case 0:
      return [`token: ${sureKey(seed)}`];
    case 1:
      return [doubtfulLine(seed).trim()];
    case 2:
      return [`data: ${Buffer.from(`{"k": "${sureKey(seed)}"}`).toString('base64')}`];
    case 3:
      return [`${sureKey(seed)} # unleak:allow`];
    case 4:
      return [`'strange_name': 'abc${seed}def${seed}'`];
    case 5:
      return [Buffer.from(sureKey(seed)).toString('hex')];
    case 6:
      return ['-----BEGIN PRIVATE KEY-----', random.bytes(300).toString('base64'), '-----END PRIVATE KEY-----'];
    default:
      return [Array.from({ length: 1 + random.next(8) }, () => random.pick(words)).join(', ')];
  }
}

/** Versions of a file, each edited at a few places: lines inserted, deleted, moved. */
function versions(random: Random, count: number, length: number): string[] {
  let lines = Array.from({ length }, () => linesFor(random)).flat();
  return Array.from({ length: count }, () => {
    for (let n = 1 + random.next(3); n > 0; n--) {
      const at = random.next(lines.length);
      const gone = lines.slice(at, at + random.next(4));
      lines = lines.toSpliced(at, gone.length, ...(random.next(2) === 0 ? linesFor(random) : []));
      if (random.next(4) === 0) lines = lines.toSpliced(random.next(lines.length), 0, ...gone);
    }
    return lines.join('\n');
  });
}

function zip(name: string, content: string): Buffer {
  const packed = deflateRawSync(content);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(packed.length, 18);
  header.writeUInt32LE(Buffer.byteLength(content), 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name), packed]);
}

const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:' + 'ab'.repeat(32) + '\nsize 12\n';
const MARKER = { start: Buffer.from(POINTER.slice(0, 43)), limit: 1024 };

/** Blobs of every kind, most of them deltas on others. */
function contents(seed: number): (string | Uint8Array)[] {
  const random = new Random(seed);
  const text = [...versions(random, 30, 40), ...versions(random, 20, 300)];
  const wide = versions(random, 4, 20).map((version) => Buffer.from(version, 'utf16le'));
  const binary = versions(random, 4, 30).map((version) =>
    Buffer.concat([Buffer.from(version), Buffer.alloc(3), random.bytes(50)]),
  );
  const archives = versions(random, 2, 10).map((version) => zip('inner.txt', version));
  const long = `${'QUJD'.repeat(30_000)}${Buffer.from(`  ${sureKey(7)}`).toString('base64')}`;
  return [
    ...text,
    ...wide,
    ...binary,
    ...archives,
    POINTER,
    `${POINTER}more`,
    `x${POINTER}`,
    long,
    `${long}\nmore`,
    '',
    'a',
  ];
}

function openedRepository(
  seed: number,
  packMemory?: number,
): { store: ObjectStore; objects: ReturnType<typeof allObjects> } {
  const repository = makeRepository();
  storeBlobs(repository, contents(seed));
  packAll(repository, '--window=30', '--depth=40');
  const store = openObjectStore(objectsFolder(repository), {
    format: SHA1,
    ...(packMemory === undefined ? {} : { packMemory }),
    report: (error) => expect.fail(error.message),
  });
  return { store, objects: allObjects(repository) };
}

function scanAll(
  store: ObjectStore,
  options: StoredScanOptions,
  wanted?: (row: number) => boolean,
): Promise<StoredScanResult> {
  return storedScan(RULES, { room: ROOM, ...options })({
    store,
    wanted: allRows(store).filter((row) => wanted?.(row) !== false),
    marker: MARKER,
    signal: new AbortController().signal,
  });
}

/** What rules' samples are written as, in two versions of each file. */
function sampleFiles(): string[] {
  const texts: string[] = [];
  selfTest(BUILTIN_SAMPLES, (bytes) => {
    texts.push(Buffer.from(bytes).toString('latin1'));
    return { findings: [], loose: [], problems: [], size: bytes.length };
  });
  const files = Array.from({ length: 60 }, (_, file) => texts.filter((__, i) => i % 240 === file));
  const filler = 'nothing to see in this line\n'.repeat(40);
  return files.flatMap((lines) => [
    `${filler}${lines.join('\n')}`,
    `${filler}one more\n${lines.toReversed().join('\n')}`,
  ]);
}

const engine = createEngine(RULES, {
  openArchive,
  linearRegex: (await import('../../src/detect/linear-regex.ts')).linearRegex,
});

const oracle = (store: ObjectStore, objects: ReturnType<typeof allObjects>): [number, unknown][] =>
  wholeScans(engine, store, objects);

describe('storedScan', () => {
  test.each([1, 2])('finds in every blob what a scan of the whole blob finds (%i)', async (seed) => {
    const { store, objects } = openedRepository(seed);
    const result = await scanAll(store, { jobs: 1 });
    const expected = oracle(store, objects);
    expect(found(result)).toEqual(expected);
    expect(result.unread.length).toBe(0);
    expect(result.objects).toBe(store.table.count);
    expect(result.bytes).toBe([...objects.values()].reduce((sum, { bytes }) => sum + bytes.length, 0));
    expect(result.marked.map(({ content }) => Buffer.from(content).toString()).toSorted()).toEqual([
      POINTER,
      `${POINTER}more`,
    ]);
    expect(found(await scanAll(store, { jobs: 1, room: TIGHT }))).toEqual(expected);
    // Controls: there was much to find, and much that was not looked at again.
    expect(expected.length).toBeGreaterThan(40);
    expect(result.scanned).toBeLessThan(result.bytes / 2);
    expect(store.packs[0]?.forest.bases.filter((base) => base >= 0).length).toBeGreaterThan(30);
  });

  test.each([3, 4])('does the same with packs that are read by parts (%i)', async (seed) => {
    const { store, objects } = openedRepository(seed, 0);
    expect(store.packs.map(({ pack }) => pack.bytes.resident)).toEqual([false]);
    const result = await scanAll(store, { jobs: 1 });
    expect(result.unread.length).toBe(0);
    expect(found(result)).toEqual(oracle(store, objects));
    const wanted = (row: number): boolean => row % 5 === 0;
    expect(found(await scanAll(store, { jobs: 1 }, wanted))).toEqual(
      oracle(store, objects).filter(([row]) => wanted(row)),
    );
    closeObjectStore(store);
    // Control: without the file there is nothing to be read.
    expect((await scanAll(store, { jobs: 1 })).unread.length).toBe(store.table.count);
  });

  test.each([undefined, 0])('does the same on several threads (memory for packs: %s)', async (packMemory) => {
    const { store, objects } = openedRepository(4, packMemory);
    const progress: number[] = [];
    const rows = await storedScan(RULES, { room: ROOM, jobs: 2, worker: WORKER })({
      store,
      wanted: allRows(store),
      signal: new AbortController().signal,
      onProgress: (count) => progress.push(count),
    });
    expect(found(rows)).toEqual(oracle(store, objects));
    expect(progress.reduce((sum, count) => sum + count, 0)).toBe(store.table.count);
  });

  test('turns hits down by the names around them, and loses nothing by it', async () => {
    const rules = [...BUILTIN_RULES];
    const { words, screens } = packRules(rules);
    haveLaidOut(rules, () => ({ packed: { words }, screens }));
    const repository = makeRepository();
    storeBlobs(repository, sampleFiles());
    packAll(repository, '--window=30', '--depth=40');
    const store = openObjectStore(objectsFolder(repository), {
      format: SHA1,
      report: (error) => expect.fail(error.message),
    });
    const wanted = allRows(store);
    const run = (which: readonly Rule[]): Promise<StoredScanResult> =>
      storedScan(which, { room: ROOM, jobs: 1 })({ store, wanted, signal: new AbortController().signal });
    const expected = oracle(store, allObjects(repository));
    expect(found(await run(rules))).toEqual(expected);
    expect(found(await run(BUILTIN_RULES))).toEqual(expected);
    // Control: there was much to find, and deltas to find it in.
    expect(expected.length).toBeGreaterThan(50);
    expect(store.packs[0]?.forest.bases.filter((base) => base >= 0).length).toBeGreaterThan(30);
  });

  test('decides only what is wanted, whatever it is built from', async () => {
    const { store, objects } = openedRepository(5);
    const wanted = (row: number): boolean => row % 3 === 0;
    const result = await scanAll(store, { jobs: 1 }, wanted);
    expect(found(result)).toEqual(oracle(store, objects).filter(([row]) => wanted(row)));
    expect(result.objects).toBe(Math.ceil(store.table.count / 3));
  });

  test('leaves to others what has no room, and what is not in a pack', async () => {
    const { store, objects } = openedRepository(6);
    const tight = await scanAll(store, { jobs: 1, room: { ...ROOM, arena: 60_000 } });
    const isUnread = new Set(tight.unread);
    expect(isUnread.size).toBeGreaterThan(0);
    expect(tight.objects + isUnread.size).toBe(store.table.count);
    expect(found(tight)).toEqual(oracle(store, objects).filter(([row]) => !isUnread.has(row)));

    const loose = makeRepository();
    storeBlobs(loose, ['one', 'two']);
    const looseStore = openObjectStore(objectsFolder(loose), { format: SHA1, report: () => undefined });
    expect([...(await scanAll(looseStore, { jobs: 1 })).unread]).toEqual([0, 1]);
  });

  test('stops when it is told to', async () => {
    const { store } = openedRepository(7);
    const aborted = AbortSignal.abort(new Error('enough'));
    const request = { store, wanted: allRows(store), signal: aborted };
    await expect(storedScan(RULES, { room: ROOM, jobs: 1 })(request)).rejects.toThrow('enough');
  });
});
