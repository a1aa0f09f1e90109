import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import { Harness, type RunSpec, everything } from './harness.ts';

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
});
