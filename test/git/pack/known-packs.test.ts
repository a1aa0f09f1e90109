import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { SHA1 } from '../../../src/git/pack/hash-format.ts';
import { type KnownPack, KnownPacks } from '../../../src/git/pack/known-packs.ts';
import { ObjectTable } from '../../../src/git/object-table.ts';
import { BLOB } from '../../../src/git/object/type.ts';
import { buildPack, whole } from '../../helpers/pack-builder.ts';
import { makeFolder } from '../../helpers/repository.ts';

const NOTHING: KnownPack = { file: '/none', offsets: new Uint32Array(1), rows: new Uint32Array(0) };

/** A pack of one blob whose content is its number, as it is known. */
function onePack(folder: string, number: number): { readonly known: KnownPack; readonly id: string } {
  const { pack, ids, offsets } = buildPack([whole('blob', `${number}`)]);
  const file = path.join(folder, `${number}.pack`);
  writeFileSync(file, pack);
  const ends = Uint32Array.of(...offsets, pack.length - 20);
  return { known: { file, offsets: ends, rows: Uint32Array.of(number) }, id: ids[0] ?? '' };
}

/** @param before - empty packs that come first */
function knownPacks(count: number, before = 0) {
  const folder = makeFolder();
  const packs = Array.from({ length: count }, (_, number) => onePack(folder, number));
  const ids = Buffer.from(packs.map(({ id }) => id).join(''), 'hex');
  const table = ObjectTable.of(40, ids, count, { types: new Uint8Array(count).fill(BLOB) });
  const others = Array.from({ length: before }, () => NOTHING);
  const all = [...others, ...packs.map((one) => one.known)];
  return { packs, known: new KnownPacks(all, table, SHA1, count, 1 << 20) };
}

describe('packs that are known', () => {
  test.each([0, 65_533, 65_534])('are told from each other, however many there are before (%i)', (before) => {
    const { known, packs } = knownPacks(3, before);
    expect(known.count).toBe(3);
    for (const number of packs.keys()) {
      expect(known.has(number)).toBe(true);
      expect(Buffer.from(known.read(number).bytes).toString()).toBe(`${number}`);
    }
    known.close();
  });

  test.runIf(existsSync('/proc/self/fd'))('are not all open at once', () => {
    const { known, packs } = knownPacks(60);
    const before = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 2; round++)
      for (const number of packs.keys()) expect(Buffer.from(known.read(number).bytes).toString()).toBe(`${number}`);
    expect(readdirSync('/proc/self/fd').length - before).toBeLessThanOrEqual(16);
    known.close();
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });

  test('that are gone are said to be', () => {
    const { known, packs } = knownPacks(1);
    rmSync(packs[0]?.known.file ?? '');
    expect(() => known.read(0)).toThrow(expect.objectContaining({ code: 'PACK_VANISHED' }));
  });
});
