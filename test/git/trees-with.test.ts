import { describe, expect, test } from 'vitest';

import type { ObjectTable } from '../../src/git/object-table.ts';
import { openPackedRepository } from '../../src/git/packed-repository.ts';
import { openRepository } from '../../src/git/repository.ts';
import { BLOB } from '../../src/git/object/type.ts';
import { walkedPacks } from '../../src/git/pack/kernel-sweep.ts';
import { idPlace, sweepTrees, treeDeltas } from '../../src/git/tree-sweep.ts';
import { treesWith } from '../../src/git/trees-with.ts';
import { KernelMemory } from '../../src/kernel/instance.ts';
import { Hits } from '../../src/sources/history/hits.ts';
import type { HitTrees } from '../../src/sources/history/hit-trees.ts';
import { ENTRY_NAME } from '../../src/sources/history/names.ts';
import { hitTreesOf } from '../../src/sources/history/packed-hits.ts';
import { packAll, Random } from '../helpers/pack-repository.ts';
import { makeRandomHistory } from '../helpers/random-history.ts';
import { GIT_ENVIRONMENT, type TestRepository, makeRepository } from '../helpers/repository.ts';
import { signal } from '../helpers/source.ts';

/** Trees as the kernel has read them. */
async function read(repository: TestRepository) {
  const opened = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
  const memory = new KernelMemory(256 << 20);
  const used = memory.region(64 << 20);
  memory.bytes.fill(0xa5, used.start, used.end);
  const fail = (error: Error): never => {
    throw error;
  };
  const { store, table } = openPackedRepository(opened, fail, { kernel: memory });
  const ids = idPlace(store, table);
  if (ids === null) throw new Error('the ids are not in the memory of the kernel');
  const steps = sweepTrees(walkedPacks(store), ids, memory, table);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const deltas = treeDeltas(table, memory, step.value);
  // What it is given need not be empty.
  memory.giveBack(used);
  return { table, deltas, trees: { memory, place: step.value.place, table, names: deltas.names.length } };
}

function hitsOf(table: ObjectTable, held: readonly string[]): Hits {
  return new Hits({ store: { table } }, new Map(held.map((id) => [id, new Set([`in ${id}`])])));
}

function plain({ count, numbers, starts, keys, targets }: HitTrees) {
  return { count, numbers: [...numbers], starts: [...starts], keys: [...keys], targets: [...targets] };
}

describe('trees that hold a hit, as the kernel finds them', () => {
  test('are those that are found without it, whatever the hits', async () => {
    const { repository } = makeRandomHistory(11, 60);
    packAll(repository);
    const { table, deltas, trees } = await read(repository);
    const blobs = [...table.ofType(BLOB)].map((position) => table.hex(position));
    const some = (every: number): string[] => blobs.filter((_, i) => i % every === 0);
    const named = [`${ENTRY_NAME}0`, `${ENTRY_NAME}2`];
    for (const held of [some(1), some(3), some(17), some(1000), named, [...some(5), ...named]]) {
      const hits = hitsOf(table, held);
      const found = await treesWith(trees, hits);
      expect(found && plain(found)).toEqual(plain(hitTreesOf(deltas, hits, new Set())));
      expect(found?.count).toBeGreaterThan(0);
    }
    // Control: other hits, other trees.
    const [one, other] = await Promise.all([some(3), some(17)].map((held) => treesWith(trees, hitsOf(table, held))));
    expect(one && plain(one)).not.toEqual(other && plain(other));
  });

  test('are those that are found without it where large trees are stored as differences', async () => {
    const repository = makeRepository();
    const random = new Random(5);
    const store = (files: ReadonlyMap<string, string>, mode: string): string => {
      const names = [...files.keys()].toSorted();
      const entries = names.map((name) => [
        Buffer.from(`${mode} ${name}\0`),
        Buffer.from(files.get(name) ?? '', 'hex'),
      ]);
      return repository.store('tree', Buffer.concat(entries.flat()));
    };
    const blobs = Array.from({ length: 40 }, (_, n) => repository.store('blob', `content ${n}`));
    const files = new Map(Array.from({ length: 90 }, (_, n) => [`file-${n}`, random.pick(blobs)]));
    const folders = new Map<string, string>();
    for (let version = 0; version < 40; version++) {
      const name = `file-${random.next(120)}`;
      if (random.next(3) === 0) files.delete(name);
      else files.set(name, random.pick(blobs));
      folders.set(`folder-${random.next(60)}`, store(files, '100644'));
      store(folders, '40000');
    }
    packAll(repository);
    const { table, deltas, trees } = await read(repository);
    expect(deltas.bases.filter((base) => base >= 0).length).toBeGreaterThan(20);
    for (const held of [blobs.slice(0, 1), blobs.slice(1, 3), blobs.slice(3, 9), [`${ENTRY_NAME}3`, blobs[20] ?? '']]) {
      const hits = hitsOf(table, held);
      const found = await treesWith(trees, hits);
      expect(found && plain(found)).toEqual(plain(hitTreesOf(deltas, hits, new Set())));
      expect(found?.count).toBeGreaterThan(10);
    }
  });

  test('are listed by rising keys, whatever the order of entries, and those of one name as they come', async () => {
    const repository = makeRepository();
    const random = new Random(7);
    const blobs = Array.from({ length: 9 }, (_, n) => repository.store('blob', `content ${n}`));
    const tree = (names: readonly string[]): string =>
      repository.store(
        'tree',
        Buffer.concat(
          names.flatMap((name) => [Buffer.from(`100644 ${name}\0`), Buffer.from(random.pick(blobs), 'hex')]),
        ),
      );
    const names = Array.from({ length: 700 }, (_, n) => `file-${n}`);
    tree(names);
    tree(names.toReversed());
    tree(names.map((name, i) => (i % 3 === 0 ? (names.at(-i) ?? '') : name)));
    for (let length = 1; length < 40; length++) tree(Array.from({ length }, () => random.pick(names)));
    packAll(repository);
    const { table, deltas, trees } = await read(repository);
    for (const held of [blobs, blobs.slice(0, 2), [...blobs.slice(4), `${ENTRY_NAME}3`, `${ENTRY_NAME}690`]]) {
      const hits = hitsOf(table, held);
      const found = await treesWith(trees, hits);
      expect(found && plain(found)).toEqual(plain(hitTreesOf(deltas, hits, new Set())));
      const { starts, keys } = plain(found ?? hitTreesOf(deltas, hits, new Set()));
      const rises = (from: number, to: number) =>
        keys.slice(from, to).every((key, i, all) => i === 0 || key >= (all[i - 1] ?? 0));
      expect(starts.slice(1).every((end, i) => rises(starts[i] ?? 0, end))).toBe(true);
    }
  });

  test('are left to others where folders are nested deep, and their order is against it', async () => {
    const repository = makeRepository();
    let id = repository.store('blob', 'content');
    const blob = id;
    let mode = '100644';
    for (let depth = 0; depth < 40; depth++) {
      id = repository.store('tree', Buffer.concat([Buffer.from(`${mode} a${depth}\0`), Buffer.from(id, 'hex')]));
      mode = '40000';
    }
    packAll(repository);
    const { table, deltas, trees } = await read(repository);
    const hits = hitsOf(table, [blob]);
    expect(await treesWith(trees, hits)).toBeNull();
    expect(hitTreesOf(deltas, hits, new Set()).count).toBe(40);
  });
});
