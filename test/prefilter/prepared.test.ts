import { describe, expect, test } from 'vitest';

import { prepareLiterals } from '../../src/detect/engine.ts';
import { HitBuffer } from '../../src/prefilter/literal.ts';
import { packPrepared, unpackPrepared } from '../../src/prefilter/prepared.ts';
import { javascriptPrefilter } from '../../src/prefilter/scan-js.ts';
import { assigned, makeRule, pattern } from '../helpers/rules.ts';

const prepared = prepareLiterals([
  makeRule('acme-token', [pattern(['acm_'], '(?<secret>acm_[0-9]{9})')]),
  makeRule('beta-key', [assigned(['betakey'], 'betakey', '[0-9]{9}')]),
]);

describe('prepared literals', () => {
  test('come back as they were packed', () => {
    const back = unpackPrepared(packPrepared(prepared));
    expect(back?.literals.map(({ bytes, ...rest }) => [Buffer.from(bytes).toString(), rest])).toEqual(
      prepared.literals.map(({ bytes, ...rest }) => [Buffer.from(bytes).toString(), rest]),
    );
    expect(back?.automaton).toEqual(prepared.automaton);
  });

  test('find the same', () => {
    const back = unpackPrepared(packPrepared(prepared));
    const found = ({ literals, automaton }: typeof prepared): string[] => {
      const hits = new HitBuffer();
      const text = Buffer.from(`acm_ BetaKey ${Buffer.from('xacm_123').toString('base64')} ACM_`);
      javascriptPrefilter(literals, automaton).find(text, 0, text.length, hits);
      return Array.from({ length: hits.count }, (_, i) => `${hits.literal(i)}@${hits.end(i)}`);
    };
    expect(found(prepared).length).toBeGreaterThan(2);
    expect(back && found(back)).toEqual(found(prepared));
  });

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['cut short', (bytes) => bytes.subarray(0, bytes.length - 4)],
    ['another layout', (bytes) => bytes.with(0, 0)],
    ['empty', () => new Uint8Array()],
  ])('%s: not used', (_, spoil) => {
    expect(unpackPrepared(spoil(packPrepared(prepared)))).toBeNull();
  });

  test('may lie at any alignment', () => {
    const packed = packPrepared(prepared);
    const shifted = new Uint8Array(packed.length + 1);
    shifted.set(packed, 1);
    expect(unpackPrepared(shifted.subarray(1))?.automaton.accepting).toBe(prepared.automaton.accepting);
  });
});
