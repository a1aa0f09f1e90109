import { describe, expect, test } from 'vitest';

import { globFault, pathMatcher } from '../../src/config/path-match.ts';

describe('pathMatcher', () => {
  test.each([
    ['vendor', 'vendor', true],
    ['vendor', 'vendor/a/b.js', true],
    ['vendor', 'a/vendor/b.js', true],
    ['vendor', 'vendored/a.js', false],
    ['vendor/', 'a/vendor/b.js', true],
    ['vendor/', 'vendor', false],
    ['/vendor/', 'a/vendor/b.js', false],
    ['/vendor', 'vendor/b.js', true],
    ['a/b', 'a/b/c', true],
    ['a/b', 'x/a/b', false],
    ['*.snap', 'a/b.snap', true],
    ['*.snap', '.a.snap', true],
    ['docs/**/*.md', 'docs/a/b/c.md', true],
    ['docs/**/*.md', 'docs/c.md', true],
    ['docs/*.md', 'docs/a/c.md', false],
    ['**', 'anything/at/all', true],
    ['{a,b}/c', 'b/c', true],
    ['a[12].js', 'a2.js', true],
    ['/', 'a', false],
    ['.env*', 'a/.env.local', true],
    ['app/(group)/x+', 'app/(group)/x+', true],
    ['a(b|c)', 'ab', false],
    ['$x@!', '$x@!', true],
    ['**/', 'a', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/x/y/bb', false],
    ['Über/x', 'Über/x', true],
  ])('%s and %s: %s', (glob, path, expected) => {
    expect(pathMatcher([glob])(path)).toBe(expected);
  });

  test('no glob matches nothing', () => {
    expect(pathMatcher([])('')).toBe(false);
  });

  test('a path made to be tried in every way costs little', () => {
    const globs = ['**/a/**/a/**/a/**/a/**/b', '*a*a*ab', '(a+)+$', '+(+(a)+)+b'];
    expect(globs.map(globFault)).toEqual([null, null, null, null]);
    expect(pathMatcher(globs)('a/'.repeat(2000))).toBe(false);
    expect(pathMatcher(globs)('a'.repeat(255))).toBe(false);
  });

  test('globs that cannot be matched fast, or at all, are faulted', () => {
    expect(['!a', '{a/b,c}', '*a*a*a*', '?{a}[b]*'].map(globFault)).not.toContain(null);
  });
});
