import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { PackError } from '../../../src/errors/pack.ts';
import { SHA1 } from '../../../src/git/pack/hash-format.ts';
import { closeObjectStore, type ObjectStore, openObjectStore } from '../../../src/git/pack/object-store.ts';
import { StoreReader } from '../../../src/git/pack/store-reader.ts';
import { walkObjects } from '../../../src/git/pack/store-walk.ts';
import { buildPack, objectsWith, whole } from '../../helpers/pack-builder.ts';
import { CheckingVisitor, expectSameObjects, readStore } from '../../helpers/pack-reading.ts';
import { allObjects, objectsFolder, packFiles, populate } from '../../helpers/pack-repository.ts';
import { makeRepository } from '../../helpers/repository.ts';

async function blobs(store: ObjectStore): Promise<{ read: number; unread: string[] }> {
  const visitor = new CheckingVisitor();
  const unread = await walkObjects(store, visitor, { type: 'blob' });
  return { read: visitor.shown.size, unread: unread.map(({ error }) => error.code) };
}

function open(directory: string, packMemory: number): { store: ObjectStore; errors: PackError[] } {
  const errors: PackError[] = [];
  const store = openObjectStore(directory, { format: SHA1, packMemory, report: (error) => errors.push(error) });
  return { store, errors };
}

describe('a gc after the store was opened', () => {
  test.each([0, 1e9])('takes nothing away from it (memory for packs: %i)', async (packMemory) => {
    const repository = makeRepository();
    populate(repository, 1, 10);
    repository.git('repack', '-dq');
    populate(repository, 2, 5);
    const oracle = allObjects(repository);
    const { store, errors } = open(objectsFolder(repository), packMemory);
    const loose = store.loose[0]!.count;
    const before = packFiles(repository, '.pack');
    repository.git('gc', '-q', '--prune=now');
    expect(packFiles(repository, '.pack')).not.toEqual(before);
    expect(readdirSync(objectsFolder(repository)).filter((name) => name.length === 2)).toEqual([]);
    const { read, unread } = await blobs(store);
    expect({ errors, unread, read, hadLoose: loose > 0 }).toEqual({
      errors: [],
      unread: [],
      read: [...oracle.values()].filter(({ type }) => type === 'blob').length,
      hadLoose: true,
    });
    const reader = new StoreReader(store);
    for (const [id, { bytes }] of oracle) expect(Buffer.from(reader.read(id)!.bytes).equals(bytes)).toBe(true);
    closeObjectStore(store);
  });

  test('is answered by a code where an object is gone for good', async () => {
    const repository = makeRepository();
    const id = repository.store('blob', 'unreachable\n');
    const { store } = open(objectsFolder(repository), 0);
    repository.git('prune', '--expire=now');
    expect(await blobs(store)).toEqual({ read: 0, unread: ['LOOSE_VANISHED'] });
    expect(() => new StoreReader(store).read(id)).toThrow(expect.objectContaining({ code: 'LOOSE_VANISHED' }));
  });
});

describe('a pack that is listed and cannot be opened', () => {
  test('is missed after the second look', async () => {
    const repository = makeRepository();
    populate(repository, 3, 2);
    repository.git('repack', '-dq');
    for (const ending of ['idx', 'pack']) symlinkSync('gone', repository.inside('objects', 'pack', `pack-x.${ending}`));
    const { codes } = await readStore(objectsFolder(repository));
    expect(codes).toEqual(['PACK_VANISHED']);
  });
});

describe('a pack that is replaced while others are opened', () => {
  test('is found at the second look', async () => {
    const first = buildPack([whole('blob', 'first')]);
    const damaged = Buffer.from(first.pack);
    damaged[damaged.length - 1]! ^= 1;
    const directory = objectsWith({ ...first, pack: damaged }, buildPack([whole('blob', 'second')]));
    const codes: string[] = [];
    // The first pack's damage is reported before the second pack is opened: that is when the gc runs.
    const report = ({ code }: PackError): void => {
      codes.push(code);
      if (codes.length > 1) return;
      for (const ending of ['pack', 'idx'])
        renameSync(path.join(directory, 'pack', `pack-1.${ending}`), path.join(directory, 'pack', `pack-2.${ending}`));
    };
    const store = openObjectStore(directory, { format: SHA1, report });
    expect(await blobs(store)).toEqual({ read: 2, unread: [] });
    expect(codes).toEqual(['PACK_INDEX_INVALID', 'PACK_CHECKSUM']);
  });
});

test('stores opened while packs come and go are whole', async () => {
  const repository = makeRepository();
  populate(repository, 4, 25);
  const oracle = allObjects(repository);
  const script =
    'for n in 1 2 3; do git repack -adfq --window=$n; git repack -adfq --depth=$n --max-pack-size=1m; done';
  const child = spawn('sh', ['-c', script], { cwd: repository.folder, env: repository.environment, stdio: 'ignore' });
  const ended = once(child, 'exit');
  let rounds = 0;
  while (child.exitCode === null) {
    const { codes, objects } = await readStore(path.join(repository.folder, '.git', 'objects'));
    expect(codes).toEqual([]);
    expectSameObjects(objects, oracle);
    rounds++;
    // The news that git has ended arrives between turns only.
    await setImmediate();
  }
  await ended;
  expect([child.exitCode, rounds > 2]).toEqual([0, true]);
});
