import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { Secret } from '../../src/core/secret.ts';
import { Harness, type RunSpec, everything, placeCalled } from './harness.ts';

let harness: Harness;
let account: TurboAccount;
let pair: TurboKey;
beforeEach(async () => {
  harness = await Harness.start();
  account = addTurboAccount(harness.simulator.state.turbosmtp);
  pair = addTurboKey(account);
  addTurboKey(account, { label: 'another' });
});
afterEach(() => harness.close());

const PART = 'turbosmtp-consumer-key';

function leaked(secret = pair.consumerSecret, consumerKey = pair.consumerKey): RunSpec['keys'] {
  return [{ kind: 'turbosmtp-pair', secret, parts: { [PART]: [consumerKey] } }];
}

function operator(of = account): Record<string, string> {
  return { TURBOSMTP_EMAIL: of.email, TURBOSMTP_PASSWORD: of.password };
}

const DELETED = () => `DELETE turbosmtp/api/v2/user/consumerKeys/${pair.consumerKey} 200`;

describe('a leaked turboSMTP pair', () => {
  test('is revoked by the account session and confirmed dead', async () => {
    const report = await harness.run({ keys: leaked(), environment: operator() });
    expect(report.step('revoke')).toMatchObject({ status: 'done' });
    expect(harness.effects()).toEqual([DELETED()]);
    expect(account.keys.map(({ label }) => label)).toEqual(['another']);
    expect(harness.simulator.state.turbosmtp.sessions.size).toBe(0);
    expect(harness.simulator.state.turbosmtp.sent).toBe(0);
  });

  test('leaves no secret in journal, speech or URL', async () => {
    const report = await harness.run({ keys: leaked(), environment: operator() });
    for (const secret of [pair.consumerSecret, account.password]) {
      expect(everything(report)).not.toContain(secret);
      expect(harness.simulator.log.map(({ target }) => target).join()).not.toContain(secret);
    }
    expect(harness.simulator.log.every(({ target }) => !/[0-9a-f]{40}/.test(target))).toBe(true);
  });

  test('is found among several consumer keys by the one that authenticates', async () => {
    const [, other] = account.keys;
    const parts = { [PART]: [other?.consumerKey ?? '', pair.consumerKey] };
    const report = await harness.run({
      keys: [{ kind: 'turbosmtp-pair', secret: pair.consumerSecret, parts }],
      environment: operator(),
    });
    expect(report.step('revoke')?.status).toBe('done');
    expect(harness.effects()).toEqual([DELETED()]);
  });

  test('that may only send is recognised by AUTH and confirmed by AUTH', async () => {
    const sender = addTurboKey(account, { label: 'sender', permissions: ['SEND_SMTP'] });
    const keys = leaked(sender.consumerSecret, sender.consumerKey);
    const report = await harness.run({ keys, environment: operator() });
    expect(report.step('revoke')).toMatchObject({ status: 'done' });
    expect(harness.simulator.smtp.log.map(({ code }) => code).filter((code) => code !== 250 && code !== 221)).toEqual([
      235, 235, 535,
    ]);
    expect(harness.effects()).toHaveLength(1);
  });

  test('of a sub-account is found and deleted there', async () => {
    const child = addTurboAccount(harness.simulator.state.turbosmtp, account);
    const key = addTurboKey(child, { label: 'client' });
    const report = await harness.run({ keys: leaked(key.consumerSecret, key.consumerKey), environment: operator() });
    expect(report.step('revoke')).toMatchObject({ status: 'done' });
    expect(child.keys).toEqual([]);
    expect(account.keys).toHaveLength(2);
    expect(harness.simulator.state.turbosmtp.sessions.size).toBe(0);
  });

  test('gets a replacement with the same permissions and addresses, handed over and seen live', async () => {
    const locked = addTurboKey(account, {
      label: 'prod-laravel-send',
      ips: ['127.0.0.1'],
      permissions: ['APIS', 'SEND_API'],
    });
    const delivered: { label: string; id: string | null; secret: string }[] = [];
    const report = await harness.run({
      keys: leaked(locked.consumerSecret, locked.consumerKey),
      environment: operator(),
      services: {
        destinations: [
          placeCalled('test', async (parts, { label, id }) => {
            delivered.push({ label, id, secret: parts['secret']?.reveal() ?? '' });
          }),
        ],
      },
    });
    const made = account.keys.at(-1);
    expect(report.step('replace')).toMatchObject({ status: 'done', facts: { handedTo: 'test' } });
    expect(made).toMatchObject({ ips: ['127.0.0.1'], permissions: ['APIS', 'SEND_API'] });
    expect(made?.label).toMatch(/^prod-laravel-send-\d{8}-[a-z2-9]{8}$/);
    expect(delivered).toEqual([{ label: made?.label, id: made?.consumerKey, secret: made?.consumerSecret }]);
    expect(everything(report)).not.toContain(made?.consumerSecret);
    // Revoked first: the incident's order.
    expect(harness.effects().map((effect) => effect.split(' ')[0])).toEqual(['DELETE', 'POST']);
  });
});

