import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ALLOW_MARKERS } from '../../src/detect/allow-mark.ts';
import { loadAutomaton } from '../../src/kernel/automaton.ts';
import { KernelMemory, createKernel } from '../../src/kernel/instance.ts';
import { buildAutomaton } from '../../src/prefilter/automaton.ts';
import { growingPrefilter } from '../../src/prefilter/growing.ts';
import { kernelPrefilter } from '../../src/prefilter/kernel-prefilter.ts';
import { HitBuffer, type Prefilter } from '../../src/prefilter/literal.ts';
import { literalSet } from '../../src/prefilter/literal-set.ts';
import { packLiterals } from '../../src/prefilter/packed.ts';
import { quickStart } from '../../src/prefilter/quick-start.ts';
import { javascriptPrefilter } from '../../src/prefilter/scan-js.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';

const { literals } = literalSet(BUILTIN_RULES, ALLOW_MARKERS);
const memory = new KernelMemory(256 << 20);
const kernel = kernelPrefilter(literals, createKernel(memory), loadAutomaton(memory, literals));
const reference = javascriptPrefilter(literals, buildAutomaton(literals));

function found(prefilter: Prefilter, bytes: Uint8Array, start = 0, end = bytes.length): string[] {
  const hits = new HitBuffer();
  prefilter.find(bytes, start, end, hits);
  return Array.from({ length: hits.count }, (_, i) => `${hits.literal(i)}@${hits.end(i)}`);
}

/** Text made of the shipped literals, cut, joined and in either case. */
const texts = fc
  .array(
    fc.oneof(
      fc.tuple(fc.nat({ max: literals.length - 1 }), fc.nat({ max: 3 }), fc.boolean()).map(([index, cut, upper]) => {
        const text = Buffer.from(literals[index]?.bytes ?? [])
          .toString('latin1')
          .slice(cut > 2 ? 1 : 0);
        return upper ? text.toUpperCase() : text;
      }),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 300, size: 'max' },
  )
  .map((pieces) => new Uint8Array(Buffer.from(pieces.join(''), 'latin1')));

describe('the kernel', () => {
  test('finds the shipped literals where the reference does', () => {
    let hits = 0;
    fc.assert(
      fc.property(texts, fc.nat({ max: 50 }), (bytes, start) => {
        const from = Math.min(start, bytes.length);
        const expected = found(reference, bytes, from);
        expect(found(kernel, bytes, from)).toEqual(expected);
        hits += expected.length;
      }),
      { numRuns: 100 },
    );
    // Control: there was something to find.
    expect(hits).toBeGreaterThan(1000);
  });
});

describe('quickStart', () => {
  const abc: Prefilter = { literals: [], find: (_bytes, _start, end, hits) => hits.push(1, end) };
  const fast: Prefilter = { literals: [], find: (_bytes, _start, end, hits) => hits.push(2, end) };

  test('goes on with the fast one when there is much', () => {
    const prefilter = quickStart(abc, () => fast, { quickBytes: 10 });
    const given = [6, 4, 1, 6].map((length) => new Uint8Array(length));
    expect(given.flatMap((text) => found(prefilter, text))).toEqual(['1@6', '1@4', '2@1', '2@6']);
    expect(prefilter.literals).toBe(fast.literals);
  });

  test('goes on with the fast one sooner where somebody else has made it meanwhile', () => {
    let isMade = false;
    const prefilter = quickStart(abc, () => fast, { isMade: () => isMade });
    const much = new Uint8Array(200 * 1024);
    expect([much, much].flatMap((text) => found(prefilter, text))).toEqual(['1@204800', '1@204800']);
    isMade = true;
    expect(found(prefilter, much)).toEqual(['2@204800']);
  });

  test('asks only once, and stays where there is no other', () => {
    let asked = 0;
    const prefilter = quickStart(
      abc,
      () => {
        asked++;
        return null;
      },
      { quickBytes: 0 },
    );
    expect([1, 2].flatMap((length) => found(prefilter, new Uint8Array(length)))).toEqual(['1@1', '1@2']);
    expect(asked).toBe(1);
  });
});

describe('growingPrefilter', () => {
  const make = (count: number): { made: number; prefilter: Prefilter } => {
    const some = literals.slice(0, count);
    const state = { made: 0 };
    const shared = {
      made: () => undefined,
      make: () => {
        state.made++;
        return { memory, automaton: loadAutomaton(memory, some) };
      },
    };
    const prefilter = growingPrefilter(packLiterals(some), () => some, null, shared);
    return Object.assign(state, { prefilter });
  };

  test('makes an automaton of few literals where there is much to search, and of many never', () => {
    const text = new Uint8Array(5 << 20);
    const [few, many] = [make(100), make(5000)];
    for (const { prefilter } of [few, many]) for (let i = 0; i < 2; i++) found(prefilter, text);
    expect([few.made, many.made]).toEqual([1, 0]);
  });
});
