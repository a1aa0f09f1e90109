import { describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { linearRegex } from '../../src/detect/linear-regex.ts';
import { compileRules } from '../../src/rules/compile.ts';
import { loadRuleFile } from '../../src/rules/load.ts';
import { readPattern } from '../../src/rules/pattern.ts';
import { stepsOver } from '../../src/rules/trial/steps.ts';
import { type Trial, tryRule } from '../../src/rules/trial/trial.ts';

/** A rule file of one rule, as a user writes it. */
function tried(way: string, example: string, change: (text: string) => string = (text) => text): Trial {
  const text = `provider: acme
rules:
  - id: acme-key
    title: Acme key
    severity: high
${way}
    impact: Sends mail.
    remediation: Revoke it.
    examples: ['${example}']
    counterexamples: ['nothing', 'else']
    references:
      - documented: https://example.test/
`;
  const loaded = loadRuleFile(text, 'own.yaml');
  const [rule] = compileRules([loaded], { untrusted: true });
  if (rule === undefined) throw new Error('no rule');
  const engine = createEngine([rule], { linearRegex });
  const scan = (bytes: Uint8Array) => engine.scan(Buffer.from(change(Buffer.from(bytes).toString('latin1')), 'latin1'));
  const nodeOf = (source: string, ignoreCase: boolean) => readPattern(source, 'own.yaml', ignoreCase).node;
  const covers = (source: string, key: string) => linearRegex(source, false).covers(key);
  return tryRule(rule, loaded.content.rules[0]?.examples ?? [], { keys: 40, scan, nodeOf, covers });
}

const pattern = (source: string): string => `    pattern: '${source}'\n    literals: [acme_]`;
const EXAMPLE = 'key=acme_${hex:32}';
const codes = ({ failures }: Trial): string[] => [...new Set(failures.map(({ code }) => code))];

describe('a rule that knows a key by its form', () => {
  test('holds in every place', () => {
    const trial = tried(pattern('(?<secret>acme_[0-9a-f]{32})'), EXAMPLE);
    expect(trial.failures).toEqual([]);
    expect(trial.tried).toBeGreaterThan(40 * 30);
  });

  test('and asks for quotes behind it is told where it misses', () => {
    const { failures } = tried(pattern('(?<secret>acme_[0-9a-f]{32})"'), 'key="acme_${hex:32}"');
    const missed = failures.map(({ code, why }) => `${code} ${why}`);
    expect(missed).toContain('TRIAL_RECALL 40 of 40 keys are missed: between backticks');
    expect(missed.filter((text) => text.includes('double quotes'))).toEqual([]);
  });

  test('and misses one key in twenty is told', () => {
    const lose = (text: string): string => text.replace(/acme_[01]/, 'acme-0');
    expect(codes(tried(pattern('(?<secret>acme_[0-9a-f]{32})'), EXAMPLE, lose))).toEqual(['TRIAL_RECALL']);
  });

  test('takes the secret from its examples', () => {
    const way = pattern('(?<secret>acme_[0-9a-z]{32})');
    expect(codes(tried(way, 'key=${secret=text:acme_${lower-alnum:32}}'))).toEqual([]);
    expect(codes(tried(way, 'key=acme_${lower-alnum:32} ${secret=text:acme_${upper-alnum:32}}'))).toEqual([
      'TRIAL_RECALL',
    ]);
  });
});

describe('steps', () => {
  const steps = (source: string, text: string, anywhere = false): number =>
    stepsOver(readPattern(source, 'test').node, { anywhere, enough: 10_000 })(text);

  test('are one or two a character where there is one way to go on', () => {
    expect(steps('[a-z]{200}', 'a'.repeat(100))).toBeLessThan(2);
    expect(steps('[a-z]{0,200}', 'a'.repeat(100))).toBeLessThan(4);
  });

  test('grow with the places where a match may stand', () => {
    const text = 'a'.repeat(400);
    expect(steps('[a-z]{0,200}x', text, true)).toBeGreaterThan(100);
    expect(steps('(?:[a-z]{0,900}[0-9a-z]{0,900})x', 'a'.repeat(2000), true)).toBeGreaterThan(1000);
    expect(steps('(?:ab|cd){1,3}', 'zzzz', true)).toBeLessThan(6);
  });

  test('stop being counted where the text is over or nothing is left to follow', () => {
    expect(steps('abc', 'abd'.repeat(100))).toBeLessThan(1);
  });

  test('are held to a budget', () => {
    const near = (most: number): string => `    pattern: '[a-z]{0,${most}}[a-z0-9]{0,${most}}(?<secret>[0-9]{8})'
    literals: [acme_]
    before: 2100
    after: 2100
    anchor: window`;
    expect(codes(tried(near(1000), 'acme_ abcd12345678 '))).toContain('TRIAL_STEPS');
    expect(codes(tried(near(10), 'acme_ abcd12345678 '))).not.toContain('TRIAL_STEPS');
  });
});

describe('literals', () => {
  const assigned = (literals: string): string =>
    `    assigned: '[a-z]{0,8}acmekey'\n    value: '[0-9a-f]{32}'\n    literals: [${literals}]`;

  test('may hold what stands between a name and its value', () => {
    expect(codes(tried(assigned("'key=', 'key: ', \"key'\""), 'acme_key=${hex:32}'))).not.toContain('TRIAL_LITERAL');
  });

  test('and must be of the name beside that', () => {
    expect(codes(tried(assigned("'token='"), 'acme_token_key=${hex:32}'))).toContain('TRIAL_LITERAL');
    expect(codes(tried(assigned("'==='"), 'acme_key===${hex:32}'))).toContain('TRIAL_LITERAL');
  });
});
