import { describe, expect, test } from 'vitest';

import type { Rule } from '../../src/core/rule.ts';
import { ALLOW_MARKERS } from '../../src/detect/allow-mark.ts';
import type { Literal } from '../../src/prefilter/literal.ts';
import { columnsOf, literalsOf } from '../../src/prefilter/literal-columns.ts';
import { literalSet } from '../../src/prefilter/literal-set.ts';
import { packLiterals } from '../../src/prefilter/packed.ts';
import { haveLaidOut, ruleLiterals, ruleScreens } from '../../src/prefilter/rule-literals.ts';
import { assigned, makeRule, pattern } from '../helpers/rules.ts';

function shown(literals: readonly Literal[]): unknown[] {
  return literals.map(({ bytes, ...rest }) => [Buffer.from(bytes).toString('latin1'), rest]);
}

function someRules(): Rule[] {
  return [
    makeRule('acme-token', [pattern(['acm_', 'ACM-'], '(?<secret>acm_[0-9]{9})')]),
    makeRule('beta-key', [assigned(['betakey'], 'betakey', '[0-9]{9}')]),
  ];
}

describe('columns of literals', () => {
  const { literals } = literalSet(someRules(), ALLOW_MARKERS);

  test('give the literals back, posted or not', () => {
    const forms = new Set(literals.map(({ form }) => form));
    expect(forms.size).toBe(7);
    expect(shown(literalsOf(columnsOf(literals)))).toEqual(shown(literals));
    expect(shown(literalsOf(structuredClone(columnsOf(literals))))).toEqual(shown(literals));
  });

  test('hold small letters where case does not count', () => {
    const one: Literal = { bytes: Buffer.from('AbC'), exact: false, form: 'plain', text: 70_000, phase: 0 };
    const [folded, kept] = literalsOf(columnsOf([one, { ...one, exact: true }]));
    expect(Buffer.from(folded?.bytes ?? []).toString()).toBe('abc');
    expect(Buffer.from(kept?.bytes ?? []).toString()).toBe('AbC');
    expect(folded?.text).toBe(70_000);
  });
});

describe('literals of a list of rules', () => {
  test('are spelled out once', () => {
    const rules = someRules();
    const made = ruleLiterals(rules, ALLOW_MARKERS);
    expect(shown(made.literals)).toEqual(shown(literalSet(rules, ALLOW_MARKERS).literals));
    expect(ruleLiterals(rules, ALLOW_MARKERS)).toBe(made);
  });

  test('are read where they were laid out, and else made', () => {
    const other = literalSet([makeRule('other-key', [pattern(['oth_'], '(?<secret>oth_[0-9]{9})')])], []).literals;
    const [laid, missing] = [someRules(), someRules()];
    haveLaidOut(laid, () => ({ packed: packLiterals(other), screens: Uint32Array.of(7) }));
    haveLaidOut(missing, () => null);
    expect([laid, missing, someRules()].map((rules) => ruleScreens(rules)?.screens[0])).toEqual([
      7,
      undefined,
      undefined,
    ]);
    expect(shown(ruleLiterals(laid, ALLOW_MARKERS).literals)).toEqual(shown(other));
    expect(ruleLiterals(missing, ALLOW_MARKERS).literals.length).toBeGreaterThan(other.length);
  });
});
