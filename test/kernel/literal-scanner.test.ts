import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type ScanLiteral, loadAutomaton } from '../../src/kernel/automaton.ts';
import { KernelMemory, createKernel } from '../../src/kernel/instance.ts';
import { LiteralScanner } from '../../src/kernel/literal-scanner.ts';

type Hit = readonly [literal: number, end: number];

function scanWith(literals: readonly ScanLiteral[], text: Uint8Array, start = 0, end = text.length): Hit[] {
  const memory = new KernelMemory(64 << 20);
  const scanner = new LiteralScanner(createKernel(memory), loadAutomaton(memory, literals));
  const hits: Hit[] = [];
  scanner.find(text, start, end, (pairs, base) => {
    for (let i = 0; i < pairs.length; i += 2) hits.push([pairs[i + 1] ?? 0, base + (pairs[i] ?? 0)]);
  });
  return hits;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/** At every place, every literal is compared byte by byte. */
function naive(literals: readonly ScanLiteral[], text: Uint8Array, start = 0, end = text.length): Hit[] {
  const hits: Hit[] = [];
  for (let at = start + 1; at <= end; at++) {
    const here = literals
      .map(({ bytes, exact }, literal) => ({ bytes, exact, literal, from: at - bytes.length }))
      .filter(({ bytes, exact, from }) =>
        from < start
          ? false
          : bytes.every((byte, i) => {
              const other = text[from + i] ?? 0;
              return exact ? byte === other : lower(byte) === lower(other);
            }),
      )
      .toSorted((a, b) => b.bytes.length - a.bytes.length || a.literal - b.literal);
    for (const { literal } of here) hits.push([literal, at]);
  }
  return hits;
}

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const folded = (text: string): ScanLiteral => ({ bytes: latin1(text), exact: false });
const exact = (text: string): ScanLiteral => ({ bytes: latin1(text), exact: true });

const ROWS: readonly (readonly [name: string, literals: readonly ScanLiteral[], text: string, hits: readonly Hit[]])[] =
  [
    ['nothing to look for', [], 'any text', []],
    ['nothing to look in', [folded('a')], '', []],
    [
      'one byte',
      [folded('a')],
      'aXA',
      [
        [0, 1],
        [0, 3],
      ],
    ],
    ['case counts where it is exact', [exact('Ab')], 'ab Ab AB', [[0, 5]]],
    [
      'case does not count elsewhere',
      [folded('Ab')],
      'ab Ab AB',
      [
        [0, 2],
        [0, 5],
        [0, 8],
      ],
    ],
    [
      'at one end the longer one comes first',
      [folded('c'), folded('abc'), folded('bc')],
      'abc',
      [
        [1, 3],
        [2, 3],
        [0, 3],
      ],
    ],
    [
      'a literal overlaps itself',
      [folded('aa')],
      'aaaa',
      [
        [0, 2],
        [0, 3],
        [0, 4],
      ],
    ],
    [
      'the same literal twice',
      [folded('key'), exact('key')],
      'Key key',
      [
        [0, 3],
        [0, 7],
        [1, 7],
      ],
    ],
    ['a failed match falls back', [folded('abcd'), folded('bce')], 'abce', [[1, 4]]],
    ['bytes above 0x7f have no case', [folded('\xe4\xc4')], '\xe4\xc4\xc4\xe4', [[0, 2]]],
    ['zero bytes are bytes', [folded('a\0')], '\0a\0', [[0, 3]]],
  ];

describe('LiteralScanner', () => {
  test.each(ROWS)('%s', (_, literals, text, hits) => {
    expect(scanWith(literals, latin1(text))).toEqual(hits);
    expect(naive(literals, latin1(text))).toEqual(hits);
  });

  test('agrees with a naive loop on random text over few letters', () => {
    const letters = fc.constantFrom(...'abAB\0\n');
    const literal = fc.record({
      bytes: fc.string({ unit: letters, minLength: 1, maxLength: 6 }).map(latin1),
      exact: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(literal, { minLength: 1, maxLength: 12 }),
        fc.string({ unit: letters, maxLength: 700 }).map(latin1),
        (literals, text) => {
          expect(scanWith(literals, text)).toEqual(naive(literals, text));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('agrees with it where only the ends of long literals stand, too', () => {
    const long = fc
      .tuple(fc.constantFrom('aB', 'Ab', 'aa'), fc.integer({ min: 7, max: 12 }), fc.constantFrom('', 'a', 'b', 'AB'))
      .map(([unit, times, start]) => start + unit.repeat(times));
    const literal = fc.record({ bytes: long.map(latin1), exact: fc.boolean() });
    const words = fc.oneof(long, fc.constantFrom('\n', 'b', 'abab'));
    let hits = 0;
    fc.assert(
      fc.property(
        fc.array(literal, { minLength: 1, maxLength: 8 }),
        fc.array(words, { maxLength: 20 }),
        (all, text) => {
          const found = scanWith(all, latin1(text.join('')));
          expect(found).toEqual(naive(all, latin1(text.join(''))));
          hits += found.length;
        },
      ),
      { numRuns: 100 },
    );
    // Control: there was something to find.
    expect(hits).toBeGreaterThan(20);
  });

  test('loses and doubles nothing where streams, stretches and pieces are cut', () => {
    const literals = [folded('0123456789abcdefghijklmnopqrstuv'), folded('xyzzy'), folded('v0'), exact('Q')];
    const period = '0123456789abcdefghijklmnopqrstuv0xyzzyq';
    const text = latin1(period.repeat(Math.ceil(600_000 / period.length)));
    const hits = scanWith(literals, text);
    const periods = text.length / period.length;
    expect(hits.filter(([literal]) => literal === 0).length).toBe(periods);
    expect(hits.filter(([literal]) => literal === 1).length).toBe(periods);
    expect(hits.filter(([literal]) => literal === 2).length).toBe(periods);
    expect(hits.filter(([literal]) => literal === 3).length).toBe(0);
    expect(hits.map(([, end]) => end)).toEqual(hits.map(([, end]) => end).toSorted((a, b) => a - b));
  });

  test('finds the same at every length around that from which on text is shared out', () => {
    const sets = [
      [folded('ab'), folded('bab'), exact('BaabaB'), folded('abbaabab'), folded('aababaabab')],
      [exact('A')],
    ];
    let state = 7;
    const text = Uint8Array.from({ length: 420 }, () => {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      return 'abAB'.charCodeAt((state >> 16) & 3);
    });
    for (const literals of sets)
      for (let length = 100; length <= text.length; length += 5)
        expect(scanWith(literals, text, 0, length)).toEqual(naive(literals, text, 0, length));
  });

  test('sees only what lies wholly inside the range', () => {
    const text = latin1('abcabcabc');
    for (let start = 0; start <= 9; start++) {
      for (let end = start; end <= 9; end++) {
        expect(scanWith([folded('abc')], text, start, end)).toEqual(naive([folded('abc')], text, start, end));
      }
    }
  });

  test('makes room when every byte is a hit of many literals', () => {
    const literals = Array.from({ length: 40 }, (_, i) => folded('a'.repeat(i + 1)));
    const text = new Uint8Array(30_000).fill(97);
    expect(scanWith(literals, text).length).toBe(40 * 30_000 - (39 * 40) / 2);
  });

  test('refuses literals that no automaton can hold', () => {
    const invalid = expect.objectContaining({ code: 'KERNEL_LITERAL_INVALID' });
    expect(() => scanWith([folded('')], latin1('a'))).toThrow(invalid);
    expect(() => scanWith([folded('a'.repeat(257))], latin1('a'))).toThrow(invalid);
  });
});
