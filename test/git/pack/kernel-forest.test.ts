import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { BROKEN, buildForest, type DeltaForest, OUTSIDE } from '../../../src/git/pack/delta-tree.ts';
import { SHA1 } from '../../../src/git/pack/hash-format.ts';
import { forestInKernel } from '../../../src/git/pack/kernel-forest.ts';
import { openPack, type Pack } from '../../../src/git/pack/pack.ts';
import { KernelMemory } from '../../../src/kernel/instance.ts';
import {
  type BuildOptions,
  buildPack,
  type EntrySpec,
  objectsWith,
  ofsDelta,
  refDelta,
  whole,
} from '../../helpers/pack-builder.ts';
import { readStore } from '../../helpers/pack-reading.ts';
import { Random } from '../../helpers/pack-repository.ts';
import { makeFolder } from '../../helpers/repository.ts';

const COLUMNS = [
  'offsets',
  'positions',
  'entries',
  'types',
  'headerSizes',
  'sizes',
  'bases',
  'firstChild',
  'children',
  'order',
] as const;

const idOf = (n: number): string => n.toString(16).padStart(8, '0').repeat(5);
/** Ids that are spread as hashes are. */
const spread = (n: number): string => idOf(Math.imul(n + 1, 0x9e3779b1) >>> 0);

/** Whole objects, deltas on earlier and later ones, on each other in circles, and on what is not there. Their data is never looked at. */
function anySpecs(random: Random, count: number): EntrySpec[] {
  return Array.from({ length: count }, (_, n): EntrySpec => {
    const content = random.bytes(random.next(40));
    const kind = n === 0 ? 0 : random.next(12);
    const spec =
      kind < 3
        ? whole(random.pick(['commit', 'tree', 'blob', 'tag'] as const), content)
        : kind < 8
          ? ofsDelta(Math.max(0, n - 1 - random.next(random.pick([3, n]))), content)
          : refDelta(kind < 11 ? spread(random.next(count)) : idOf(7 + n), content);
    return { ...spec, id: spread(n) };
  });
}

/** @param than - larger packs are read by parts */
function open(
  specs: readonly EntrySpec[],
  options: BuildOptions = {},
  than = 1e9,
): { pack: Pack; kernel: KernelMemory } {
  const stem = path.join(makeFolder(), 'pack');
  const { pack, idx } = buildPack(specs, options);
  writeFileSync(`${stem}.pack`, pack);
  writeFileSync(`${stem}.idx`, idx);
  const kernel = new KernelMemory();
  const memory = { left: 1e9, larger: { than, left: 1 }, kernel };
  return { pack: openPack(stem, { format: SHA1, memory, report: () => undefined }), kernel };
}

/** Columns as plain lists. */
function listed(forest: DeltaForest | null): unknown {
  return forest && Object.fromEntries(COLUMNS.map((name) => [name, [...forest[name]]]));
}

describe('a forest built in the kernel', () => {
  test('is that of the plain code, whatever leads to what', () => {
    const seen = { thin: 0, unreached: 0, children: 0 };
    for (let seed = 1; seed <= 30; seed++) {
      const random = new Random(seed);
      const specs = anySpecs(random, 1 + random.next(300));
      const { pack, kernel } = open(specs);
      const plain = buildForest(pack);
      expect(listed(forestInKernel(pack, kernel))).toEqual(listed(plain));
      const byParts = open(specs, {}, 0);
      expect(byParts.pack.bytes.resident).toBe(false);
      expect(listed(forestInKernel(byParts.pack, byParts.kernel))).toEqual(listed(plain));
      seen.thin += plain.bases.filter((base) => base === OUTSIDE).length;
      seen.unreached += plain.types.filter((type) => type === 0).length;
      seen.children += plain.children.length;
    }
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(50);
  });

  test('is left to the plain code as soon as one entry is odd, and only then', () => {
    const random = new Random(77);
    const specs = anySpecs(random, 60);
    const { offsets } = buildPack(specs);
    const answers = { odd: 0, sound: 0 };
    for (let round = 0; round < 300; round++) {
      const change = (body: Buffer): void => {
        // Mostly in a header.
        const at = random.next(4) === 0 ? 12 + random.next(body.length - 12) : random.pick(offsets) + random.next(3);
        body[at]! ^= 1 << random.next(8);
      };
      const { pack, kernel } = open(specs, { change });
      const plain = buildForest(pack);
      const isOdd = plain.bases.includes(BROKEN) || plain.sizes instanceof Float64Array;
      const built = forestInKernel(pack, kernel);
      expect(listed(built)).toEqual(isOdd ? null : listed(plain));
      answers[isOdd ? 'odd' : 'sound']++;
    }
    expect(answers.odd).toBeGreaterThan(10);
    expect(answers.sound).toBeGreaterThan(100);
  });

  test('takes no offsets that two objects share', () => {
    const { pack, kernel } = open(anySpecs(new Random(5), 20));
    pack.index.offsets[3] = pack.index.offsets[4] ?? 0;
    expect(forestInKernel(pack, kernel)).toBeNull();
    expect(() => buildForest(pack)).toThrow(/two objects one place/);
  });

  test('of a large damaged pack is built anew: all but the damaged object are read', async () => {
    const contents = Array.from({ length: 5000 }, (_, n) => `object ${n} ${'.'.repeat(n % 50)}`);
    const built = buildPack(contents.map((content) => whole('blob', content)));
    const directory = objectsWith(built);
    const file = path.join(directory, 'pack/pack-0.pack');
    const sound = await readStore(directory, { kernel: new KernelMemory() });
    expect([sound.codes, sound.objects.size]).toEqual([[], 5000]);
    const bytes = readFileSync(file);
    bytes[(built.offsets[1234] ?? 0) + 5]! ^= 4;
    writeFileSync(file, bytes);
    const damaged = await readStore(directory, { kernel: new KernelMemory() });
    expect(damaged.codes).toEqual(['PACK_CHECKSUM', 'PACK_ENTRY_CRC']);
    expect(damaged.unread).toEqual([built.ids[1234]]);
    expect(damaged.objects.size).toBe(4999);
  });
});
