import { expect, test } from 'vitest';

import { packRules, rulePackFile } from '../../../src/cli/fast/pack-rules.ts';
import { DIGITS, openRulePack } from '../../../src/cli/fast/rule-pack.ts';
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
  const number = (index: number): number => Number(lines.slice(DIGITS * index, DIGITS * (index + 1)));
  const first = number(1);
  const rulesAt = first + number(2 + number(0));
  // No rule has a tenth matcher.
  const lists = lines.slice(first, rulesAt).replaceAll(/(\d+),\d(?=[,\]])/g, '$1,9');
  const mixed = lines.slice(0, first) + lists + lines.slice(rulesAt);
  const engine = createEngine([], { ready: openRulePack(rulePackFile({ words, screens, lines: mixed })) });
  expect(() => samples.map((bytes) => engine.scan(bytes))).toThrow('do not fit');
});

test('of the pieces, only those are read that hits ask for', () => {
  const { words, screens, lines } = packRules(BUILTIN_RULES);
  let read = 0;
  const count = (start: number, end: number): string => {
    read += end - start;
    return lines.slice(start, end);
  };
  const engine = createEngine([], { ready: openRulePack({ words, screens, read: count }) });
  expect(engine.scan(Buffer.from('nothing of anybody\n')).findings).toEqual([]);
  expect(read).toBe(0);
  expect(samples.flatMap((bytes) => engine.scan(bytes).findings).length).toBeGreaterThan(0);
  const all = read;
  read = 0;
  const fresh = createEngine([], { ready: openRulePack({ words, screens, read: count }) });
  const [found] = samples.flatMap((bytes) => (read === 0 ? fresh.scan(bytes).findings : []));
  expect(found).toBeDefined();
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(Math.min(all, lines.length) / 5);
});
