/** The built command: which keys there are, and a scheduled job's exit code. */
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { addMailosaurKey } from '../../fixtures/simulator/mailosaur.ts';
import { addRackwaveKey } from '../../fixtures/simulator/rackwave.ts';
import { type TurboAccount, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { KeysReport } from '../../src/respond/keys/model.ts';
import { closedSchema } from '../helpers/closed-schema.ts';
import { makeFolder } from '../helpers/repository.ts';
import { Responder } from '../helpers/responder.ts';

const SCHEMA = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../docs/keys.schema.json', import.meta.url)), 'utf8'),
) as Record<string, unknown>;
const contract = new Ajv2020({ allErrors: true }).compile(closedSchema(SCHEMA));

const DAY_MS = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * DAY_MS - 60_000).toISOString();
const stamp = (days: number): string => ago(days).slice(0, 19).replace('T', ' ');

let responder: Responder;
let account: TurboAccount;
beforeEach(async () => {
  responder = await Responder.start();
  account = addTurboAccount(responder.harness.simulator.state.turbosmtp);
});
afterEach(() => responder.close());

function login(): Record<string, string> {
  return { TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password };
}

interface Listed {
  readonly code: number | null;
  readonly err: string;
  readonly report: KeysReport;
}

async function keys(args: readonly string[] = [], environment: Record<string, string> = login()): Promise<Listed> {
  const run = await responder.run(['keys', '--format', 'json', ...args, ...responder.urls()], environment);
  const report = JSON.parse(run.out) as KeysReport;
  contract(report);
  expect(contract.errors ?? []).toEqual([]);
  return { code: run.code, err: run.err, report };
}

describe('keys of a provider', () => {
  test.each([
    [89, [], 0, []],
    [91, [], 1, ['too-old']],
    [91, ['--max-age', '120'], 0, []],
    [31, ['--max-age', '30'], 1, ['too-old']],
  ] as const)('of %i days with %j: exit %i', async (days, args, code, problems) => {
    addTurboKey(account, { label: 'production', creationTime: stamp(days) });
    const listed = await keys(args);
    expect(listed.code).toBe(code);
    expect(listed.report).toMatchObject({ complete: true, problems: [] });
    expect(listed.report.keys).toEqual([
      expect.objectContaining({ provider: 'turbosmtp', label: 'production', ageDays: days, problems, useKnown: false }),
    ]);
    expect(responder.effects()).toEqual([]);
  });

  test('whose age nobody tells are no pass', async () => {
    addTurboKey(account, { label: 'odd', creationTime: 'some time ago' });
    const { code, report, err } = await keys();
    expect(code).toBe(3);
    expect(report.keys[0]?.problems).toEqual(['age-unknown']);
    expect(err).toContain('KEY_AGE_UNKNOWN');
    expect((await keys(['--allow-incomplete'])).code).toBe(0);
  });

  test.each([
    ['does not answer', { kind: 'error', amount: 503, path: 'consumerKeys' }, /^HTTP_|^PROVIDER_/],
    ['answers half a document', { kind: 'malformed', path: 'consumerKeys' }, /^HTTP_|^PROVIDER_/],
  ] as const)('that %s make the answer incomplete, and never clean', async (_, fault, problem) => {
    responder.harness.simulator.faults.add(fault);
    const { code, report } = await keys();
    expect(code).toBe(3);
    expect(report.complete).toBe(false);
    expect(report.problems[0]?.code).toMatch(problem);
  });

  test('named without a credential are a gap; nothing named and nothing known is wrong use', async () => {
    const { code, report } = await keys(['turbosmtp'], {});
    expect([code, report.problems[0]?.code]).toEqual([3, 'NO_OPERATOR']);
    const nothing = await responder.run(['keys', ...responder.urls()]);
    expect(nothing.code).toBe(2);
  });
});

