import { spawnSync } from 'node:child_process';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isBranch, payloadOf } from '../../src/action/payload.ts';
import { planFor } from '../../src/action/plan.ts';

/** Whether git takes them, by one process for all. */
function gitTakes(names: readonly string[]): boolean[] {
  const script = 'while IFS= read -r name; do git check-ref-format "refs/heads/$name" && echo 1 || echo 0; done';
  const { stdout } = spawnSync('sh', ['-c', script], { input: `${names.join('\n')}\n`, encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line === '1');
}

describe('isBranch', () => {
  const piece = fc.constantFrom(
    'a',
    'B',
    '-',
    '.',
    '..',
    '/',
    '//',
    '@',
    '@{',
    '.lock',
    '~',
    '^',
    ':',
    '?',
    '*',
    '[',
    '\\',
    ' ',
    'é',
    '_',
    '1',
  );

  test('takes nothing that git does not, and what people use', () => {
    const names = fc.sample(
      fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')),
      { numRuns: 400, seed: 7 },
    );
    const taken = gitTakes(names);
    expect(taken.filter(Boolean).length).toBeGreaterThan(30);
    expect(names.filter((name, i) => isBranch(name) && !taken[i])).toEqual([]);
    // Where we are stricter, the name would be read as an option or is the bare "@".
    expect(names.filter((name, i) => !isBranch(name) && taken[i] && !/^-|^@$/.test(name))).toEqual([]);
  });

  test('takes no name that could be something else in a refspec (control)', () => {
    expect(['--upload-pack=x', 'a:b', '+a', 'a b', 'refs/../x', 'x*', '', 'a\nb'].map(isBranch)).toEqual([
      false,
      false,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('a payload', () => {
  test('is read by own properties alone', () => {
    const payload = payloadOf({ a: { b: 'text', n: -1 } });
    expect([payload.text('a', 'b'), payload.count('a', 'n'), payload.at('a', 'constructor', 'name')]).toEqual([
      'text',
      null,
      undefined,
    ]);
  });

  test.each([['main'], [`${'a'.repeat(40)}\n`], ['A'.repeat(40)], [`--${'a'.repeat(38)}`], [7]])(
    'has no commit id in %j',
    (value) => {
      expect(() => payloadOf({ sha: value }).id('sha')).toThrow(expect.objectContaining({ code: 'ACTION_PAYLOAD' }));
    },
  );
});

describe('a plan', () => {
  const id = (letter: string): string => letter.repeat(40);
  const repository = { full_name: 'acme/mailer', default_branch: 'main' };
  const push = (ref: string, before: string) =>
    planFor({ GITHUB_EVENT_NAME: 'push' }, payloadOf({ ref, before, after: id('a'), repository }));

  test.each([
    [
      'refs/heads/main',
      id('b'),
      { base: id('b'), exclude: [], trusted: { branch: null, commit: id('b') }, mayRevoke: true },
    ],
    ['refs/heads/main', id('0'), { base: null, exclude: [], trusted: { branch: null, commit: null } }],
    ['refs/heads/topic', id('b'), { base: id('b'), trusted: { branch: 'main', commit: null }, mayRevoke: false }],
    ['refs/heads/topic', id('0'), { base: null, exclude: ['main'], trusted: { branch: 'main', commit: null } }],
    [
      'refs/tags/main',
      id('0'),
      { base: null, exclude: ['main'], trusted: { branch: 'main', commit: null }, mayRevoke: false },
    ],
  ])('for a push to %s after %s', (ref, before, expected) => {
    expect(push(ref, before)).toMatchObject({ kind: 'range', head: id('a'), ...expected });
  });

  test('for a pull request of a fork that was deleted', () => {
    const pull_request = {
      number: 3,
      head: { sha: id('a'), ref: 'x', repo: null },
      base: { sha: id('b'), ref: 'main' },
    };
    const plan = planFor({ GITHUB_EVENT_NAME: 'pull_request' }, payloadOf({ pull_request, repository }));
    expect(plan).toMatchObject({ mayRevoke: false, commits: null, pull: { number: 3, fork: true, comments: 1 } });
  });
});
