import { afterEach, describe, expect, test } from 'vitest';

import { openPackedRepository } from '../../src/git/packed-repository.ts';
import { openRepository } from '../../src/git/repository.ts';
import { treeDeltas } from '../../src/git/tree-sweep.ts';
import { KernelMemory } from '../../src/kernel/instance.ts';
import { treeSweeper } from '../../src/workers/tree-sweeper.ts';
import { WorkThread } from '../../src/workers/work-thread.ts';
import { packAll } from '../helpers/pack-repository.ts';
import { GIT_ENVIRONMENT, makeRepository } from '../helpers/repository.ts';
import { signal } from '../helpers/source.ts';

const thread = new WorkThread(new URL('../helpers/source-worker.mjs', import.meta.url));
afterEach(() => thread.end());

/** As many commits, each with a folder of its own in its tree. */
async function makeStore(commits: number, memory: KernelMemory) {
  const repository = makeRepository();
  let stream = '';
  for (let n = 0; n < commits; n++) {
    const who = `A <a@example.test> ${1_767_225_600 + n} +0000`;
    stream += `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\ndata 1\nc\ndeleteall\n`;
    stream += `M 100644 inline folder/${n}\ndata 1\nx\n`;
  }
  repository.gitBytes(['fast-import', '--quiet'], stream);
  packAll(repository);
  const opened = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
  return openPackedRepository(opened, () => undefined, { kernel: memory });
}

async function sweep(commits: number, isAhead = false) {
  const memory = new KernelMemory(256 << 20);
  const { store, table } = await makeStore(commits, memory);
  const sweeper = treeSweeper(memory, thread);
  if (isAhead) sweeper.begin(store, table);
  // Some may have been read before anybody listened.
  if (isAhead) await new Promise((resolve) => setTimeout(resolve, 300));
  let told = 0;
  const swept = await sweeper.sweep(store, table, (objects) => void (told += objects), signal);
  expect(told).toBeLessThanOrEqual(2 * commits);
  return swept === null ? null : treeDeltas(table, memory, swept);
}

describe('trees read in another thread', () => {
  test('are all read there', { timeout: 60_000 }, async () => {
    for (const isAhead of [false, true]) {
      const swept = await sweep(600, isAhead);
      expect(thread.isRunning).toBe(true);
      expect(swept?.order.length).toBe(1200);
      // Those of files, and of the folder.
      expect(swept?.names.length).toBe(601);
    }
  });

  test('are those of the store that they are asked of, whichever was begun with', { timeout: 60_000 }, async () => {
    const memory = new KernelMemory(1 << 30);
    const sweeper = treeSweeper(memory, thread);
    const other = await makeStore(700, memory);
    const { store, table } = await makeStore(600, memory);
    sweeper.begin(other.store, other.table);
    let told = 0;
    const swept = await sweeper.sweep(store, table, (objects) => void (told += objects), signal);
    expect(swept && treeDeltas(table, memory, swept).order.length).toBe(1200);
    expect(told).toBeLessThanOrEqual(1200);
  });

  test('are left to others where there is no room for them', { timeout: 60_000 }, async () => {
    const memory = new KernelMemory(64 << 20);
    const { store, table } = await makeStore(600, memory);
    await expect(treeSweeper(memory, thread).sweep(store, table, () => undefined, signal)).resolves.toBeNull();
    // The thread goes on.
    await expect(sweep(600)).resolves.not.toBeNull();
  });

  test('are not worth its start where they are few', async () => {
    await expect(sweep(100)).resolves.toBeNull();
    expect(thread.isRunning).toBe(false);
  });
});
