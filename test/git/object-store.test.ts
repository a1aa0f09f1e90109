import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { objectDirectories, storeFaults } from '../../src/git/object-store.ts';
import { openRepository } from '../../src/git/repository.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository } from '../helpers/repository.ts';
import { signal } from '../helpers/source.ts';

/** Runs as somebody who may not read everything, even where the tests run as root. */
function unprivileged<T>(work: () => T): T {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

/** Where somebody else may look: the folders above are nobody's business. */
function makeStore(): string {
  const store = makeFolder('objects');
  for (const above of [store, path.dirname(store)]) chmodSync(above, 0o755);
  for (const folder of ['pack', 'info', 'ab']) mkdirSync(path.join(store, folder));
  return store;
}

describe('storeFaults', () => {
  test('a whole store has none', () => {
    const store = makeStore();
    for (const name of ['pack-1.pack', 'pack-1.idx', 'pack-1.rev', 'multi-pack-index', 'tmp_pack_x']) {
      writeFileSync(path.join(store, 'pack', name), '');
    }
    expect(storeFaults(store)).toEqual([]);
  });

  test('half a pack is one, whichever half', () => {
    const store = makeStore();
    for (const name of ['pack-1.pack', 'pack-2.idx']) writeFileSync(path.join(store, 'pack', name), '');
    expect(storeFaults(store)).toEqual([
      { code: 'GIT_PACK_INCOMPLETE', file: path.join(store, 'pack/pack-1.pack') },
      { code: 'GIT_PACK_INCOMPLETE', file: path.join(store, 'pack/pack-2.idx') },
    ]);
  });

  test.each(['.', 'pack', 'ab'])('a folder that may not be read is one: %s', (folder) => {
    const store = makeStore();
    const file = path.join(store, folder);
    chmodSync(file, 0o000);
    const faults = unprivileged(() => storeFaults(store));
    chmodSync(file, 0o755);
    expect(faults).toEqual([{ code: 'GIT_STORE_UNREADABLE', file }]);
    expect(unprivileged(() => storeFaults(store))).toEqual([]);
  });
});

test('objectDirectories follows alternates, odd names too', async () => {
  const first = makeRepository({ folder: path.join(makeFolder(), 'tab\tand "quote" é') });
  const second = makeRepository();
  writeFileSync(second.inside('objects/info/alternates'), `${first.inside('objects')}\n`);
  const opened = await openRepository(second.folder, { signal, environment: GIT_ENVIRONMENT });
  expect(await objectDirectories(opened, signal)).toEqual([second.inside('objects'), first.inside('objects')]);
});
