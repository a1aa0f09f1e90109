/** The responding commands as a shell sees them, against the simulator. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { control, revokeByHand } from '../../fixtures/simulator/control.ts';
import { type RackwaveKey, addRackwaveKey } from '../../fixtures/simulator/rackwave.ts';
import { ordinaryTraffic } from '../../fixtures/simulator/seed.ts';
import { type Simulator, startSimulator } from '../../fixtures/simulator/server.ts';
import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import { type Run, start } from '../helpers/product.ts';
import { type TestRepository, makeFolder, makeRepository } from '../helpers/repository.ts';

let simulator: Simulator;
let account: TurboAccount;
let pair: TurboKey;
let repository: TestRepository;
let home: string;

beforeAll(async () => {
  simulator = await startSimulator({ withHypotheticalKeyApi: true }, control);
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.log.length = 0;
  simulator.faults.clear();
  simulator.state.turbosmtp.accounts = [];
  simulator.state.turbosmtp.authorized = 0;
  simulator.state.migosmtp.keys = [];
  account = addTurboAccount(simulator.state.turbosmtp);
  pair = addTurboKey(account);
  ordinaryTraffic(account, 5);
  home = makeFolder('home');
  repository = makeRepository();
  repository.commit('add mail', {
    'src/mail.env': `TURBOSMTP_CONSUMER_KEY=${pair.consumerKey}\nTURBOSMTP_CONSUMER_SECRET=${pair.consumerSecret}\n`,
  });
});

interface Options {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly onErr?: (text: string) => void;
}

/** Runs `unleak …` while the simulator in this process answers. */
async function unleak(args: readonly string[], options: Options = {}): Promise<Run> {
  const child = start(args, {
    cwd: repository.folder,
    environment: {
      HOME: home,
      XDG_STATE_HOME: path.join(home, 'state'),
      XDG_CONFIG_HOME: path.join(home, 'config'),
      ...options.environment,
    },
  });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => {
    err.push(chunk.toString());
    options.onErr?.(err.join(''));
  });
  child.stdin?.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out.join(''), err: err.join('') };
}

function urls(): string[] {
  const { url, smtp } = simulator;
  return [
    `turbosmtp=${url}/turbosmtp/api/v2`,
    `turbosmtp.smtp=${smtp.url}`,
    `migosmtp=${url}/migosmtp/v1`,
    `telnxo=${url}/telnxo/v1`,
  ].flatMap((pair_) => ['--provider-url', pair_]);
}

function operator(): Record<string, string> {
  return { TURBOSMTP_EMAIL: account.email, TURBOSMTP_PASSWORD: account.password };
}

function effects(): string[] {
  return simulator.log.filter(({ effect }) => effect).map(({ method, target }) => `${method} ${target}`);
}

const incidents = (): string => path.join(home, 'state', 'unleak', 'incidents');

/** Every byte that a run left in the home folder. */
function leftBehind(folder = home): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

const REVOKE = ['respond', '--yes', '--allow-revoke', 'turbosmtp'];

