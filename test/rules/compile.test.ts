import { describe, expect, test } from 'vitest';

import type { Rule } from '../../src/core/rule.ts';
import { compileRules } from '../../src/rules/compile.ts';
import { loadRuleFile } from '../../src/rules/load.ts';

function ruleText(id: string, matching: string): string {
  return `
  - id: ${id}
    title: Acme key
    severity: high
${matching.replaceAll(/^/gm, '    ')}
    impact: Opens every door at Acme.
    remediation: Change the locks at Acme.
    references: [{ documented: https://acme.test }]
    examples: [a]
    counterexamples: [b, c]
`;
}

function compile(...matchings: string[]): Rule[] {
  const rules = matchings.map((matching, i) => ruleText(`acme-${i}`, matching));
  return compileRules([loadRuleFile(`provider: acme\nrules:${rules.join('')}`, 'acme.yaml')]);
}

const PATTERN = "literals: [acme_]\npattern: '(?<secret>acme_[a-z]{20})'";
const ASSIGNED = "literals: [acme]\nassigned: 'acme(?:api)?key'\nvalue: '[a-z]{20}'";

describe('compileRules', () => {
  test('fills in what a fixed prefix needs', () => {
    expect(compile(PATTERN)[0]?.matchers).toEqual([
      {
        literals: ['acme_'],
        caseSensitive: true,
        encoded: true,
        before: 256,
        after: 256,
        gate: 0,
        find: {
          kind: 'pattern',
          lead: expect.any(String),
          source: '(?<secret>acme_[a-z]{20})',
          ignoreCase: false,
          anchor: 'hit',
          boundary: '',
          decode: 'none',
        },
        near: [],
        checks: [],
        confidence: 'high',
      },
    ]);
  });

  test('fills in what a name needs', () => {
    expect(compile(ASSIGNED)[0]?.matchers[0]).toMatchObject({
      caseSensitive: false,
      find: { kind: 'assigned', anchor: 'hit', decode: 'auto' },
    });
  });

  test('hands down what the rule says, and lets a matcher differ', () => {
    const [rule] = compile(
      "literals: [acme]\nvalue: '[a-z]{20}'\nconfidence: low\nmatchers:\n  - assigned: acmekey\n  - assigned: acmetoken\n    confidence: high",
    );
    expect(
      rule?.matchers.map(({ find, confidence }) => [find.kind === 'assigned' ? find.name : '', confidence]),
    ).toEqual([
      ['acmekey', 'low'],
      ['acmetoken', 'high'],
    ]);
  });

  test('widens the window for a long match', () => {
    const [rule] = compile("literals: [acme_]\npattern: '(?<secret>acme_[a-z]{900})'");
    expect(rule?.matchers[0]?.after).toBe(969);
  });

  test.each([
    ['no secret group', "literals: [acme_]\npattern: 'acme_[a-z]{20}'", 'RULE_PATTERN'],
    ['two secret groups', "literals: [acme_]\npattern: '(?<secret>acme_)(?<secret>[a-z]{20})'", 'RULE_PATTERN'],
    ['a secret that can be missing', "literals: [acme_]\npattern: 'acme_(?<secret>[a-z]{20})?'", 'RULE_PATTERN'],
    ['a secret on one branch', "literals: [acme_]\npattern: 'acme_(?:(?<secret>[a-z]{20})|x)'", 'RULE_PATTERN'],
    ['neither pattern nor name', 'literals: [acme_]', 'RULE_PATTERN'],
    ['both pattern and name', `${PATTERN}\nassigned: x\nvalue: y`, 'RULE_PATTERN'],
    ['a name without a value', 'literals: [acme]\nassigned: acmekey', 'RULE_PATTERN'],
    ['a pattern beyond the subset', "literals: [acme_]\npattern: '(?<secret>acme_[a-z]+)'", 'RULE_PATTERN'],
    ['no literals', "pattern: '(?<secret>acme_[a-z]{20})'", 'RULE_LITERAL'],
    ['a short literal', "literals: [ac]\npattern: '(?<secret>acme_[a-z]{20})'", 'RULE_LITERAL'],
    ['a literal outside ASCII', "literals: [acmé]\npattern: '(?<secret>acme_[a-z]{20})'", 'RULE_LITERAL'],
    [
      'a literal that is not how matches begin',
      "literals: [acme-]\npattern: '(?<secret>acme_[a-z]{20})'",
      'RULE_LITERAL',
    ],
    ['a literal no name contains', "literals: [acne]\nassigned: acmekey\nvalue: '[a-z]{20}'", 'RULE_LITERAL'],
    ['a match longer than its window', `${PATTERN}\nafter: 5`, 'RULE_WINDOW'],
    ['an unknown check', `${PATTERN}\nchecks: [entropi]`, 'RULE_CHECK'],
    ['a check without its number', `${PATTERN}\nchecks: [entropy]`, 'RULE_CHECK'],
    ['an unknown part', `${PATTERN}\nparts: [{ rule: acme-9 }]`, 'RULE_PART'],
    ['itself as a part', `${PATTERN}\nparts: [{ rule: acme-0 }]`, 'RULE_PART'],
    ['unknown evidence', `${PATTERN}\nraisedBy: [acme-9]`, 'RULE_PART'],
  ])('refuses %s', (_, matching, code) => {
    expect(() => compile(matching)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(/^acme\.yaml:\d+:\d+: /) }),
    );
  });

  test('refuses one id twice, across files, and says where the first is', () => {
    const file = (name: string) => loadRuleFile(`provider: acme\nrules:${ruleText('acme-key', PATTERN)}`, name);
    expect(() => compileRules([file('a.yaml'), file('b.yaml')])).toThrow(
      expect.objectContaining({ code: 'RULE_DUPLICATE_ID', message: expect.stringContaining('a.yaml:3:5') }),
    );
  });

  test('refuses an empty rule set', () => {
    expect(() => compileRules([])).toThrow(expect.objectContaining({ code: 'RULE_NONE' }));
  });

  test('marks the rules of strangers', () => {
    const file = loadRuleFile(`provider: acme\nrules:${ruleText('acme-key', PATTERN)}`, 'a.yaml');
    expect(compileRules([file], { untrusted: true })[0]?.untrusted).toBe(true);
    expect(compileRules([file])[0]).not.toHaveProperty('untrusted');
  });
});
