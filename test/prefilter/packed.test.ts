import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { buildAutomaton } from '../../src/prefilter/automaton.ts';
import { HitBuffer, type Literal, type Prefilter } from '../../src/prefilter/literal.ts';
import { literalSet } from '../../src/prefilter/literal-set.ts';
import { openLiterals, packLiterals, packedPrefilter } from '../../src/prefilter/packed.ts';
import { wasmPackedPrefilter } from '../../src/prefilter/packed-wasm.ts';
import { javascriptPrefilter } from '../../src/prefilter/scan-js.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';

const encoder = new TextEncoder();
const literal = (text: string, exact: boolean): Literal => ({
  bytes: encoder.encode(exact ? text : text.toLowerCase()),
  exact,
  form: 'plain',
  text: 0,
  phase: 0,
});

function found(prefilter: Prefilter, bytes: Uint8Array, start: number, end: number): string[] {
  const hits = new HitBuffer();
  prefilter.find(bytes, start, end, hits);
  return Array.from({ length: hits.count }, (_, i) => {
    const { bytes: spelled, ...facts } = prefilter.literals[hits.literal(i)] ?? literal('not filled in', true);
    return `${hits.literal(i)}@${hits.end(i)} ${JSON.stringify({ ...facts, spelled: [...spelled] })}`;
  });
}

function expectAgreement(literals: readonly Literal[], bytes: Uint8Array, start = 0, end = bytes.length): string[] {
  const hits = found(javascriptPrefilter(literals, buildAutomaton(literals)), bytes, start, end);
  const pack = packLiterals(literals);
  expect(found(packedPrefilter(pack), bytes, start, end)).toEqual(hits);
  expect(found(wasmPackedPrefilter(pack), bytes, start, end)).toEqual(hits);
  return hits;
}

/** What is folded at a time (wasm/quick.ts), and twice that. */
const SEAMS = [512, 1024];

describe('packed literals find what the automaton finds', () => {
  test.each<[string, Literal[], string, number]>([
    ['nothing', [literal('abcd', false)], 'xxabxcd', 0],
    ['case folded', [literal('abcd', false)], 'xxABCdx', 1],
    ['case kept', [literal('aBcd', true)], 'abcd aBcd', 1],
    ['three bytes, at the start too', [literal('key', false)], 'key KEY monkey', 3],
    [
      'suffixes, longest first',
      [literal('keys', false), literal('apikeys', false), literal('eys', true)],
      'apikeys',
      3,
    ],
    ['overlapping', [literal('abab', false)], 'ababab', 2],
    [
      'same bytes, other facts',
      [literal('abcd', false), { ...literal('abcd', true), form: 'base64', phase: 3, text: 70_000 }],
      'abcd',
      2,
    ],
    ['high bytes', [{ ...literal('', true), bytes: Uint8Array.of(0xc3, 0xbf, 0xc3, 0xbf) }], 'ÿÿ', 1],
  ])('%s', (_, literals, text, count) => {
    expect(expectAgreement(literals, encoder.encode(text))).toHaveLength(count);
  });

  test('across what is folded at a time, whatever their length, and not with what stands before the text', () => {
    const literals = [3, 4, 5, 6, 7, 8, 9, 12].map((length) =>
      literal('qXwertyuzOpk'.slice(-length), length % 2 === 1),
    );
    const ends = SEAMS.flatMap((seam) => Array.from({ length: 28 }, (_, i) => seam - 10 + i));
    for (const end of ends) {
      const text = encoder.encode(`${'.'.repeat(end - 12)}qXwertyuzOpk${'.'.repeat(20)}`);
      expect(expectAgreement(literals, text)).toHaveLength(literals.length);
      // From here on two of them are whole; what is before does not count.
      expect(expectAgreement(literals, text, end - 4)).toHaveLength(2);
      expect(expectAgreement(literals, text, 0, end - 1)).toHaveLength(0);
    }
  });

  test('and what one text ended with does not begin the next', () => {
    const literals = ['okey', 'token', 'atoken', 'key'].map((text) => literal(text, false));
    const prefilter = wasmPackedPrefilter(packLiterals(literals));
    expect(found(prefilter, encoder.encode('a to'), 0, 4)).toEqual([]);
    expect(found(prefilter, encoder.encode('ken key'), 0, 7)).toHaveLength(1);
    expect(found(prefilter, encoder.encode('atoken okey'), 0, 11)).toHaveLength(4);
  });

  test('on random texts over a small alphabet', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^[abAB]{3,7}$/), fc.boolean()), { maxLength: 12 }),
        fc.stringMatching(/^[abABx]{0,60}$/),
        fc.nat(10),
        (texts, hay, cut) => {
          const bytes = encoder.encode(hay);
          const end = Math.max(0, bytes.length - cut);
          expectAgreement(
            texts.map(([one, exact]) => literal(one, exact)),
            bytes,
            Math.min(cut, end),
            end,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('whatever of them is seldom, and however far from their ends', () => {
    // Words found by their middles, one within another, and one whose beginning is too far from its end to be found by it.
    const words = ['linode_token', 'node', 'ode_tok', 'a_zqxj_key', 'zqxj', 'key', `zqxj${'e '.repeat(200)}`];
    const literals = words.flatMap((word) => [literal(word, false), literal(word, true)]);
    const parts = fc.constantFrom(
      ...words,
      ...words.map((word) => word.toUpperCase()),
      'e ',
      '_',
      'x',
      'lino',
      'token',
    );
    let hits = 0;
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60, size: 'max' }), (texts) => {
        hits += expectAgreement(literals, encoder.encode(texts.join(''))).length;
      }),
      { numRuns: 100 },
    );
    expect(hits).toBeGreaterThan(1000);
  });

  test('of three bytes each, of any kind and many more than there are groups', () => {
    const triple = fc.uint8Array({ minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(triple, fc.boolean()), { minLength: 20, maxLength: 60 }),
        fc.nat(),
        (some, seed) => {
          const literals = some.map(([bytes, exact]) => ({
            ...literal('', exact),
            bytes: exact ? bytes : bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte)),
          }));
          const pieces = some.map(([bytes], i) => ((seed >> (i % 30)) & 1 ? bytes : bytes.subarray(0, 2)));
          const text = Buffer.concat([...pieces, Buffer.from('AaZz@[`{'), ...pieces.toReversed()]);
          expectAgreement(literals, text);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('for the package’s own rules, on random bytes with pieces of literals in them', () => {
    const { literals } = literalSet(BUILTIN_RULES, ['unleak:allow']);
    const automaton = javascriptPrefilter(literals, buildAutomaton(literals));
    const packed = packLiterals(literals);
    const both = [packedPrefilter(packed), wasmPackedPrefilter(packed)];
    const piece = fc.nat(literals.length - 1).map((index) => literals[index]?.bytes ?? new Uint8Array());
    let hits = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.uint8Array({ maxLength: 8 })), { minLength: 10, maxLength: 30 }),
        (parts) => {
          const bytes = Buffer.concat(parts);
          const expected = found(automaton, bytes, 0, bytes.length);
          hits += expected.length;
          for (const prefilter of both) expect(found(prefilter, bytes, 0, bytes.length)).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
    expect(hits).toBeGreaterThan(100);
  });
});

