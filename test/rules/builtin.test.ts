import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { CHECKS } from '../../src/detect/checks/registry.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { CHECK_PARAMETERS } from '../../src/rules/checks.ts';
import { ruleFileJsonSchema } from '../../src/rules/json-schema.ts';
import { selfTest } from '../../src/rules/self-test.ts';

const engine = createEngine(BUILTIN_RULES);

describe('built-in rules', () => {
  test.each(BUILTIN_SAMPLES)('$rule finds its examples and not its counterexamples', (samples) => {
    const { tried, failures } = selfTest([samples], (bytes) => engine.scan(bytes));
    expect(failures).toEqual([]);
    expect(tried).toBeGreaterThanOrEqual(15);
  });

  test('a rule that finds nothing fails its examples (control)', () => {
    const blind = createEngine(BUILTIN_RULES.filter(({ id }) => id !== 'github-pat-classic'));
    const samples = BUILTIN_SAMPLES.filter(({ rule }) => rule === 'github-pat-classic');
    expect(selfTest(samples, (bytes) => blind.scan(bytes)).failures).toEqual([
      expect.objectContaining({ kind: 'example', why: 'not found' }),
      expect.objectContaining({ kind: 'example', why: 'not found' }),
      expect.objectContaining({ kind: 'example', why: 'not found' }),
    ]);
  });

  test('a counterexample that is found fails (control)', () => {
    const samples = [
      { file: 'x', rule: 'github-pat-classic', examples: [], counterexamples: ['ghp_${base62:30}${crc32-base62}'] },
    ];
    expect(selfTest(samples, (bytes) => engine.scan(bytes)).failures).toEqual([
      expect.objectContaining({ kind: 'counterexample', why: 'found' }),
    ]);
  });

  test('an example with another value fails (control)', () => {
    const example = 'ghp_${secret=base62:30}${crc32-base62}';
    const samples = [{ file: 'x', rule: 'github-pat-classic', examples: [example], counterexamples: [] }];
    expect(selfTest(samples, (bytes) => engine.scan(bytes)).failures).toEqual([
      { rule: 'github-pat-classic', kind: 'example', template: example, why: 'found with another value' },
    ]);
  });

  test('there is a rule for each of the named providers', () => {
    const providers = new Set(BUILTIN_RULES.map(({ provider }) => provider));
    for (const provider of ['migosmtp', 'telnxo', 'turbosmtp', 'mailosaur', 'rackwave', 'github', 'npm', 'generic']) {
      expect(providers).toContain(provider);
    }
  });
});

test('the compiler knows the checks of the engine, and no others', () => {
  expect(Object.keys(CHECK_PARAMETERS).toSorted()).toEqual([...CHECKS.keys()].toSorted());
});

test('docs/rule.schema.json is up to date', () => {
  const stored: unknown = JSON.parse(readFileSync(new URL('../../docs/rule.schema.json', import.meta.url), 'utf8'));
  expect(stored).toEqual(JSON.parse(JSON.stringify(ruleFileJsonSchema())));
});
