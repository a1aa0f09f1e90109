import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { buildAutomaton } from '../../src/prefilter/automaton.ts';
import { encodedForms } from '../../src/prefilter/encoded-forms.ts';
import { HitBuffer, type Literal, type Prefilter } from '../../src/prefilter/literal.ts';
import { javascriptPrefilter } from '../../src/prefilter/scan-js.ts';

const encoder = new TextEncoder();

function literal(text: string, exact = false): Literal {
  return { bytes: encoder.encode(exact ? text : text.toLowerCase()), exact, form: 'plain', text: 0, phase: 0 };
}

/** The definition: compare every literal at every place. */
function naivePrefilter(literals: readonly Literal[]): Prefilter {
  const fold = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte);
  return {
    literals,
    find(bytes, start, end, hits) {
      for (let at = start; at < end; at++) {
        const ending = literals
          .map((one, index) => ({ index, one, from: at + 1 - one.bytes.length }))
          .filter(
            ({ one, from }) =>
              from >= start &&
              one.bytes.every((byte, i) =>
                one.exact ? byte === bytes[from + i] : byte === fold(bytes[from + i] ?? 0),
              ),
          );
        for (const { index } of ending.toSorted((a, b) => b.one.bytes.length - a.one.bytes.length || a.index - b.index))
          hits.push(index, at + 1);
      }
    },
  };
}

function found(prefilter: Prefilter, bytes: Uint8Array, start = 0, end = bytes.length): string[] {
  const hits = new HitBuffer();
  prefilter.find(bytes, start, end, hits);
  return Array.from({ length: hits.count }, (_, i) => `${hits.literal(i)}@${hits.end(i)}`);
}

function both(literals: readonly Literal[]): [Prefilter, Prefilter] {
  return [javascriptPrefilter(literals, buildAutomaton(literals)), naivePrefilter(literals)];
}

describe('the automaton and a naive loop agree', () => {
  test.each<[string, Literal[], string, string[]]>([
    ['nothing', [literal('abc')], 'xxabxc', []],
    ['one', [literal('abc')], 'xxABCx', ['0@5']],
    ['case kept', [literal('aBc', true)], 'abc aBc', ['0@7']],
    ['overlapping', [literal('aba')], 'ababa', ['0@3', '0@5']],
    ['suffix of another', [literal('she'), literal('he'), literal('hers')], 'ushers', ['0@4', '1@4', '2@6']],
    ['same bytes twice', [literal('key'), literal('key', true)], 'KEY key', ['0@3', '0@7', '1@7']],
    ['first and last byte', [literal('ab'), literal('yz')], 'ab..yz', ['0@2', '1@6']],
    ['high bytes', [{ ...literal('x'), bytes: Uint8Array.of(0xff, 0xc3) }], '\u{ff}', []],
  ])('%s', (_, literals, text, expected) => {
    const [automaton, naive] = both(literals);
    expect(found(automaton, encoder.encode(text))).toEqual(expected);
    expect(found(naive, encoder.encode(text))).toEqual(expected);
  });

  test('on random texts over a small alphabet', () => {
    const text = fc.stringMatching(/^[abAB]{1,5}$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.boolean()), { minLength: 1, maxLength: 12 }),
        fc.stringMatching(/^[abABx]{0,60}$/),
        fc.nat(10),
        (texts, hay, cut) => {
          const [automaton, naive] = both(texts.map(([one, exact]) => literal(one, exact)));
          const bytes = encoder.encode(hay);
          const end = Math.max(0, bytes.length - cut);
          expect(found(automaton, bytes, Math.min(cut, end), end)).toEqual(
            found(naive, bytes, Math.min(cut, end), end),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a prefilter that forgets suffixes is told apart (control)', () => {
    const literals = [literal('she'), literal('he')];
    const [automaton] = both(literals);
    expect(found(automaton, encoder.encode('she'))).not.toEqual(['0@3']);
  });
});

describe('encodedForms', () => {
  const spelledIn = (encoded: string, literals: readonly Literal[]): boolean => {
    const [automaton] = both(literals);
    return found(automaton, encoder.encode(encoded)).length > 0;
  };

  test('finds a literal in every alignment of base64, in hex, percent and escapes, and twice encoded', () => {
    const forms = encodedForms('acm_', true, 0);
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    for (const before of ['', 'x', 'xy', 'xyz']) {
      const text = `${before}acm_1234567890`;
      expect(spelledIn(base64(text), forms)).toBe(true);
      expect(spelledIn(Buffer.from(text).toString('hex'), forms)).toBe(true);
      expect(spelledIn(Buffer.from(text).toString('hex').toUpperCase(), forms)).toBe(true);
      for (const outer of ['', 'q', 'qr']) {
        expect(spelledIn(base64(outer + base64(text)), forms)).toBe(true);
        expect(spelledIn(base64(outer + Buffer.from(text).toString('hex')), forms)).toBe(true);
        expect(spelledIn(Buffer.from(base64(text)).toString('hex'), forms)).toBe(true);
      }
    }
    expect(spelledIn('%61%63%6d%5f', forms)).toBe(true);
    expect(spelledIn(String.raw`\u0061\u0063\u006d\u005f`, forms)).toBe(true);
    expect(spelledIn(String.raw`\x61\x63\x6D\x5F`, forms)).toBe(true);
  });

  test('is not woken by plain text (control)', () => {
    expect(spelledIn('acm_1234567890 and more', encodedForms('acm_', true, 0))).toBe(false);
  });
});
