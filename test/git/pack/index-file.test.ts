import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { toHex } from '../../../src/bytes/hex.ts';
import { digest, hashFormat, SHA1 } from '../../../src/git/pack/hash-format.ts';
import { readPackHeader } from '../../../src/git/pack/header.ts';
import { findId, readPackIndex, type PackIndex } from '../../../src/git/pack/index-file.ts';
import { idAt } from '../../../src/git/pack/loose.ts';
import { readMultiPackIndex, rowsOfPack } from '../../../src/git/pack/multi-index.ts';
import { packFiles, populate } from '../../helpers/pack-repository.ts';
import { makeRepository, type TestRepository } from '../../helpers/repository.ts';

function read(file: string): Uint8Array {
  return new Uint8Array(readFileSync(file));
}

/** `git show-index` prints offset, id and, in version 2, the CRC. */
function showIndex(repository: TestRepository, file: string): string[] {
  const format = repository.git('rev-parse', '--show-object-format');
  return repository
    .gitBytes(['show-index', `--object-format=${format}`], read(file))
    .toString()
    .trim()
    .split('\n');
}

function lines(index: PackIndex): string[] {
  return Array.from({ length: index.count }, (_, i) => {
    const crc = index.crcAt ? ` (${index.crcAt(i).toString(16).padStart(8, '0')})` : '';
    return `${index.offsets[i]} ${idAt(index, i)}${crc}`;
  });
}

function packed(format: 'sha1' | 'sha256', ...options: readonly string[]): { repository: TestRepository; idx: string } {
  const repository = makeRepository({ objectFormat: format });
  populate(repository, 5, 12);
  repository.git(...options, 'repack', '-adfq');
  return { repository, idx: packFiles(repository, '.idx')[0] ?? '' };
}

let plainIndex: Uint8Array | undefined;
/** The index of one repository, made once. */
function plain(): Uint8Array {
  return (plainIndex ??= read(packed('sha1').idx));
}

/** A changed index whose own checksum is right again. */
function resealed(bytes: Uint8Array, change: (copy: Uint8Array) => Uint8Array | void): Uint8Array {
  const copy = bytes.slice();
  const changed = change(copy) ?? copy;
  const body = changed.subarray(0, changed.length - 20);
  return Uint8Array.from([...body, ...digest(SHA1, body)]);
}

describe('readPackIndex', () => {
  test.each([
    ['version 2', 'sha1', []],
    ['version 1', 'sha1', ['-c', 'pack.indexVersion=1']],
    ['SHA-256', 'sha256', []],
  ] as const)('reads %s as git does', (_, format, options) => {
    const { repository, idx } = packed(format, ...options);
    const index = readPackIndex(read(idx), hashFormat(format), 'x.idx');
    const pack = read(idx.replace(/idx$/, 'pack'));
    expect(lines(index)).toEqual(showIndex(repository, idx));
    expect(index.count).toBe(readPackHeader(pack, 'x.pack'));
    expect(toHex(index.packChecksum!)).toBe(toHex(pack.subarray(-hashFormat(format).size)));
  });

  test('reads 64-bit offsets', () => {
    const { repository, idx } = packed('sha1');
    const ids = repository.git('cat-file', '--batch-all-objects', '--batch-check=%(objectname)');
    repository.gitBytes(['pack-objects', '-q', '--index-version=2,0x40', `${repository.folder}/wide`], `${ids}\n`);
    repository.gitBytes(['pack-objects', '-q', `${repository.folder}/narrow`], `${ids}\n`);
    const names = repository.git('ls-files', '-o', '--', 'wide-*.idx', 'narrow-*.idx').split('\n');
    const [narrow, wide] = names.map((name) => readPackIndex(read(`${repository.folder}/${name}`), SHA1, name));
    expect(Array.from(wide?.offsets ?? [])).toEqual(Array.from(narrow?.offsets ?? [0]));
    expect(lines(wide!)).toEqual(showIndex(repository, `${repository.folder}/${names[1]}`));
    // Control: the files do differ, so the table was used.
    expect(read(`${repository.folder}/${names[1]}`).length).toBeGreaterThan(read(idx).length);
  });

  test('finds every id and none that is absent', () => {
    const index = readPackIndex(plain(), SHA1, 'x.idx');
    for (let i = 0; i < index.count; i++) {
      expect(findId(index, index.ids, i * 20)).toBe(i);
      const other = index.ids.slice(i * 20, i * 20 + 20);
      other[19]! ^= 1;
      expect(findId(index, other)).toBe(-1);
    }
    expect(findId(index, new Uint8Array(20))).toBe(-1);
    expect(findId(index, new Uint8Array(20).fill(255))).toBe(-1);
  });

  test('notices every flipped bit and every truncation', () => {
    const bytes = plain();
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => readPackIndex(flipped, SHA1, 'x.idx')).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^PACK_/) }),
      );
    }
    for (let length = 0; length < bytes.length; length += 13)
      expect(() => readPackIndex(bytes.slice(0, length), SHA1, 'x.idx')).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^PACK_/) }),
      );
  });

  test.each<[string, (bytes: Uint8Array) => Uint8Array | void]>([
    ['an unknown version', (b) => void (b[7] = 3)],
    ['a fan-out that descends', (b) => void b.fill(255, 8, 12)],
    ['a count of four billion', (b) => void b.fill(255, 8 + 255 * 4, 8 + 256 * 4)],
    ['ids out of order', (b) => void b.copyWithin(1032, 1032 + 40, 1032 + 60)],
    ['an id outside its bucket', (b) => void (b[1032] = 255)],
    ['a 64-bit offset without a table', (b) => void (b[b.length - 44] = 0x80)],
    [
      'half a row of the table of 64-bit offsets',
      (b) => Uint8Array.from([...b.subarray(0, -40), 0, 0, 0, 0, ...b.subarray(-40)]),
    ],
  ])('refuses %s under a right checksum', (_, change) => {
    expect(() => readPackIndex(resealed(plain(), change), SHA1, 'x.idx')).toThrow(
      expect.objectContaining({ code: 'PACK_INDEX_INVALID' }),
    );
  });
});

