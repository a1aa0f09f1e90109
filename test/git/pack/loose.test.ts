import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { fromHex } from '../../../src/bytes/hex.ts';
import { PackError } from '../../../src/errors/pack.ts';
import { hashFormat, SHA1 } from '../../../src/git/pack/hash-format.ts';
import { findId } from '../../../src/git/pack/index-file.ts';
import { idAt, listLoose, loosePath, readLoose } from '../../../src/git/pack/loose.ts';
import { allObjects, objectsFolder, populate } from '../../helpers/pack-repository.ts';
import { makeFolder, makeRepository } from '../../helpers/repository.ts';

const LIMIT = 1 << 20;
const nothing = (error: PackError): never => {
  throw error;
};

describe('loose objects', () => {
  test.each(['sha1', 'sha256'] as const)('are listed and read as git has them (%s)', (format) => {
    const repository = makeRepository({ objectFormat: format });
    populate(repository, 3, 8);
    const directory = objectsFolder(repository);
    writeFileSync(path.join(directory, 'tmp_obj_x'), 'x');
    mkdirSync(path.join(directory, 'aa'), { recursive: true });
    writeFileSync(path.join(directory, 'aa', 'tmp_obj_y'), 'x');
    const loose = listLoose(directory, hashFormat(format), nothing);
    const oracle = allObjects(repository);
    const ids = Array.from({ length: loose.count }, (_, i) => idAt(loose, i));
    expect(ids).toEqual([...oracle.keys()].toSorted());
    for (const id of ids) {
      const { type, bytes } = readLoose(directory, id, LIMIT);
      expect({ type, bytes: Buffer.from(bytes) }).toEqual(oracle.get(id));
      expect(idAt(loose, findId(loose, fromHex(id)!))).toBe(id);
    }
  });

  const id = '0123456789012345678901234567890123456789';
  function store(content: Uint8Array): string {
    const directory = makeFolder();
    mkdirSync(path.dirname(loosePath(directory, id)), { recursive: true });
    writeFileSync(loosePath(directory, id), content);
    return directory;
  }

  function answer(directory: string): string {
    try {
      return Buffer.from(readLoose(directory, id, LIMIT).bytes).toString();
    } catch (error) {
      return error instanceof PackError ? error.code : String(error);
    }
  }

  test.each([
    ['an unknown type', deflateSync(Buffer.from('blub 1\0x')), 'LOOSE_INVALID'],
    ['a size too small', deflateSync(Buffer.from('blob 1\0xy')), 'LOOSE_INVALID'],
    ['a size too large', deflateSync(Buffer.from('blob 3\0xy')), 'LOOSE_INVALID'],
    ['a size with a sign', deflateSync(Buffer.from('blob +2\0xy')), 'LOOSE_INVALID'],
    ['no header', deflateSync(Buffer.alloc(100, 'x')), 'LOOSE_INVALID'],
    ['nothing at all', Buffer.alloc(0), 'LOOSE_INVALID'],
    ['bytes after its end', Buffer.concat([deflateSync(Buffer.from('blob 1\0x')), Buffer.from('x')]), 'LOOSE_INVALID'],
    ['a stream cut short', deflateSync(Buffer.from('blob 1\0x')).subarray(0, -1), 'LOOSE_INVALID'],
    [
      'a bomb',
      deflateSync(Buffer.concat([Buffer.from('blob 9999999\0'), Buffer.alloc(9_999_999)])),
      'PACK_OBJECT_TOO_LARGE',
    ],
  ])('refuses %s', (_, content, code) => {
    expect(() => readLoose(store(content), id, LIMIT)).toThrow(expect.objectContaining({ code }));
  });

  test('notices every flipped bit', () => {
    const repository = makeRepository();
    const blob = repository.store('blob', 'some content, some content\n');
    const file = loosePath(objectsFolder(repository), blob);
    const bytes = readFileSync(file);
    rmSync(file, { force: true });
    const answers = new Set<string>();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      answers.add(answer(store(flipped)));
    }
    // A bit that nothing depends on (how hard zlib tried) leaves the right answer.
    answers.delete('some content, some content\n');
    expect([...answers]).toEqual(['LOOSE_INVALID']);
  });

  test('says that a file has gone', () => {
    expect(() => readLoose(makeFolder(), id, LIMIT)).toThrow(expect.objectContaining({ code: 'LOOSE_VANISHED' }));
  });

  test('has none where there is nothing', () => {
    expect(listLoose(makeFolder(), SHA1, nothing).count).toBe(0);
  });
});
