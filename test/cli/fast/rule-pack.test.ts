import { expect, test } from 'vitest';

import { packRules, rulePackFile } from '../../../src/cli/fast/pack-rules.ts';
import { openRulePack } from '../../../src/cli/fast/rule-pack.ts';
import { createEngine } from '../../../src/detect/engine.ts';
import { BUILTIN_SAMPLES } from '../../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../../src/rules/builtin.generated.ts';
import { seededRandom, seedOf } from '../../../src/rules/random.ts';
import { expandTemplate } from '../../../src/rules/template.ts';

const samples = BUILTIN_SAMPLES.flatMap(({ examples, counterexamples }) => [...examples, ...counterexamples]).map(
  (template) => Buffer.from(expandTemplate(template, seededRandom(seedOf(template)), 'sample').text),
);

test('packed rules find exactly what the rules find, on every sample of every rule', () => {
  const whole = createEngine(BUILTIN_RULES);
  const packed = createEngine([], { ready: openRulePack(rulePackFile(packRules(BUILTIN_RULES))) });
  const found = (engine: typeof whole) =>
    samples.map((bytes) =>
      engine
        .scan(bytes)
        .findings.map(({ rule, span, confidence }) => `${rule.id} ${span.start}-${span.end} ${confidence}`)
        .toSorted(),
    );
  const expected = found(whole);
  expect(found(packed)).toEqual(expected);
  expect(expected.flat().length).toBeGreaterThan(BUILTIN_RULES.length / 2);
});

test('rules without the one that finds something find less (control)', () => {
  const few = createEngine([], { ready: openRulePack(rulePackFile(packRules(BUILTIN_RULES.slice(0, 3)))) });
  expect(samples.some((bytes) => few.scan(bytes).findings.length === 0)).toBe(true);
});

test('a rule pack whose targets and rules do not belong together is refused', () => {
  const { words, screens, lines } = packRules(BUILTIN_RULES);
  const { lines: others } = packRules(BUILTIN_RULES.map((rule) => ({ ...rule, matchers: [] })));
  const head = (text: string): number => 8 + Number(text.slice(0, 8));
  const starts: unknown = JSON.parse(others.slice(8, head(others))).starts;
  const index = JSON.stringify({ ...JSON.parse(lines.slice(8, head(lines))), starts });
  const mixed = `${String(index.length).padStart(8, '0')}${index}${others.slice(head(others))}`;
  const engine = createEngine([], { ready: openRulePack(rulePackFile({ words, screens, lines: mixed })) });
  expect(() => samples.map((bytes) => engine.scan(bytes))).toThrow('do not fit');
});
