/** The built command: what is never called dead, and servers that misbehave. Nothing of a secret is left behind. */
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { addRackwaveKey } from '../../fixtures/simulator/rackwave.ts';
import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { FindingsReport } from '../../src/core/finding.ts';
import { Responder } from '../helpers/responder.ts';

let responder: Responder;
let account: TurboAccount;
let pair: TurboKey;
beforeEach(async () => {
  responder = await Responder.start();
  account = addTurboAccount(responder.harness.simulator.state.turbosmtp);
  pair = addTurboKey(account);
});
afterEach(() => responder.close());

function login(of = account): Record<string, string> {
  return { TURBOSMTP_EMAIL: of.email, TURBOSMTP_PASSWORD: of.password };
}

function leakPair({ consumerKey, consumerSecret } = pair): void {
  responder.leak({ TURBOSMTP_CONSUMER_KEY: consumerKey, TURBOSMTP_CONSUMER_SECRET: consumerSecret });
}

async function verdict(extra: readonly string[] = []): Promise<string[]> {
  const { out } = await responder.run(['verify', '--format', 'json', ...responder.urls(), ...extra]);
  const { findings } = JSON.parse(out) as FindingsReport;
  return findings.map(({ verification }) => `${verification?.status} ${verification?.detail}`);
}

