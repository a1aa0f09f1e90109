import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { openRepository } from '../../../src/git/repository.ts';
import type { Progress } from '../../../src/sources/progress.ts';
import { type HistoryOptions, historySource } from '../../../src/sources/history.ts';
import { GIT_ENVIRONMENT, type TestRepository, makeFolder, makeRepository } from '../../helpers/repository.ts';
import { buildPack, whole } from '../../helpers/pack-builder.ts';
import { leavesAll } from '../../helpers/packs-unscanned.ts';
import { contentOf, find, readText, signal } from '../../helpers/source.ts';

function objectFile(repository: TestRepository, id: string): string {
  return repository.inside('objects', id.slice(0, 2), id.slice(2));
}

function clone(repository: TestRepository, ...args: readonly string[]): string {
  const target = path.join(makeFolder(), 'clone');
  repository.git('clone', '-q', ...args, `file://${repository.folder}`, target);
  return target;
}

describe.each(['cat-file', 'packs'] as const)('objects read from %s', (engine) => {
  async function history(folder: string, options: HistoryOptions = {}) {
    return historySource(await openRepository(folder, { signal, environment: GIT_ENVIRONMENT }), {
      engine,
      scanner: engine === 'packs' ? leavesAll() : null,
      ...options,
    });
  }

  /** Scans for texts and says where each is. */
  async function look(target: TestRepository | string, texts: readonly string[], options: HistoryOptions = {}) {
    const source = await history(typeof target === 'string' ? target : target.folder, options);
    const found = await find(source, texts);
    const placesOf = (text: string) =>
      found.places.filter(({ fingerprint }) => fingerprint === text).map(({ place }) => place);
    return { ...found, source, placesOf, coverage: source.coverage.report('history') };
  }

  describe('repositories of every shape', () => {
    test.each([{ bare: false }, { bare: true }])('an empty one: $bare', async (options) => {
      const { drained, coverage } = await look(makeRepository(options), []);
      expect(drained).toEqual([]);
      expect(coverage).toMatchObject({ complete: true, blobs: 0, commits: 0, refs: 0 });
    });

    test('a bare one, whose exposure nobody knows', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'needle' });
      const { exposure, coverage, placesOf } = await look(clone(repository, '--bare'), ['needle']);
      expect(placesOf('needle')).toMatchObject([{ path: 'a.txt', reach: 'ref' }]);
      expect(coverage).toMatchObject({ complete: true, blobs: 1, commits: 1 });
      expect(exposure.get('needle')).toBe('unknown');
    });

    test('a clone: what is on a remote-tracking branch is exposed, what is not is local', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'pushed' });
      const target = clone(repository);
      writeFileSync(path.join(target, 'b.txt'), 'kept');
      const run = (...args: string[]) => execFileSync('git', args, { cwd: target, env: repository.environment });
      run('add', 'b.txt');
      run('commit', '-qm', 'second');
      const { exposure } = await look(target, ['pushed', 'kept']);
      expect(exposure).toEqual(
        new Map([
          ['pushed', 'remote'],
          ['kept', 'local'],
        ]),
      );
    });

    test('a linked work tree: its index and its HEAD count', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'a' });
      const linked = path.join(makeFolder(), 'linked');
      repository.git('worktree', 'add', '-q', '--detach', linked);
      const run = (...args: string[]) => execFileSync('git', args, { cwd: linked, env: repository.environment });
      writeFileSync(path.join(linked, 'b.txt'), 'in-linked-commit');
      run('add', 'b.txt');
      run('commit', '-qm', 'detached');
      writeFileSync(path.join(linked, 'c.txt'), 'in-linked-index');
      run('add', 'c.txt');
      for (const folder of [repository.folder, linked]) {
        const { placesOf, coverage } = await look(folder, ['in-linked-commit', 'in-linked-index']);
        expect(placesOf('in-linked-commit')).toMatchObject([{ path: 'b.txt', reach: 'ref' }]);
        expect(placesOf('in-linked-index')).toMatchObject([{ path: 'c.txt', commit: null, reach: 'index' }]);
        expect(coverage).toMatchObject({ complete: true, unreachable: 0 });
      }
    });

    test('alternates are covered', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'needle' });
      const other = makeRepository();
      appendFileSync(other.inside('objects/info/alternates'), `${repository.inside('objects')}\n`);
      const { placesOf, coverage } = await look(other, ['needle']);
      expect(coverage).toMatchObject({ complete: true, blobs: 1, commits: 1, unreachable: 3 });
      expect(placesOf('needle')).toMatchObject([{ path: 'a.txt', reach: 'none', heldBy: [] }]);
    });

    test('a `.git` file, as a submodule has', async () => {
      const inner = makeRepository();
      inner.commit('first', { 'a.txt': 'inner' });
      const outer = makeRepository();
      outer.git('submodule', 'add', '-q', inner.folder, 'sub');
      outer.commit('with a submodule', { 'b.txt': 'outer' });
      expect((await look(path.join(outer.folder, 'sub'), ['inner'])).placesOf('inner')).toHaveLength(1);
      const { placesOf, coverage } = await look(outer, ['inner', 'outer']);
      expect([placesOf('inner'), placesOf('outer').length]).toEqual([[], 1]);
      expect(coverage.skipped).toEqual([{ reason: 'gitlink', count: 1, examples: ['sub'] }]);
      expect(coverage.complete).toBe(true);
    });
  });

  describe('what lies outside of files', () => {
    test('names of refs, files and folders', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'plain.txt': 'a' });
      const commit = repository.commit('second', { 'secret-folder/x/secret-file.txt': 'b' });
      repository.git('branch', 'topic/secret-branch');
      const { placesOf, source, holdings, firstSeen } = await look(repository, [
        'secret-folder',
        'secret-file',
        'secret-branch',
      ]);
      expect(placesOf('secret-folder')).toMatchObject([{ kind: 'path', path: 'secret-folder', commit, blob: null }]);
      expect(placesOf('secret-file')).toMatchObject([
        { kind: 'path', path: 'secret-folder/x/secret-file.txt', commit },
      ]);
      expect(placesOf('secret-branch')).toMatchObject([
        { kind: 'path', path: 'refs/heads/topic/secret-branch', commit },
      ]);
      expect(firstSeen.get('secret-file')?.commit).toBe(commit);
      const texts = await Promise.all([...holdings.keys()].map((id) => readText(source, id)));
      expect(texts.toSorted()).toEqual(['refs/heads/topic/secret-branch', 'secret-file.txt', 'secret-folder']);
    });

    test('messages in other encodings, merged tags, and read again as scanned', async () => {
      const repository = makeRepository();
      repository.commit('first');
      repository.git('switch', '-qc', 'side');
      repository.commit('side');
      repository.git('tag', '-a', 'v1', '-m', 'in-merged-tag');
      repository.git('switch', '-q', 'main');
      const tag = repository.gitBytes(['cat-file', 'tag', 'v1']).toString().trimEnd().replaceAll('\n', '\n ');
      const merge = [
        `tree ${repository.id('HEAD^{tree}')}`,
        `parent ${repository.id('HEAD')}`,
        `parent ${repository.id('side')}`,
        `author Zoë <z@example.test> ${repository.clock} +0100`,
        `committer Zoë <z@example.test> ${repository.clock} +0100`,
        `mergetag ${tag}`,
        'encoding ISO-8859-1',
        '',
        'schlüssel-in-latin1\n',
      ].join('\n');
      const id = repository.store('commit', Buffer.from(merge, 'latin1'));
      repository.git('update-ref', 'refs/heads/main', id);
      const { placesOf, holdings, source } = await look(repository, ['in-merged-tag', 'schlüssel-in-latin1', 'Zoë']);
      expect(
        placesOf('in-merged-tag')
          .map(({ kind }) => kind)
          .toSorted(),
      ).toEqual(['commit-message', 'tag-message']);
      expect(placesOf('schlüssel-in-latin1')).toMatchObject([
        { kind: 'commit-message', commit: id, author: 'Zoë', blob: id },
      ]);
      expect(placesOf('Zoë')).toHaveLength(1);
      expect(holdings.has(id)).toBe(true);
      expect(await readText(source, id)).toContain('schlüssel-in-latin1');
    });

    test('tags of blobs and trees, the index, and what nothing holds', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'a' });
      repository.git('tag', '-a', 'key', '-m', 'a public key', repository.store('blob', 'tagged-blob'));
      const tree = repository.store(
        'tree',
        Buffer.concat([
          Buffer.from('100644 in-tree.txt\0'),
          Buffer.from(repository.store('blob', 'tagged-tree'), 'hex'),
        ]),
      );
      repository.git('tag', 'tree', tree);
      repository.stage({ 'new/index.txt': 'in-index' });
      const loose = repository.store('blob', 'in-nothing');
      const { placesOf, coverage, firstSeen } = await look(repository, [
        'tagged-blob',
        'tagged-tree',
        'in-index',
        'in-nothing',
      ]);
      expect(placesOf('tagged-blob')).toMatchObject([
        { path: null, commit: null, reach: 'ref', heldBy: [{ ref: 'refs/tags/key' }] },
      ]);
      expect(placesOf('tagged-tree')).toMatchObject([{ path: 'in-tree.txt', commit: null, reach: 'ref' }]);
      expect(placesOf('in-index')).toMatchObject([{ path: 'new/index.txt', commit: null, reach: 'index' }]);
      expect(placesOf('in-nothing')).toMatchObject([{ path: null, commit: null, reach: 'none', blob: loose }]);
      expect(firstSeen.size).toBe(0);
      expect(coverage).toMatchObject({ complete: true, unreachable: 1 });
    });

    test('an LFS pointer is scanned, its object named', async () => {
      const repository = makeRepository();
      const object = `sha256:${'ab'.repeat(32)}`;
      repository.commit('first', {
        'big.bin': `version https://git-lfs.github.com/spec/v1\noid ${object}\nsize 12345\n`,
      });
      const { coverage } = await look(repository, []);
      expect(coverage).toMatchObject({ complete: true, blobs: 1 });
      expect(coverage.skipped).toEqual([{ reason: 'lfs-object', count: 1, examples: [object] }]);
    });
  });

  describe('what hides objects does not', () => {
    test('replace refs and grafts', async () => {
      const repository = makeRepository();
      const first = repository.commit('first', { 'a.txt': 'replaced-away' });
      const second = repository.commit('second', { 'a.txt': 'later' });
      repository.git('replace', repository.id(`${first}:a.txt`), repository.store('blob', 'harmless'));
      writeFileSync(repository.inside('info/grafts'), `${second}\n`);
      const { placesOf } = await look(repository, ['replaced-away', 'harmless']);
      expect(placesOf('replaced-away')).toMatchObject([{ path: 'a.txt', commit: first, removedIn: [second] }]);
      expect(placesOf('harmless')).toMatchObject([{ path: null, reach: 'ref' }]);
    });

    test('a commit graph that is wrong', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'needle' });
      repository.git('commit-graph', 'write', '--reachable');
      const graph = repository.inside('objects/info/commit-graph');
      chmodSync(graph, 0o644);
      writeFileSync(graph, readFileSync(graph).fill(0xff, 200));
      const { placesOf, coverage } = await look(repository, ['needle']);
      expect(placesOf('needle')).toHaveLength(1);
      expect(coverage.problems).toEqual([]);
    });

    test('a reverse index that leaves objects out', async () => {
      const repository = makeRepository();
      const files = Array.from({ length: 20 }, (_, i): [string, string] => [
        `f${i}.txt`,
        `content-${i}-${'x'.repeat(i)}`,
      ]);
      repository.commit('first', Object.fromEntries(files));
      repository.git('-c', 'pack.writeReverseIndex=true', 'repack', '-adq');
      const name = readdirSync(repository.inside('objects/pack')).find((file) => file.endsWith('.rev')) ?? '';
      const file = repository.inside('objects/pack', name);
      chmodSync(file, 0o644);
      const bytes = readFileSync(file);
      // Every place in the pack is said to be the first object.
      bytes.fill(0, 12, bytes.length - 40);
      writeFileSync(file, bytes);
      const { holdings } = await look(
        repository,
        files.map(([, content]) => content),
      );
      expect(holdings.size).toBe(20);
    });
  });

  describe('what is not there is said', () => {
    test('a shallow clone, and introductions at its boundary', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'old-needle' });
      repository.commit('second', { 'b.txt': 'b' });
      const tip = repository.commit('third', { 'c.txt': 'new-needle' });
      const { placesOf, coverage } = await look(clone(repository, '--depth=2'), ['old-needle', 'new-needle']);
      expect(coverage.problems).toMatchObject([{ code: 'GIT_SHALLOW', mend: 'git fetch --unshallow' }]);
      expect(placesOf('old-needle')).toMatchObject([{ path: 'a.txt', atBoundary: true }]);
      expect(placesOf('new-needle')).toMatchObject([{ path: 'c.txt', commit: tip }]);
      expect(placesOf('new-needle')[0]).not.toHaveProperty('atBoundary');
    });

    test('an object under the id of another, where ids are computed, and not otherwise (control)', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'a' });
      const forged = buildPack([{ ...whole('blob', 'needle'), id: 'a'.repeat(40) }]);
      const pack = path.join(repository.inside('objects', 'pack'), `pack-${'b'.repeat(40)}`);
      writeFileSync(`${pack}.pack`, forged.pack);
      writeFileSync(`${pack}.idx`, forged.idx);
      const trusting = await look(repository, ['needle']);
      expect(trusting.coverage).toMatchObject({ complete: true, blobs: 2 });
      const { coverage, drained } = await look(repository, ['needle'], { verifyObjects: true });
      expect(coverage).toMatchObject({ complete: false, blobs: 1 });
      expect(coverage.problems.map(({ message }) => message).join()).toContain('a'.repeat(40));
      expect(drained.some(({ bytes }) => bytes.includes('needle'))).toBe(false);
    });

    test('a partial clone', async () => {
      const repository = makeRepository();
      repository.git('config', 'uploadpack.allowFilter', 'true');
      repository.commit('first', { 'a.txt': 'a', 'b.txt': 'b' });
      repository.commit('second', { 'a.txt': 'aa', 'b.txt': 'bb' });
      const { coverage } = await look(clone(repository, '--filter=blob:none', '--bare'), []);
      expect(coverage).toMatchObject({ complete: false, blobs: 0, commits: 2 });
      expect(coverage.problems).toMatchObject([{ code: 'GIT_PROMISED_ABSENT', count: 4 }]);
    });

    test('a partial clone, until it is done what is said there', async () => {
      const repository = makeRepository();
      repository.git('config', 'uploadpack.allowFilter', 'true');
      repository.commit('first', { 'a.txt': 'a', 'b.txt': 'needle' });
      const target = clone(repository, '--filter=blob:none', '--no-checkout');
      const { problems } = (await look(target, [])).coverage;
      const [, command = ''] = /`git ([^`]*)`/.exec(problems[0]?.mend ?? '') ?? [];
      execFileSync('git', [...command.split(' '), '-q'], { cwd: target, env: repository.environment });
      const { coverage, placesOf } = await look(target, ['needle']);
      expect(coverage).toMatchObject({ complete: true, blobs: 2 });
      expect(placesOf('needle')).toMatchObject([{ path: 'b.txt' }]);
    });

    test('a partial clone whose remote was taken away', async () => {
      const repository = makeRepository();
      repository.git('config', 'uploadpack.allowFilter', 'true');
      repository.commit('first', { 'a.txt': 'a' });
      const target = clone(repository, '--filter=blob:none', '--bare');
      execFileSync('git', ['remote', 'remove', 'origin'], { cwd: target, env: repository.environment });
      expect((await look(target, [])).coverage.problems).toMatchObject([{ code: 'GIT_PROMISED_ABSENT', count: 1 }]);
    });

    test('a commit without a tree', async () => {
      const repository = makeRepository();
      repository.store('commit', `author A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nneedle\n`);
      const { coverage, placesOf } = await look(repository, ['needle']);
      expect(coverage.problems).toMatchObject([{ code: 'GIT_OBJECT_MALFORMED' }]);
      expect(placesOf('needle')).toMatchObject([{ kind: 'commit-message', reach: 'none' }]);
    });

    test.each([
      ['blob', 'HEAD:a.txt', 'GIT_OBJECT_MISSING'],
      ['tree', 'HEAD:folder', 'GIT_OBJECT_MISSING'],
      ['root tree', 'HEAD^{tree}', 'GIT_OBJECT_MISSING'],
      ['parent', 'HEAD~1', 'GIT_OBJECT_MISSING'],
      ['tip', 'HEAD', 'GIT_REF_BROKEN'],
    ])('an absent %s', async (_, revision, code) => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'needle' });
      repository.commit('second', { 'folder/b.txt': 'other' });
      rmSync(objectFile(repository, repository.id(revision)));
      const { coverage } = await look(repository, ['needle']);
      expect(coverage.complete).toBe(false);
      expect(coverage.problems.map((problem) => problem.code)).toContain(code);
    });

    test.each([
      ['garbage', () => Buffer.from('garbage')],
      ['nothing', () => Buffer.alloc(0)],
      ['half of it', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    ])('a loose object that is %s', async (_, damage) => {
      const repository = makeRepository();
      repository.commit('first', {
        'a.txt': Array.from({ length: 300 }, (__, i) => i * 7919).join(' '),
        'b.txt': 'needle',
      });
      const file = objectFile(repository, repository.id('HEAD:a.txt'));
      chmodSync(file, 0o644);
      writeFileSync(file, damage(readFileSync(file)));
      const { coverage, placesOf } = await look(repository, ['needle']);
      expect(coverage.problems.map(({ code }) => code)).toContain('GIT_OBJECT_CORRUPT');
      expect(placesOf('needle')).toHaveLength(1);
    });

    test('a pack that is cut short, beside one that is not', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'lost' });
      repository.git('repack', '-adq');
      const name = readdirSync(repository.inside('objects/pack')).find((file) => file.endsWith('.pack')) ?? '';
      repository.commit('second', { 'b.txt': 'needle' });
      const file = repository.inside('objects/pack', name);
      chmodSync(file, 0o644);
      writeFileSync(file, readFileSync(file).subarray(0, 40));
      const { coverage, holdings } = await look(repository, ['needle']);
      expect(coverage.problems.map(({ code }) => code)).toContain('GIT_OBJECT_CORRUPT');
      expect(holdings.size).toBe(1);
    });

    test.each(['idx', 'pack'])('a pack without its .%s, which git passes over in silence', async (extension) => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'a' });
      repository.git('repack', '-adq');
      repository.git('update-ref', '-d', 'refs/heads/main');
      rmSync(repository.inside('logs'), { recursive: true });
      rmSync(repository.inside('index'));
      const name = readdirSync(repository.inside('objects/pack')).find((file) => file.endsWith(`.${extension}`)) ?? '';
      renameSync(repository.inside('objects/pack', name), path.join(makeFolder(), name));
      const { coverage } = await look(repository, []);
      expect(coverage.problems[0]?.code).toMatch(/^(?:GIT_PACK_INCOMPLETE|PACK_INDEX_MISSING|PACK_VANISHED)$/);
    });

    test('a malformed tree is a problem, and the rest is scanned', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'needle' });
      repository.store('tree', '100644 name-without-an-id\0short');
      const { coverage, placesOf } = await look(repository, ['needle']);
      expect(coverage.problems.map(({ code }) => code)).toEqual(['GIT_OBJECT_MALFORMED']);
      expect(placesOf('needle')).toHaveLength(1);
    });

    test('what only unreachable objects miss is nobody’s loss', async () => {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'a' });
      const dropped = repository.commit('second', { 'b.txt': 'b' });
      repository.git('reset', '-q', '--hard', 'HEAD~1');
      rmSync(repository.inside('logs'), { recursive: true });
      rmSync(objectFile(repository, repository.id(`${dropped}:b.txt`)));
      expect((await look(repository, [])).coverage).toMatchObject({ complete: true, unreachable: 2 });
    });
  });

  describe('what is reachable', () => {
    function withLeftovers(): TestRepository {
      const repository = makeRepository();
      repository.commit('first', { 'a.txt': 'kept', 'f/g.txt': 'deep' });
      repository.commit('second', { 'b.txt': 'in-reflog' });
      repository.git('reset', '-q', '--hard', 'HEAD~1');
      repository.stage({ 'c.txt': 'in-index' });
      repository.store('blob', 'in-nothing');
      repository.git('tag', '-a', 'gone', '-m', 'gone-tag');
      repository.git('tag', '-d', 'gone');
      return repository;
    }

    test('agrees with git fsck', async () => {
      const repository = withLeftovers();
      const unreachable = repository.git('fsck', '--unreachable', '--no-progress').split('\n').filter(Boolean);
      expect(unreachable).toHaveLength(2);
      expect((await look(repository, [])).coverage).toMatchObject({
        complete: true,
        unreachable: 2,
        blobs: 5,
        tags: 1,
      });
    });

    test('is all that is scanned if asked for', async () => {
      const texts = ['kept', 'deep', 'in-reflog', 'in-index', 'in-nothing', 'gone-tag'];
      const all = await look(withLeftovers(), texts);
      expect(new Set(all.places.map(({ fingerprint }) => fingerprint)).size).toBe(6);
      const some = await look(withLeftovers(), texts, { reachableOnly: true });
      expect(new Set(some.places.map(({ fingerprint }) => fingerprint))).toEqual(new Set(texts.slice(0, 4)));
      expect(some.coverage).toMatchObject({ complete: true, unreachable: 0, blobs: 4, tags: 0 });
    });
  });

  describe('one secret over time', () => {
    test('reverts and reintroductions are occurrences of their own', async () => {
      const repository = makeRepository();
      const first = repository.commit('add', { 'a.txt': 'needle 1' });
      repository.commit('edit', { 'a.txt': 'needle 2' });
      const removed = repository.commit('remove', { 'a.txt': 'clean' });
      const again = repository.commit('revert', { 'a.txt': 'needle 2' });
      const moved = repository.commit('copy', { 'b.txt': 'needle 2' });
      const gone = repository.commit('remove again', { 'a.txt': 'clean' });
      const { placesOf, firstSeen } = await look(repository, ['needle']);
      expect(placesOf('needle')).toMatchObject([
        { path: 'a.txt', commit: first, moved: false, removedIn: [removed], blobs: 2 },
        { path: 'a.txt', commit: again, moved: false, removedIn: [gone], blobs: 1 },
        { path: 'b.txt', commit: moved, moved: true, removedIn: [], blobs: 1 },
      ]);
      expect(firstSeen.get('needle')).toEqual({ commit: first, author: 'Ada Author', date: '2026-01-01T00:01:00Z' });
    });

    test('two branches that add the same, merged and then cleaned', async () => {
      const repository = makeRepository();
      repository.commit('base', { 'x.txt': 'x' });
      repository.git('switch', '-qc', 'one');
      const one = repository.commit('one', { 'a.txt': 'needle' });
      repository.git('switch', '-q', 'main');
      const two = repository.commit('two', { 'a.txt': 'needle' });
      repository.tick();
      repository.git('merge', '-q', '-m', 'merge', 'one');
      const removed = repository.commit('clean', { 'a.txt': 'clean' });
      const { placesOf } = await look(repository, ['needle']);
      expect(placesOf('needle')).toMatchObject([
        { commit: one, removedIn: [removed] },
        { commit: two, removedIn: [removed] },
      ]);
    });

    test('a note in a deep notes tree', async () => {
      const repository = makeRepository();
      const commit = repository.commit('first');
      const blob = repository.store('blob', 'needle');
      repository.gitBytes(
        ['fast-import', '--quiet'],
        `commit refs/notes/deep\ncommitter N <n@example.test> ${repository.clock} +0000\ndata 1\nn\nM 100644 ${blob} ${commit.slice(0, 2)}/${commit.slice(2, 4)}/${commit.slice(4)}\n`,
      );
      expect((await look(repository, ['needle'])).placesOf('needle')).toMatchObject([
        { kind: 'note', path: commit, blob },
      ]);
    });
  });

  test('a tree that expands to more paths than anyone can list ends with a problem', async () => {
    const repository = makeRepository();
    let id = repository.store('blob', 'needle');
    for (let level = 0; level < 12; level++) {
      const mode = level === 0 ? '100644' : '40000';
      const entries = Array.from({ length: 10 }, (_, i) => [Buffer.from(`${mode} ${i}\0`), Buffer.from(id, 'hex')]);
      id = repository.store('tree', Buffer.concat(entries.flat()));
    }
    const commit = repository.git('commit-tree', '-m', 'bomb', id);
    repository.git('update-ref', 'refs/heads/main', commit);
    rmSync(repository.inside('index'), { force: true });
    const { coverage, placesOf } = await look(repository, ['needle']);
    expect(coverage.problems.map(({ code }) => code)).toEqual(['GIT_ATTRIBUTION_LIMIT']);
    expect(placesOf('needle').length).toBeGreaterThan(0);
  });

  test('large blobs are streamed, and read again', async () => {
    const repository = makeRepository();
    const large = Buffer.alloc(33 * 1024 * 1024, 'abcdefgh');
    large.write('needle', 32 * 1024 * 1024);
    repository.git('config', 'core.compression', '0');
    const id = repository.store('blob', large);
    const { drained, source } = await look(repository, []);
    const blob = drained.find((one) => one.id === id);
    expect(blob?.streamed).toBe(engine === 'cat-file');
    expect(blob?.bytes.equals(large)).toBe(true);
    expect((await contentOf((await source.read(id, signal)) ?? Buffer.alloc(0))).equals(large)).toBe(true);
  });

  test('progress is told, and not too often', async () => {
    const repository = makeRepository();
    repository.commit('first', Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}`, `content ${i}`])));
    const told: Progress[] = [];
    await look(repository, [], { onProgress: (progress) => told.push(progress) });
    expect(told[0]).toMatchObject({ total: 202 });
    expect(told.length).toBeLessThan(50);
  });

  test('an abort ends the scan with its reason', async () => {
    const repository = makeRepository();
    repository.commit('first', { 'a.txt': 'a' });
    const source = await history(repository.folder);
    const controller = new AbortController();
    const scan = (async () => {
      for await (const blob of source.blobs(controller.signal))
        if (blob.id !== '') controller.abort(new Error('enough'));
    })();
    await expect(scan).rejects.toThrow('enough');
  });

  test('nor does anything fail unheard where it comes while git is asked', async () => {
    const repository = makeRepository();
    repository.commit('first', { 'a.txt': 'a' });
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    const ends = [];
    for (let delay = 0; delay < 20; delay += 2) {
      const source = await history(repository.folder);
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('enough')), delay);
      const blobs = source.blobs(controller.signal)[Symbol.asyncIterator]();
      ends.push(await blobs.next().then(() => 'read', String));
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    process.off('unhandledRejection', hear);
    expect(ends).toContain('Error: enough');
    expect(unheard).toEqual([]);
  });
});
