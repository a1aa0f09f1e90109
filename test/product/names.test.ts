/** Keys in the names of files and folders, where no content has one. */
import { describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { sureKey } from '../helpers/key.ts';
import { type Run, unleak } from '../helpers/product.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';

const KEY = sureKey(1);
const FOLDER_KEY = sureKey(2);

function run(repository: TestRepository, ...args: readonly string[]): Run {
  return unleak(args, { cwd: repository.folder, environment: repository.environment });
}

/** Kind and path of each finding's first place. */
function places({ out }: Run): string[] {
  const { findings } = JSON.parse(out) as FindingsReport;
  return findings.map(({ occurrences: [first] }) => `${first?.kind}: ${first?.path}`).toSorted();
}

describe('a key in a name', () => {
  const repository = makeRepository();
  repository.stage({ [`a/${KEY}.txt`]: 'x\n', [`b/${FOLDER_KEY}/c.txt`]: 'y\n', [`b/${FOLDER_KEY}/d.txt`]: 'z\n' });
  const shown = [`path: a/…${KEY.slice(-4)}.txt`, `path: b/…${FOLDER_KEY.slice(-4)}`];

  test.each(['scan', 'staged'])('is found by `unleak %s`, and not shown', (command) => {
    const found = run(repository, command, '--format', 'json');
    expect([found.code, places(found)]).toEqual([1, shown]);
    expect(run(repository, command).out).toContain(`the name of a/…${KEY.slice(-4)}.txt`);
    expect(places(run(repository, command, '--format', 'json', '--show-secrets'))[0]).toContain(KEY);
  });

  test('stops the commit that makes the name, not the one that changes the file', () => {
    expect(run(repository, 'hook', 'run', 'pre-commit').code).toBe(1);
    repository.commit('names');
    repository.stage({ [`a/${KEY}.txt`]: 'changed\n' });
    expect(run(repository, 'hook', 'run', 'pre-commit')).toEqual({ code: 0, out: '', err: '' });
    expect(run(repository, 'staged', '--whole-files').code).toBe(1);
    expect(places(run(repository, 'history', '--format', 'json'))).toEqual(shown);
  });
});
