import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { LOOSE, wasmModule } from '../../scripts/build-quick-wasm.ts';
import { findGit } from '../../src/git/executable.ts';
import { LooseBlobs, looseDirectory } from '../../src/git/loose-blobs.ts';
import { readBlobsSync } from '../../src/git/read-sync.ts';
import { loosePath } from '../../src/git/pack/loose.ts';
import { allObjects, objectsFolder, populate } from '../helpers/pack-repository.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository } from '../helpers/repository.ts';

const ID = '0123456789012345678901234567890123456789';

/** Bytes that do not compress, the same each time. */
function noiseFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
}

function stored(content: Uint8Array): string | null {
  const directory = makeFolder();
  mkdirSync(path.dirname(loosePath(directory, ID)), { recursive: true });
  writeFileSync(loosePath(directory, ID), content);
  const blob = new LooseBlobs(directory).read(ID);
  return blob === null ? null : Buffer.from(blob).toString('latin1');
}

describe('loose blobs', () => {
  test.each(['sha1', 'sha256'] as const)('are what git has, and nothing else is one (%s)', (objectFormat) => {
    const repository = makeRepository({ objectFormat });
    populate(repository, 5, 8);
    const directory = objectsFolder(repository);
    const loose = new LooseBlobs(directory);
    const types = new Set<string>();
    for (const [id, { type, bytes }] of allObjects(repository)) {
      types.add(type);
      const blob = loose.read(id);
      expect(blob === null ? null : Buffer.from(blob)).toEqual(type === 'blob' ? bytes : null);
    }
    expect([...types]).toEqual(expect.arrayContaining(['blob', 'commit', 'tree']));
  });

  test('that are not as they should be are left to git', () => {
    expect(stored(deflateSync('blob 5\0hello'))).toBe('hello');
    expect(stored(deflateSync('blob 0\0'))).toBe('');
    const damaged = deflateSync('blob 5\0hello');
    damaged[damaged.length - 1]! ^= 1;
    for (const content of [
      damaged,
      deflateSync('blob 5\0hello').subarray(0, -2),
      deflateSync('blob 6\0hello'),
      deflateSync('blob 4\0hello'),
      deflateSync('blob \0hello'),
      deflateSync('blob 5hello'),
      deflateSync('blob 123456789012\0hello'),
      Buffer.concat([deflateSync('blob 5\0hello'), Buffer.from('more')]),
      deflateSync('tree 5\0hello'),
      deflateSync('hello'),
      Buffer.from('blob 5\0hello'),
      Buffer.alloc(0),
    ])
      expect(stored(content)).toBeNull();
  });

  test('that are large are left to git', () => {
    const blob = (size: number, fill: Buffer | number): Buffer =>
      deflateSync(Buffer.concat([Buffer.from(`blob ${size}\0`), Buffer.alloc(size, fill)]));
    expect(stored(blob(1 << 20, 7))).toHaveLength(1 << 20);
    expect(stored(blob(4 << 20, 7))).toBeNull();
    const noise = Buffer.from(Array.from({ length: 300_000 }, noiseFrom(7)));
    expect(stored(blob(200_000, noise))).toHaveLength(200_000);
    expect(stored(blob(300_000, noise))).toBeNull();
  });

  test('are built from what stands in the sources', async () => {
    const committed = readFileSync(new URL(`../../${LOOSE.file}`, import.meta.url), 'utf8');
    expect(await wasmModule(LOOSE)).toBe(committed);
  });

  test('lie where the repository says, or where only git knows', () => {
    const gitDir = makeFolder();
    expect(looseDirectory(gitDir, {})).toBe(path.join(gitDir, 'objects'));
    writeFileSync(path.join(gitDir, 'commondir'), '../..\n');
    expect(looseDirectory(gitDir, {})).toBe(path.resolve(gitDir, '../../objects'));
    for (const name of ['GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR'])
      expect(looseDirectory(gitDir, { [name]: gitDir })).toBeNull();
  });

  test('come in order together with those that are packed, and not at all if one is missing', () => {
    const repository = makeRepository();
    repository.commit('first', { 'a.txt': 'packed, one', 'b.txt': 'packed, two' });
    repository.git('repack', '-a', '-d', '-q');
    repository.commit('second', { 'c.txt': 'loose, one', 'd.txt': 'loose, two' });
    const ids = ['d', 'a', 'c', 'b', 'c'].map((name) => repository.id(`HEAD:${name}.txt`));
    const { folder } = repository;
    const invocation = {
      executable: findGit(process.env),
      cwd: folder,
      environment: GIT_ENVIRONMENT,
      safeDirectories: [folder],
    };
    const loose = objectsFolder(repository);
    const texts = (asked: readonly string[], where: string | null): string[] | null =>
      readBlobsSync(invocation, asked, where)?.map((blob) => Buffer.from(blob).toString()) ?? null;
    const expected = ['loose, two', 'packed, one', 'loose, one', 'packed, two', 'loose, one'];
    const blobs = new LooseBlobs(loose);
    expect(ids.map((id) => blobs.read(id) !== null)).toEqual([true, false, true, false, true]);
    expect([texts(ids, loose), texts(ids, null), texts([], loose)]).toEqual([expected, expected, []]);
    expect(texts([...ids, ID], loose)).toBeNull();
    // Without git nothing that is loose needs one.
    const without = { ...invocation, executable: path.join(folder, 'none') };
    expect(readBlobsSync(without, [ids[0] ?? '', ids[2] ?? ''], loose)).toHaveLength(2);
    expect(() => readBlobsSync(without, ids, loose)).toThrow(expect.objectContaining({ code: 'GIT_NOT_FOUND' }));
  });
});
