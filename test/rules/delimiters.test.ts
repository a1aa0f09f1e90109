import { describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { seedOf, seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';
import { DELIMITERS } from '../../src/rules/trial/contexts.ts';
import { knowsByForm } from '../../src/rules/trial/trial.ts';

const engine = createEngine(BUILTIN_RULES);

/** Rules that know a key by its own form, wherever it stands. */
const byForm = BUILTIN_RULES.filter(
  ({ matchers, ...rule }) =>
    knowsByForm({ ...rule, matchers }) && matchers.some(({ confidence }) => confidence !== 'low'),
);

describe.each(byForm.map(({ id }) => id))('%s', (id) => {
  const template = BUILTIN_SAMPLES.find(({ rule }) => rule === id)?.examples[0] ?? '';
  const secret = expandTemplate(template, seededRandom(seedOf(id)), id).values.get('secret') ?? '';

  test('ends at every delimiter', () => {
    expect(secret).not.toBe('');
    const missed = DELIMITERS.filter(({ write }) => {
      const { findings } = engine.scan(Buffer.from(write(secret)));
      return !findings.some((finding) => finding.rule.id === id && finding.secret.reveal() === secret);
    });
    expect(missed.map(({ name }) => name)).toEqual([]);
  });

  test('is not found inside a longer token', () => {
    const { findings } = engine.scan(Buffer.from(`X=${secret}abcdef0123456789`));
    expect(findings.filter((finding) => finding.rule.id === id && finding.secret.reveal() === secret)).toEqual([]);
  });
});

test('most rules know a key by its form', () => {
  expect(byForm.length).toBeGreaterThan(60);
});
