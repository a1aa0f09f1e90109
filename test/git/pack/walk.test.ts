import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { buildForest, type DeltaForest } from '../../../src/git/pack/delta-tree.ts';
import { SHA1 } from '../../../src/git/pack/hash-format.ts';
import { idAt } from '../../../src/git/pack/loose.ts';
import { type Held, ObjectBuilder, Workspace } from '../../../src/git/pack/object-builder.ts';
import { mergeIds } from '../../../src/git/pack/object-table.ts';
import { openPack, type Pack } from '../../../src/git/pack/pack.ts';
import { sortedPositions } from '../../../src/git/pack/sort-offsets.ts';
import {
  buildPack,
  encodeDelta,
  type EntrySpec,
  type Instruction,
  objectsWith,
  ofsDelta,
  refDelta,
  whole,
  hashObject,
} from '../../helpers/pack-builder.ts';
import { expectSameObjects, readStore } from '../../helpers/pack-reading.ts';
import { packFiles, populate, Random } from '../../helpers/pack-repository.ts';
import { makeFolder, makeRepository } from '../../helpers/repository.ts';

function open(stem: string): { pack: Pack; forest: DeltaForest } {
  const pack = openPack(stem, {
    format: SHA1,
    memory: { left: 1e9 },
    report: (error) => {
      throw error;
    },
  });
  return { pack, forest: buildForest(pack) };
}

/** `git verify-pack -v` as `id type size-in-pack offset [depth base]`. */
function ourVerifyPack({ pack, forest }: { pack: Pack; forest: DeltaForest }): string[] {
  const types = ['', 'commit', 'tree', 'blob', 'tag'];
  const depthOf = (entry: number): number => (forest.bases[entry]! < 0 ? 0 : 1 + depthOf(forest.bases[entry]!));
  return Array.from({ length: forest.count }, (_, entry) => {
    const id = idAt(pack.index, forest.positions[entry]!);
    const base = forest.bases[entry]!;
    const place = `${forest.offsets[entry + 1]! - forest.offsets[entry]!} ${forest.offsets[entry]!}`;
    const delta = base < 0 ? '' : ` ${depthOf(entry)} ${idAt(pack.index, forest.positions[base]!)}`;
    return `${id} ${types[forest.types[entry]!]} ${forest.sizes[entry]} ${place}${delta}`;
  });
}

describe('buildForest', () => {
  test.each([
    ['OFS_DELTA', []],
    ['REF_DELTA', ['-c', 'repack.useDeltaBaseOffset=false']],
  ])('resolves %s as git verify-pack does', (_, options) => {
    const repository = makeRepository();
    populate(repository, 4, 60);
    repository.git(...options, 'repack', '-adfq', '--depth=100', '--window=60');
    const idx = packFiles(repository, '.idx')[0]!;
    const theirs = repository
      .git('verify-pack', '-v', idx)
      .split('\n')
      .filter((line) => /^[0-9a-f]{40} /.test(line));
    const ours = ourVerifyPack(open(idx.slice(0, -4)));
    expect(ours.toSorted()).toEqual(theirs.map((line) => line.replaceAll(/ +/g, ' ')).toSorted());
    expect(ours.filter((line) => line.split(' ').length === 7).length).toBeGreaterThan(100);
  });

  test('puts the child with the most descendants last', () => {
    const { forest } = open(treeOfDeltas(11, 300, 50).stem);
    const weights = Array.from({ length: forest.count }, () => 1);
    for (const entry of [...forest.order].toReversed())
      if (forest.bases[entry]! >= 0) weights[forest.bases[entry]!]! += weights[entry]!;
    const lists = Array.from({ length: forest.count }, (_, entry) => [
      ...forest.children.subarray(forest.firstChild[entry], forest.firstChild[entry + 1]),
    ]);
    expect(lists.filter((list) => list.some((child) => weights[child]! > weights[list.at(-1)]!))).toEqual([]);
    expect(lists.some((list) => list.length > 3)).toBe(true);
  });
});

