import { describe, expect, test } from 'vitest';

import { revListArguments, selectionOf, wordsOf } from '../../../src/cli/gitleaks/log-options.ts';
import { openRepository } from '../../../src/git/repository.ts';
import { GIT_ENVIRONMENT, makeRepository } from '../../helpers/repository.ts';

const signal = new AbortController().signal;

test('words are parted as in a shell', () => {
  expect(wordsOf(`a..b --since="2 weeks ago"  '-n 3' x\\ y`)).toEqual(['a..b', '--since=2 weeks ago', '-n 3', 'x y']);
  expect(wordsOf(' ')).toEqual([]);
});

describe('revListArguments', () => {
  test.each([
    ['main..topic', ['main..topic']],
    ['--all', ['--all']],
    ['-1', ['-1', 'HEAD']],
    ['-n 3 main', ['-n3', 'main']],
    ['-p -U0 --full-history --all --diff-filter=tuxdb', ['--all']],
    ['--no-merges --first-parent a^..b', ['--no-merges', '--first-parent', 'a^..b']],
    ['--since 2024-01-01 --all', ['--since=2024-01-01', '--all']],
    ['--author="Ada A" main', ['--author=Ada A', 'main']],
  ])('%s', (text, expected) => {
    expect(revListArguments(text)).toEqual(expected);
  });

  test.each(['main -- src/', '--output=x main', '-S key', '-L1,2:a', '--ext-diff', '-n', '--follow a'])(
    '%s is refused, not ignored',
    (text) => {
      expect(() => revListArguments(text)).toThrow(expect.objectContaining({ code: 'USAGE_FLAG_UNSUPPORTED' }));
    },
  );
});

test('the commits are those that git log shows', async () => {
  const repository = makeRepository();
  for (const name of ['a', 'b', 'c']) {
    repository.write(`${name}.txt`, `${name}\n`);
    repository.git('add', '.');
    repository.git('commit', '-qm', name);
  }
  repository.git('checkout', '-qb', 'topic', 'HEAD~1');
  repository.write('d.txt', 'd\n');
  repository.git('add', '.');
  repository.git('commit', '-qm', 'd');
  const opened = await openRepository(repository.folder, { signal, environment: { ...GIT_ENVIRONMENT } });
  for (const text of ['--all', 'HEAD~1..HEAD', 'topic...HEAD~1', '-2', '--all --skip=1', '--all -n 1', 'topic']) {
    const { tips } = await selectionOf(opened, text, signal);
    const shown = repository
      .git('log', '--format=%H', ...text.split(' '))
      .split('\n')
      .filter(Boolean);
    expect(tips.toSorted()).toEqual(shown.toSorted());
  }
  await expect(selectionOf(opened, 'nowhere..HEAD', signal)).rejects.toMatchObject({ code: 'GIT_FAILED' });
});
