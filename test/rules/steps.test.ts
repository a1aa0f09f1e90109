import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Matcher } from '../../src/core/rule.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { readPattern } from '../../src/rules/pattern.ts';
import { seedOf, seededRandom } from '../../src/rules/random.ts';
import { adversarialTexts } from '../../src/rules/trial/adversary.ts';
import { type Program, programOf, runAll, runAt } from '../helpers/backtracking.ts';

/** Steps a character of the text, which is never longer than the matcher's window. */
const STEPS_PER_CHARACTER = 100;
/** Longest identifier, and longest value, that the engine looks at. */
const LONGEST_NAME = 96;
const LONGEST_VALUE = 4096;

interface Expression {
  readonly what: string;
  readonly source: string;
  readonly ignoreCase: boolean;
  readonly size: number;
  /** At one place, at every place, or over the whole text. */
  readonly way: 'at' | 'all' | 'whole';
  readonly opening: string;
}

function expressionsOf(rule: string, matcher: Matcher): Expression[] {
  const { find, before, after, literals } = matcher;
  const opening = literals[0] ?? '';
  if (find.kind === 'pattern') {
    const { source, ignoreCase, anchor } = find;
    const size = opening.length + after + (anchor === 'window' ? before : 0);
    return [{ what: rule, source, ignoreCase, size, way: anchor === 'hit' ? 'at' : 'all', opening }];
  }
  if (find.kind === 'known') return [];
  const name = opening.replaceAll(/[-_. ]/g, '');
  return [
    { what: `${rule}, name`, source: find.name, ignoreCase: true, size: LONGEST_NAME, way: 'whole', opening: name },
    { what: `${rule}, value`, source: find.value, ignoreCase: false, size: LONGEST_VALUE, way: 'whole', opening: '' },
  ];
}

/** Most steps a character over all texts of the adversary; gives up above ten times the budget. */
function worst({ what, source, ignoreCase, size, way, opening }: Expression): number {
  const { node } = readPattern(source, what, ignoreCase);
  const program = programOf(node, way === 'whole');
  let most = 0;
  for (const text of adversarialTexts(node, opening, size, seededRandom(seedOf(what)))) {
    const limit = 10 * STEPS_PER_CHARACTER * (text.length + 1);
    most = Math.max(most, stepsOf(program, text, way, limit) / (text.length + 1));
  }
  return most;
}

function stepsOf(program: Program, text: string, way: Expression['way'], limit: number): number {
  return way === 'all' ? runAll(program, text, limit).steps : runAt(program, text, 0, limit).steps;
}

describe('no built-in expression can be kept busy', () => {
  test.each(BUILTIN_RULES.map(({ id, matchers }) => ({ id, matchers })))('$id', ({ id, matchers }) => {
    const expressions = matchers.flatMap((matcher) => expressionsOf(id, matcher));
    const costs = expressions.map((expression) => ({ what: expression.what, steps: Math.ceil(worst(expression)) }));
    expect(costs.filter(({ steps }) => steps > STEPS_PER_CHARACTER)).toEqual([]);
  });

  test.each(['(?:a{1,30}){1,30}b', '(?:a|a){1,200}b', '(?:[a-z]{1,20}[a-z0-9]{1,20}){1,20}!'])(
    'the adversary finds %s (control)',
    (source) => {
      const way = 'at' as const;
      expect(worst({ what: source, source, ignoreCase: false, size: 500, way, opening: '' })).toBeGreaterThan(
        STEPS_PER_CHARACTER,
      );
    },
  );
});

describe('the step counter', () => {
  // The language's own engine is the oracle: the same match, or none, at the same place.
  test('matches what the language matches', () => {
    const sources = ['a?[b-d]{1,2}', '(?:ab|a)b?', 'a{1,3}?b', '(?:b|c){2,3}\\b', '^a|b$', 'a(?:b|cd?){0,3}'];
    const texts = fc.string({ unit: fc.constantFrom(...'abcd '), maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...sources), texts, (source, text) => {
        const sticky = new RegExp(source, 'y');
        const expected = sticky.test(text) ? sticky.lastIndex : -1;
        expect(runAt(programOf(readPattern(source, 'test').node), text, 0).end).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});
