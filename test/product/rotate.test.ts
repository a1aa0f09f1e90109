/** The built command: a planned rotation, and the log review of a scheduled job. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { revokeByHand } from '../../fixtures/simulator/control.ts';
import { RACKWAVE_KEY_LIMIT, addRackwaveKey } from '../../fixtures/simulator/rackwave.ts';
import { ordinaryTraffic } from '../../fixtures/simulator/seed.ts';
import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import { makeFolder } from '../helpers/repository.ts';
import { Responder } from '../helpers/responder.ts';

let responder: Responder;
let account: TurboAccount;
let pair: TurboKey;
beforeEach(async () => {
  responder = await Responder.start();
  account = addTurboAccount(responder.harness.simulator.state.turbosmtp);
  pair = addTurboKey(account, { label: 'prod-shop', ips: ['127.0.0.1'] });
});
afterEach(() => responder.close());

function environment(): Record<string, string> {
  return {
    TURBOSMTP_EMAIL: account.email,
    TURBOSMTP_PASSWORD: account.password,
    OLD_KEY: pair.consumerKey,
    OLD_SECRET: pair.consumerSecret,
  };
}

const OLD = ['--from-env', 'consumerKey=OLD_KEY,secret=OLD_SECRET', '--yes', '--allow-revoke', 'turbosmtp'];

describe('rotate', () => {
  test('creates, hands over and tries the new key; the old one dies last, and only when deployed', async () => {
    const file = path.join(makeFolder('keys'), 'new.json');
    const first = await responder.run(
      ['rotate', '--kind', 'turbosmtp-pair', ...OLD, '--hand-over', `file:${file}`, ...responder.urls()],
      environment(),
    );
    expect(first.code).toBe(4);
    expect(responder.effects().map((effect) => effect.split(' ')[0])).toEqual(['POST']);
    const made = JSON.parse(readFileSync(file, 'utf8')) as { label: string; consumerKey: string };
    expect(made.label).toMatch(/^prod-shop-\d{8}-[a-z2-9]{8}$/);
    expect(account.keys.find(({ consumerKey }) => consumerKey === made.consumerKey)).toMatchObject({
      ips: pair.ips,
      permissions: pair.permissions,
    });
    const [id = ''] = responder.incidentIds();
    const again = await responder.run(
      ['rotate', '--resume', id, ...OLD, '--hand-over', `file:${file}`, '--deployed', ...responder.urls()],
      environment(),
    );
    expect(again.code).toBe(0);
    expect(again.step('revoke')).toMatchObject({ status: 'done' });
    expect(account.keys.map(({ consumerKey }) => consumerKey)).toEqual([made.consumerKey]);
  });

  test('gives the new key to a pipe, and nothing else', async () => {
    const { out } = await responder.run(
      ['rotate', '--kind', 'turbosmtp-pair', ...OLD, '--hand-over', 'stdout', ...responder.urls()],
      environment(),
    );
    const [, made] = account.keys;
    expect(JSON.parse(out)).toMatchObject({ provider: 'turbosmtp', secret: made?.consumerSecret });
  });

  test('remembers places and folders wherever it is gone on with, and is planned until something is done', async () => {
    const where = ['--hand-over', 'file:new.json', '--search', '.', '--plan'];
    const { err } = await responder.run(
      ['rotate', '--kind', 'turbosmtp-pair', ...OLD, ...where, ...responder.urls()],
      environment(),
    );
    const folder = responder.repository.folder;
    expect(err).toContain(`handed over to file ${path.join(folder, 'new.json')}`);
    expect(err).toContain(`in the named stores, ${folder}\n`);
    const { out } = await responder.run(['respond', '--list']);
    expect(out).toMatch(/ {2}rotate {3}planned {6}turboSMTP/);
  });

  test('wants variables that are exported, and says so', async () => {
    const args = ['--kind', 'turbosmtp-pair', ...OLD, '--hand-over', 'file:new.json', ...responder.urls()];
    const { code, err } = await responder.run(['rotate', ...args]);
    expect([code, responder.incidentIds()]).toEqual([2, []]);
    expect(err).toContain('`export` the variable');
  });

  test('where a person makes and revokes keys, the old one dies last nevertheless', async () => {
    const { migosmtp } = responder.harness.simulator.state;
    const old = addRackwaveKey(migosmtp, { name: 'old-backend' });
    const args = ['--from-env', 'secret=OLD', ...responder.urls()];
    const rotate = (...more: readonly string[]) => responder.run(['rotate', ...args, ...more], { OLD: old.value });
    const first = await rotate('--kind', 'migosmtp-key', '--hand-over', 'file:new.json');
    expect(first.code).toBe(4);
    expect(first.step('replace')).toMatchObject({ status: 'waiting', code: 'PERSON_NEEDED' });
    // Nobody is told to revoke it yet.
    expect(first.step('revoke')?.reason).toContain('the replacement is not there yet');
    const [id = ''] = responder.incidentIds();
    const second = await rotate('--resume', id, '--done', 'replace', '--deployed');
    expect(second.step('revoke')).toMatchObject({ status: 'waiting', code: 'GUIDED' });
    expect(revokeByHand(responder.harness.simulator, 'migosmtp', 'old-backend')).toBe(true);
    const last = await rotate('--resume', id, '--deployed');
    expect([last.code, last.step('revoke')?.status]).toEqual([0, 'done']);
    expect(responder.effects()).toEqual([]);
  });

  test('is not gone on with by another value than it began with', async () => {
    const file = path.join(makeFolder('keys'), 'new.json');
    const args = ['--hand-over', `file:${file}`, ...responder.urls()];
    await responder.run(['rotate', '--kind', 'turbosmtp-pair', ...OLD, ...args], environment());
    const [id = ''] = responder.incidentIds();
    const other = addTurboKey(account, { label: 'other' });
    const wrong = { ...environment(), OLD_KEY: other.consumerKey, OLD_SECRET: other.consumerSecret };
    const { code, err } = await responder.run(['rotate', '--resume', id, ...OLD, ...args, '--deployed'], wrong);
    expect(code).toBe(2);
    expect(err).toContain('SOURCE_CHANGED');
    // Nor by another identifier beside the right secret: it would be what is put back.
    const half = { ...environment(), OLD_KEY: other.consumerKey };
    const back = await responder.run(['rotate', '--resume', id, ...OLD, ...args, '--roll-back'], half);
    expect([back.code, back.err.includes('SOURCE_CHANGED')]).toEqual([2, true]);
    expect(responder.revocations()).toEqual([]);
  });

  test('refuses when all keys of the account are in use, and says how to get a place', async () => {
    const { migosmtp } = responder.harness.simulator.state;
    const old = addRackwaveKey(migosmtp);
    while (migosmtp.keys.length < RACKWAVE_KEY_LIMIT) addRackwaveKey(migosmtp, { name: `n${migosmtp.keys.length}` });
    const file = path.join(makeFolder('keys'), 'new.json');
    const args = ['--from-env', 'secret=OLD', '--hand-over', `file:${file}`, '--yes', '--allow-revoke', 'migosmtp'];
    const { code, err, step } = await responder.run(
      [
        'rotate',
        '--kind',
        'migosmtp-key',
        ...args,
        '--providers-file',
        responder.adapter('migosmtp'),
        ...responder.urls(),
      ],
      { OLD: old.value, MIGOSMTP_OPERATOR_TOKEN: migosmtp.operatorToken },
    );
    expect(code).toBe(1);
    expect(step('replace')).toMatchObject({ status: 'failed', code: 'NO_FREE_SLOT' });
    expect(err).toContain('All 5 keys of the account are in use');
    expect(err).toContain('Revoke a key that nobody uses');
    expect(responder.effects()).toEqual([]);
    expect(migosmtp.keys).toHaveLength(RACKWAVE_KEY_LIMIT);
  });
});

describe('logs review', () => {
  const login = () => ({ TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password });

  function spike(): void {
    const sendTime = new Date(Date.now() - 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
    for (let n = 0; n < 900; n++)
      account.messages.push({
        sendTime,
        sender: 's@example.com',
        recipient: `v${n}@unknown-${n % 90}.example`,
        status: 'SUCCESS',
      });
  }

  test.each([
    ['ordinary traffic', false, 0],
    ['a night of somebody else’s', true, 1],
  ])('by API: %s', async (_, attacked, code) => {
    ordinaryTraffic(account, 28);
    if (attacked) spike();
    const run = await responder.run(['logs', 'review', 'turbosmtp', '--since', '24h', ...responder.urls()], login());
    expect(run.code).toBe(code);
    expect(run.out).toMatch(attacked ? /^spike: [\s\S]*compared with/m : /no warning sign/);
    expect(responder.effects()).toEqual([]);
  });

  test('of an export says what it could not read', async () => {
    const file = path.join(makeFolder('logs'), 'export.csv');
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString();
    const rows = Array.from({ length: 30 }, (_, ago) => `${day(ago + 0.5)},c@example.com,delivered`);
    writeFileSync(file, ['time,recipient,status', ...rows, 'yesterday?,c@example.com,delivered', ''].join('\n'));
    const run = await responder.run(['logs', 'review', '--from', file, '--since', '2d']);
    expect(run.code).toBe(3);
    expect(run.err).toContain('1 records could not be read');
  });
});
