import { describe, expect, test } from 'vitest';

import { openRepository } from '../../src/git/repository.ts';
import { openPackedRepository } from '../../src/git/packed-repository.ts';
import { walkedPacks } from '../../src/git/pack/kernel-sweep.ts';
import { idPlace, sweepTrees, treeDeltas, unreadTrees } from '../../src/git/tree-sweep.ts';
import { KernelMemory } from '../../src/kernel/instance.ts';
import { Random, packAll } from '../helpers/pack-repository.ts';
import { GIT_ENVIRONMENT, type TestRepository, makeRepository } from '../helpers/repository.ts';
import { signal } from '../helpers/source.ts';

/** Names of every length, so that entries end anywhere. */
function nameOf(n: number): string {
  return `${'abcdefghij'[n % 10]}${n}${'x'.repeat((n * 7) % 23)}`;
}

/** Versions of folders of many entries, a few of which change each time. */
function makeFolders(objectFormat: 'sha1' | 'sha256'): TestRepository {
  const repository = makeRepository({ objectFormat });
  const random = new Random(7);
  const files = new Map<string, string>();
  for (let n = 0; n < 150; n++) files.set(nameOf(n), `file ${n % 40}`);
  for (let n = 0; n < 60; n++) files.set(`sub/${nameOf(n)}`, `file ${n}`);
  files.set('long'.repeat(200), 'a long name');
  let stream = '';
  const long = objectFormat === 'sha1' ? 40 : 64;
  for (let version = 0; version < 80; version++) {
    for (let edits = 1 + random.next(4); edits > 0; edits--) {
      const folder = random.next(3) === 0 ? 'sub/' : '';
      const name = folder + nameOf(random.next(200));
      const what = random.next(4);
      if (what === 0) files.delete(name);
      else files.set(name, what === 1 ? '@' : `file ${random.next(50)}`);
    }
    const who = `A <a@example.test> ${1_767_225_600 + version} +0000`;
    stream += `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\ndata 1\nc\ndeleteall\n`;
    for (const [name, text] of files)
      stream +=
        text === '@'
          ? `M 160000 ${'1'.repeat(long)} ${name}\n`
          : `M 100644 inline ${name}\ndata ${text.length}\n${text}\n`;
  }
  repository.gitBytes(['fast-import', '--quiet'], stream);
  return repository;
}

/** @param heldPack - larger packs are read by parts */
async function sweep(repository: TestRepository, memory = new KernelMemory(256 << 20), heldPack?: number) {
  const opened = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
  const faults: string[] = [];
  const { store, table } = openPackedRepository(opened, ({ code }) => faults.push(code), { kernel: memory, heldPack });
  const ids = idPlace(store, table);
  if (ids === null) throw new Error('the ids are not in the memory of the kernel');
  const steps = sweepTrees(walkedPacks(store), ids, memory, table);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const { malformed } = step.value;
  const deltas = treeDeltas(table, memory, step.value);
  return { table, names: deltas.names, deltas, faults, rest: { malformed, unread: unreadTrees(deltas) } };
}

/** A tree as `git ls-tree` prints it, from what the sweep has kept. */
function listing({ table, names, deltas }: Awaited<ReturnType<typeof sweep>>, position: number): string[] {
  return deltas.edgesOf(position).map((edge) => {
    const entry = deltas.entries.at(edge);
    const target = deltas.targets.at(edge);
    const kind = ['blob', 'tree', 'commit'][entry & 3] ?? '?';
    const id = target >= 0 ? table.hex(target) : kind === 'commit' ? '-' : deltas.absent.hex(~(target + 1));
    return `${kind} ${id} ${names.get(entry >> 2)?.toString() ?? '?'}`;
  });
}

function listedByGit(repository: TestRepository, id: string): string[] {
  return repository
    .git('ls-tree', id)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, kind = '', target = '', name = ''] = /^\d+ (\w+) (\w+)\t(.*)$/.exec(line) ?? [];
      return `${kind} ${kind === 'commit' ? '-' : target} ${name}`;
    });
}

