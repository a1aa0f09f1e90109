import { describe, expect, test } from 'vitest';

import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { type NeededRun, neededRun } from '../../src/rules/needed-run.ts';
import { readPattern } from '../../src/rules/pattern.ts';
import { seededRandom, seedOf } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';

const needed = (source: string): NeededRun | null => neededRun(readPattern(source, 'test', false).node);

const CLASSES = { hex: '[0-9a-fA-F]', alnum: '[0-9A-Za-z]', token: '[0-9A-Za-z+/_=.~-]' } as const;
const rowOf = ({ kind, length }: NeededRun): RegExp => new RegExp(`${CLASSES[kind]}{${length}}`);

describe('the row that a match needs', () => {
  test.each([
    ['[0-9a-f]{32}', { kind: 'hex', length: 32 }],
    ['EAA[A-Za-z0-9]{90,320}', { kind: 'alnum', length: 93 }],
    ['(?:IGQ[VW]|IGAA)[A-Za-z0-9_-]{100,320}', { kind: 'token', length: 104 }],
    ['x?[a-f]{6}(?<secret>[a-f]{6})b{0,3}', { kind: 'hex', length: 12 }],
    ['(?:[a-z]{20}|[a-z]{14} [a-z]{30})', { kind: 'alnum', length: 20 }],
    ['(?:ab){3,9}(?:cd){4}', { kind: 'hex', length: 14 }],
    ['(?:[a-z]{8}:[a-z]{9}){2}', { kind: 'alnum', length: 17 }],
    ['[a-z]{7}\\b[a-z]{5}', { kind: 'alnum', length: 12 }],
  ] as const)('of %s', (source, expected) => {
    expect(needed(source)).toEqual(expected);
  });

  test.each(['[a-z]{11}', '[^ ]{40}', '[a-z]{8}(?: |x)[a-z]{8}', '(?:[a-z]{40}|[^a]{2})', '[a-z]{8}:?[a-z]{8}'])(
    'is none of %s',
    (source) => {
      expect(needed(source)).toBeNull();
    },
  );

  test('stands in everything that a rule finds in its own examples', () => {
    let looked = 0;
    let without = 0;
    for (const { id, matchers } of BUILTIN_RULES) {
      const texts = (BUILTIN_SAMPLES.find((samples) => samples.rule === id)?.examples ?? []).map(
        (template) => expandTemplate(template, seededRandom(seedOf(template)), 'sample').text,
      );
      for (const { find } of matchers) {
        if (find.kind !== 'pattern' || find.goGroup !== undefined) continue;
        const row = neededRun(readPattern(find.source, id, find.ignoreCase).node);
        if (row === null) continue;
        const expression = new RegExp(find.source, find.ignoreCase ? 'i' : '');
        for (const text of texts) {
          const match = expression.exec(text)?.[0];
          if (match === undefined) {
            if (!rowOf(row).test(text)) without++;
            continue;
          }
          looked++;
          expect({ id, row, stands: rowOf(row).test(match) }).toEqual({ id, row, stands: true });
        }
      }
    }
    expect(Math.min(looked, without)).toBeGreaterThan(20);
  });
});