/** A pack with one tree of deltas: each object an edit of a random earlier one, recent ones preferred. */
function treeOfDeltas(
  seed: number,
  count: number,
  size: number,
): { stem: string; objects: Map<string, Buffer>; specs: EntrySpec[] } {
  const random = new Random(seed);
  const contents = [random.bytes(size)];
  const specs: EntrySpec[] = [whole('blob', contents[0]!)];
  for (let n = 1; n < count; n++) {
    const base = random.next(3) === 0 ? random.next(n) : Math.max(0, n - 1 - random.next(4));
    const parent = contents[base]!;
    const cut = random.next(parent.length);
    const insert = Buffer.concat([Buffer.from(`#${n}`), random.bytes(random.next(20))]);
    const instructions: Instruction[] = [];
    if (cut > 0) instructions.push({ copy: [0, cut] });
    instructions.push({ insert });
    const from = Math.min(parent.length, cut + random.next(20));
    if (from < parent.length) instructions.push({ copy: [from, parent.length - from] });
    const child = Buffer.concat([parent.subarray(0, cut), insert, parent.subarray(from)]);
    contents.push(child);
    const delta = encodeDelta(parent.length, child.length, instructions);
    const object = { type: 'blob', bytes: new Uint8Array(child) } as const;
    specs.push(
      random.next(2) === 0 ? ofsDelta(base, delta, object) : refDelta(hashObject('blob', parent), delta, object),
    );
  }
  const stem = path.join(makeFolder(), 'pack');
  const { pack, idx, ids } = buildPack(specs);
  writeFileSync(`${stem}.pack`, pack);
  writeFileSync(`${stem}.idx`, idx);
  return { stem, objects: new Map(ids.map((id, i) => [id, contents[i]!])), specs };
}

describe('a walk', () => {
  test('shows every object of bushy trees, in any arena that has room for three', async () => {
    for (const seed of [1, 2, 3]) {
      const { objects, specs } = treeOfDeltas(seed, 250, 3000);
      const directory = objectsWith(buildPack(specs));
      const largest = Math.max(...[...objects.values()].map(({ length }) => length));
      for (const arenaLimit of [1e6, largest * 4, largest * 2 + 100]) {
        const reading = await readStore(directory, { arenaLimit, verifyObjects: true });
        expect(reading.codes).toEqual([]);
        expectSameObjects(reading.objects, new Map([...objects].map(([id, bytes]) => [id, { type: 'blob', bytes }])));
      }
    }
  });

  test('names what does not fit, and shows the rest', async () => {
    const { objects, specs } = treeOfDeltas(5, 100, 3000);
    const largest = Math.max(...[...objects.values()].map(({ length }) => length));
    const reading = await readStore(objectsWith(buildPack(specs)), { arenaLimit: largest + 100 });
    expect(reading.codes).toEqual(['PACK_OBJECT_TOO_LARGE']);
    expect(reading.unread.length).toBeLessThan(objects.size);
    for (const id of reading.unread) objects.delete(id);
    expectSameObjects(reading.objects, new Map([...objects].map(([id, bytes]) => [id, { type: 'blob', bytes }])));
  });

  test('holds few ancestors at a time however long a chain is', async () => {
    // A comb: a long chain, each link with a leaf of its own.
    const specs: EntrySpec[] = [whole('blob', 'x'.repeat(1000))];
    const bytes = [Buffer.alloc(1000, 'x')];
    const add = (base: number, text: string): void => {
      const insert = Buffer.from(text);
      bytes.push(Buffer.concat([insert, bytes[base]!.subarray(insert.length)]));
      const delta = encodeDelta(1000, 1000, [{ insert }, { copy: [insert.length, 1000 - insert.length] }]);
      specs.push(ofsDelta(base, delta, { type: 'blob', bytes: new Uint8Array(bytes.at(-1)) }));
    };
    for (let link = 0; link < 1500; link++) {
      const base = link === 0 ? 0 : 2 * link - 1;
      add(base, `link ${link}`);
      add(base, `leaf ${link}`);
    }
    const reading = await readStore(objectsWith(buildPack(specs)), { arenaLimit: 2200 });
    expect(reading.codes).toEqual([]);
    expect(reading.objects.size).toBe(3001);
  });
});