describe('keys of an adapter', () => {
  test('that tells of last use: what nobody uses is to be revoked', async () => {
    const { migosmtp } = responder.harness.simulator.state;
    addRackwaveKey(migosmtp, { name: 'used', createdAt: ago(60), lastUsedAt: ago(1) });
    addRackwaveKey(migosmtp, { name: 'forgotten', createdAt: ago(60), lastUsedAt: ago(45) });
    addRackwaveKey(migosmtp, { name: 'never', createdAt: ago(60) });
    const file = responder.adapter('migosmtp', (text) =>
      text.replace(/^created-at = .*$/m, (line) => `${line}\nlast-used-at = "last_used_at"`),
    );
    const args = ['--providers-file', file, '--unused-for', '30'];
    const { code, report } = await keys(args, { MIGOSMTP_OPERATOR_TOKEN: migosmtp.operatorToken });
    expect(code).toBe(1);
    expect(Object.fromEntries(report.keys.map(({ label, problems }) => [label, problems]))).toEqual({
      used: [],
      forgotten: ['unused'],
      never: ['unused'],
    });
  });
});

describe('keys in stores and journals', () => {
  test('are linked to what a provider lists, or stand for themselves with the age of their version', async () => {
    const pair = addTurboKey(account, { label: 'production', creationTime: stamp(10) });
    const [known, other] = ['known.env', 'other.env'].map((name) => path.join(makeFolder('store'), name));
    writeFileSync(known ?? '', `KEY=${pair.consumerKey}\nSECRET=${pair.consumerSecret}\n`);
    writeFileSync(other ?? '', `TOKEN=${'t'.repeat(8)}${Date.now()}\n`);
    const old = new Date(Date.now() - 200 * DAY_MS);
    utimesSync(other ?? '', old, old);
    const file = responder.providersFile(`
[store.app]
kind = "env-file"
path = "${known}"
fields = { consumerKey = "KEY", secret = "SECRET" }
[store.old]
kind = "env-file"
path = "${other}"
field = "TOKEN"
[store.gone]
kind = "env-file"
path = "${other}.gone"
field = "TOKEN"
`);
    const { code, report } = await keys(['--providers-file', file]);
    expect(code).toBe(1);
    expect(report.problems.map((problem) => problem.code)).toEqual(['STORE_NOT_FOUND']);
    expect(report.keys).toEqual([
      expect.objectContaining({ from: 'store', stores: ['old'], ageDays: 200, sinceWhat: 'file-date' }),
      expect.objectContaining({ from: 'provider', label: 'production', stores: ['app'], ageDays: 10, problems: [] }),
    ]);
    expect(JSON.stringify(report)).not.toContain(pair.consumerSecret);
  });

  test('in a file that was changed lately are not called young: the file’s date is no age', async () => {
    const env = path.join(makeFolder('store'), '.env');
    writeFileSync(env, `TOKEN=${'t'.repeat(8)}${Date.now()}\n`);
    const file = responder.providersFile(`[store.app]\nkind = "env-file"\npath = "${env}"\nfield = "TOKEN"\n`);
    const { code, report } = await keys(['--providers-file', file]);
    expect(code).toBe(3);
    expect(report.keys).toEqual([
      expect.objectContaining({ stores: ['app'], ageDays: 0, sinceWhat: 'file-date', problems: ['age-unknown'] }),
    ]);
  });

  test('that are commands are asked, whatever they print', async () => {
    const pair = addTurboKey(account, { label: 'production', creationTime: stamp(10) });
    const whole = JSON.stringify({ consumerKey: pair.consumerKey, secret: pair.consumerSecret });
    const file = responder.providersFile(`
[store.whole]
read = ["printf", "%s", ${JSON.stringify(whole)}]
[store.bare]
read = ["printf", "%s\\n", "${'b'.repeat(9)}${Date.now()}"]
[store.broken]
read = ["false"]
[store.mute]
write = ["true"]
`);
    const { code, report, err } = await keys(['--providers-file', file]);
    expect(code).toBe(3);
    expect(report.keys).toEqual([
      expect.objectContaining({ label: 'store bare', stores: ['bare'], problems: ['age-unknown'] }),
      expect.objectContaining({ label: 'production', stores: ['whole'], ageDays: 10, problems: [] }),
    ]);
    expect(report.problems.map(({ message }) => message).filter((message) => message.startsWith('The store'))).toEqual([
      'The store broken was not read: its command ended with code 1',
      'The store mute was not read: it has no command that reads',
    ]);
    expect(JSON.stringify(report) + err).not.toContain(pair.consumerSecret);
  });

  test('that a rotation made are known by it, without their provider; the leak of the old one is over by it', async () => {
    const pair = addTurboKey(account, { label: 'production', creationTime: stamp(10) });
    responder.leak({ TURBOSMTP_CONSUMER_KEY: pair.consumerKey, TURBOSMTP_CONSUMER_SECRET: pair.consumerSecret });
    await responder.respond(['--plan'], login());
    const env = path.join(makeFolder('store'), '.env');
    writeFileSync(env, `KEY=${pair.consumerKey}\nSECRET=${pair.consumerSecret}\n`);
    const file = responder.providersFile(
      `[store.app]\nkind = "env-file"\npath = "${env}"\nfields = { consumerKey = "KEY", secret = "SECRET" }\n`,
    );
    const rotate = ['rotate', '--kind', 'turbosmtp-pair', '--from-env', 'consumerKey=OLD_KEY,secret=OLD_SECRET'];
    const how = ['--yes', '--allow-revoke', 'turbosmtp', '--deployed', '--hand-over', 'store:app'];
    const old = { OLD_KEY: pair.consumerKey, OLD_SECRET: pair.consumerSecret };
    const planned = await responder.run([...rotate, ...how, '--plan', '--providers-file', file, ...responder.urls()], {
      ...login(),
      ...old,
    });
    expect(planned.code).toBe(0);
    expect((await keys(['--providers-file', file])).report.keys[0]?.problems).toEqual(['leaked']);
    const done = await responder.run([...rotate, ...how, '--providers-file', file, ...responder.urls()], {
      ...login(),
      ...old,
    });
    expect(done.code).toBe(0);
    const { code, report } = await keys(['--providers-file', file], {});
    expect(code).toBe(0);
    const [made] = account.keys;
    expect(report.keys).toEqual([
      expect.objectContaining({ provider: 'turbosmtp', label: made?.label, id: made?.consumerKey, ageDays: 0 }),
    ]);
  });

  test('that leaked are named until their death is confirmed, and a rotation is remembered', async () => {
    const pair = addTurboKey(account, { label: 'production', creationTime: stamp(10) });
    responder.leak({ TURBOSMTP_CONSUMER_KEY: pair.consumerKey, TURBOSMTP_CONSUMER_SECRET: pair.consumerSecret });
    await responder.respond(['--plan'], login());
    const before = await keys();
    expect(before.code).toBe(1);
    expect(before.report.keys).toEqual([
      expect.objectContaining({ label: 'production', problems: ['leaked'], leakedIn: responder.incidentIds()[0] }),
    ]);
    const replacement = path.join(makeFolder('keys'), 'new.json');
    const [id = ''] = responder.incidentIds();
    await responder.respond(['--resume', id, '--hand-over', `file:${replacement}`], login());
    const { code, report } = await keys();
    expect(code).toBe(0);
    expect(report.keys).toHaveLength(1);
    expect(report.keys[0]?.lastRotation?.slice(0, 10)).toBe(new Date().toISOString().slice(0, 10));
  });

  test('are listed for people with what to do', async () => {
    addTurboKey(account, { label: 'production', creationTime: stamp(100) });
    const { out, code } = await responder.run(['keys', ...responder.urls()], login());
    expect(code).toBe(1);
    expect(out).toContain('turbosmtp, production, 100 days, in no named store, last use not told');
    expect(out).toContain('older than allowed: rotate it');
  });

  test('are named once where only their finding is known', async () => {
    responder.leak({ MAILOSAUR_API_KEY: addMailosaurKey(responder.harness.simulator.state.mailosaur).value });
    await responder.respond(['--plan'], {});
    const { out, code } = await responder.run(['keys', ...responder.urls()], login());
    expect(code).toBe(1);
    expect(out).toMatch(/^mailosaur, Mailosaur API key …\w{4}, \d+ days/m);
    expect(out).toContain('leaked and not confirmed dead: `unleak respond` takes it to its end');
  });
});
