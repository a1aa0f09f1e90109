import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';

import { readGoPattern } from '../../src/detect/go/pattern.ts';
import { linearRegex } from '../../src/detect/linear-regex.ts';
import { Screen } from '../../src/detect/go/screen.ts';
import { requiredBy } from '../../src/gitleaks/required.ts';
import { seededRandom } from '../../src/rules/random.ts';

const required = (source: string): readonly string[] | null => requiredBy(readGoPattern(source).node).texts;

describe('texts that every match holds', () => {
  test.each([
    ['ghp_[0-9a-zA-Z]{36}', ['ghp_']],
    ['(?i)ABC\\w{5}', ['abc']],
    ['[a-z]{0,20}(?:token|secret)\\s*=', ['token', 'secret']],
    ['a|bcde', null],
    ['[0-9a-f]{40}', null],
    ['(?:xoxb)?[0-9]{20}', null],
    ['\\Qa.b.c\\E\\w', ['a.b.c']],
    ['[Pp]ass[Ww]ord', ['password']],
    ['\\bq(?:uux)+\\b', ['quux']],
  ])('%s', (source, texts) => {
    expect(required(source)?.toSorted() ?? null).toEqual(texts?.toSorted() ?? null);
  });

  test('a short text grows by the class after it, rather than be of no use', () => {
    expect(required('SK[0-9a-fA-F]{32}')).toHaveLength(16);
    expect(required('SK[0-9a-fA-F]{32}')).toContain('sk0');
  });

  test.each([
    ['a{3}b?', 4],
    ['(?:ab|cdef){2}', 8],
    ['a+', Infinity],
    ['(?:\\b)*', 0],
  ])('the greatest length of %s', (source, longest) => {
    expect(requiredBy(readGoPattern(source).node).longest).toBe(longest);
  });
});

describe('the screen', () => {
  const SOURCES = [
    'ab{2,3}c',
    '(?i)k[a-c]{1,30}=x',
    '(?:a|bc)+d$',
    'x[^y]{1,3}y',
    '(?m)ab$',
    '(?s)a.{2}b',
    '\\w{2,40}:\\d+',
  ];

  test('never says no to a text that the engine finds a match in', () => {
    const random = seededRandom(3);
    let matches = 0;
    let refusals = 0;
    for (const source of SOURCES) {
      const engine = RE2JS.compile(source);
      const screen = Screen.of(readGoPattern(source).node);
      for (let round = 0; round < 400; round++) {
        const text = Array.from({ length: 24 }, () => 'abcdkxy=:1\n'[random.below(11)] ?? '').join('');
        const found = engine.matcher(text).find();
        const may = screen?.firstStart(text, 0, text.length) !== -1;
        matches += found ? 1 : 0;
        refusals += may ? 0 : 1;
        expect([source, text, found && !may]).toEqual([source, text, false]);
      }
    }
    // Otherwise it would be of no use, and the check above of no weight.
    expect(matches).toBeGreaterThan(100);
    expect(refusals).toBeGreaterThan(100);
  });

  test('changes no match: with it the engine finds what it finds alone', () => {
    const random = seededRandom(5);
    const kinds = [
      ...SOURCES,
      '\\bk[a-d]{0,50}?:(x|y+)(?:[=\\s]|$)',
      '[a-d]*=[xy]{2,}',
      '(?:^|k)ab?',
      'k(?:a|b){0,3}\\z',
      '[^a]\\B1',
    ];
    let matches = 0;
    let begunLater = 0;
    for (const source of kinds) {
      const alone = RE2JS.compile(source);
      const screened = linearRegex(source, false, 0);
      for (let round = 0; round < 300; round++) {
        const text = Array.from({ length: 60 }, () => 'abcdkxy=:1 \u0100'[random.below(12)] ?? '').join('');
        const [from, to] = [random.below(20), 20 + random.below(41)];
        const expected: [number, number][] = [];
        const matcher = alone.matcher(text);
        for (let next = from; next <= to && matcher.find(next);) {
          if (matcher.start() > to) break;
          expected.push([matcher.start(), matcher.end()]);
          begunLater += matcher.start() > next ? 1 : 0;
          next = Math.max(matcher.end(), matcher.start() + 1);
        }
        matches += expected.length;
        const got = [...screened.all(text, from, to)].map(({ start, end }) => [start, end]);
        expect([source, text, from, to, got]).toEqual([source, text, from, to, expected]);
      }
    }
    expect(matches).toBeGreaterThan(500);
    expect(begunLater).toBeGreaterThan(300);
  });

  test('keeps few rows however many a text asks for', () => {
    const screen = Screen.of(readGoPattern('x[ab]{0,20}c[ab]{20}d').node);
    const random = seededRandom(9);
    const text = Array.from({ length: 60_000 }, () => 'xabc'[random.below(4)] ?? '').join('');
    expect(screen?.firstStart(text, 0, text.length)).toBe(-1);
    expect(screen?.firstStart(`${text}xc${'ab'.repeat(10)}d`, 0, 70_000)).toBeGreaterThanOrEqual(0);
  });

  test('stays small however large an expression is', () => {
    expect(Screen.of(readGoPattern('(?:(?:[a-z]{20}x){20}y){20}').node)).toBeNull();
  });
});

test('an expression that cannot be read says so', () => {
  expect(() => readGoPattern('(?=a)')).toThrow('a group at character 1');
  expect(() => readGoPattern('[a')).toThrow('not closed');
  expect(() => readGoPattern('a)')).toThrow('unmatched )');
});
