/** What the declarations say of themselves: names that rules use, and calls that the simulator answers. */
import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { doubles } from '../../fixtures/simulator/doubles.ts';
import { addMailosaurKey } from '../../fixtures/simulator/mailosaur.ts';
import { addRackwaveKey, addSmtpAccount } from '../../fixtures/simulator/rackwave.ts';
import { addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { LogEntry } from '../../fixtures/simulator/server.ts';
import type { Provider } from '../../src/providers/declaration.ts';
import { declaredCalls } from '../../src/providers/declared-calls.ts';
import { PROVIDERS } from '../../src/providers/registry.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { Harness, type KeySpec, type RunSpec, placeCalled } from '../respond/harness.ts';

describe('rules and providers', () => {
  const kinds = new Set(PROVIDERS.flatMap((provider) => provider.kinds.map(({ id }) => id)));
  const named = BUILTIN_RULES.flatMap(({ id, verify, revoke }) =>
    [verify, revoke].filter((name) => name !== undefined).map((name) => ({ id, name })),
  );

  test('every kind that a rule names is declared', () => {
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter(({ name }) => !kinds.has(name))).toEqual([]);
  });

  test('every kind that is declared is named by a rule', () => {
    expect([...kinds].filter((kind) => !named.some(({ name }) => name === kind))).toEqual([]);
  });

  test('a rule asks and revokes the same kind, at its own provider', () => {
    const differing = BUILTIN_RULES.filter(
      ({ verify, revoke }) => verify !== undefined && revoke !== undefined && verify !== revoke,
    );
    expect(differing).toEqual([]);
    const owner = new Map(PROVIDERS.flatMap(({ id, kinds: own }) => own.map((kind) => [kind.id, id] as const)));
    const strangers = BUILTIN_RULES.filter(
      ({ verify, provider }) => verify !== undefined && owner.get(verify) !== provider,
    );
    expect(strangers.map(({ id }) => id)).toEqual([]);
  });

  test('every part of a kind is found by a rule of that name, and paired by each rule that needs it', () => {
    const ids = new Set(BUILTIN_RULES.map(({ id }) => id));
    const parts = PROVIDERS.flatMap((provider) => provider.kinds.flatMap((kind) => Object.values(kind.parts).flat()));
    expect(parts.length).toBeGreaterThan(4);
    expect(parts.filter((id) => !ids.has(id))).toEqual([]);
  });

  test('every call states its source', () => {
    const calls = PROVIDERS.flatMap((provider) => declaredCalls(provider).map(({ call }) => call));
    expect(calls.length).toBeGreaterThan(60);
    expect(calls.filter(({ source }) => source.length < 10)).toEqual([]);
  });
});

/** Placeholders of a template stand for anything but a slash. */
function fits(template: string, target: string): boolean {
  const pattern = template.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`${pattern}$`).test(target.replace(/\?.*/, ''));
}

/** Calls that a route of the simulator answered; requests that look alike count for each other. */
function answeredBy(provider: Provider, log: readonly LogEntry[], authenticated: boolean): string[] {
  return declaredCalls(provider).flatMap(({ call }) => {
    if ('command' in call) return [];
    if ('smtp' in call) return authenticated ? [call.name] : [];
    const action = call.body?.kind === 'form' ? call.body.value['Action'] : undefined;
    const found = log.some(
      (entry) =>
        entry.product === provider.id &&
        entry.basis !== 'missing' &&
        entry.status < 300 &&
        entry.method === call.method &&
        fits(call.path, entry.target) &&
        (action === undefined || entry.body.includes(`Action=${action}`)),
    );
    return found ? [call.name] : [];
  });
}

