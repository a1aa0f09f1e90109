/** Verifying and revoking from the built Action, against the simulator. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { FindingsReport } from '../../src/core/finding.ts';
import { type ActionRun, type Hosted, host } from '../helpers/action.ts';
import { makeFolder, makeRepository } from '../helpers/repository.ts';
import { Responder } from '../helpers/responder.ts';

const ENVIRONMENT = 'key-revocation';

let responder: Responder;
let hosted: Hosted;
let account: TurboAccount;
let pair: TurboKey;
let base: string;
let head: string;
let config: string;

beforeEach(async () => {
  responder = await Responder.start();
  hosted = await host();
  account = addTurboAccount(responder.harness.simulator.state.turbosmtp);
  pair = addTurboKey(account);
  const work = makeRepository();
  base = work.commit('Base', { 'readme.txt': 'hello\n' });
  const lines = `TURBOSMTP_CONSUMER_KEY=${pair.consumerKey}\nTURBOSMTP_CONSUMER_SECRET=${pair.consumerSecret}\n`;
  head = work.commit('Configure', { '.env': lines });
  hosted.push(work, 'main');
  hosted.server.environments.set(ENVIRONMENT, 1);
  hosted.server.identity = { event_name: 'push', environment: ENVIRONMENT };
  // Addresses of providers come from the runner's owner alone.
  config = makeFolder('config');
  mkdirSync(path.join(config, 'unleak'));
  const urls = responder.urls().filter((text) => text !== '--provider-url');
  const table = urls.map((text) => `"${text.slice(0, text.indexOf('='))}" = "${text.slice(text.indexOf('=') + 1)}"\n`);
  writeFileSync(path.join(config, 'unleak', 'providers.toml'), `[url]\n${table.join('')}`, { mode: 0o600 });
});
afterEach(() => responder.close());

interface Asked {
  readonly event?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

function run({ event = 'push', inputs = {}, environment = {} }: Asked): Promise<ActionRun> {
  const pushed = hosted.pushed('refs/heads/main', base, head);
  return hosted.run({
    event,
    payload: event === 'push' ? pushed : hosted.pullRequest(head, base),
    inputs,
    environment: {
      XDG_CONFIG_HOME: config,
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: head,
      TURBOSMTP_EMAIL: account.email,
      TURBOSMTP_PASSWORD: account.password,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${hosted.server.url}/identity?v=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
      ...environment,
    },
  });
}

function verdicts({ outputs }: ActionRun): (string | undefined)[] {
  const report = JSON.parse(readFileSync(outputs['report'] ?? '', 'utf8')) as FindingsReport;
  return report.findings.map(({ verification }) => verification?.status);
}

describe('verify', () => {
  test('is off unless asked for', async () => {
    const { code, outputs } = await run({});
    expect([code, outputs['live'], responder.harness.simulator.log]).toEqual([1, '0', []]);
  });

  test('tells what works, also on a pull request, and changes nothing', async () => {
    const asked = await run({ event: 'pull_request', inputs: { verify: 'true', 'fail-on': 'live' } });
    expect([asked.code, asked.outputs['live'], verdicts(asked)]).toEqual([1, '1', ['live']]);
    expect(asked.summary).toContain('| live |');
    expect(responder.effects()).toEqual([]);
  });

  test('fails `live` for what was rejected, and for what could not be asked', async () => {
    account.keys.length = 0;
    const rejected = await run({ inputs: { verify: 'true', 'fail-on': 'live' } });
    expect([rejected.code, rejected.outputs['live'], verdicts(rejected)]).toEqual([1, '0', ['rejected']]);
    await responder.close();
    const unknown = await run({ inputs: { verify: 'true', 'fail-on': 'live' } });
    expect([unknown.code, unknown.outputs['live'], verdicts(unknown)]).toEqual([1, '0', ['unknown']]);
  });
});

describe('revoke', () => {
  const nothing = (): void => undefined;
  const inputs = { verify: 'true', revoke: 'turbosmtp', environment: ENVIRONMENT };

  test('on a push to the default branch, in a job with a protected environment', async () => {
    const { code, summary, out, left } = await run({ inputs });
    expect(responder.revocations()).toHaveLength(1);
    expect(account.keys).toEqual([]);
    expect(summary).toContain('revoking was started for turbosmtp');
    // The key had leaked: that stays red.
    expect(code).toBe(1);
    expect(left.filter((name) => /journal|state|incident\.json|repository/.test(name))).toEqual([]);
    expect(left.some((name) => name.includes('evidence/'))).toBe(true);
    const asked = hosted.server.calls.join('\n');
    // What revokes is never GitHub's client.
    expect(asked).not.toMatch(/turbosmtp|consumer/i);
    for (const secret of [pair.consumerSecret, account.password])
      expect(out.replaceAll(/^::add-mask::.*$/gm, '') + summary).not.toContain(secret);
  });

  test.each([
    ['a pull request', { event: 'pull_request' }, nothing],
    ['one of a stranger’s with a token that may write', { event: 'pull_request_target' }, nothing],
    ['a merge group, whatever the job says', { environment: { GITHUB_EVENT_NAME: 'workflow_run' } }, nothing],
    ['no environment being named', { inputs: { ...inputs, environment: '' } }, nothing],
    [
      'a job in another environment',
      {},
      () => {
        hosted.server.identity = { event_name: 'push', environment: 'staging' };
      },
    ],
    [
      'a job that GitHub knows by another event',
      {},
      () => {
        hosted.server.identity = { event_name: 'pull_request', environment: ENVIRONMENT };
      },
    ],
    [
      'a job that may not prove what it is',
      {},
      () => {
        hosted.server.identity = null;
      },
    ],
    [
      'an environment without protection',
      {},
      () => {
        hosted.server.environments.set(ENVIRONMENT, 0);
      },
    ],
    [
      'an environment that there is not',
      {},
      () => {
        hosted.server.environments.clear();
      },
    ],
    ['a provider that is not listed', { inputs: { ...inputs, revoke: 'sendgrid' } }, nothing],
    ['nothing being asked for', { inputs: { verify: 'true' } }, nothing],
  ])('does nothing on %s', async (_, asked: Asked, arrange) => {
    arrange();
    const { code } = await run({ inputs, ...asked });
    expect([code, responder.revocations(), account.keys.length]).toEqual([1, [], 1]);
  });

  test('does nothing on a push to another branch', async () => {
    const payload = hosted.pushed('refs/heads/topic', base, head);
    const environment = { XDG_CONFIG_HOME: config, GITHUB_REF: 'refs/heads/topic', GITHUB_SHA: head };
    const { code, summary } = await hosted.run({ event: 'push', payload, inputs, environment });
    expect([code, responder.revocations()]).toEqual([1, []]);
    expect(summary).toContain('ACTION_REVOKE_REFUSED');
  });
});
