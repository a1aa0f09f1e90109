/** Many leaked GitHub tokens: one request, every fingerprint named, each confirmed by itself. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type Double, type DoubleKey, doubles } from '../../fixtures/simulator/doubles.ts';
import { Harness, type RunReport, type RunSpec, everything } from './harness.ts';

let harness: Harness;
let github: Double;
let keys: DoubleKey[];
beforeEach(async () => {
  const all = doubles();
  harness = await Harness.start({ products: all.map(({ product }) => product) });
  const found = all.find(({ kind }) => kind === 'github-token');
  if (!found) throw new Error('no double of GitHub');
  github = found;
  keys = ['one', 'two', 'three'].map((label) => github.add(label));
});
afterEach(() => harness.close());

function spec(maxRevocations: number, extra: Partial<RunSpec> = {}): RunSpec {
  return {
    keys: keys.map(({ secret }) => ({ kind: 'github-token', secret })),
    overrides: { github: `${harness.simulator.url}/github` },
    policy: { maxRevocations },
    ...extra,
  };
}

function bodies(): string[][] {
  return harness.simulator.log
    .filter(({ effect }) => effect)
    .map(({ body }) => (JSON.parse(body) as { credentials: string[] }).credentials);
}

function ends(report: RunReport): (string | null)[] {
  return report.entries.flatMap((entry) =>
    entry.type === 'step' && entry.step === 'revoke' ? [entry.status === 'done' ? 'done' : entry.code] : [],
  );
}

describe('three leaked GitHub tokens', () => {
  test('are revoked by one request, and each is confirmed', async () => {
    const report = await harness.run(spec(10));
    expect(bodies()).toEqual([keys.map(({ secret }) => secret)]);
    expect(ends(report)).toEqual(['done', 'done', 'done']);
    expect(github.keys).toEqual([]);
    for (const { secret } of keys) expect(everything(report)).not.toContain(secret);
  });

  test('stand in the journal by name before the request is sent, and after it', async () => {
    const { entries } = await harness.run(spec(10));
    const named = (type: 'intent' | 'result'): string[] =>
      entries.flatMap((entry) => (entry.type === type && entry.step === 'revoke' ? [entry.key] : []));
    expect(new Set(named('intent')).size).toBe(3);
    expect(named('result')).toEqual(named('intent'));
    const last = entries.findLastIndex(({ type }) => type === 'intent');
    expect(last).toBeLessThan(entries.findIndex(({ type }) => type === 'result'));
  });

  test('are no more in one request than a run may revoke', async () => {
    const report = await harness.run(spec(2));
    expect(bodies()).toEqual([keys.slice(0, 2).map(({ secret }) => secret)]);
    expect(ends(report)).toEqual(['done', 'done', 'REVOCATION_LIMIT']);
    const again = await harness.resume(report.id, spec(2));
    expect(bodies()).toHaveLength(2);
    expect(ends(again).at(-1)).toBe('done');
  });

  test('one of which is invented: only the others are sent', async () => {
    const [first, , third] = keys;
    const invented = `ghp_${'x'.repeat(36)}`;
    const values = [first?.secret ?? '', invented, third?.secret ?? ''];
    const report = await harness.run(spec(10, { keys: values.map((secret) => ({ kind: 'github-token', secret })) }));
    expect(bodies()).toEqual([[first?.secret, third?.secret]]);
    expect(ends(report).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      'done',
      'done',
      'KEY_NOT_LIVE',
    ]);
  });

  test('are each failed where GitHub accepts and revokes nothing', async () => {
    github.pretends = true;
    const report = await harness.run(spec(10));
    expect(bodies()).toHaveLength(1);
    expect(ends(report)).toEqual(['REVOKE_NOT_CONFIRMED', 'REVOKE_NOT_CONFIRMED', 'REVOKE_NOT_CONFIRMED']);
  });

  test('of which the answer is lost are looked at before anything is repeated', async () => {
    harness.simulator.faults.add({ kind: 'drop-after', product: 'github', method: 'POST', times: 1 });
    const report = await harness.run(spec(10));
    expect(bodies()).toHaveLength(1);
    expect(ends(report)).toEqual(['done', 'done', 'done']);
  });
});