describe('unleak respond', () => {
  test('one command: found in the history, revoked, confirmed dead, replaced, written up', async () => {
    const file = path.join(home, 'new-key.json');
    const run = await unleak([...REVOKE, '--hand-over', `file:${file}`, ...urls()], { environment: operator() });
    expect(run).toMatchObject({ code: 4 });
    expect(run.err).toContain('delete-consumer-key');
    expect(effects()).toEqual([
      `DELETE /api/v2/user/consumerKeys/${pair.consumerKey}`,
      'POST /api/v2/user/consumerKeys',
    ]);
    const made = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    expect(made['secret']).toBe(account.keys.at(-1)?.consumerSecret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [id = ''] = readdirSync(incidents());
    const evidence = JSON.parse(readFileSync(path.join(incidents(), id, 'evidence.json'), 'utf8')) as {
      keys: { deadSince: string; steps: { step: string; status: string; facts: { placesInAll?: number } }[] }[];
    };
    expect(evidence.keys[0]?.deadSince).toMatch(/^\d{4}-/);
    const steps = Object.fromEntries(evidence.keys[0]?.steps.map(({ step, status }) => [step, status]) ?? []);
    expect(steps).toMatchObject({ revoke: 'done', replace: 'done', logs: 'done', audit: 'waiting' });
    expect(evidence.keys[0]?.steps.at(-1)?.facts.placesInAll).toBe(1);
    expect(simulator.state.turbosmtp.sessions.size).toBe(0);
    for (const secret of [pair.consumerSecret, account.password])
      expect(leftBehind() + run.out + run.err).not.toContain(secret);
    expect(run.out + run.err).not.toContain(made['secret']);
    const list = await unleak(['respond', '--list']);
    expect(list.out).toContain(id);
    expect(list.out).toContain('waiting');
  });

  test('is finished step by step by a person, and ends confirmed', async () => {
    await unleak([...REVOKE, ...urls()], { environment: operator() });
    const [id = ''] = readdirSync(incidents());
    const rest = [
      '--done',
      'replace',
      '--done',
      'assess,notify',
      '--skip',
      'support=told-by-telephone',
      '--skip',
      'audit=private-and-dead',
    ];
    const run = await unleak(['respond', '--resume', id, ...rest, ...urls()], { environment: operator() });
    expect(run).toMatchObject({ code: 0 });
    expect(effects()).toHaveLength(1);
  });

  test('--plan sends nothing that changes anything', async () => {
    const run = await unleak(['respond', '--plan', ...urls()], { environment: operator() });
    expect(run.code).toBe(0);
    expect(run.err).toContain('by API with your operator credential');
    expect(effects()).toEqual([]);
  });

  test('revokes nothing without a word of a person', async () => {
    const run = await unleak(['respond', ...urls()], { environment: operator() });
    expect(run.code).toBe(4);
    expect(effects()).toEqual([]);
  });

  test.each(['pull_request', 'merge_group'])('revokes nothing on a %s', async (event) => {
    const run = await unleak([...REVOKE, ...urls()], { environment: { ...operator(), GITHUB_EVENT_NAME: event } });
    expect(run.code).toBe(4);
    expect(effects()).toEqual([]);
  });

  test('revokes on a schedule (control)', async () => {
    await unleak([...REVOKE, ...urls()], { environment: { ...operator(), GITHUB_EVENT_NAME: 'schedule' } });
    expect(effects()).toHaveLength(1);
  });

  test.each([
    ['another file', (report: string) => report.replaceAll('"offset":', '"offset":1')],
    [
      'another fingerprint',
      (report: string) =>
        report.replace(/"fingerprint":"(.)/, (_, c: string) => `"fingerprint":"${c === 'a' ? 'b' : 'a'}`),
    ],
    ['another rule', (report: string) => report.replaceAll('turbosmtp-consumer-secret', 'turbosmtp-session-key')],
    [
      'an object that is not there',
      (report: string) => report.replace(/"blob":"[0-9a-f]{40}"/g, `"blob":"${'0'.repeat(40)}"`),
    ],
  ])('is not led by a forged report to %s', async (_, forge) => {
    const report = (await unleak(['history', '--format', 'json'])).out;
    const forged = forge(report);
    expect(forged).not.toBe(report);
    const file = path.join(home, 'report.json');
    writeFileSync(file, forged);
    const args = ['respond', file, '--yes', '--allow-revoke', 'turbosmtp', ...urls()];
    const run = await unleak(args, { environment: operator() });
    expect(run.code).toBe(4);
    expect(run.err).toContain('SOURCE_CHANGED');
    expect(simulator.log.filter(({ target }) => target.includes('alerts'))).toEqual([]);
    expect(effects()).toEqual([]);
  });

  test('takes an honest report, and the value from a descriptor where the repository has it no more', async () => {
    const file = path.join(home, 'report.json');
    writeFileSync(file, (await unleak(['history', '--format', 'json'])).out);
    const elsewhere = makeRepository();
    const args = ['respond', file, '--repo', elsewhere.folder, '--yes', '--allow-revoke', 'turbosmtp', ...urls()];
    const lost = await unleak(args, { environment: operator() });
    expect(lost.err).toContain('SOURCE_CHANGED');
    expect(effects()).toEqual([]);
    const wrong = await unleak([...args, '--secret-fd', '0'], { environment: operator(), input: 'x'.repeat(32) });
    expect(wrong.err).toContain('SOURCE_CHANGED');
    expect(effects()).toEqual([]);
    const own = ['respond', file, '--yes', '--allow-revoke', 'turbosmtp', '--secret-fd', '0', ...urls()];
    await unleak(own, { environment: operator(), input: `${pair.consumerSecret}\n` });
    expect(effects()).toHaveLength(1);
  });

  test.each([['NODE_TLS_REJECT_UNAUTHORIZED', '0']])('reads no credential with %s=%s', async (name, value) => {
    const run = await unleak([...REVOKE, ...urls()], { environment: { ...operator(), [name]: value } });
    expect(run.err).toContain('RUNTIME_UNSAFE');
    expect(run.code).toBe(2);
    expect(simulator.log).toEqual([]);
  });

  test('answers wrong use with 2', async () => {
    expect((await unleak(['respond', '--wait', 'soon'])).code).toBe(2);
    expect((await unleak(['respond', '--resume', '20260101-00000000'])).code).toBe(2);
    expect((await unleak(['respond', 'no-such-report.json'])).code).toBe(2);
    expect((await unleak(['respond', '--done', 'everything'])).code).toBe(2);
  });
});

describe('unleak respond at MigoSMTP', () => {
  let key: RackwaveKey;
  beforeEach(() => {
    key = addRackwaveKey(simulator.state.migosmtp, { name: 'prod-laravel-send' });
    repository = makeRepository();
    repository.commit('add', { '.env': `MIGOSMTP_API_KEY=${key.value}\n` });
  });

  test('by waiting: the key is revoked by hand meanwhile, and the run goes on', async () => {
    const run = await unleak(['respond', '--wait', '2m', ...urls()], {
      onErr: (text) => {
        if (text.includes('app.migosmtp.com')) revokeByHand(simulator, 'migosmtp', key.name);
      },
    });
    expect(run.code).toBe(4);
    expect(run.err).toContain(`last four ${key.value.slice(-4)}`);
    const [id = ''] = readdirSync(incidents());
    expect(leftBehind(path.join(incidents(), id))).toContain('Revoked by hand; confirmed dead');
    expect(leftBehind() + run.err).not.toContain(key.value);
  });

  test('by adapter: init, fill in, check, respond', async () => {
    expect((await unleak(['provider', 'init', 'migosmtp'])).code).toBe(0);
    const file = path.join(home, 'config', 'unleak', 'providers.toml');
    const unfilled = await unleak(['provider', 'check', 'migosmtp']);
    expect(unfilled.err).toContain('PROVIDER_NOT_PUBLISHED');
    expect(unfilled.code).toBe(2);
    writeFileSync(file, readFileSync(file, 'utf8').replace('url = ""', `url = "${simulator.url}/migosmtp/v1"`));
    const environment = { MIGOSMTP_OPERATOR_TOKEN: simulator.state.migosmtp.operatorToken };
    const check = await unleak(['provider', 'check', 'migosmtp', '--ask'], { environment });
    expect(check).toMatchObject({
      code: 0,
      out: expect.stringContaining('list shows 1 keys: prod-laravel-send') as string,
    });
    const args = ['respond', '--yes', '--allow-revoke', 'migosmtp', '--hand-over', `file:${home}/key`, ...urls()];
    const run = await unleak(args, { environment });
    expect(run.code).toBe(4);
    expect(effects()).toEqual([`DELETE /v1/keys/${key.id}`, 'POST /v1/keys']);
    expect(existsSync(path.join(home, 'key'))).toBe(true);
    expect((await unleak(['provider', 'init', 'migosmtp'])).code).toBe(2);
  });
});

describe('unleak verify', () => {
  test('puts a verdict at each finding, and exits 1 while anything may live', async () => {
    const run = await unleak(['verify', '--format', 'json', ...urls()]);
    const report = JSON.parse(run.out) as { findings: { verification: { status: string; detail: string } }[] };
    expect(report.findings.map(({ verification }) => verification.status)).toEqual(['live']);
    expect(report.findings[0]?.verification.detail).toContain('permissions: APIS');
    expect(run.code).toBe(1);
    expect(run.out).not.toContain(pair.consumerSecret);
    expect(effects()).toEqual([]);
  });

  test('calls a key that was never seen live rejected, not dead', async () => {
    account.keys = [];
    const run = await unleak(['verify', '--format', 'json', ...urls()]);
    expect(run.out).toContain('"status":"rejected"');
    expect(run.code).toBe(1);
  });
});

describe('unleak rotate', () => {
  const parts = ['--from-env', 'consumerKey=OLD_KEY,secret=OLD_SECRET'];
  const old = (): Record<string, string> => ({ OLD_KEY: pair.consumerKey, OLD_SECRET: pair.consumerSecret });

  test('creates first, and revokes the old key last, once the new one is deployed', async () => {
    const args = ['rotate', '--kind', 'turbosmtp-pair', ...parts, '--yes', '--allow-revoke', 'turbosmtp', ...urls()];
    const first = await unleak([...args, '--hand-over', `file:${home}/new`], {
      environment: { ...operator(), ...old() },
    });
    expect(first.code).toBe(4);
    expect(effects()).toEqual(['POST /api/v2/user/consumerKeys']);
    const [id = ''] = readdirSync(incidents());
    const again = [
      'rotate',
      '--resume',
      id,
      ...parts,
      '--hand-over',
      `file:${home}/new`,
      '--yes',
      '--allow-revoke',
      'turbosmtp',
      ...urls(),
    ];
    const wrong = await unleak([...again, '--deployed'], {
      environment: { ...operator(), OLD_KEY: pair.consumerKey, OLD_SECRET: 'x'.repeat(32) },
    });
    expect(wrong.err).toContain('SOURCE_CHANGED');
    const second = await unleak([...again, '--deployed'], { environment: { ...operator(), ...old() } });
    expect(second.code).toBe(0);
    expect(effects()).toEqual([
      'POST /api/v2/user/consumerKeys',
      `DELETE /api/v2/user/consumerKeys/${pair.consumerKey}`,
    ]);
  });

  test('needs somewhere to put the new key', async () => {
    const run = await unleak(['rotate', '--kind', 'turbosmtp-pair', ...parts, ...urls()], {
      environment: { ...operator(), ...old() },
    });
    expect(run.code).toBe(2);
    expect(run.err).toContain('--hand-over');
    expect(simulator.log).toEqual([]);
  });
});

describe('unleak logs review', () => {
  test('finds nothing in ordinary traffic, and a spike in a bad day', async () => {
    ordinaryTraffic(account, 28);
    const quiet = await unleak(['logs', 'review', 'turbosmtp', '--since', '24h', ...urls()], {
      environment: operator(),
    });
    expect(quiet).toMatchObject({ code: 0, out: expect.stringContaining('no warning sign') as string });
    const now = Date.now();
    for (let n = 0; n < 800; n++)
      account.messages.push({
        sendTime: new Date(now - 3_600_000 + n * 1000).toISOString().slice(0, 19).replace('T', ' '),
        sender: 'shop@example.com',
        recipient: `x${n}@strange-${n % 30}.example`,
        status: 'SUCCESS',
      });
    const loud = await unleak(['logs', 'review', 'turbosmtp', '--since', '24h', ...urls()], {
      environment: operator(),
    });
    expect(loud.code).toBe(1);
    expect(loud.out).toContain('spike:');
    expect(loud.out).toContain('unknown-recipients:');
  });

  test('reads an export', async () => {
    const file = path.join(home, 'export.csv');
    writeFileSync(file, 'no time here\n1\n');
    expect((await unleak(['logs', 'review', '--from', file])).err).toContain('LOG_UNREADABLE');
  });
});