describe('readMultiPackIndex', () => {
  let made: { repository: TestRepository; file: string } | undefined;
  function withMidx(): { repository: TestRepository; file: string } {
    if (made) return made;
    const repository = makeRepository();
    for (let n = 0; n < 3; n++) {
      populate(repository, 20 + n, 4);
      repository.git('repack', '-dq');
    }
    repository.git('multi-pack-index', 'write');
    return (made = { repository, file: repository.inside('objects', 'pack', 'multi-pack-index') });
  }

  test('says the same as the indexes it was made from', () => {
    const { repository, file } = withMidx();
    const midx = readMultiPackIndex(read(file), SHA1, 'midx');
    const indexes = new Map(
      packFiles(repository, '.idx').map((idx) => [idx.split('/').at(-1), readPackIndex(read(idx), SHA1, idx)]),
    );
    expect(new Set(midx.packs)).toEqual(new Set(indexes.keys()));
    const all = repository.git('cat-file', '--batch-all-objects', '--batch-check=%(objectname)').split('\n');
    expect(Array.from({ length: midx.count }, (_, i) => idAt(midx, i))).toEqual(all);
    const rows = midx.packs.map((name, pack) => ({ name, rows: [...rowsOfPack(midx, pack)] }));
    expect(rows.flatMap(({ rows: own }) => own).toSorted((a, b) => a - b)).toEqual([...all.keys()]);
    for (const { name, rows: own } of rows)
      for (const row of own) {
        const index = indexes.get(name)!;
        expect(index.offsets[findId(index, midx.ids, row * 20)]).toBe(midx.offsets[row]);
      }
  });

  test('notices every flipped byte and every truncation', () => {
    const bytes = read(withMidx().file);
    for (let at = 0; at < bytes.length; at += 3) {
      const flipped = bytes.slice();
      flipped[at]! ^= 0x10;
      expect(() => readMultiPackIndex(flipped, SHA1, 'midx')).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(?:MIDX|PACK)_/) }),
      );
      expect(() => readMultiPackIndex(bytes.slice(0, at), SHA1, 'midx')).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(?:MIDX|PACK)_/) }),
      );
    }
  });

  test.each<[string, (bytes: Uint8Array) => void]>([
    ['a chunk outside the file', (b) => void (b[12 + 4 + 4] = 0xff)],
    ['a chunk table without end', (b) => void (b[6] = 255)],
    ['a pack name that is a path', (b) => void (b[Buffer.from(b).indexOf('pack-') + 1] = 0x2f)],
    ['an object in a pack that is not listed', (b) => void (b[b.length - 20 - 8] = 1)],
    ['ids of another hash', (b) => void (b[5] = 2)],
  ])('refuses %s under a right checksum', (_, change) => {
    const bytes = resealed(read(withMidx().file), change);
    expect(() => readMultiPackIndex(bytes, SHA1, 'midx')).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(?:MIDX|PACK)_/) }),
    );
  });
});
