import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Automaton, automatonOf, canContain, closure, step, strayBeginning } from '../../src/rules/automaton.ts';
import { maxLength, readPattern } from '../../src/rules/pattern.ts';

function automaton(source: string, ignoreCase = false): Automaton {
  const built = automatonOf(readPattern(source, 'test', ignoreCase).node);
  if (built === null) throw new Error('too large');
  return built;
}

function accepts(source: string, text: string): boolean {
  const built = automaton(source);
  let states = closure(built, [built.start]);
  for (const char of text) states = step(built, states, char.charCodeAt(0));
  return states.has(built.accept);
}

describe('readPattern', () => {
  test.each([
    ['a*', 'unbounded *'],
    ['a+', 'unbounded +'],
    ['a{3,}', 'unbounded {n,}'],
    ['a{4,3}', 'out of range'],
    ['a{1,99999}', 'out of range'],
    ['ab{', 'no quantifier'],
    ['a{2}{3}', 'two quantifiers'],
    ['(?=a)', 'look-around'],
    ['(?!a)', 'look-around'],
    ['(?<=a)b', 'look-around'],
    ['(?i)a', 'look-around'],
    ['(a)', 'captures'],
    ['(?<key>a)', 'named key'],
    ['(?:a', 'not closed'],
    ['a)', 'unmatched )'],
    ['[a', 'not closed'],
    ['[z-a]', 'out of order'],
    ['[a[b]', '[ inside'],
    ['[]', 'empty'],
    [String.raw`\p{L}`, String.raw`escape \p`],
    [String.raw`(?<secret>a)\1`, String.raw`escape \1`],
    [String.raw`\k<secret>`, String.raw`escape \k`],
    [String.raw`[\b]`, String.raw`escape \b`],
    ['é', 'outside ASCII'],
    [String.raw`(?:\b){3}`, 'without length'],
    ['\\', 'at the end'],
    ['}', 'without a meaning'],
    ['?', 'without a meaning'],
    [`${'(?:'.repeat(40)}a${')'.repeat(40)}`, 'too deeply'],
  ])('refuses %s', (source, why) => {
    expect(() => readPattern(source, 'test')).toThrow(
      expect.objectContaining({ code: 'RULE_PATTERN', message: expect.stringContaining(why) }),
    );
  });

  test.each([
    ['abc', 3],
    ['a{2,5}b?', 6],
    ['(?:ab|c){3}', 6],
    [String.raw`(?<secret>sk_[A-Za-z0-9]{10,20})\b`, 23],
    [String.raw`[^\s"]{1,4}\x41\/`, 6],
  ])('measures %s', (source, most) => {
    expect(maxLength(readPattern(source, 'test').node)).toBe(most);
  });

  // The language's own engine is the oracle: both must agree on every text.
  test('reads what the language reads', () => {
    const patterns = [
      'a?[b-d]{1,2}',
      '(?:ab|a)b?',
      '[^a]{2}|d',
      'a(?:b|cd?){0,3}',
      String.raw`\w\d{0,2}|\.`,
      '(?:a|b|c){2,4}d',
    ];
    const texts = fc.string({ unit: fc.constantFrom(...'abcd.1'), maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...patterns), texts, (source, text) => {
        expect(accepts(source, text)).toBe(new RegExp(`^(?:${source})$`).test(text));
      }),
      { numRuns: 2000 },
    );
    // Control: the comparison can fail.
    expect(accepts('ab', 'ab')).not.toBe(/^a$/.test('ab'));
  });

  test('gives up on a pattern that multiplies', () => {
    const { node } = readPattern('(?:(?:(?:abc{1,80}){1,80}){1,80}){1,80}', 'test');
    expect(automatonOf(node)).toBeNull();
  });
});

describe('literals', () => {
  test.each([
    ['ghp_[a-z]{3}', ['ghp_'], false, null],
    ['gh[pous]_', ['ghp_', 'gho_', 'ghu_', 'ghs_'], false, null],
    ['gh[pous]_', ['ghp_', 'gho_', 'ghu_'], false, 'ghs'],
    ['(?:sk|rk)_live', ['sk_', 'rk_'], false, null],
    ['(?:sk|rk|xk)_live', ['sk_', 'rk_'], false, 'x'],
    ['[Aa]pi', ['api'], true, null],
    ['[Aa]pi', ['api'], false, 'A'],
    ['abc?', ['abc'], false, 'ab'],
  ] as const)('%s begins with one of %j', (source, literals, ignoreCase, stray) => {
    expect(strayBeginning(automaton(source), literals, ignoreCase)).toBe(stray);
  });

  test.each([
    ['[a-z]{0,10}apikey', 'apikey', true],
    ['(?:my)?acme(?:api)?key', 'acmek', true],
    ['(?:my)?acme(?:api)?key', 'akey', false],
    ['[a-z0-9]{0,40}token', 'ken', true],
  ])('a name that matches %s can contain %s: %s', (source, literal, can) => {
    expect(canContain(automaton(source, true), literal)).toBe(can);
  });
});