describe('zero revocation requests for', () => {
  async function expectNone(spec: RunSpec, code: string): Promise<void> {
    const report = await harness.run(spec);
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code });
    expect(harness.effects()).toEqual([]);
    expect(report.outcome).toBe('waiting');
  }

  test('a real consumer key with an invented secret, even with --yes', async () => {
    await expectNone({ keys: leaked('x'.repeat(32)), environment: operator() }, 'KEY_NOT_LIVE');
  });

  test('the same with a wrong label typed by a person', async () => {
    const person = { present: true, tell: () => {}, confirm: async () => true, type: async () => 'production' };
    await expectNone({ keys: leaked('x'.repeat(32)), environment: operator(), services: { person } }, 'KEY_NOT_LIVE');
  });

  test('a pair of which only part is the leaked one', async () => {
    await expectNone({ keys: leaked(pair.consumerSecret, '0'.repeat(32)), environment: operator() }, 'KEY_NOT_LIVE');
  });

  test.each([
    ['id', () => pair.consumerKey],
    ['label', () => pair.label],
    ['fingerprint', () => 'aaaaturbosmtppairabcdefghi'],
  ])('a key whose %s is on the protect list', async (_, value) => {
    const policy = { protect: new Set([value()]) };
    await expectNone({ keys: leaked(), environment: operator(), policy }, 'KEY_PROTECTED');
  });

  test('a run on a stranger’s pull request', async () => {
    const policy = { distrust: { code: 'UNTRUSTED_EVENT', why: 'pull_request' } as const };
    await expectNone({ keys: leaked(), environment: operator(), policy }, 'UNTRUSTED_EVENT');
  });

  test('a key that a store gives out at present', async () => {
    const stores = {
      ask: async (secret: Secret) => ({
        holders: secret.reveal() === pair.consumerSecret ? ['production'] : [],
        copies: [],
        blind: [],
      }),
      given: async () => [],
    };
    await expectNone({ keys: leaked(), environment: operator(), services: { stores } }, 'KEY_IN_USE');
  });

  test('the credential this tool works with', async () => {
    const keys = leaked(account.password);
    const made = addTurboKey(account, { consumerSecret: account.password, label: 'odd' });
    await expectNone(
      { keys: leaked(account.password, made.consumerKey), environment: operator() },
      'KEY_OWN_CREDENTIAL',
    );
    expect(keys).toHaveLength(1);
  });

  test('a plan that nobody confirmed', async () => {
    await expectNone({ keys: leaked(), environment: operator(), policy: { yes: false } }, 'REVOCATION_NOT_ALLOWED');
  });

  test('a provider that --allow-revoke does not name', async () => {
    const policy = { allowRevoke: new Set(['migosmtp']) };
    await expectNone({ keys: leaked(), environment: operator(), policy }, 'REVOCATION_NOT_ALLOWED');
  });

  test('--plan', async () => {
    const report = await harness.run({ keys: leaked(), environment: operator(), run: { planOnly: true } });
    expect(report.said).toContain('delete-consumer-key');
    expect(harness.effects()).toEqual([]);
  });

  test('a key beyond --max-revocations', async () => {
    const [, other] = account.keys;
    const keys = [...leaked(), ...leaked(other?.consumerSecret, other?.consumerKey)];
    const report = await harness.run({ keys, environment: operator() });
    expect(harness.effects()).toEqual([DELETED()]);
    const steps = report.entries.filter((entry) => entry.type === 'step' && entry.step === 'revoke');
    expect(steps.map((entry) => entry.type === 'step' && entry.code)).toEqual([null, 'REVOCATION_LIMIT']);
  });

  test.each([
    ['label', () => ({ label: 'renamed meanwhile' })],
    ['creation time', () => ({ creationTime: '2020-01-01 00:00:00' })],
  ])('a list whose %s changed since the plan', async (_, change) => {
    const person = {
      present: true,
      tell: () => {},
      type: async () => null,
      confirm: async () => {
        account.keys = account.keys.map((key) =>
          key.consumerKey === pair.consumerKey ? { ...key, ...change() } : key,
        );
        return true;
      },
    };
    const report = await harness.run({
      keys: leaked(),
      environment: operator(),
      policy: { yes: false },
      services: { person },
    });
    expect(report.step('revoke')).toMatchObject({ status: 'failed', code: 'LIST_CHANGED' });
    expect(harness.effects()).toEqual([]);
  });

  test('a confirmed plan whose list did not change (control)', async () => {
    const person = { present: true, tell: () => {}, type: async () => null, confirm: async () => true };
    const report = await harness.run({
      keys: leaked(),
      environment: operator(),
      policy: { yes: false },
      services: { person },
    });
    expect(report.step('revoke')?.status).toBe('done');
    expect(harness.effects()).toEqual([DELETED()]);
  });
});

