import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { control } from '../../fixtures/simulator/control.ts';
import { addMailosaurKey } from '../../fixtures/simulator/mailosaur.ts';
import { addRackwaveKey } from '../../fixtures/simulator/rackwave.ts';
import { type Simulator, startSimulator } from '../../fixtures/simulator/server.ts';
import { addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ withHypotheticalKeyApi: true }, control);
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.faults.clear();
});

interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
  readonly headers: Headers;
}

async function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Answer> {
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await fetch(`${simulator.url}${path}`, init);
  const text = await answer.text();
  return {
    status: answer.status,
    json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    headers: answer.headers,
  };
}

const as = (token: string) => ({ authorization: `Bearer ${token}` });

describe('MigoSMTP and Telnxo', () => {
  test('answer by the error table', async () => {
    const key = addRackwaveKey(simulator.state.migosmtp, { name: 'table', scopes: ['reports:read'] });
    const locked = addRackwaveKey(simulator.state.migosmtp, { name: 'locked', ips: ['198.51.100.7'] });
    const old = addRackwaveKey(simulator.state.migosmtp, { name: 'old', expiresAt: '2020-01-01T00:00:00Z' });
    const rows: [string, Record<string, string>, number, string | undefined][] = [
      ['/migosmtp/v1/reports', as(key.value), 200, undefined],
      ['/migosmtp/v1/reports', {}, 401, 'authentication_failed'],
      ['/migosmtp/v1/reports', { authorization: key.value }, 401, 'invalid_api_key'],
      ['/migosmtp/v1/reports', { authorization: `bearer ${key.value}` }, 401, 'invalid_api_key'],
      ['/migosmtp/v1/reports', as(key.value.slice(0, -1)), 401, 'invalid_api_key'],
      ['/migosmtp/v1/domains', as(key.value), 403, 'insufficient_scope'],
      ['/migosmtp/v1/reports', as(locked.value), 403, 'ip_not_whitelisted'],
      ['/migosmtp/v1/reports', as(old.value), 401, 'api_key_expired'],
      ['/telnxo/v1/reports', as(key.value), 401, 'invalid_api_key'],
    ];
    for (const [path, headers, status, error] of rows) {
      const answer = await ask('GET', path, headers);
      expect([answer.status, answer.json['error']]).toEqual([status, error]);
      expect(answer.headers.get('x-ratelimit-limit')).toBe('300');
    }
  });

  test('hold five keys, show a key once, and revoke at once', async () => {
    const account = simulator.state.telnxo;
    account.keys = [];
    const operator = as(account.operatorToken);
    const body = { name: 'n', scopes: ['sms:send'] };
    for (let n = 0; n < 5; n++) expect((await ask('POST', '/telnxo/v1/keys', operator, body)).status).toBe(201);
    expect((await ask('POST', '/telnxo/v1/keys', operator, body)).json['error']).toBe('key_limit_reached');
    const listing = await ask('GET', '/telnxo/v1/keys', operator);
    const [first] = account.keys;
    expect(JSON.stringify(listing.json)).not.toContain(first?.value);
    expect((await ask('GET', '/telnxo/v1/templates', as(first?.value ?? ''))).status).toBe(403);
    expect((await ask('DELETE', `/telnxo/v1/keys/${first?.id}`, operator)).status).toBe(200);
    expect((await ask('GET', '/telnxo/v1/templates', as(first?.value ?? ''))).status).toBe(401);
  });

  test('serve no key API unless asked to', async () => {
    const plain = await startSimulator();
    const headers = as(plain.state.migosmtp.operatorToken);
    const answer = await fetch(`${plain.url}/migosmtp/v1/keys`, { headers });
    await plain.close();
    expect(answer.status).toBe(401);
  });
});

