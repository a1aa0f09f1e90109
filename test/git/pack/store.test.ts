import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import {
  allObjects,
  objectsFolder,
  packAll,
  packFiles,
  populate,
  Random,
  storeBlobs,
} from '../../helpers/pack-repository.ts';
import { expectSameObjects, type ReadOptions, readStore } from '../../helpers/pack-reading.ts';
import { makeRepository, type TestRepository } from '../../helpers/repository.ts';

function populated(seed: number, commits: number, objectFormat: 'sha1' | 'sha256' = 'sha1'): TestRepository {
  const repository = makeRepository({ objectFormat });
  populate(repository, seed, commits);
  return repository;
}

async function expectAll(repository: TestRepository, options: ReadOptions = {}) {
  const oracle = allObjects(repository);
  const reading = await readStore(objectsFolder(repository), options);
  expect(reading.codes).toEqual([]);
  expectSameObjects(reading.objects, oracle);
  return reading;
}

describe('every object equals git cat-file', () => {
  test('while all are loose', async () => {
    expect((await expectAll(populated(1, 10))).deltas).toBe(0);
  });

  test.each<[string, readonly string[]]>([
    ['OFS_DELTA', ['repack', '-adfq']],
    ['REF_DELTA', ['-c', 'repack.useDeltaBaseOffset=false', 'repack', '-adfq']],
    ['long chains', ['repack', '-adfq', '--depth=250', '--window=50']],
    ['no deltas', ['repack', '-adfq', '--depth=0']],
    ['an index of version 1', ['-c', 'pack.indexVersion=1', 'repack', '-adfq']],
    ['stored, not compressed', ['-c', 'core.compression=0', 'repack', '-adfFq']],
  ])('packed with %s', async (_, args) => {
    const repository = populated(2, 40);
    repository.git(...args);
    const reading = await expectAll(repository, { verifyObjects: true });
    expect(reading.deltas > 20).toBe(!args.includes('--depth=0'));
  });

  test('of SHA-256', async () => {
    const repository = populated(3, 15, 'sha256');
    repository.git('repack', '-adfq');
    populate(repository, 4, 3);
    expect((await expectAll(repository, { format: 'sha256', verifyObjects: true })).deltas).toBeGreaterThan(10);
  });

  test('with 64-bit offsets', async () => {
    const repository = populated(5, 15);
    packAll(repository, '--index-version=2,0x40');
    await expectAll(repository);
  });

  test('in many small packs with a multi-pack-index, doubled and loose objects', async () => {
    const repository = populated(6, 3);
    for (let n = 0; n < 12; n++) {
      populate(repository, 30 + n, 2);
      repository.git('repack', '-q');
    }
    repository.git('multi-pack-index', 'write');
    repository.git('gc', '-q', '--no-prune', '--cruft');
    for (let n = 0; n < 3; n++) populate(repository, 50 + n, 2);
    repository.git('repack', '-q');
    const reading = await expectAll(repository);
    expect(packFiles(repository, '.pack').length).toBeGreaterThan(1);
    expect(reading.deltas).toBeGreaterThan(10);
  });

  test('in a cruft pack', async () => {
    const repository = populated(7, 12);
    repository.git('reset', '-q', '--hard', 'HEAD~6');
    repository.git('reflog', 'expire', '--expire=now', '--all');
    repository.git('gc', '-q', '--cruft', '--prune=never');
    expect(packFiles(repository, '.mtimes')).toHaveLength(1);
    await expectAll(repository);
  });

  test('through alternates', async () => {
    const base = populated(8, 10);
    base.git('repack', '-adq');
    const repository = makeRepository();
    writeFileSync(repository.inside('objects', 'info', 'alternates'), `${objectsFolder(base)}\n`);
    repository.git('fetch', '-q', base.folder, 'main');
    repository.git('reset', '-q', '--hard', 'FETCH_HEAD');
    populate(repository, 9, 5);
    repository.git('repack', '-lq');
    await expectAll(repository);
  });

  test('where one tree is most of the pack', async () => {
    const repository = makeRepository();
    const random = new Random(10);
    const lines = Array.from({ length: 400 }, (_, i) => `line ${i} ${random.next(1e9)}`);
    const versions = Array.from({ length: 80 }, (_, n) => {
      lines.splice(random.next(lines.length), random.next(3), `new ${n} ${random.next(1e9)}`);
      return lines.join('\n');
    });
    storeBlobs(repository, versions);
    packAll(repository, '--depth=250', '--window=250');
    const reading = await expectAll(repository);
    expect(reading.seams).toBeGreaterThan(0);
  });

  test.each([
    ['read from disk as needed', { packMemory: 0 }],
    ['with an arena that makes it drop and rebuild', { arenaLimit: 40_000 }],
    ['both', { packMemory: 0, arenaLimit: 40_000 }],
  ])('%s', async (_, options) => {
    const repository = makeRepository();
    const random = new Random(11);
    const versions = Array.from({ length: 90 }, () => '');
    let lines = Array.from({ length: 250 }, (_unused, i) => `line ${i} ${random.next(1e6)}`);
    for (const n of versions.keys()) {
      lines = lines.with(random.next(lines.length), `changed at ${n} ${random.next(1e6)}`);
      versions[n] = lines.join('\n');
    }
    storeBlobs(repository, versions);
    packAll(repository, '--window=5');
    await expectAll(repository, options);
  });
});

