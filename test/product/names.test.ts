/** Keys in the names of files and folders, where no content has one. */
import { describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { doubtfulLine, sureKey } from '../helpers/key.ts';
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

describe('a key in a name', () => {
  const repository = makeRepository();
  const [asked = '', author = '', folder = '', branch = ''] = [4, 5, 6, 7].map((n) => sureKey(n));
  repository.stage({ [`${folder}/a.txt`]: `${asked}\n${doubtfulLine(8)}` });
  repository.git('-c', `user.name=${author}`, 'commit', '-qm', 'one', `--author=${author} <a@b.example>`);
  repository.git('branch', `x/${branch}`);
  const others = [author, folder, branch].map((key) => key.slice(4, -4));
  const shown = ({ out, err }: Run): string[] => others.filter((other) => (out + err).includes(other));
  const asking = (...args: readonly string[]): Run =>
    unleak([...args, '--format', 'json'], {
      cwd: repository.folder,
      environment: repository.environment,
      input: `${asked}\n`,
    });

  test('is not shown where another alone is hunted', () => {
    const found = asking('hunt');
    expect([found.code, shown(found)]).toEqual([1, []]);
    // Control: it is there.
    expect(shown(asking('hunt', '--show-secrets'))).toEqual(others);
  });

  test('is not shown where another rule alone is asked for', () => {
    const { findings } = JSON.parse(asking('history').out) as FindingsReport;
    const rule = findings.find(({ confidence }) => confidence === 'medium')?.rule ?? '';
    const found = asking('history', '--only', rule);
    expect([found.code, shown(found)]).toEqual([1, []]);
    expect(shown(asking('history', '--only', rule, '--show-secrets'))).toEqual(others);
  });
});
