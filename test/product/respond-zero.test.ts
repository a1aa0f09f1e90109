/** The built command: what never causes a revocation, each beside a control in which the same setting causes one. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ALNUM, randomText } from '../../fixtures/simulator/random.ts';
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

function login(): Record<string, string> {
  return { TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password };
}

function leakPair(key = pair.consumerKey, secret = pair.consumerSecret): void {
  responder.leak({ TURBOSMTP_CONSUMER_KEY: key, TURBOSMTP_CONSUMER_SECRET: secret });
}

describe('zero revocation requests for', () => {
  test.each([
    ['a real consumer key with an invented secret', () => randomText(ALNUM, 32), 0],
    ['(control) the same with its own secret', () => pair.consumerSecret, 1],
  ])('%s', async (_, secret, requests) => {
    leakPair(pair.consumerKey, secret());
    const { step } = await responder.respond([], login());
    expect(responder.revocations()).toHaveLength(requests);
    expect(step('revoke')?.status).toBe(requests === 1 ? 'done' : 'waiting');
    expect(account.keys).toHaveLength(1 - requests);
  });

  test.each([
    ['a real SendGrid id with a random tail', true, 0],
    ['(control) the key itself', false, 1],
  ])('%s', async (_, invented, requests) => {
    const sendgrid = responder.double('sendgrid-key');
    const { id, secret } = sendgrid.add('production');
    responder.leak({ SENDGRID_API_KEY: invented ? `SG.${id}.${randomText(ALNUM, 43)}` : secret });
    const { step } = await responder.respond([], sendgrid.environment);
    expect(responder.revocations()).toHaveLength(requests);
    expect(step('revoke')?.code).toBe(requests === 1 ? null : 'KEY_NOT_LIVE');
  });

  test.each([
    ['a decoy in a stranger’s pull request, by the event', { GITHUB_EVENT_NAME: 'pull_request' }, 0],
    ['the same by pull_request_target', { GITHUB_EVENT_NAME: 'pull_request_target' }, 0],
    ['the same by merge_group', { GITHUB_EVENT_NAME: 'merge_group' }, 0],
    ['the same by workflow_run', { GITHUB_EVENT_NAME: 'workflow_run' }, 0],
    ['(control) a schedule', { GITHUB_EVENT_NAME: 'schedule' }, 1],
  ])('%s', async (_, event, requests) => {
    leakPair();
    const { step } = await responder.respond([], { ...login(), ...event });
    expect(responder.revocations()).toHaveLength(requests);
    expect(step('revoke')?.code).toBe(requests === 1 ? null : 'UNTRUSTED_EVENT');
  });

  test.each([
    ['a report about a pull request', 'pull-request', 0],
    ['(control) the same report about the history', 'history', 1],
  ] as const)('%s', async (_, source, requests) => {
    leakPair();
    const { report } = await responder.report();
    const file = responder.reportFile({ ...report, coverage: { ...report.coverage, source } });
    const { step } = await responder.respond([file], login());
    expect(responder.revocations()).toHaveLength(requests);
    expect(step('revoke')?.code).toBe(requests === 1 ? null : 'UNTRUSTED_REPORT');
  });

  test('a report about a pull request that is resumed elsewhere', async () => {
    leakPair();
    const { report } = await responder.report();
    const file = responder.reportFile({ ...report, coverage: { ...report.coverage, source: 'pull-request' } });
    await responder.respond([file], login());
    const [id = ''] = responder.incidentIds();
    await responder.respond(['--resume', id, '--replan'], login());
    expect(responder.revocations()).toEqual([]);
  });

  /** Every place of a finding moved to another place of the same repository. */
  function pointing(report: FindingsReport, from: number, to: number): FindingsReport {
    const [finding, target] = [report.findings[from], report.findings[to]];
    if (!finding || !target) throw new Error('two findings are needed');
    return { ...report, findings: [{ ...finding, occurrences: target.occurrences }] };
  }

  test.each([
    ['a forged report that points at another file', 1, 0],
    ['(control) the same report, not forged', 0, 1],
  ])('%s', async (_, to, requests) => {
    leakPair();
    const production = addTurboKey(account, { label: 'billing' });
    responder.leak(
      { TURBOSMTP_CONSUMER_KEY: production.consumerKey, TURBOSMTP_CONSUMER_SECRET: production.consumerSecret },
      'deploy/billing.env',
    );
    const { report } = await responder.report();
    expect(report.findings).toHaveLength(2);
    const { step } = await responder.respond([responder.reportFile(pointing(report, 0, to))], login());
    expect(responder.revocations()).toHaveLength(requests);
    expect(step('revoke')?.code).toBe(requests === 1 ? null : 'SOURCE_CHANGED');
  });

  test('a forged report that points outside of the repository', async () => {
    leakPair();
    const { report } = await responder.report();
    const [finding] = report.findings;
    const [place] = finding?.occurrences ?? [];
    if (!finding || !place) throw new Error('a finding is needed');
    const outside = ['../../../etc/passwd', '/etc/passwd', ':0:.env', 'HEAD'].map((name) => ({
      ...place,
      kind: 'file' as const,
      path: name,
      blob: null,
      commit: null,
    }));
    const file = responder.reportFile({ ...report, findings: [{ ...finding, occurrences: outside }] });
    const { step } = await responder.respond([file], login());
    expect(step('revoke')?.code).toBe('SOURCE_CHANGED');
    expect(responder.harness.simulator.log).toEqual([]);
  });

  test.each([
    ['a key whose id is on the protect list', () => pair.consumerKey, 0],
    ['a key whose label is on the protect list', () => pair.label, 0],
    ['(control) a list that names another', () => 'another', 1],
  ])('%s', async (_, name, requests) => {
    leakPair();
    const file = responder.providersFile(`protect = ["${name()}"]\n`);
    const { step } = await responder.respond(['--providers-file', file], login());
    expect(responder.revocations()).toHaveLength(requests);
    expect(step('revoke')?.code).toBe(requests === 1 ? null : 'KEY_PROTECTED');
  });

  test.each([
    ['two keys that match beginning and end', 2, 0],
    ['(control) one key that does', 1, 1],
  ])('%s', async (_, count, requests) => {
    const { migosmtp } = responder.harness.simulator.state;
    const made = addRackwaveKey(migosmtp, {});
    const id = `${made.value.slice(0, 8)}…${made.value.slice(-4)}`;
    migosmtp.keys = [
      { ...made, id },
      ...(count === 2 ? [{ ...made, value: randomText(ALNUM, 40), id, name: 'two' }] : []),
    ];
    responder.leak({ MIGOSMTP_API_KEY: made.value });
    const file = responder.adapter('migosmtp', (text) =>
      text.replace(/# Asked with[\s\S]*?(?=# Instead)/, '').replace('last-four = "last_four"', 'shown = "id"'),
    );
    const environment = { MIGOSMTP_OPERATOR_TOKEN: migosmtp.operatorToken };
    const { step } = await responder.respond(['--providers-file', file, '--confirm-within', '1s'], environment);
    expect(responder.revocations()).toHaveLength(requests);
    expect(step('revoke')?.code).toBe(requests === 1 ? null : 'KEY_AMBIGUOUS');
  });

  test.each([
    ['a list whose label changed since the plan', { label: 'renamed' }, 0],
    ['a list whose creation time changed since the plan', { creationTime: '2020-01-01 00:00:00' }, 0],
    ['(control) a list that did not change', {}, 1],
  ])('%s', async (_, change, requests) => {
    leakPair();
    await responder.respond(['--plan'], login());
    expect(responder.revocations()).toEqual([]);
    account.keys = account.keys.map((key) => ({ ...key, ...change }));
    const [id = ''] = responder.incidentIds();
    const { step } = await responder.respond(['--resume', id], login());
    expect(responder.revocations()).toHaveLength(requests);
    expect(step('revoke')?.code).toBe(requests === 1 ? null : 'LIST_CHANGED');
  });

  test.each([
    ['a key that a store gives out at present', [], 0],
    ['(control) the same with --in-use-ok', ['--in-use-ok'], 1],
  ])('%s', async (_, extra, requests) => {
    leakPair();
    const store = responder.providersFile(`[store.production]\nread = ["echo", "${pair.consumerSecret}"]\n`);
    const { step } = await responder.respond(['--providers-file', store, ...extra], login());
    expect(responder.revocations()).toHaveLength(requests);
    expect(step('revoke')?.code).toBe(requests === 1 ? null : 'KEY_IN_USE');
  });

  test.each([
    ['no --allow-revoke for this provider', 'sendgrid', 0],
    ['(control) one', 'turbosmtp', 1],
  ])('%s', async (_, allowed, requests) => {
    leakPair();
    const { step } = await responder.respond([], login(), allowed);
    expect(responder.revocations()).toHaveLength(requests);
    expect(step('revoke')?.code).toBe(requests === 1 ? null : 'REVOCATION_NOT_ALLOWED');
  });

  test('the second of two keys in one run; another run takes it', async () => {
    leakPair();
    const other = addTurboKey(account, { label: 'other' });
    responder.leak(
      { TURBOSMTP_CONSUMER_KEY: other.consumerKey, TURBOSMTP_CONSUMER_SECRET: other.consumerSecret },
      'b.env',
    );
    await responder.respond([], login());
    expect(responder.revocations()).toHaveLength(1);
    const [id = ''] = responder.incidentIds();
    await responder.respond(['--resume', id], login());
    expect(responder.revocations()).toHaveLength(2);
    expect(account.keys).toEqual([]);
  });
});
