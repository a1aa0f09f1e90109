import { describe, expect, test } from 'vitest';

import { checkAllowed, selectRules } from '../../src/config/select-rules.ts';
import { rule } from '../helpers/report.ts';

const part = { rule: 'a-id', within: 100, absence: 'required', sameLength: false } as const;
const rules = [
  rule({ id: 'a-id', provider: 'a', role: 'identifier' }),
  rule({ id: 'a-secret', provider: 'a', parts: [part] }),
  rule({ id: 'b-secret', provider: 'b' }),
  rule({ id: 'b-id', provider: 'b', role: 'identifier' }),
];

function left(only: readonly string[] | null, disable: readonly string[] = []): string[] {
  return selectRules(rules, { only, disable }, '.unleak.toml').map(({ id }) => id);
}

describe('selectRules', () => {
  test('takes rules and providers by name', () => {
    expect(left(null)).toHaveLength(4);
    expect(left(['b'])).toEqual(['b-secret', 'b-id']);
    expect(left(null, ['b'])).toEqual(['a-id', 'a-secret']);
    expect(left(null, ['b-id'])).toEqual(['a-id', 'a-secret', 'b-secret']);
  });

  test('keeps the other half of a pair', () => {
    expect(left(['a-secret'])).toEqual(['a-id', 'a-secret']);
    expect(left(['a-secret'], ['a-id'])).toEqual(['a-secret']);
  });

  test.each([
    ['CONFIG_NO_RULES', ['a-id'], []],
    ['CONFIG_NO_RULES', null, ['a', 'b']],
    ['CONFIG_UNKNOWN_RULE', ['a-secrets'], []],
    ['CONFIG_UNKNOWN_RULE', null, ['c']],
  ])('answers %s to only %j, disable %j', (code, only, disable) => {
    expect(() => left(only, disable)).toThrow(expect.objectContaining({ code }));
  });

  test('a permission for a rule that nobody has is refused, with its place', () => {
    const allow = (name: string) => [
      { label: 'allow 1', place: 'x.toml:3:1', reason: 'x', rules: [name], matchesPath: null },
    ];
    expect(() => checkAllowed(allow('a-secrets'), rules)).toThrow(/^x\.toml:3:1: .* did you mean "a-secret"/);
    for (const name of ['a-secret', 'b']) expect(() => checkAllowed(allow(name), rules)).not.toThrow();
  });

  test('names the rule that was meant', () => {
    expect(() => left(['a-secrets'])).toThrow(/did you mean "a-secret"/);
  });
});
