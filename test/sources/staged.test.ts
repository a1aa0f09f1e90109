import { describe, expect, test } from 'vitest';

import type { Source } from '../../src/core/source.ts';
import { openRepository } from '../../src/git/repository.ts';
import { stagedSource, type StagedOptions } from '../../src/sources/staged.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';
import { drain, find, holdingsOf, readText, signal } from '../helpers/source.ts';

async function open(repository: TestRepository, options: StagedOptions = {}): Promise<Source> {
  const opened = await openRepository(repository.folder, { signal, environment: repository.environment });
  return stagedSource(opened, options);
}

/** Paths at which each text is reported; a fingerprint is the text itself. */
async function reported(source: Source, texts: readonly string[]): Promise<string[]> {
  const blobs = await drain(source);
  const suspects = new Set(holdingsOf(blobs, texts).keys());
  const parents = [];
  for await (const { id, kind, content } of source.parentBlobs?.(suspects, signal) ?? []) {
    if (!(content instanceof Uint8Array)) throw new Error('the test has no large blobs');
    parents.push({ id, kind, bytes: Buffer.from(content), streamed: false });
  }
  const { places } = await source.attribute(holdingsOf([...blobs, ...parents], texts), signal);
  return places.map(({ fingerprint, place }) => `${fingerprint} at ${place.path ?? ''}`).toSorted();
}

describe('stagedSource', () => {
  test('reports what is new at its path, and with wholeFiles everything', async () => {
    const repository = makeRepository();
    repository.commit('one', { a: 'OLD\n', b: 'x\n' });
    repository.stage({ a: 'OLD\nNEW\n', b: 'OLD\n', c: 'OLD NEW\n', d: 'nothing\n' });
    const texts = ['OLD', 'NEW'];
    expect(await reported(await open(repository), texts)).toEqual(['NEW at a', 'NEW at c', 'OLD at b', 'OLD at c']);
    expect(await reported(await open(repository, { wholeFiles: true }), texts)).toEqual([
      'NEW at a',
      'NEW at c',
      'OLD at a',
      'OLD at b',
      'OLD at c',
    ]);
  });

  test('reads what is reported again: in any order, more than fits at once, and large', async () => {
    const repository = makeRepository();
    const files = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`f${i}`, `NEW ${i}\n`]));
    repository.stage({ ...files, large: `NEW large ${'x'.repeat(40_000_000)}` });
    const source = await open(repository);
    const { drained, places } = await find(source, ['NEW']);
    const expected = new Map(drained.map(({ id, bytes }) => [id, bytes.toString('utf8')]));
    const ids = places.map(({ blob }) => blob);
    expect(ids.length).toBe(601);
    for (const id of [...ids, ids[3] ?? '', ids[400] ?? '', ids[2] ?? ''])
      expect((await readText(source, id)) === expected.get(id)).toBe(true);
    expect(await readText(source, '0'.repeat(40))).toBe('');
  });

  test('takes every merged head for a parent', async () => {
    const repository = makeRepository();
    repository.commit('base', { a: 'x\n' });
    repository.git('checkout', '-q', '-b', 'other');
    const other = repository.commit('other', { a: 'THEIRS\n' });
    repository.git('checkout', '-q', 'main');
    repository.commit('ours', { a: 'OURS\n' });
    repository.stage({ a: 'OURS\nTHEIRS\nBOTH\n' });
    const texts = ['OURS', 'THEIRS', 'BOTH'];
    expect(await reported(await open(repository, { merged: [other] }), texts)).toEqual(['BOTH at a']);
    // Control: with HEAD alone, the other side's is new.
    expect(await reported(await open(repository), texts)).toEqual(['BOTH at a', 'THEIRS at a']);
  });

  test('one blob at two paths is read once and reported at both', async () => {
    const repository = makeRepository();
    repository.stage({ a: 'NEW\n', b: 'NEW\n' });
    const source = await open(repository);
    expect(await drain(source)).toHaveLength(1);
    expect(await reported(await open(repository), ['NEW'])).toEqual(['NEW at a', 'NEW at b']);
    expect(source.coverage.report('staged')).toMatchObject({ complete: true, files: 2, blobs: 1, bytesCovered: 4 });
  });

  test('says what it left out, and what it could not judge', async () => {
    const repository = makeRepository();
    repository.commit('base', { both: 'base\n' });
    repository.git('checkout', '-q', '-b', 'other');
    repository.commit('other', { both: 'other\n' });
    repository.git('checkout', '-q', 'main');
    repository.commit('main', { both: 'main\n' });
    expect(() => repository.git('merge', '-q', 'other')).toThrow('merge');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 9\n`;
    repository.stage({ large: 'x'.repeat(2000), 'vendor/v': 'v\n', pointer });
    repository.git('update-index', '--add', '--cacheinfo', `160000,${repository.id('HEAD')},module`);
    const source = await open(repository, {
      maxFileSize: 1000,
      excluded: (path) => (path.startsWith('vendor/') ? '.unleak.toml' : null),
    });
    await drain(source);
    const { complete, skipped, problems } = source.coverage.report('staged');
    expect(complete).toBe(false);
    expect(problems).toMatchObject([{ code: 'STAGED_UNMERGED' }]);
    expect(skipped.map(({ reason, examples }) => `${reason} ${examples.join(' ')}`).toSorted()).toEqual([
      'excluded vendor/v',
      'gitlink module',
      'lfs-object pointer',
      'too-large large',
    ]);
  });

  test('a blob that is gone is a problem', async () => {
    const repository = makeRepository();
    repository.stage({ a: 'here\n' });
    repository.git('update-index', '--add', '--info-only', 'a');
    repository.write('b', 'never stored\n');
    repository.git('update-index', '--add', '--info-only', 'b');
    const source = await open(repository);
    await drain(source);
    expect(source.coverage.report('staged').problems).toMatchObject([{ code: 'GIT_OBJECT_MISSING' }]);
  });

  test('reads a blob again, also a streamed one', async () => {
    const repository = makeRepository();
    const large = Buffer.alloc(33 * 1024 * 1024, 'abcdefgh');
    repository.stage({ small: 'small\n', large });
    const source = await open(repository);
    const sizes: number[] = [];
    for (const { id, bytes, streamed } of await drain(source)) {
      const again = await source.read(id, signal);
      const read = again instanceof Uint8Array ? Buffer.from(again) : Buffer.concat(await collect(again?.chunks));
      expect(read.equals(bytes)).toBe(true);
      expect(streamed).toBe(bytes.length > 1000);
      sizes.push(read.length);
    }
    expect(sizes.toSorted((a, b) => a - b)).toEqual([6, large.length]);
  });
});

async function collect(chunks: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks ?? []) all.push(Uint8Array.from(chunk));
  return all;
}
