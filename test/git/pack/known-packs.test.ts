import { writeFileSync } from 'node:fs';
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

describe('packs that are known', () => {
  test.each([0, 65_533, 65_534])('are told from each other, however many there are before (%i)', (before) => {
    const folder = makeFolder();
    const packs = [0, 1, 2].map((number) => onePack(folder, number));
    const ids = Buffer.from(packs.map(({ id }) => id).join(''), 'hex');
    const types = new Uint8Array(packs.length).fill(BLOB);
    const table = ObjectTable.of(40, ids, packs.length, { types });
    const others = Array.from({ length: before }, () => NOTHING);
    const known = new KnownPacks([...others, ...packs.map((one) => one.known)], table, SHA1, packs.length, 1 << 20);
    expect(known.count).toBe(3);
    for (const number of packs.keys()) {
      expect(known.has(number)).toBe(true);
      expect(Buffer.from(known.read(number).bytes).toString()).toBe(`${number}`);
    }
    known.close();
  });
});
