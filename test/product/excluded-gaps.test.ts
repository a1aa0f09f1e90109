/** What cannot be looked into is no gap where everybody who has it lies at an excluded path. */
import { expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';

const broken = (more: string): Buffer => Buffer.concat([Buffer.from('504b0304140000000800', 'hex'), Buffer.from(more)]);

function audit(repository: TestRepository, cache: string, ...args: readonly string[]) {
  const run = unleak(['history', '--format', 'json', ...args], {
    cwd: repository.folder,
    environment: { ...repository.environment, XDG_CACHE_HOME: cache },
  });
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- our own report
  const { problems, skipped } = (JSON.parse(run.out) as FindingsReport).coverage;
  const left = skipped
    .filter(({ reason }) => reason === 'excluded')
    .flatMap(({ examples }) => examples)
    .toSorted();
  return { code: run.code, gaps: problems.map(({ code, message }) => `${code} ${message}`), left };
}

test('an audit leaves out damaged archives at excluded paths, and no other', () => {
  const repository = makeRepository();
  const cache = makeFolder('cache');
  repository.commit('one', { '.unleak.toml': '[paths]\nignore = ["samples/**"]\n', 'samples/a.zip': broken('a') });
  repository.commit('two', { 'samples/a.zip': broken('b'), 'samples/deep/b.zip': broken('a') });
  const clean = { code: 0, gaps: [], left: ['samples/a.zip', 'samples/deep/b.zip'] };
  repository.git('gc', '-q');
  for (const args of [[], [], ['--no-cache'], ['--engine', 'cat-file']])
    expect(audit(repository, cache, ...args)).toEqual(clean);
  // Control: without the configuration each of them is a gap.
  const trusted = audit(repository, cache, '--ignore-repo-config');
  expect([trusted.code, trusted.gaps.length, trusted.left]).toEqual([3, 2, []]);

  const elsewhere = repository.store('blob', broken('c'));
  expect(audit(repository, cache)).toEqual({ ...clean, code: 3, gaps: [expect.stringContaining(elsewhere)] });
  repository.commit('three', { 'src/a.zip': broken('b'), 'samples/c.zip': broken('c') });
  const moved = repository.git('rev-parse', 'HEAD:src/a.zip');
  expect(audit(repository, cache)).toEqual({
    code: 3,
    gaps: [expect.stringContaining(moved)],
    left: ['samples/a.zip', 'samples/c.zip', 'samples/deep/b.zip'],
  });
});