describe('turboSMTP', () => {
  test('keys are managed by an account session, never by a pair', async () => {
    const account = addTurboAccount(simulator.state.turbosmtp);
    const pair = addTurboKey(account);
    const headers = { consumerKey: pair.consumerKey, consumerSecret: pair.consumerSecret };
    const keys = '/turbosmtp/api/v2/user/consumerKeys';
    expect((await ask('GET', '/turbosmtp/api/v2/tools/alerts', headers)).status).toBe(200);
    expect((await ask('GET', keys, headers)).status).toBe(403);
    const login = await ask(
      'POST',
      '/turbosmtp/api/v2/authorize',
      {},
      { email: account.email, password: account.password },
    );
    const session = { authorization: String(login.json['auth']) };
    const made = await ask('POST', keys, session, { label: 'new', permissions: ['SEND_SMTP'] });
    expect(made.status).toBe(201);
    const listing = await ask('GET', keys, session);
    expect(listing.json['count']).toBe(2);
    expect(JSON.stringify(listing.json)).not.toContain(made.json['consumerSecret']);
    expect((await ask('DELETE', `${keys}/${pair.consumerKey}`, session)).json).toEqual({ message: 'success' });
    expect((await ask('DELETE', `${keys}/${pair.consumerKey}`, session)).status).toBe(404);
    expect((await ask('GET', '/turbosmtp/api/v2/tools/alerts', headers)).status).toBe(401);
    expect((await ask('POST', '/turbosmtp/api/v2/deauthorize', session)).json).toEqual({
      message: 'token_deauthorized',
    });
    expect((await ask('GET', keys, session)).json).toEqual({ message: 'invalid_authorization_key' });
  });

  test('forgets a session after two hours', async () => {
    const account = addTurboAccount(simulator.state.turbosmtp);
    const { email, password } = account;
    const login = await ask('POST', '/turbosmtp/api/v2/authorize', {}, { email, password });
    const token = String(login.json['auth']);
    simulator.state.turbosmtp.sessions.set(token, { account, expires: Date.now() - 1 });
    const answer = await ask('GET', '/turbosmtp/api/v2/user/consumerKeys', { authorization: token });
    expect([answer.status, answer.json]).toEqual([401, { message: 'invalid_authorization_key' }]);
  });
});

describe('Mailosaur', () => {
  test('tells standard and server-restricted keys apart, and deletes none', async () => {
    const account = simulator.state.mailosaur;
    const standard = addMailosaurKey(account);
    const restricted = addMailosaurKey(account, { name: 'one', server: account.servers[0] ?? '' });
    const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
    const statuses = async (key: string) => [
      (await ask('GET', '/mailosaur/api/servers', basic(key))).status,
      (await ask('GET', '/mailosaur/api/usage/limits', basic(key))).status,
    ];
    expect(await statuses(standard.value)).toEqual([200, 200]);
    expect(await statuses(restricted.value)).toEqual([200, 403]);
    expect(await statuses(standard.value.slice(1))).toEqual([401, 401]);
    expect((await ask('DELETE', '/mailosaur/api/keys/1', basic(standard.value))).status).toBe(404);
  });
});

describe('faults and control', () => {
  test('a fault strikes as often as told', async () => {
    simulator.faults.add({ kind: 'error', amount: 503, product: 'mailosaur', times: 1 });
    expect((await fetch(`${simulator.url}/mailosaur/api/servers`)).status).toBe(503);
    expect((await fetch(`${simulator.url}/mailosaur/api/servers`)).status).toBe(401);
  });

  test('a person revokes by name, and the log shows no credential', async () => {
    const key = addRackwaveKey(simulator.state.migosmtp, { name: 'by-hand' });
    await ask('GET', '/migosmtp/v1/reports', as(key.value));
    expect((await ask('POST', '/_/revoke/migosmtp?name=by-hand')).status).toBe(200);
    expect((await ask('GET', '/migosmtp/v1/reports', as(key.value))).status).toBe(401);
    expect((await ask('POST', '/_/revoke/migosmtp?name=by-hand')).status).toBe(404);
    const log = await (await fetch(`${simulator.url}/_/log`)).text();
    expect(log).toContain('/v1/reports');
    expect(log).not.toContain(key.value);
  });

  test('says what is inferred', async () => {
    const text = await (await fetch(`${simulator.url}/`)).text();
    expect(text).toContain('hypothetical');
    expect(text).toContain('permission');
  });
});
