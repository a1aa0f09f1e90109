import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { revokeByHand } from '../../fixtures/simulator/control.ts';
import { addMailosaurKey } from '../../fixtures/simulator/mailosaur.ts';
import { type RackwaveKey, addRackwaveKey } from '../../fixtures/simulator/rackwave.ts';
import { Harness, type RunSpec, everything } from './harness.ts';

let harness: Harness;
let key: RackwaveKey;
beforeEach(async () => {
  harness = await Harness.start();
  key = addRackwaveKey(harness.simulator.state.migosmtp, { name: 'prod-laravel-send' });
});
afterEach(() => harness.close());

function leaked(secret = key.value, kind = 'migosmtp-key'): RunSpec['keys'] {
  return [{ kind, secret }];
}

/** Revokes by name as soon as the tool says that it waits. */
function clicking(product: string, name: string): { readonly sent: unknown[]; readonly services: RunSpec['services'] } {
  const sent: unknown[] = [];
  const send = async (event: Readonly<Record<string, unknown>>): Promise<void> => {
    sent.push(event);
    if (event['event'] === 'waiting-for-revocation')
      setTimeout(() => revokeByHand(harness.simulator, product, name), 40);
  };
  return { sent, services: { notifier: { send } } };
}

describe('waiting for a person at MigoSMTP', () => {
  test('goes on by itself the moment the key is dead', async () => {
    const { sent, services } = clicking('migosmtp', key.name);
    const report = await harness.run({ keys: leaked(), policy: { waitMs: 60_000 }, ...(services ? { services } : {}) });
    expect(report.step('revoke')).toMatchObject({ status: 'done', facts: { how: 'by hand' } });
    expect(sent).toMatchObject([
      { event: 'waiting-for-revocation', provider: 'migosmtp', lastFour: 'tail' },
      { event: 'confirmed-dead' },
    ]);
    expect(report.said).toContain('https://app.migosmtp.com');
    expect(report.said).toContain('last four tail');
    expect(harness.effects()).toEqual([]);
    expect(harness.simulator.state.migosmtp.sent).toBe(0);
    expect(everything(report) + JSON.stringify(sent)).not.toContain(key.value);
  });

  test('does not take the end of the time for an end of the key', async () => {
    const report = await harness.run({ keys: leaked(), policy: { waitMs: 200 } });
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'REVOKE_NOT_CONFIRMED' });
    expect(report.outcome).toBe('waiting');
  });

  test('never confirms a live key that was cut short by one character, revoked or not', async () => {
    const { services } = clicking('migosmtp', key.name);
    const cut = { keys: leaked(key.value.slice(0, -1)), policy: { waitMs: 500 }, ...(services ? { services } : {}) };
    const report = await harness.run(cut);
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_NOT_LIVE' });
    revokeByHand(harness.simulator, 'migosmtp', key.name);
    const again = await harness.resume(report.id, cut);
    expect(again.step('revoke')).toMatchObject({ status: 'waiting', code: 'KEY_NOT_LIVE' });
  });

  test.each([
    ['a server error', { kind: 'error', amount: 503 }],
    ['a dropped connection', { kind: 'drop' }],
    ['too many requests', { kind: 'rate-limit', amount: 3600 }],
    ['half a document', { kind: 'malformed' }],
  ] as const)('does not take %s for death', async (_, fault) => {
    const report = await harness.run({ keys: leaked() });
    expect(report.step('revoke')).toMatchObject({ status: 'waiting', code: 'GUIDED' });
    harness.simulator.faults.add(fault);
    const again = await harness.resume(report.id, { keys: leaked(), policy: { waitMs: 100 } });
    expect(again.step('revoke')?.status).toBe('waiting');
    harness.simulator.faults.clear();
    revokeByHand(harness.simulator, 'migosmtp', key.name);
    const last = await harness.resume(report.id, { keys: leaked() });
    expect(last.step('revoke')?.status).toBe('done');
  });

  test.each([
    ['insufficient_scope', {}, 'live-limited'],
    ['ip_not_whitelisted', { ips: ['198.51.100.1'] }, 'live-limited'],
  ])('takes %s for life', async (code, extra, status) => {
    const other = addRackwaveKey(harness.simulator.state.migosmtp, { name: 'other', ...extra });
    const report = await harness.run({ keys: leaked(other.value) });
    const verdict = report.entries.find(({ type }) => type === 'verdict');
    expect(verdict).toMatchObject({ status });
    expect(verdict?.type === 'verdict' && verdict.detail).toContain(code);
  });

  test('takes a suspended account for a sleeping key', async () => {
    harness.simulator.state.migosmtp.state = 'account_suspended';
    const report = await harness.run({ keys: leaked() });
    expect(report.entries.find(({ type }) => type === 'verdict')).toMatchObject({ status: 'dormant' });
  });

  test('finds a Telnxo key that was taken for a MigoSMTP key, and waits for it at Telnxo', async () => {
    const sms = addRackwaveKey(harness.simulator.state.telnxo, { name: 'mobile-app-sms-otp', scopes: ['sms:send'] });
    const { services } = clicking('telnxo', sms.name);
    const report = await harness.run({
      keys: leaked(sms.value),
      policy: { waitMs: 60_000 },
      ...(services ? { services } : {}),
    });
    expect(report.entries.find(({ type }) => type === 'verdict')).toMatchObject({
      status: 'wrong-platform',
      provider: 'telnxo',
    });
    expect(report.step('revoke')).toMatchObject({ status: 'done' });
    expect(report.said).toContain('https://app.telnxo.com');
  });

  test('does not conclude while the sister platform gives no answer', async () => {
    harness.simulator.faults.add({ kind: 'error', amount: 500, product: 'telnxo' });
    const report = await harness.run({ keys: leaked('z'.repeat(40)) });
    expect(report.entries.find(({ type }) => type === 'verdict')).toMatchObject({ status: 'unknown' });
    harness.simulator.faults.clear();
    const again = await harness.run({ keys: leaked('z'.repeat(40)) });
    expect(again.entries.find(({ type }) => type === 'verdict')).toMatchObject({ status: 'rejected' });
  });
});

describe('Mailosaur', () => {
  test.each([
    ['standard', (): string | null => null],
    ['server-restricted', (): string | null => harness.simulator.state.mailosaur.servers[0] ?? null],
  ])('tells that a key is %s, and waits for the person who deletes it', async (type, server) => {
    const leak = addMailosaurKey(harness.simulator.state.mailosaur, { name: 'ci', server: server() });
    const { services } = clicking('mailosaur', 'ci');
    const report = await harness.run({
      keys: leaked(leak.value, 'mailosaur-key'),
      policy: { waitMs: 60_000 },
      ...(services ? { services } : {}),
    });
    expect(report.entries.find((entry) => entry.type === 'verdict')).toMatchObject({
      status: 'live',
      may: { type: [type] },
    });
    expect(report.said).toContain('Type the name of the key');
    expect(report.said).toContain('cannot be restored');
    expect(report.step('revoke')).toMatchObject({ status: 'done' });
    expect(report.step('replace')).toMatchObject({ status: 'waiting' });
  });
});
