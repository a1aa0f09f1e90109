import { describe, expect, test } from 'vitest';

import type { Problem } from '../../src/core/coverage.ts';
import { formatNamed, formats } from '../../src/report/formats.ts';
import { groupProblems } from '../../src/report/problem-groups.ts';
import { report, rule } from '../helpers/report.ts';

const MEND = 'Check whether it is meant to be one.';

function damaged(which: string, what = 'A tar archive is cut short'): Problem {
  return { code: 'ARCHIVE_DAMAGED', message: `${what} (${which})`, mend: MEND };
}

function many(length: number): Problem[] {
  return Array.from({ length }, (_, i) => damaged(`a${i}.tar`));
}

const id = (digit: string): string => digit.repeat(40);

describe('problems are told of', () => {
  test('one by one where each is of its own kind', () => {
    const shallow = { code: 'GIT_SHALLOW', message: 'cut off', mend: 'git fetch --unshallow' };
    expect(groupProblems([shallow, damaged(id('a'))])).toEqual([
      { ...shallow, lines: [], count: 1 },
      { ...damaged(id('a')), lines: [], count: 1 },
    ]);
    expect(groupProblems([{ ...shallow, count: 1234 }])).toMatchObject([{ message: 'cut off (1,234 in all)' }]);
  });

  test('together where code and mend are the same, each thing that happened with its places', () => {
    const other = { ...damaged('b.zip'), mend: 'Another.' };
    const problems = [damaged(id('a')), damaged(id('b'), 'A zip'), other, damaged(id('c')), damaged('d.tar', 'A zip')];
    expect(groupProblems(problems)).toEqual([
      {
        code: 'ARCHIVE_DAMAGED',
        mend: MEND,
        message: '',
        lines: ['A tar archive is cut short: aaaaaaaaaa, cccccccccc', 'A zip: bbbbbbbbbb, d.tar'],
        count: 4,
      },
      { code: 'ARCHIVE_DAMAGED', mend: 'Another.', message: other.message, lines: [], count: 1 },
    ]);
  });

  test('with nothing lost that is no place', () => {
    const plain: Problem = { code: 'X', message: 'Broken', mend: '' };
    const lines = [plain, { ...plain, message: 'Broken (a)' }, { ...plain, message: 'Broken (b)', count: 2 }];
    expect(groupProblems(lines)).toMatchObject([
      { lines: ['Broken', 'Broken (a)', 'Broken (b) (2 in all)'], count: 4 },
    ]);
  });

  test('ten at most, and how many more there are', () => {
    expect(groupProblems(many(10))[0]?.lines).toHaveLength(1);
    expect(groupProblems(many(12))[0]?.lines).toEqual([
      expect.stringMatching(/: a0\.tar, .*, a9\.tar$/),
      'and 2 more; --format json lists all',
    ]);
    const folded = groupProblems([...many(11), { ...damaged('z.tar'), message: 'Such, and others', count: 5000 }]);
    expect(folded[0]).toMatchObject({ count: 5011 });
    expect(folded[0]?.lines.at(-1)).toBe('and 5,001 more; --format json names 2 of them');
  });
});

const written = (name: string): string =>
  [...formatNamed(name)(report([], { complete: false, problems: many(12) }), { ruleOf: () => rule() })].join('');

const PEOPLE = ['pretty', 'html', 'markdown', 'github'];
const UNTOLD = ['gitleaks', 'gitleaks-csv'];

test.each(PEOPLE)('%s says once what to do about many', (name) => {
  const text = written(name);
  expect(text.split(MEND)).toHaveLength(2);
  expect(text).toContain('ARCHIVE_DAMAGED');
  expect(text).toContain('12 in all');
  expect(text).toContain('a9.tar');
  expect(text).not.toContain('a10.tar');
});

test.each(Object.keys(formats).filter((name) => ![...PEOPLE, ...UNTOLD].includes(name)))('%s lists all', (name) => {
  for (const { message } of many(12)) expect(written(name)).toContain(message);
});