describe('ObjectBuilder', () => {
  test('builds again what it dropped, from the nearest ancestor it still holds', () => {
    const { stem, objects } = treeOfDeltas(21, 120, 2000);
    const { pack, forest } = open(stem);
    const wantBytes = (entry: number): Buffer => objects.get(idAt(pack.index, forest.positions[entry]!))!;
    const deepest = forest.order.at(-1);
    const chain: number[] = [];
    for (let entry = deepest; entry >= 0; entry = forest.bases[entry]!) chain.unshift(entry);
    expect(chain.length).toBeGreaterThan(8);
    const builder = new ObjectBuilder(pack, forest, new Workspace(8000));
    for (const [i, entry] of chain.entries()) {
      const parent = builder.held.at(-1) ?? null;
      if (parent) builder.restore(parent);
      const handle = parent
        ? builder.buildChild(entry, parent.handle, parent.size, parent)
        : builder.inflateEntry(entry, null);
      builder.held.push({ entry, size: wantBytes(entry).length, handle });
      expect(builder.held).toHaveLength(i + 1);
    }
    const dropped = (held: Held): boolean => held.handle < 0;
    expect(builder.held.filter(dropped).length).toBeGreaterThan(3);
    for (const held of builder.held) {
      builder.restore(held);
      const start = builder.arena.start(held.handle);
      expect(Buffer.from(builder.arena.bytes.subarray(start, start + held.size))).toEqual(wantBytes(held.entry));
    }
    expect(builder.arena.bytes.length).toBeLessThanOrEqual(8000);
    expect(readFileSync(`${stem}.pack`).length).toBe(pack.bytes.length);
  });
});

describe('sortedPositions', () => {
  test('sorts numbers up to 2^53', () => {
    const numbers = fc.oneof(fc.nat(70_000), fc.nat({ max: Number.MAX_SAFE_INTEGER }));
    fc.assert(
      fc.property(fc.array(numbers), (values) => {
        const sorted = Array.from(sortedPositions(Float64Array.from(values)), (i) => values[i]);
        expect(sorted).toEqual(values.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('mergeIds', () => {
  test('lists every id once, from the copy of the highest rank', () => {
    const list = fc.array(fc.tuple(fc.nat(3), fc.nat(60), fc.nat(2)), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(list, { maxLength: 6 }), (lists) => {
        const sorted = lists.map((rows) => rows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
        const copies: string[] = [];
        const table = mergeIds(
          sorted.map((rows) => ({
            ids: Uint8Array.from(rows.flatMap(([a, b]) => [a, b])),
            count: rows.length,
            rank: (position) => rows[position]![2],
          })),
          2,
          (...args) => copies.push(args.join()),
        );
        const all = sorted.flat();
        const distinct = [...new Set(all.map(([a, b]) => a * 256 + b))].toSorted((a, b) => a - b);
        const found = Array.from(
          { length: table.count },
          (_, row) => table.ids[row * 2]! * 256 + table.ids[row * 2 + 1]!,
        );
        expect(found).toEqual(distinct);
        expect(copies).toHaveLength(all.length - distinct.length);
        for (const [row, id] of found.entries()) {
          const [a, b, rank] = sorted[table.listOf[row]!]![table.positionOf[row]!]!;
          const best = Math.max(...all.filter((other) => other[0] * 256 + other[1] === id).map((other) => other[2]));
          expect([a * 256 + b, rank]).toEqual([id, best]);
        }
        expect(table.fanOut[255]).toBe(table.count);
      }),
    );
  });
});