test('more hits than there was room for, and more text than memory', () => {
  const literals = [literal('aaa', false), literal('aaaa', true)];
  const bytes = Buffer.concat([Buffer.alloc(200_000, 'b'), Buffer.alloc(3000, 'a')]);
  expect(expectAgreement(literals, bytes)).toHaveLength(5995);
});

test('nothing is found that the filter or the tables of three bytes do not know', () => {
  const { words } = packLiterals([literal('abcd', false), literal('key', true)]);
  const { at } = openLiterals({ words });
  const text = encoder.encode('abcd key');
  const without = (from: number, to: number): Uint32Array => words.map((word, i) => (i >= from && i < to ? 0 : word));
  const ends = (pack: Uint32Array): number[] => {
    const hits = new HitBuffer();
    wasmPackedPrefilter({ words: pack }).find(text, 0, text.length, hits);
    return Array.from({ length: hits.count }, (_, i) => hits.end(i));
  };
  expect(ends(words)).toEqual([4, 8]);
  expect(ends(without(at.filter, at.triples))).toEqual([8]);
  expect(ends(without(at.triples, at.long.bucketStart))).toEqual([4]);
  expect(found(packedPrefilter({ words: without(at.filter, at.triples) }), text, 0, text.length)).toHaveLength(1);
});

describe('packLiterals', () => {
  test('refuses what it could not find', () => {
    expect(() => packLiterals([literal('ab', true)])).toThrow('too short');
    const many = Array.from({ length: 2 ** 20 + 1 }, () => literal('abcd', true));
    expect(() => packLiterals(many)).toThrow('too many');
  });

  test('its words are refused when cut short or of another version', () => {
    const { words } = packLiterals([literal('abcd', true)]);
    expect(() => packedPrefilter({ words: words.slice(0, -1) })).toThrow('this version');
    expect(() => packedPrefilter({ words: words.map((word, i) => (i === 0 ? word + 1 : word)) })).toThrow(
      'this version',
    );
    expect(() => packedPrefilter({ words: new Uint32Array() })).toThrow('this version');
  });
});