describe('docs/PROVIDERS.md', () => {
  const DOUBLES = doubles();
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start({ products: DOUBLES.map(({ product }) => product) });
  });
  afterAll(() => harness.close());

  const destinations = [placeCalled('test')];

  function respond(key: KeySpec, environment: Record<string, string>, label: string, rest: Partial<RunSpec> = {}) {
    const person = { present: true, tell: () => {}, confirm: async () => true, type: async () => label };
    return harness.run({
      keys: [key],
      environment,
      ...rest,
      services: { person, destinations },
      policy: { acceptCollateral: true },
    });
  }

  async function respondToDoubles(): Promise<void> {
    for (const double of DOUBLES) {
      const { secret, parts } = double.add('leaked');
      const overrides = Object.fromEntries(
        Object.entries(double.bases).map(([name, path]) => [name, `${harness.simulator.url}${path}`]),
      );
      await respond({ kind: double.kind, secret, parts }, double.environment, 'leaked', { overrides });
    }
    const twilio = DOUBLES.find(({ kind }) => kind === 'twilio-api-key');
    const { TWILIO_ACCOUNT_SID: sid = '', TWILIO_AUTH_TOKEN: secret = '' } = twilio?.environment ?? {};
    const overrides = { twilio: `${harness.simulator.url}/twilio` };
    await respond({ kind: 'twilio-auth-token', secret, parts: { 'twilio-account-sid': [sid] } }, {}, '', { overrides });
  }

  async function respondToFirstClass(): Promise<void> {
    const { migosmtp, telnxo, turbosmtp, mailosaur } = harness.simulator.state;
    const account = addTurboAccount(turbosmtp);
    const child = addTurboAccount(turbosmtp, account);
    const pair = addTurboKey(child);
    const operator = { TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password };
    const parts = { 'turbosmtp-consumer-key': [pair.consumerKey] };
    await respond({ kind: 'turbosmtp-pair', secret: pair.consumerSecret, parts }, operator, '');
    const sender = addTurboKey(account, { label: 'sender', permissions: ['SEND_SMTP'] });
    const senderParts = { 'turbosmtp-consumer-key': [sender.consumerKey] };
    await respond({ kind: 'turbosmtp-pair', secret: sender.consumerSecret, parts: senderParts }, operator, '');
    const token = 'feedface'.repeat(5);
    turbosmtp.sessions.set(token, { account, expires: Date.now() + 60_000 });
    await respond({ kind: 'turbosmtp-session', secret: token }, operator, '');
    const admin = addRackwaveKey(migosmtp, { scopes: ['admin'] });
    await respond({ kind: 'migosmtp-key', secret: admin.value }, {}, '');
    const reader = addRackwaveKey(migosmtp, { name: 'reader', scopes: ['reports:read'], ips: [] });
    harness.simulator.faults.add({ kind: 'error', amount: 503, product: 'migosmtp', path: 'domains', times: 3 });
    await respond({ kind: 'migosmtp-key', secret: reader.value }, {}, '');
    const smtp = addSmtpAccount(migosmtp);
    await respond(
      { kind: 'migosmtp-smtp', secret: smtp.password, parts: { 'migosmtp-smtp-user': [smtp.user] } },
      {},
      '',
    );
    const telnxoKey = addRackwaveKey(telnxo, { scopes: ['admin'] });
    await respond({ kind: 'telnxo-key', secret: telnxoKey.value }, {}, '');
    harness.simulator.faults.add({ kind: 'error', amount: 503, product: 'telnxo', path: 'templates', times: 3 });
    await respond({ kind: 'telnxo-key', secret: telnxoKey.value }, {}, '');
    const other = addMailosaurKey(mailosaur);
    await respond(
      { kind: 'mailosaur-key', secret: addMailosaurKey(mailosaur).value },
      { MAILOSAUR_OPERATOR_KEY: other.value },
      '',
    );
  }

  test('calls a call tested on the simulator exactly where it answered one', async () => {
    await respondToDoubles();
    await respondToFirstClass();
    const authenticated = harness.simulator.smtp.log.some(({ code }) => code === 235);
    const answered = Object.fromEntries(
      PROVIDERS.map((provider) => [provider.id, answeredBy(provider, harness.simulator.log, authenticated)]),
    );
    const file = new URL('../../fixtures/simulator/answered.json', import.meta.url);
    expect(answered).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });

  test('is not misled by a request that no route has (control)', () => {
    const [provider] = PROVIDERS;
    if (!provider) throw new Error('no provider');
    const entry = { product: provider.id, method: 'GET', target: '/v1/domains', status: 200, by: null, effect: false };
    const about = { fault: null, headers: {}, body: '' };
    expect(answeredBy(provider, [{ ...entry, ...about, basis: 'missing' }], false)).toEqual([]);
    expect(answeredBy(provider, [{ ...entry, ...about, basis: 'inferred' }], false)).toEqual(['read-domains']);
  });
});
