import { describe, expect, test } from 'vitest';

import { loadRuleFile } from '../../src/rules/load.ts';

const RULE = `
  - id: acme-key
    title: Acme key
    severity: high
    literals: [acme_]
    pattern: '(?<secret>acme_[a-z]{20})'
    impact: Opens every door at Acme.
    remediation: Change the locks at Acme.
    references: [{ documented: https://acme.test }]
    examples: ['acme_\${lower:20}']
    counterexamples: ['acme_', 'acme']
`;
const FILE = `provider: acme\nrules:${RULE}`;

/** Nine levels of nine aliases: 9^9 nodes from a few hundred bytes. */
const BOMB = Array.from({ length: 9 }, (_, i) => {
  const items = Array.from({ length: 9 }, () => (i === 0 ? 'x' : `*a${i - 1}`));
  return `a${i}: &a${i} [${items.join(', ')}]`;
}).join('\n');

describe('loadRuleFile', () => {
  test('reads a file of the right shape', () => {
    const { content } = loadRuleFile(FILE, 'acme.yaml');
    expect(content.provider).toBe('acme');
    expect(content.rules.map(({ id }) => id)).toEqual(['acme-key']);
  });

  test.each([
    [
      'a mistyped key',
      FILE.replace('severity', 'severty'),
      'acme.yaml:5:5: unknown key "severty"; did you mean "severity"?',
    ],
    ['a mistyped key of the file', `rulez: []\n${FILE}`, 'acme.yaml:1:1: unknown key "rulez"; did you mean "rules"?'],
    ['a key like no other', FILE.replace('title', 'zzzzzzzz'), 'acme.yaml:4:5: unknown key "zzzzzzzz"'],
    ['a word that is not allowed', FILE.replace('high', 'severe'), 'acme.yaml:5:5: rules.0.severity'],
    ['an id in capitals', FILE.replace('acme-key', 'Acme_Key'), 'must be lower-case words joined by hyphens'],
    ['a rule without examples', FILE.replace(/ +examples:.*\n/, ''), 'acme.yaml:3:5: rules.0.examples'],
    ['a single counterexample', FILE.replace(", 'acme']", ']'), 'rules.0.counterexamples'],
    ['a reference of two kinds', FILE.replace('{ documented: ', '{ observed: x, documented: '), 'must be one of'],
    ['a window past the limit', `${FILE}    after: 65537\n`, 'rules.0.after'],
    ['a list in place of a file', '- a\n- b\n', 'acme.yaml:1:1: this is no rule file'],
    ['an empty file', '', 'acme.yaml:1:1'],
  ])('names the place of %s', (_, text, message) => {
    expect(() => loadRuleFile(text, 'acme.yaml')).toThrow(
      expect.objectContaining({ code: 'RULE_SHAPE', message: expect.stringContaining(message) }),
    );
  });

  test.each([
    ['what is not YAML', 'rules: [', 'acme.yaml:1:'],
    ['a key given twice', `provider: a\n${FILE}`, 'acme.yaml:2:1'],
    ['an alias without an anchor', 'provider: *none\n', 'acme.yaml'],
    ['aliases that multiply', BOMB, 'aliases'],
  ])('refuses %s', (_, text, message) => {
    expect(() => loadRuleFile(text, 'acme.yaml')).toThrow(
      expect.objectContaining({ code: 'RULE_YAML', message: expect.stringContaining(message) }),
    );
  });

  test.each([
    ['flow lists', `a: ${'['.repeat(100_000)}`],
    ['flow maps', `a: ${'{a: '.repeat(50_000)}`],
    ['block lists', `${'- '.repeat(100_000)}x`],
    ['block maps', Array.from({ length: 1_200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('refuses nesting without end, in %s', (_, text) => {
    expect(() => loadRuleFile(text, 'acme.yaml')).toThrow(expect.objectContaining({ code: 'RULE_YAML' }));
  });

  test('a map of many keys takes no time of its square', () => {
    const keys = Array.from({ length: 60_000 }, (_, i) => `k${i}: 1\n`);
    expect(() => loadRuleFile(keys.join(''), 'acme.yaml')).toThrow(expect.objectContaining({ code: 'RULE_SHAPE' }));
    expect(() => loadRuleFile(`${keys.join('')}k7: 2\n`, 'acme.yaml')).toThrow(
      expect.objectContaining({ code: 'RULE_YAML', message: expect.stringContaining('acme.yaml:60001:1') }),
    );
  });

  test('refuses a file past 1 MiB unread', () => {
    expect(() => loadRuleFile(' '.repeat(1024 * 1024 + 1), 'big.yaml')).toThrow(
      expect.objectContaining({ code: 'RULE_TOO_LARGE', mend: expect.stringContaining('1 MiB') }),
    );
  });
});
