import { closeSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { buildForest, type DeltaForest, neededEntries } from '../../../src/git/pack/delta-tree.ts';
import { SHA1 } from '../../../src/git/pack/hash-format.ts';
import { openPack } from '../../../src/git/pack/pack.ts';
import { PackStage } from '../../../src/git/pack/stage.ts';
import { type Kernel, KernelMemory, bareKernel } from '../../../src/kernel/instance.ts';
import { NEEDED, loadColumns } from '../../../src/kernel/tree-job.ts';
import { buildPack, type EntrySpec, ofsDelta, whole } from '../../helpers/pack-builder.ts';
import { Random } from '../../helpers/pack-repository.ts';
import { makeFolder } from '../../helpers/repository.ts';

const idOf = (n: number): string => n.toString(16).padStart(8, '0').repeat(5);
const fds: number[] = [];
afterAll(() => fds.forEach((fd) => closeSync(fd)));

/** Large and small entries, some of which lie far from their base. */
function specsOf(random: Random, count: number): EntrySpec[] {
  return Array.from({ length: count }, (_, n): EntrySpec => {
    const content = random.bytes(random.next(random.pick([40, 40, 400, 9000])));
    const isRoot = n === 0 || random.next(4) === 0;
    const spec = isRoot
      ? whole('blob', content)
      : ofsDelta(Math.max(0, n - 1 - random.next(random.pick([2, n]))), content);
    return { ...spec, id: idOf(n) };
  });
}

interface Staged {
  readonly file: string;
  readonly bytes: Buffer;
  readonly kernel: Kernel;
  readonly forest: DeltaForest;
  readonly needed: Uint8Array;
  readonly roots: readonly number[];
  readonly entriesEnd: number;
  /** By entry: where it lies. */
  readonly places: Uint32Array;
  readonly stage: PackStage;
}

function staged(random: Random, count: number, buffer = 64 << 20): Staged {
  const stem = path.join(makeFolder(), 'pack');
  const file = `${stem}.pack`;
  const { pack, idx } = buildPack(specsOf(random, count));
  writeFileSync(file, pack);
  writeFileSync(`${stem}.idx`, idx);
  const kernel = bareKernel(new KernelMemory(256 << 20));
  const { memory } = kernel;
  const opened = openPack(stem, { format: SHA1, memory: { left: 1e9 }, report: () => undefined });
  const forest = buildForest(opened);
  const wanted = Uint8Array.from({ length: count }, () => Number(random.next(3) === 0));
  const needed = neededEntries(forest, wanted);
  const flags = memory.reserve(count);
  for (const entry of needed.keys()) memory.bytes[flags + entry] = needed[entry] === 1 ? NEEDED : 0;
  const at = memory.reserve(4 * count);
  const bases = memory.reserve(4 * count);
  memory.words(bases, count).set(forest.bases);
  const fd = openSync(file, 'r');
  fds.push(fd);
  const { entriesEnd } = opened;
  const stage = new PackStage(kernel, count, buffer);
  stage.use({ ...loadColumns(memory, forest), fd, count, bases, flags, entriesEnd, staged: at });
  const roots = [...needed.keys()].filter((entry) => needed[entry] === 1 && forest.bases[entry] === -1);
  const places = memory.words(at, count);
  return { file, bytes: readFileSync(file), kernel, forest, needed, roots, entriesEnd, places, stage };
}

/** A root and all that is needed of what is built from it. */
function treeOf({ forest, needed }: Staged, root: number): number[] {
  const all = [root];
  for (const one of all)
    for (let at = forest.firstChild[one] ?? 0; at < (forest.firstChild[one + 1] ?? 0); at++)
      if (needed[forest.children[at] ?? 0] === 1) all.push(forest.children[at] ?? 0);
  return all;
}

function bytesOf({ forest, bytes, entriesEnd }: Staged, entry: number): Buffer {
  return bytes.subarray(forest.offsets[entry], Math.min(forest.offsets[entry + 1] ?? 0, entriesEnd));
}

/** Entries whose bytes are not where they are said to be. */
function wrong(one: Staged, entries: readonly number[]): number[] {
  const { bytes } = one.kernel.memory;
  return entries.filter((entry) => {
    const at = one.places[entry] ?? 0;
    const expected = bytesOf(one, entry);
    return at === 0 || Buffer.compare(bytes.subarray(at, at + expected.length), expected) !== 0;
  });
}

describe('a stage', () => {
  test('has what trees are built from at hand, and all bits are cleared for the next ones', () => {
    const seen = { entries: 0, batches: 0 };
    for (let seed = 1; seed <= 25; seed++) {
      const random = new Random(seed);
      const one = staged(random, 1 + random.next(400));
      for (let first = 0; first < one.roots.length;) {
        const roots = one.roots.slice(first, first + 1 + random.next(8));
        first += roots.length;
        const entries = roots.flatMap((root) => treeOf(one, root));
        for (const root of roots) one.stage.mark(root);
        expect(one.stage.marked).toBe(entries.reduce((sum, entry) => sum + bytesOf(one, entry).length, 0));
        one.places.fill(0);
        one.stage.read();
        expect(one.stage.marked).toBe(0);
        expect(wrong(one, entries)).toEqual([]);
        // And nothing else.
        expect(one.places.filter((place) => place !== 0).length).toBe(entries.length);
        seen.entries += entries.length;
        seen.batches++;
      }
    }
    expect(seen.entries).toBeGreaterThan(1000);
    expect(seen.batches).toBeGreaterThan(60);
  });

  test('a place that is a byte off is noticed (control)', () => {
    const one = staged(new Random(3), 200);
    const entries = treeOf(one, one.roots[0] ?? 0);
    one.stage.mark(one.roots[0] ?? 0);
    one.stage.read();
    one.places[entries[0] ?? 0]!++;
    expect(wrong(one, entries)).toEqual([entries[0]]);
  });

  test('goes through all roots by parts of so many bytes', () => {
    for (let seed = 1; seed <= 15; seed++) {
      const random = new Random(seed);
      const one = staged(random, 300);
      const sizeOf = (root: number): number =>
        treeOf(one, root).reduce((sum, entry) => sum + bytesOf(one, entry).length, 0);
      // Also exactly as many as the first trees have.
      const limit = seed % 2 === 0 ? sizeOf(one.roots[0] ?? 0) : 1 + random.next(40_000);
      const all: number[] = [];
      for (let from = 0, to = 0; from < 300; from = to) {
        to = one.stage.markFrom(from, limit);
        const roots = one.roots.filter((root) => root >= from && root < to);
        const bytesUntil = (last: number): number => roots.slice(0, last).reduce((sum, root) => sum + sizeOf(root), 0);
        // As many as were asked for, and no root more.
        expect(to === 300 || bytesUntil(roots.length) >= limit).toBe(true);
        expect(bytesUntil(roots.length - 1)).toBeLessThan(limit);
        one.stage.read();
        const entries = roots.flatMap((root) => treeOf(one, root));
        expect(wrong(one, entries)).toEqual([]);
        all.push(...entries);
      }
      expect(all.toSorted((a, b) => a - b)).toEqual([...one.needed.keys()].filter((entry) => one.needed[entry] === 1));
    }
  });

  test('reads without what lies between where there is no room for that, and nothing where there is no room at all', () => {
    const random = new Random(5);
    const sizes = staged(random, 400);
    const entries = treeOf(sizes, sizes.roots[0] ?? 0);
    const bytes = entries.reduce((sum, entry) => sum + bytesOf(sizes, entry).length, 0);
    const first = Math.min(...entries.map((entry) => sizes.forest.offsets[entry] ?? 0));
    const last = Math.max(...entries.map((entry) => (sizes.forest.offsets[entry] ?? 0) + bytesOf(sizes, entry).length));
    // Something lies between them.
    expect(last - first).toBeGreaterThan(bytes);
    const exact = staged(new Random(5), 400, bytes);
    exact.stage.mark(exact.roots[0] ?? 0);
    exact.stage.read();
    expect(wrong(exact, entries)).toEqual([]);
    const ends = entries.map((entry) => (exact.places[entry] ?? 0) + bytesOf(exact, entry).length);
    expect(Math.max(...ends) - Math.min(...entries.map((entry) => exact.places[entry] ?? 0))).toBe(bytes);
    const short = staged(new Random(5), 400, bytes - 1);
    short.places.fill(64);
    short.stage.mark(short.roots[0] ?? 0);
    short.stage.read();
    expect(entries.map((entry) => short.places[entry])).toEqual(entries.map(() => 0));
    expect(short.stage.marked).toBe(0);
  });

  test('has zeros where the file ends early', () => {
    const one = staged(new Random(8), 200);
    const cut = one.entriesEnd >> 1;
    truncateSync(one.file, cut);
    for (const root of one.roots) one.stage.mark(root);
    one.stage.read();
    const after = one.roots.filter((root) => (one.forest.offsets[root] ?? 0) > cut);
    expect(after.length).toBeGreaterThan(3);
    for (const root of after) {
      const at = one.places[root] ?? 0;
      const length = bytesOf(one, root).length;
      expect(one.kernel.memory.bytes.subarray(at, at + length).every((byte) => byte === 0)).toBe(true);
    }
  });
});