describe.each(['sha1', 'sha256'] as const)('a sweep over the trees of a pack (%s)', (objectFormat) => {
  const repository = makeFolders(objectFormat);
  repository.git('repack', '-adfq', '--depth=50', '--window=50');

  test('knows every entry of every tree, and most of them from a base', async () => {
    const swept = await sweep(repository);
    const { table, deltas, faults, rest } = swept;
    expect(faults).toEqual([]);
    expect(rest).toEqual({ malformed: [], unread: new Uint32Array(0) });
    const trees = [...table.ofType(1)];
    expect(table.countOfType(1)).toBe(trees.length);
    expect(trees.length).toBeGreaterThan(80);
    expect(trees.filter((tree) => (deltas.bases[tree] ?? -1) >= 0).length).toBeGreaterThan(60);
    for (const tree of trees) expect(listing(swept, tree)).toEqual(listedByGit(repository, table.hex(tree)));
    const all = trees.reduce((sum, tree) => sum + deltas.edgesOf(tree).length, 0);
    expect(deltas.targets.length).toBeLessThan(all / 5);
  });

  test('reads a pack by parts as it reads one in memory', async () => {
    const whole = await sweep(repository);
    const byParts = await sweep(repository, new KernelMemory(256 << 20), 0);
    expect(byParts.rest).toEqual(whole.rest);
    for (const tree of whole.table.ofType(1)) expect(listing(byParts, tree)).toEqual(listing(whole, tree));
    expect([...byParts.deltas.bases]).toEqual([...whole.deltas.bases]);
  });

  test('an entry that is taken from the wrong place is noticed (control)', async () => {
    const swept = await sweep(repository);
    const { deltas, table } = swept;
    const stepsOf = (tree: number): number[] =>
      Array.from(
        { length: ((deltas.stepEnd[tree] ?? 0) - (deltas.firstStep[tree] ?? 0)) / 2 },
        (_, i) => (deltas.firstStep[tree] ?? 0) + 2 * i,
      );
    const takesLater = (step: number): boolean => deltas.steps.at(step) > 0;
    const tree = [...table.ofType(1)].find((one) => stepsOf(one).some(takesLater)) ?? -1;
    const at = stepsOf(tree).find(takesLater) ?? -1;
    expect(at).toBeGreaterThanOrEqual(0);
    deltas.steps.set(at, deltas.steps.at(at) - 1);
    expect(listing(swept, tree)).not.toEqual(listedByGit(repository, table.hex(tree)));
  });
});

test('malformed trees break off where they do, and loose ones are left to others', async () => {
  const repository = makeRepository();
  const blob = repository.store('blob', 'content');
  const entry = Buffer.concat([Buffer.from('100644 a\0'), Buffer.from(blob, 'hex')]);
  const bad = repository.store('tree', Buffer.concat([entry, Buffer.from('100644 b\0short')]));
  packAll(repository);
  const loose = repository.store('tree', entry);
  const swept = await sweep(repository);
  expect(swept.rest.malformed.map((position) => swept.table.hex(position))).toEqual([bad]);
  expect(listing(swept, swept.table.findHex(bad))).toEqual([`blob ${blob} a`]);
  // The type of what is loose is not known yet.
  expect(swept.rest.unread.length).toBe(0);
  expect(swept.table.findHex(loose)).toBeGreaterThanOrEqual(0);
});

test('trees that only leave entries of their bases out, thousands of times', async () => {
  const repository = makeRepository();
  const blob = repository.store('blob', 'content');
  const id = Buffer.from(blob, 'hex');
  const entries = Array.from({ length: 5000 }, (_, n) =>
    Buffer.concat([Buffer.from(`100644 ${`${n}`.padStart(5, '0')}-${(n * 7919) % 5000}\0`), id]),
  );
  const stored = [2, 3, 4, 5, 6, 7, 8].map((every) =>
    repository.store('tree', Buffer.concat(entries.filter((_, n) => n % every !== 1))),
  );
  stored.push(repository.store('tree', Buffer.concat(entries)));
  packAll(repository);
  const swept = await sweep(repository);
  const { table, deltas } = swept;
  // More steps than there is room for edges in hand, and hardly an entry of its own.
  expect(deltas.steps.length / 2).toBeGreaterThan(8192);
  expect(deltas.targets.length).toBeLessThan(3 * 5000);
  for (const tree of stored) expect(listing(swept, table.findHex(tree))).toEqual(listedByGit(repository, tree));
});

test('more names than there is room for at first, in the middle of a tree that is a delta', async () => {
  const repository = makeRepository();
  const blob = repository.store('blob', 'content');
  const id = Buffer.from(blob, 'hex');
  const entry = (name: string): Buffer => Buffer.concat([Buffer.from(`100644 ${name}\0`), id]);
  const named = (n: number): string => `${n}`.padStart(6, '0');
  const first = Array.from({ length: 12_000 }, (_, n) => entry(named(2 * n)));
  const second = Array.from({ length: 18_000 }, (_, n) => entry(named(n)));
  const stored = [first, second].map((entries) => repository.store('tree', Buffer.concat(entries)));
  packAll(repository, '--window=10', '--depth=10');
  const swept = await sweep(repository);
  expect(swept.names.length).toBe(21_000);
  expect(swept.deltas.bases.some((base) => base >= 0)).toBe(true);
  const { firstStep, stepEnd, steps, targets, table } = swept.deltas;
  let own = 0;
  for (const tree of stored) {
    const position = table.findHex(tree);
    for (let step = firstStep[position] ?? 0; step < (stepEnd[position] ?? 0); step += 2)
      if (steps.at(step) < 0) own += steps.at(step + 1);
  }
  // What was read before there was room is forgotten.
  expect(targets.length).toBe(own);
  for (const tree of stored) expect(listing(swept, swept.table.findHex(tree))).toEqual(listedByGit(repository, tree));
});
