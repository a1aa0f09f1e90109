import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { buildForest, type DeltaForest, neededEntries } from '../../../src/git/pack/delta-tree.ts';
import { flagEntries } from '../../../src/git/pack/entry-flags.ts';
import { SHA1 } from '../../../src/git/pack/hash-format.ts';
import { readPackIndex } from '../../../src/git/pack/index-file.ts';
import { NOT_TAKEN, type StoredPack, openObjectStore } from '../../../src/git/pack/object-store.ts';
import { openPack, type Pack } from '../../../src/git/pack/pack.ts';
import { rowTypes } from '../../../src/git/packed-repository.ts';
import { ObjectTable, bucketCount, bucketShift } from '../../../src/git/object-table.ts';
import { KernelMemory, bareKernel } from '../../../src/kernel/instance.ts';
import { NEEDED, WANTED } from '../../../src/kernel/tree-job.ts';
import { cutTrees } from '../../../src/workers/scan-plan.ts';
import { buildPack, type EntrySpec, ofsDelta, refDelta, whole } from '../../helpers/pack-builder.ts';
import { Random, objectsFolder, packAll, storeBlobs } from '../../helpers/pack-repository.ts';
import { makeFolder, makeRepository } from '../../helpers/repository.ts';

const BLOB = 3;
const idOf = (n: number): string => (Math.imul(n + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').repeat(5);

interface Opened {
  readonly pack: Pack;
  readonly forest: DeltaForest;
  readonly kernel: KernelMemory;
}

/** A pack of any shape, most of it blobs, in a kernel's memory. */
function openAny(random: Random, count: number): Opened {
  const specs = Array.from({ length: count }, (_, n): EntrySpec => {
    const content = random.bytes(random.next(300));
    const kind = n === 0 ? 0 : random.next(10);
    const spec =
      kind < 3
        ? whole(random.pick(['commit', 'tree', 'blob', 'blob', 'blob', 'tag'] as const), content)
        : kind < 9
          ? ofsDelta(Math.max(0, n - 1 - random.next(random.pick([3, n]))), content)
          : refDelta(idOf(random.next(count)), content);
    return { ...spec, id: idOf(n) };
  });
  const stem = path.join(makeFolder(), 'pack');
  const { pack, idx } = buildPack(specs);
  writeFileSync(`${stem}.pack`, pack);
  writeFileSync(`${stem}.idx`, idx);
  const kernel = new KernelMemory(64 << 20);
  const opened = openPack(stem, { format: SHA1, memory: { left: 1e9, kernel }, report: () => undefined });
  return { pack: opened, forest: buildForest(opened, kernel), kernel };
}

/** Rows as a store would have them, some of them another pack's. */
function stored({ pack, forest, kernel }: Opened, random: Random): StoredPack {
  const rowsAddress = kernel.reserve(4 * forest.count);
  const rows = kernel.words(rowsAddress, forest.count);
  for (const entry of rows.keys()) rows[entry] = random.next(6) === 0 ? NOT_TAKEN : (entry * 7) % 1009;
  return { pack, forest, rows, rowsAddress };
}

const outside = (pack: StoredPack): StoredPack => ({
  ...pack,
  rowsAddress: null,
  forest: { ...pack.forest, places: null },
});

describe('passes of the kernel', () => {
  test('flag what is wanted, and what it is built from', () => {
    const seen = { wanted: 0, needed: 0, left: 0 };
    for (let seed = 1; seed <= 25; seed++) {
      const random = new Random(seed);
      const opened = openAny(random, 1 + random.next(400));
      const pack = stored(opened, random);
      const address = opened.kernel.reserve(1009);
      const rows = opened.kernel.bytes.subarray(address, address + 1009);
      for (const row of rows.keys()) rows[row] = random.next(2);
      for (const meant of [null, { rows, address }]) {
        const kernel = bareKernel(opened.kernel);
        const own = flagEntries(kernel, pack, BLOB, meant);
        const plain = flagEntries(kernel, outside(pack), BLOB, meant);
        expect([own.wanted, ...own.flags]).toEqual([plain.wanted, ...plain.flags]);
        const wanted = own.flags.map((flag) => flag & WANTED);
        expect(own.flags.map((flag) => (flag & NEEDED) >> 1)).toEqual(neededEntries(pack.forest, wanted));
        seen.wanted += own.wanted;
        seen.needed += own.flags.filter((flag) => flag === NEEDED).length;
        seen.left += own.flags.filter((flag) => flag === 0).length;
      }
    }
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(50);
  });

  test('cut trees into the same batches as the plain code', () => {
    let batches = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const random = new Random(seed);
      const opened = openAny(random, 300);
      const pack = stored(opened, random);
      const usual = [10, 1000, 1 << 19, (1 << 20) - 256];
      // Sizes are what headers state: large ones end a batch, sums of the largest are capped.
      for (const entry of pack.forest.sizes.keys())
        pack.forest.sizes[entry] = random.pick(seed % 2 === 0 ? [...usual, 2 ** 32 - 1] : usual);
      const flags = flagEntries(bareKernel(opened.kernel), pack, BLOB, null);
      const scratch = opened.kernel.reserve(4 * pack.forest.count);
      const own = cutTrees(opened.kernel, { stored: pack, flags }, scratch);
      const plain = cutTrees(opened.kernel, { stored: outside(pack), flags }, scratch);
      expect([...own.roots]).toEqual([...plain.roots]);
      expect([...own.batches]).toEqual([...plain.batches]);
      expect(opened.kernel.words(scratch, pack.forest.count).every((word) => word === 0)).toBe(true);
      batches += own.batches.length / 3;
    }
    expect(batches).toBeGreaterThan(100);
  });

  test('read an index as the plain code does, and refuse what it refuses', () => {
    const random = new Random(9);
    const { idx } = buildPack(
      Array.from({ length: 200 }, (_, n) => ({ ...whole('blob', Buffer.from(`${n}`)), id: idOf(n) })),
    );
    const answer = (bytes: Uint8Array, inKernel: boolean): unknown => {
      const kernel = new KernelMemory(1 << 22);
      const at = kernel.reserve(bytes.length);
      const view = kernel.bytes.subarray(at, at + bytes.length);
      view.set(bytes);
      try {
        const { ids, offsets } = readPackIndex(view, SHA1, 'it', inKernel ? bareKernel(kernel) : null);
        return [[...ids], [...offsets]];
      } catch (error) {
        return String(error);
      }
    };
    const answers = { read: 0, refused: 0 };
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(idx);
      // Of the fan-out table, the ids or the offsets; the trailer is made to fit.
      if (round > 0) bytes[8 + random.next(bytes.length - 48)]! ^= 1 << random.next(8);
      const sealed = Buffer.concat([bytes.subarray(0, -20), sha1(bytes.subarray(0, -20))]);
      const plain = answer(sealed, false);
      expect(answer(sealed, true)).toEqual(plain);
      answers[typeof plain === 'string' ? 'refused' : 'read']++;
    }
    expect(answers.read).toBeGreaterThan(20);
    expect(answers.refused).toBeGreaterThan(30);
  });

  test('start buckets and list types as the table does by itself', () => {
    const repository = makeRepository();
    storeBlobs(
      repository,
      Array.from({ length: 300 }, (_, n) => `content ${n}`),
    );
    packAll(repository);
    const { table: ids, ...store } = openObjectStore(objectsFolder(repository), {
      format: SHA1,
      report: (error) => expect.fail(error.message),
      kernel: new KernelMemory(64 << 20),
    });
    const memory = store.options.kernel;
    if (!memory || ids.address === null) throw new Error('the ids are not in the memory of the kernel');
    const { run } = bareKernel(memory);
    const types = rowTypes({ ...store, table: ids });
    const plain = ObjectTable.of(40, ids.ids, ids.count, { types });
    const count = bucketCount(ids.count);
    const starts = memory.reserve(4 * count);
    run.startBuckets(ids.address, 20, ids.count, bucketShift(count), starts, count);
    expect([...memory.words(starts, count)]).toEqual([...(plain.share().starts ?? [])]);
    const [column, list] = [memory.reserve(ids.count), memory.reserve(4 * ids.count)];
    memory.bytes.set(types, column);
    for (const type of [0, 1, 2, 3, 4])
      expect([...memory.words(list, run.listBytes(column, ids.count, type, list))]).toEqual([...plain.ofType(type)]);
    expect(plain.ofType(0).length).toBe(300);
    expect(run.countBits(column, ids.count, 0xff)).toBe(types.filter((type) => type !== 0).length);
  });

  test('find the first id that is out of order, equal ones only if asked to', () => {
    const memory = new KernelMemory(1 << 22);
    const { run } = bareKernel(memory);
    const random = new Random(4);
    for (let round = 0; round < 300; round++) {
      const ids = Array.from({ length: 2 + random.next(40) }, () => idOf(random.next(8)).slice(0, 39) + random.next(3));
      if (random.next(4) > 0) ids.sort();
      // Two that differ in their last digit alone, perhaps.
      const at = random.next(ids.length - 1);
      if (random.next(2) === 0) ids.splice(at, 2, ...[ids[at] ?? '', ids[at + 1] ?? ''].toReversed());
      const bytes = Buffer.from(ids.join(''), 'hex');
      const place = memory.reserve(bytes.length);
      memory.bytes.set(bytes, place);
      for (const strict of [false, true]) {
        const descends = (i: number): boolean => {
          const [before = '', own = ''] = [ids[i - 1], ids[i]];
          return own < before || (strict && own === before);
        };
        const first = ids.findIndex((_, i) => i > 0 && descends(i));
        expect(run.findDescent(place, 20, 0, ids.length, Number(strict))).toBe(first < 0 ? ids.length : first);
      }
    }
  });
});

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}
