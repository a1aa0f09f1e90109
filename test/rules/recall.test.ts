import { describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { measureRecall } from '../helpers/recall.ts';
import { BRANDS, FORMS } from '../helpers/written-forms.ts';

/** `bench/recall.ts` tries 1,000; a miss in 40 of one form here is a form that is not read, not bad luck. */
const SAMPLES = 40;
const LEAST = 0.9;
/** Over all forms the sample is large enough for the figure promised. */
const LEAST_OVERALL = 0.995;

const engine = createEngine(BUILTIN_RULES);

describe.each(BRANDS.map(({ id }) => id))('%s', (brand) => {
  const rows = [
    ...measureRecall(
      SAMPLES,
      (bytes) => engine.scan(bytes),
      (wanted) => wanted === brand,
    ),
  ];

  test('is found in every written form', () => {
    expect(rows.length).toBeGreaterThan(140);
    expect(
      rows.filter(({ found, tried }) => found < tried * LEAST).map(({ form, found }) => `${form}: ${found}`),
    ).toEqual([]);
  });

  test('is found nearly always', () => {
    const found = rows.reduce((sum, row) => sum + row.found, 0);
    expect(found).toBeGreaterThan(rows.length * SAMPLES * LEAST_OVERALL);
  });
});

test('an engine without the rules finds none of it (control)', () => {
  const blind = createEngine(BUILTIN_RULES.filter(({ provider }) => provider !== 'telnxo'));
  const rows = [
    ...measureRecall(
      2,
      (bytes) => blind.scan(bytes),
      (brand) => brand === 'telnxo',
    ),
  ];
  expect(rows.every(({ found }) => found === 0)).toBe(true);
});

test('written forms have names of their own', () => {
  expect(new Set(FORMS.map(({ id }) => id)).size).toBe(FORMS.length);
});