describe('a person who types the label', () => {
  test('revokes a key whose leaked value never authenticated, and the list proves it', async () => {
    const asked: string[] = [];
    const person = {
      present: true,
      tell: () => {},
      confirm: async () => false,
      type: async (question: string) => {
        asked.push(question);
        return pair.label;
      },
    };
    const report = await harness.run({
      keys: leaked('x'.repeat(32)),
      environment: operator(),
      services: { person },
    });
    expect(asked).toHaveLength(1);
    expect(report.step('revoke')).toMatchObject({ status: 'done' });
    expect(report.step('revoke')?.reason).toContain('lists it no longer');
    expect(harness.effects()).toEqual([DELETED()]);
  });
});

describe('not confirmed', () => {
  test('when the key belongs to another account', async () => {
    const stranger = addTurboAccount(harness.simulator.state.turbosmtp);
    const report = await harness.run({ keys: leaked(), environment: operator(stranger) });
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'WRONG_ACCOUNT' });
    expect(harness.effects()).toEqual([]);
  });

  test('when the provider answers 200 without revoking', async () => {
    harness.simulator.state.turbosmtp.pretendsToRevoke = true;
    const report = await harness.run({ keys: leaked(), environment: operator() });
    expect(report.step('revoke')).toMatchObject({ status: 'failed', code: 'REVOKE_NOT_CONFIRMED' });
    expect(report.outcome).toBe('failed');
    expect(harness.effects()).toEqual([DELETED()]);
  });

  test('when the connection is lost after the request, until the provider says so', async () => {
    harness.simulator.faults.add({ kind: 'drop-after', method: 'DELETE', times: 1 });
    const report = await harness.run({ keys: leaked(), environment: operator() });
    // It did arrive; the answer was lost; asking again proves it, and nothing is sent twice.
    expect(report.step('revoke')).toMatchObject({ status: 'done' });
    expect(harness.effects()).toHaveLength(1);
  });

  test('when the request itself is lost: it is not repeated blindly', async () => {
    harness.simulator.faults.add({ kind: 'drop', method: 'DELETE', times: 1 });
    const report = await harness.run({ keys: leaked(), environment: operator() });
    expect(report.step('revoke')).toMatchObject({ status: 'failed', code: 'REVOKE_OUTCOME_UNKNOWN' });
    expect(harness.effects()).toEqual([]);
    const again = await harness.resume(report.id, { keys: leaked(), environment: operator() });
    expect(again.step('revoke')).toMatchObject({ status: 'done' });
    expect(harness.effects()).toEqual([DELETED()]);
  });

  test.each([
    ['an expired session', { kind: 'error', amount: 401, path: 'consumerKeys', method: 'DELETE' }],
    ['a refusal', { kind: 'error', amount: 403, path: 'consumerKeys', method: 'DELETE' }],
  ] as const)('when the call meets %s', async (_, fault) => {
    harness.simulator.faults.add(fault);
    const report = await harness.run({ keys: leaked(), environment: operator() });
    expect(report.step('revoke')).toMatchObject({ status: 'failed', code: 'REVOKE_REFUSED' });
  });

  test.each([
    ['a server error', { kind: 'error', amount: 500 }],
    ['half a document', { kind: 'malformed' }],
    ['a redirect', { kind: 'redirect' }],
    ['silence', { kind: 'hang' }],
    ['too many requests', { kind: 'rate-limit', amount: 3600 }],
    ['a body without end', { kind: 'oversized', amount: 5 << 20 }],
  ] as const)('when listing meets %s, and nothing is sent', async (_, fault) => {
    harness.simulator.faults.add({ ...fault, path: 'consumerKeys', method: 'GET' });
    const report = await harness.run({ keys: leaked(), environment: operator(), timeoutMs: 400 });
    expect(report.step('revoke')?.status).not.toBe('done');
    expect(report.step('revoke')?.code).toMatch(/^(HTTP_|PROVIDER_)/);
    expect(harness.effects()).toEqual([]);
  });

  test('when the login is wrong, which is tried once', async () => {
    const environment = { ...operator(), TURBOSMTP_PASSWORD: 'Wrong1Password' };
    const report = await harness.run({ keys: leaked(), environment });
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'PROVIDER_LOGIN_FAILED' });
    const logins = harness.simulator.log.filter(({ target }) => target.endsWith('/authorize'));
    expect(logins).toHaveLength(1);
  });

  test('when the provider did not answer at first; a resumed run plans again', async () => {
    harness.simulator.faults.add({ kind: 'error', amount: 503, path: 'alerts' });
    await harness.simulator.smtp.close();
    const report = await harness.run({ keys: leaked(), environment: operator() });
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_NOT_LIVE' });
    harness.simulator.faults.clear();
    const again = await harness.resume(report.id, { keys: leaked(), environment: operator() });
    expect(again.step('revoke')).toMatchObject({ status: 'done' });
    expect(harness.effects()).toEqual([DELETED()]);
  });

  test('when there is no operator credential; a resumed run that has one plans again', async () => {
    const report = await harness.run({ keys: leaked() });
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'NO_OPERATOR' });
    const again = await harness.resume(report.id, { keys: leaked(), environment: operator() });
    expect(again.step('revoke')).toMatchObject({ status: 'done' });
  });

  test('when there is no operator credential: a person is needed, and told which variables would do', async () => {
    const report = await harness.run({ keys: leaked() });
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'NO_OPERATOR' });
    expect(report.said).toContain('TURBOSMTP_EMAIL and TURBOSMTP_PASSWORD');
    expect(report.said).toContain('https://dashboard.serversmtp.com');
  });
});

describe('a leaked session key', () => {
  test('ends itself', async () => {
    const { sessions } = harness.simulator.state.turbosmtp;
    const token = ['feedface'.repeat(5)].join('');
    sessions.set(token, { account, expires: Date.now() + 60_000 });
    const report = await harness.run({ keys: [{ kind: 'turbosmtp-session', secret: token }] });
    expect(report.step('revoke')).toMatchObject({ status: 'done' });
    expect(sessions.size).toBe(0);
    expect(account.keys).toHaveLength(2);
  });
});
