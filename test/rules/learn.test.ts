import { describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { compileRules } from '../../src/rules/compile.ts';
import { expressionOf, learnShape, learnedRuleFile } from '../../src/rules/learn.ts';
import { loadRuleFile } from '../../src/rules/load.ts';
import { seededRandom } from '../../src/rules/random.ts';
import { selfTest } from '../../src/rules/self-test.ts';
import { expandTemplate } from '../../src/rules/template.ts';

function keys(template: string, count = 4): string[] {
  return Array.from({ length: count }, (_, i) => expandTemplate(template, seededRandom(i), 'test').text);
}

describe('learnShape', () => {
  test.each([
    ['${hex:40}', '[0-9a-f]{40}'],
    ['${lower-alnum:24}', '[0-9a-z]{24}'],
    ['mk_live_${hex:32}', 'mk_live_[0-9a-f]{32}'],
    ['${hex:8}-${hex:4}-${hex:12}', '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12}'],
    ['SG.${base62:22}.${base62:43}', String.raw`SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}`],
    // Few samples without - and _ prove nothing about the alphabet.
    ['key_${alnum:20}', 'key_[0-9A-Za-z_-]{20}'],
    ['mk_${base64url:48}', 'mk_[0-9A-Za-z_-]{48}'],
    ['${base64:60}==', '[0-9A-Za-z+/=]{62}'],
  ])('of %s is %s', (template, expression) => {
    expect(expressionOf(learnShape(keys(template)))).toBe(expression);
  });

  test('takes letters and digits for what they are once there are enough of them', () => {
    expect(expressionOf(learnShape(keys('key_${alnum:40}', 12)))).toBe('key_[0-9A-Za-z]{40}');
  });

  test('spans the lengths it saw', () => {
    expect(expressionOf(learnShape([...keys('tk_${hex:20}'), ...keys('tk_${hex:24}')]))).toBe('tk_[0-9a-f]{20,24}');
  });

  test('keeps nothing of the keys but a prefix of words', () => {
    const samples = keys('mk_live_${alnum:32}').map((key) => `${key.slice(0, 8)}zq7${key.slice(11)}`);
    expect(expressionOf(learnShape(samples))).not.toContain('zq7');
  });

  test.each([
    ['one key', keys('${hex:32}', 1)],
    ['the same key twice', [...keys('${hex:32}', 1), ...keys('${hex:32}', 1)]],
    ['a word', ['password', 'passwort']],
    ['a line with a blank', ['abcdefgh ijklmnop', 'ponmlkji hgfedcba']],
  ])('refuses %s, without showing it', (_, samples) => {
    expect(() => learnShape(samples)).toThrow(
      expect.objectContaining({ code: 'RULE_SAMPLES', message: expect.not.stringContaining(samples[0] ?? '') }),
    );
  });
});

describe('learnedRuleFile', () => {
  const builtin = BUILTIN_RULES.find(({ id }) => id === 'migosmtp-api-key') ?? null;

  test.each([
    ['with a prefix', 'mk_live_${hex:40}'],
    ['without one', '${lower-alnum:44}'],
  ])('holds its own examples, %s', (_, template) => {
    const text = learnedRuleFile('migosmtp', learnShape(keys(template)), builtin);
    const file = loadRuleFile(text, 'learned.yaml');
    const engine = createEngine(compileRules([file]));
    const samples = file.content.rules.map(({ id, examples, counterexamples }) => ({
      file: 'learned.yaml',
      rule: id,
      examples,
      counterexamples,
    }));
    expect(selfTest(samples, (bytes) => engine.scan(bytes)).failures).toEqual([]);
  });

  test('finds a bare key by its prefix, which no built-in rule can', () => {
    const text = learnedRuleFile('migosmtp', learnShape(keys('mk_live_${hex:40}')), builtin);
    const rules = [...BUILTIN_RULES, ...compileRules([loadRuleFile(text, 'learned.yaml')])];
    const [bare = ''] = keys('mk_live_${hex:40}', 1);
    expect(createEngine(BUILTIN_RULES).scan(Buffer.from(bare)).findings).toEqual([]);
    const [finding] = createEngine(rules).scan(Buffer.from(bare)).findings;
    expect(finding?.rule.family).toBe(builtin?.family);
    expect(finding?.rule.verify).toBe('migosmtp-key');
  });

  test('holds none of the keys it was made from', () => {
    const samples = keys('mk_live_${hex:40}');
    const text = learnedRuleFile('migosmtp', learnShape(samples), builtin);
    for (const sample of samples) expect(text).not.toContain(sample.slice(8, 20));
  });

  test('works for a provider that nobody knows', () => {
    const text = learnedRuleFile('acme', learnShape(keys('${alnum:36}', 12)), null);
    const engine = createEngine(compileRules([loadRuleFile(text, 'acme.yaml')]));
    const [key = ''] = keys('${alnum:36}', 1);
    expect(engine.scan(Buffer.from(`ACME_API_KEY=${key}`)).findings.map(({ secret }) => secret.reveal())).toEqual([
      key,
    ]);
    expect(engine.scan(Buffer.from(`OTHER_API_KEY=${key}`)).findings).toEqual([]);
  });
});
