import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { type Double, type DoubleKey, doubles } from '../../fixtures/simulator/doubles.ts';
import { Harness, type RunReport, type RunSpec, everything, placeCalled, targetOf } from './harness.ts';

const DOUBLES = doubles();
let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ products: DOUBLES.map(({ product }) => product) });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.simulator.log.length = 0;
  harness.simulator.faults.clear();
});

function overrides(double: Double): Record<string, string> {
  return Object.fromEntries(
    Object.entries(double.bases).map(([name, path]) => [name, `${harness.simulator.url}${path}`]),
  );
}

function spec(double: Double, key: Pick<DoubleKey, 'secret' | 'parts'>, extra: Partial<RunSpec> = {}): RunSpec {
  const { policy, ...rest } = extra;
  return {
    keys: [{ kind: double.kind, secret: key.secret, parts: key.parts }],
    environment: double.environment,
    overrides: overrides(double),
    ...rest,
    policy: { acceptCollateral: true, ...policy },
  };
}

/** Where only a person can name the row, one does. */
function typing(label: string): RunSpec['services'] {
  return { person: { present: true, tell: () => {}, confirm: async () => true, type: async () => label } };
}

/** A value of the same shape that the provider never gave out. */
function invented(key: DoubleKey): string {
  const last = key.secret.at(-1) === 'a' ? 'b' : 'a';
  return key.secret.slice(0, -1) + last;
}

/** Kinds that keep what a revocation of an account's only secret would need first. */
const CREATE_FIRST = new Set(['vonage-pair']);

function verdictOf(report: RunReport): string {
  const verdict = report.entries.find((entry) => entry.type === 'verdict');
  return verdict?.type === 'verdict' ? verdict.status : 'none';
}

describe.each(DOUBLES.map((double) => [double.kind, double] as const))('%s', (kind, double) => {
  let key: DoubleKey;
  const byPerson = targetOf(kind).kind.identify.by === 'person';
  const createFirst = CREATE_FIRST.has(kind);
  beforeEach(() => {
    double.keys = [];
    double.pretends = false;
    key = double.add('leaked');
    if (!createFirst) double.add('other');
  });

  const services = byPerson ? typing('leaked') : createFirst ? { destinations: [placeCalled('test')] } : {};

  test('is revoked, confirmed, and nothing else is touched', async () => {
    const report = await harness.run(spec(double, key, { services: services ?? {} }));
    expect(report.step('revoke')).toMatchObject({ status: 'done', code: null });
    expect(double.keys.map(({ label }) => label)).toEqual([createFirst ? 'key-2' : 'other']);
    expect(['live', 'live-limited']).toContain(verdictOf(report));
  });

  test('has no secret in journal, speech or, unless the URL is the secret, in a URL', async () => {
    const report = await harness.run(spec(double, key, { services: services ?? {} }));
    expect(everything(report)).not.toContain(key.secret);
    expect(everything(report)).not.toContain(key.secret.slice(-24));
    if (kind === 'discord-webhook') return;
    for (const { target } of harness.simulator.log) expect(target).not.toContain(key.secret);
  });

  test('is not asked to be revoked when the value is invented', async () => {
    const secret = invented(key);
    const report = await harness.run(spec(double, { secret, parts: key.parts }));
    // A signature is not checked by this double; `aws-signature.test.ts` does that.
    if (kind === 'aws-key') return;
    expect(verdictOf(report)).toBe('rejected');
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_NOT_LIVE' });
    expect(harness.effects()).toEqual([]);
  });

  test('is not confirmed by a provider that answers well and revokes nothing', async () => {
    if (createFirst) return;
    double.pretends = true;
    const report = await harness.run(spec(double, key, { services: services ?? {} }));
    expect(report.step('revoke')).toMatchObject({ status: 'failed', code: 'REVOKE_NOT_CONFIRMED' });
    expect(double.keys).toHaveLength(2);
  });

  test.each([
    ['429', { kind: 'rate-limit', amount: 7200 }],
    ['500', { kind: 'error', amount: 500 }],
    ['nothing', { kind: 'drop' }],
    ['half a document', { kind: 'malformed' }],
  ] as const)('is unknown when the provider answers %s', async (_, fault) => {
    harness.simulator.faults.add({ ...fault, product: double.provider });
    const report = await harness.run(spec(double, key));
    // Where any 200 is a yes, a cut body is one too; a no it never is.
    expect(['unknown', ...(fault.kind === 'malformed' ? ['live'] : [])]).toContain(verdictOf(report));
    expect(harness.effects()).toEqual([]);
  });

  test('is never asked twice to be revoked', async () => {
    if (createFirst) return;
    const seen: string[] = [];
    const call = targetOf(kind).kind.revoke;
    const method =
      call.kind === 'automatic' && call.ways[0]?.calls[0] && 'method' in call.ways[0].calls[0]
        ? call.ways[0].calls[0].method
        : '';
    const path =
      call.kind === 'automatic' && call.ways[0]?.calls[0] && 'path' in call.ways[0].calls[0]
        ? call.ways[0].calls[0].path.replace(/\{.*/, '')
        : '';
    harness.simulator.faults.add({
      kind: 'drop-after',
      product: double.provider,
      method,
      path: kind === 'aws-key' ? 'never' : path,
    });
    const report = await harness.run(spec(double, key, { services: services ?? {} }));
    seen.push(...harness.simulator.log.filter(({ effect }) => effect).map(({ target, body }) => `${target} ${body}`));
    expect(new Set(seen).size).toBe(seen.length);
    expect(report.step('revoke')?.status).not.toBe('waiting');
  });
});

describe('a collateral', () => {
  test('needs the word of a person', async () => {
    const vault = DOUBLES.find(({ kind }) => kind === 'vault-token');
    if (!vault) throw new Error('no vault');
    vault.keys = [];
    const report = await harness.run(spec(vault, vault.add(), { policy: { acceptCollateral: false } }));
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'COLLATERAL_NOT_ACCEPTED' });
    expect(harness.effects()).toEqual([]);
  });
});

describe('a real SendGrid id with a random tail', () => {
  test('is not revoked, although the list has the id', async () => {
    const sendgrid = DOUBLES.find(({ kind }) => kind === 'sendgrid-key');
    if (!sendgrid) throw new Error('no sendgrid');
    sendgrid.keys = [];
    const real = sendgrid.add('production');
    const secret = `SG.${real.id}.${'x'.repeat(43)}`;
    const report = await harness.run(spec(sendgrid, { secret, parts: {} }));
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_NOT_LIVE' });
    expect(harness.effects()).toEqual([]);
  });
});

describe('Vault without an address of one’s own', () => {
  test('is asked nowhere', async () => {
    const vault = DOUBLES.find(({ kind }) => kind === 'vault-token');
    if (!vault) throw new Error('no vault');
    const report = await harness.run({ keys: [{ kind: 'vault-token', secret: vault.add().secret }] });
    const verdict = report.entries.find((entry) => entry.type === 'verdict');
    expect(verdict).toMatchObject({ status: 'unknown' });
    expect(harness.simulator.log).toEqual([]);
  });
});
