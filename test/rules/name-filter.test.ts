import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { mayBe } from '../helpers/name-table.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { nameFilter } from '../../src/rules/name-filter.ts';
import { readPattern } from '../../src/rules/pattern.ts';

const filterOf = (source: string): string => nameFilter(readPattern(source, 'test', true).node) ?? '';
const NAMES = [
  ...new Set(
    BUILTIN_RULES.flatMap(({ matchers }) =>
      matchers.flatMap(({ find }) => (find.kind === 'assigned' ? [find.name] : [])),
    ),
  ),
];

describe('nameFilter', () => {
  test.each([
    ['apikey', ['apikey'], ['', 'api', 'apikeys', 'xapikey', 'key']],
    ['[a-z0-9$]{0,40}(?:api|app){1,3}key', ['apikey', 'xxapikey', 'apiappapikey'], ['key', 'xkey', 'apike']],
    ['(?:x|y){0,2}(?:secret)?', ['', 'x', 'xy', 'secret', 'xsecret'], ['secretx', 'z']],
    ['KEY[0-9]{1,2}', ['key1', 'key12'], ['key', 'keyx']],
    ['a(?:b|c(?:d|e){2})f', ['abf', 'acdef', 'aceef'], ['acf', 'abcf', 'adf']],
  ])('%s', (source, yes, no) => {
    const filter = filterOf(source);
    expect(yes.filter((name) => !mayBe(filter, name))).toEqual([]);
    expect(no.filter((name) => mayBe(filter, name))).toEqual([]);
  });

  test('does not count repeats, and leaves other characters to the expression', () => {
    expect(mayBe(filterOf('x{2,3}'), 'xxxxxxx')).toBe(true);
    expect(mayBe(filterOf('key'), 'kéy')).toBe(true);
    expect(mayBe(filterOf('key'), 'key-')).toBe(true);
  });

  test('never turns down a name that a built-in expression matches', () => {
    const filters = NAMES.map((source) => [filterOf(source), new RegExp(`^(?:${source})$`, 'i')] as const);
    const words = [...new Set(NAMES.flatMap((source) => source.match(/[a-z]{2,}/g) ?? []))];
    let matched = 0;
    let turnedDown = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words, '1', 'x'), { minLength: 1, maxLength: 5 }), (parts) => {
        const name = parts.join('');
        for (const [filter, expression] of filters) {
          const matches = expression.test(name);
          const may = mayBe(filter, name);
          matched += matches ? 1 : 0;
          turnedDown += may ? 0 : 1;
          expect({ name, expression, wrong: matches && !may }).toEqual({ name, expression, wrong: false });
        }
      }),
      { numRuns: 300 },
    );
    expect(matched).toBeGreaterThan(20);
    expect(turnedDown).toBeGreaterThan(10 * matched);
  });
});