describe('objects larger than the arena', () => {
  test('are named for the fallback, with everything built from them; all others are read', async () => {
    const repository = populated(12, 6);
    const big = new Random(1).bytes(60_000);
    repository.commit('Big', { big });
    repository.commit('Bigger', { big: Buffer.concat([big, Buffer.from('more')]) });
    repository.git('repack', '-adfq');
    const oracle = allObjects(repository);
    const { objects, codes, unread } = await readStore(objectsFolder(repository), { arenaLimit: 50_000 });
    expect(codes).toEqual(['PACK_OBJECT_TOO_LARGE']);
    expect(unread).toEqual([repository.id('HEAD:big'), repository.id('HEAD^:big')].toSorted());
    for (const id of unread) oracle.delete(id);
    expectSameObjects(objects, oracle);
  });

  test('also when loose', async () => {
    const repository = makeRepository();
    const id = repository.store('blob', new Random(1).bytes(60_000));
    const { unread, codes } = await readStore(objectsFolder(repository), { arenaLimit: 50_000 });
    expect({ unread, codes }).toEqual({ unread: [id], codes: ['PACK_OBJECT_TOO_LARGE'] });
  });
});

describe('a quarantine', () => {
  test('is read before the directory behind it, as git reads it in a pre-receive hook', async () => {
    const repository = populated(13, 5);
    repository.git('repack', '-adq');
    const quarantine = repository.inside('objects', 'incoming-x');
    mkdirSync(quarantine);
    const environment = {
      GIT_OBJECT_DIRECTORY: quarantine,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: objectsFolder(repository),
    };
    Object.assign(repository.environment, environment);
    const id = repository.store('blob', 'pushed\n');
    const oracle = allObjects(repository);
    const reading = await readStore('/nowhere', { environment });
    expect(reading.codes).toEqual([]);
    expectSameObjects(reading.objects, oracle);
    expect(readdirSync(quarantine)).toEqual([id.slice(0, 2)]);
    // Control: without the environment the pushed object is not there.
    expect((await readStore(objectsFolder(repository))).objects.has(id)).toBe(false);
  });
});

describe('what is missing is said', () => {
  async function codesAfter(repository: TestRepository, change: () => void): Promise<string[]> {
    change();
    return (await readStore(objectsFolder(repository))).codes;
  }

  test('a pack without its index', async () => {
    const repository = populated(14, 4);
    repository.git('repack', '-adq');
    expect(await codesAfter(repository, () => rmSync(packFiles(repository, '.idx')[0]!))).toEqual([
      'PACK_INDEX_MISSING',
    ]);
  });

  test('an index without its pack', async () => {
    const repository = populated(15, 4);
    repository.git('repack', '-adq');
    expect(await codesAfter(repository, () => rmSync(packFiles(repository, '.pack')[0]!))).toEqual(['PACK_VANISHED']);
  });

  test('not an index without its pack if its objects are elsewhere', async () => {
    const repository = populated(16, 4);
    repository.git('repack', '-aq');
    const loose = await codesAfter(repository, () => rmSync(packFiles(repository, '.pack')[0]!));
    expect(loose).toEqual([]);
  });

  test('a pack that the multi-pack-index lists', async () => {
    const repository = populated(17, 4);
    repository.git('repack', '-adq');
    repository.git('multi-pack-index', 'write');
    const codes = await codesAfter(repository, () => {
      for (const file of [...packFiles(repository, '.pack'), ...packFiles(repository, '.idx')]) rmSync(file);
    });
    expect(codes).toEqual(['MIDX_PACK_MISSING']);
  });

  test('nothing if the multi-pack-index stands in for a lost index', async () => {
    const repository = populated(18, 8);
    repository.git('repack', '-adfq');
    repository.git('multi-pack-index', 'write');
    const oracle = allObjects(repository);
    rmSync(packFiles(repository, '.idx')[0]!);
    const reading = await readStore(objectsFolder(repository));
    expect(reading.codes).toEqual([]);
    expectSameObjects(reading.objects, oracle);
  });

  test('an index that the multi-pack-index cannot stand in for', async () => {
    const repository = populated(19, 4);
    repository.git('repack', '-q');
    renameSync(repository.inside('objects', 'pack'), repository.inside('objects', 'kept'));
    populate(repository, 20, 2);
    mkdirSync(repository.inside('objects', 'pack'), { recursive: true });
    repository.git('repack', '-aq');
    for (const file of readdirSync(repository.inside('objects', 'kept')))
      renameSync(repository.inside('objects', 'kept', file), repository.inside('objects', 'pack', file));
    repository.git('prune-packed', '-q');
    repository.git('multi-pack-index', 'write');
    const [one, other] = packFiles(repository, '.idx');
    const sizes = [one, other].map((idx) => repository.gitBytes(['verify-pack', '-v', idx!]).length);
    rmSync((sizes[0]! > sizes[1]! ? other : one)!);
    const { codes } = await readStore(objectsFolder(repository));
    // Either all its objects are in the other pack as well, or it is missed.
    expect([[], ['PACK_INDEX_MISSING']]).toContainEqual(codes);
  });

  test('a damaged multi-pack-index', async () => {
    const repository = populated(21, 4);
    repository.git('repack', '-adq');
    repository.git('multi-pack-index', 'write');
    expect(
      await codesAfter(repository, () => appendFileSync(repository.inside('objects', 'pack', 'multi-pack-index'), 'x')),
    ).toEqual(['MIDX_INVALID']);
  });
});