describe('not confirmed dead', () => {
  test('a live key cut short by one character; whole, it is live (control)', async () => {
    const { migosmtp } = responder.harness.simulator.state;
    const key = addRackwaveKey(migosmtp);
    responder.leak({ MIGOSMTP_API_KEY: key.value.slice(0, -1) });
    expect(await verdict()).toEqual([expect.stringMatching(/^rejected .*invalid_api_key/)]);
    const { step, code } = await responder.respond(['--wait', '2s']);
    expect(step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_NOT_LIVE' });
    expect(code).toBe(4);
    responder.leak({ MIGOSMTP_API_KEY: key.value });
    const both = new Set((await verdict()).map((text) => text.split(' ')[0]));
    expect(both).toEqual(new Set(['live-limited', 'rejected']));
  });

  test('a pair that may only send, where SMTP does not answer; where it does, it is live (control)', async () => {
    const sender = addTurboKey(account, { label: 'sender', permissions: ['SEND_SMTP'] });
    leakPair(sender);
    const [seen] = await verdict();
    expect(seen).toMatch(/^live smtp-auth/);
    const [silent] = await verdict(['--provider-url', 'turbosmtp.smtp=smtp://127.0.0.1:9']);
    expect(silent).toMatch(/^unknown /);
    const { step } = await responder.respond(['--provider-url', 'turbosmtp.smtp=smtp://127.0.0.1:9'], login());
    expect(step('revoke')).toMatchObject({
      status: 'waiting',
      code: 'KEY_NOT_LIVE',
      reason: expect.stringMatching(
        /^Whether the key lives is not known: no answer that allows a conclusion/,
      ) as string,
    });
    expect(account.keys).toHaveLength(2);
  });

  test('a pair that may only send by HTTP is refused by everything that may be asked, and stays open', async () => {
    const sender = addTurboKey(account, { label: 'sender', permissions: ['SEND_API'] });
    leakPair(sender);
    const { step } = await responder.respond([], login());
    expect(step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_NOT_LIVE' });
    expect(responder.harness.simulator.state.turbosmtp.sent).toBe(0);
  });

  test('a key of another account than the operator’s', async () => {
    leakPair();
    const stranger = addTurboAccount(responder.harness.simulator.state.turbosmtp);
    const { step } = await responder.respond([], login(stranger));
    expect(step('revoke')).toMatchObject({ status: 'waiting', code: 'WRONG_ACCOUNT' });
    expect(responder.revocations()).toEqual([]);
  });

  test('a key of the parent account, asked for with the login of a sub-account', async () => {
    leakPair();
    const child = addTurboAccount(responder.harness.simulator.state.turbosmtp, account);
    const { step } = await responder.respond([], login(child));
    expect(step('revoke')).toMatchObject({ status: 'waiting', code: 'WRONG_ACCOUNT' });
    expect(responder.revocations()).toEqual([]);
  });

  test.each([
    ['a provider that answers 200 and revokes nothing', true, 'failed', 'REVOKE_NOT_CONFIRMED', 1],
    ['(control) one that revokes', false, 'done', null, 4],
  ])('%s', async (_, pretends, status, code, exit) => {
    responder.harness.simulator.state.turbosmtp.pretendsToRevoke = pretends;
    leakPair();
    const run = await responder.respond(['--confirm-within', '2s'], login());
    expect(run.step('revoke')).toMatchObject({ status, code });
    expect(run.code).toBe(exit);
    expect(responder.revocations()).toHaveLength(1);
  });

  test.each([
    ['a 404 for an id that was never listed', true, 'failed', 'WRONG_ACCOUNT'],
    ['(control) a 204', false, 'done', null],
  ])('%s', async (_, missing, status, code) => {
    const discord = responder.double('discord-webhook');
    responder.leak({ DISCORD_WEBHOOK: discord.add().secret });
    if (missing)
      responder.harness.simulator.faults.add({ kind: 'error', amount: 404, method: 'DELETE', product: 'discord' });
    const { step } = await responder.respond(['--confirm-within', '1s']);
    expect(step('revoke')).toMatchObject({ status, code });
  });

  test('a key whose revocation was answered by nothing, until it was looked at again', async () => {
    leakPair();
    responder.harness.simulator.faults.add({ kind: 'error', amount: 503, method: 'DELETE', times: 9 });
    const first = await responder.respond(['--confirm-within', '1s'], login());
    expect(first.step('revoke')?.status).toBe('failed');
    expect(account.keys).toHaveLength(1);
    responder.harness.simulator.faults.clear();
    const [id = ''] = responder.incidentIds();
    const again = await responder.respond(['--resume', id], login());
    expect(again.step('revoke')).toMatchObject({ status: 'done' });
  });
});

describe('a server that misbehaves', () => {
  let stranger: Server;
  let heard: string[];
  beforeEach(async () => {
    heard = [];
    stranger = createServer((request, response) => {
      heard.push(`${request.url} ${JSON.stringify(request.headers)}`);
      response.end('{}');
    });
    await new Promise<void>((resolve) => {
      stranger.listen(0, '127.0.0.1', resolve);
    });
  });
  afterEach(() => new Promise((resolve) => stranger.close(resolve)));

  const location = () => `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/steal`;

  test.each([
    ['redirects to another host', () => ({ kind: 'redirect', location: location() }) as const, 'HTTP_REDIRECT'],
    ['answers more than anyone could mean', () => ({ kind: 'oversized' }) as const, 'HTTP_BODY_TOO_LARGE'],
    ['never answers', () => ({ kind: 'hang' }) as const, 'HTTP_TIMEOUT'],
    ['hangs up', () => ({ kind: 'drop' }) as const, 'HTTP_NETWORK'],
  ])('%s', async (_, fault, code) => {
    await responder.harness.simulator.smtp.close();
    responder.harness.simulator.faults.add({ ...fault(), path: '/tools/alerts' });
    leakPair();
    const [seen] = await verdict(['--timeout', '1']);
    expect(seen).toMatch(/^unknown /);
    expect(seen).toContain(code);
    const { step } = await responder.respond(['--timeout', '1'], login());
    expect(step('revoke')?.status).not.toBe('done');
    expect(responder.revocations()).toEqual([]);
    expect(heard).toEqual([]);
  });

  test.each([
    ['redirects', () => ({ kind: 'redirect', location: location() }) as const, /^HTTP_REDIRECT/],
    ['answers half a document', () => ({ kind: 'malformed' }) as const, /^PROVIDER_ANSWER_UNREADABLE/],
  ])('%s when the operator logs in: the password goes nowhere else', async (_, fault, code) => {
    responder.harness.simulator.faults.add({ ...fault(), path: '/authorize' });
    leakPair();
    const { step } = await responder.respond([], login());
    expect(step('revoke')?.status).toBe('waiting');
    expect(step('revoke')?.code).toMatch(code);
    expect(heard).toEqual([]);
    expect(responder.revocations()).toEqual([]);
  });

  test.each([
    ['https://10.0.0.1/', 'HTTP_ADDRESS_REFUSED'],
    ['https://169.254.169.254/latest', 'HTTP_ADDRESS_REFUSED'],
    ['https://[fd00::1]/', 'HTTP_ADDRESS_REFUSED'],
    ['https://[::ffff:192.168.1.1]/', 'HTTP_ADDRESS_REFUSED'],
    ['http://192.0.2.1/', 'HTTP_NOT_HTTPS'],
  ])('stands at %s', async (address, code) => {
    leakPair();
    const args = ['--provider-url', `turbosmtp=${address}`, '--timeout', '2'];
    const { out } = await responder.run(['verify', '--format', 'json', ...args]);
    const [finding] = (JSON.parse(out) as FindingsReport).findings;
    expect(finding?.verification).toMatchObject({ status: 'unknown' });
    expect(finding?.verification?.detail).toContain(code);
  });
});

describe('what is left behind', () => {
  test('holds no secret: journals, evidence, drafts, output, and addresses of requests', async () => {
    const { migosmtp } = responder.harness.simulator.state;
    const key = addRackwaveKey(migosmtp);
    const discord = responder.double('discord-webhook');
    const hook = discord.add();
    const sendgrid = responder.double('sendgrid-key');
    const grid = sendgrid.add();
    leakPair();
    responder.leak(
      { MIGOSMTP_API_KEY: key.value, SENDGRID_API_KEY: grid.secret, DISCORD_WEBHOOK: hook.secret },
      'more.env',
    );
    const environment = { ...login(), ...sendgrid.environment, MIGOSMTP_OPERATOR_TOKEN: migosmtp.operatorToken };
    const file = responder.adapter('migosmtp');
    const args = ['--providers-file', file, '--max-revocations', '9'];
    await verdict();
    await responder.respond(args, environment);
    expect(responder.revocations()).toHaveLength(4);
    const secrets = [
      pair.consumerSecret,
      key.value,
      grid.secret,
      hook.secret,
      account.password,
      migosmtp.operatorToken,
      sendgrid.environment['SENDGRID_OPERATOR_KEY'] ?? '',
    ];
    const traces = responder.traces();
    expect(traces).toContain('confirmed dead');
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(10);
      expect(traces).not.toContain(secret);
      expect(traces).not.toContain(secret.slice(-20));
      expect(traces).not.toContain(Buffer.from(secret).toString('base64').slice(0, 24));
    }
    // The check sees what is there (control).
    expect(traces).toContain(pair.consumerKey);
  });

  test('holds no secret after an error that nobody foresaw, and node writes no report', async () => {
    leakPair();
    const { code, err } = await responder.respond([], { ...login(), NODE_OPTIONS: '--report-uncaught-exception' });
    expect(code).toBe(2);
    expect(err).toContain('RUNTIME_UNSAFE');
    expect(err).not.toContain(account.password);
    expect(responder.harness.simulator.log).toEqual([]);
  });
});
