/** Questions at a real terminal: what is typed is not shown, and an empty answer is no answer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type TurboAccount, type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import { PRODUCT, unleak } from '../helpers/product.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';
import { Harness, shown } from '../respond/harness.ts';

let harness: Harness;
let account: TurboAccount;
let pair: TurboKey;
let repository: TestRepository;
let state: string;

beforeEach(async () => {
  harness = await Harness.start();
  account = addTurboAccount(harness.simulator.state.turbosmtp);
  pair = addTurboKey(account);
  repository = makeRepository();
  repository.commit('Configure mail', {
    '.env': `TURBOSMTP_CONSUMER_KEY=${pair.consumerKey}\nTURBOSMTP_CONSUMER_SECRET=${pair.consumerSecret}\n`,
  });
  state = makeFolder('state');
});
afterEach(() => harness.close());

function urls(): string[] {
  return [...harness.overrides()].flatMap(([id, url]) => ['--provider-url', `${id}=${url}`]);
}

/** Runs on a terminal of its own, and types each answer when its question shows. */
async function atTerminal(args: readonly string[], answers: readonly (readonly [RegExp, string])[]) {
  const command = ['node', PRODUCT, ...args, ...urls()].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd: repository.folder,
    env: { ...GIT_ENVIRONMENT, XDG_STATE_HOME: state, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let seen = '';
  let searched = 0;
  const left = [...answers];
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    const [next] = left;
    const found = next?.[0].exec(seen.slice(searched));
    if (!next || !found) return;
    searched += found.index + found[0].length;
    left.shift();
    child.stdin.write(`${next[1]}\r`);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, seen, unasked: left.map(([question]) => String(question)) };
}

function effects(): string[] {
  return harness.simulator.log.filter(({ effect }) => effect).map((entry) => shown(entry).split(' ')[0] ?? '');
}

describe('at a terminal', () => {
  test('the operator credential is asked for without echo, and the plan is confirmed by typing', async () => {
    const run = await atTerminal(
      ['respond'],
      [
        [/TURBOSMTP_EMAIL.*:/, account.email],
        [/TURBOSMTP_PASSWORD.*:/, account.password],
        [/Revoke this key now\? \[y\/N\]/, 'y'],
      ],
    );
    expect(run.unasked).toEqual([]);
    expect(effects()).toEqual(['DELETE']);
    expect(run.seen).toContain('confirmed dead');
    expect(run.seen).toContain(account.email);
    expect(run.seen).not.toContain(account.password);
    const written = readdirSync(state, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
    expect(written.length).toBeGreaterThan(3);
    expect(written.filter((text) => text.includes(account.password))).toEqual([]);
  });

  test('anything but yes revokes nothing', async () => {
    const run = await atTerminal(
      ['respond'],
      [
        [/TURBOSMTP_EMAIL.*:/, account.email],
        [/TURBOSMTP_PASSWORD.*:/, account.password],
        [/Revoke this key now\? \[y\/N\]/, 'yess'],
      ],
    );
    expect(run.unasked).toEqual([]);
    expect(run.code).toBe(4);
    expect(effects()).toEqual([]);
  });

  test('an empty answer leaves the key to a person', async () => {
    const run = await atTerminal(['respond'], [[/TURBOSMTP_EMAIL.*:/, '']]);
    expect(run.code).toBe(4);
    expect(run.seen).toContain('NO_OPERATOR');
    expect(effects()).toEqual([]);
  });

  test('a value that is not where the report says is asked for without echo', async () => {
    const report = path.join(makeFolder(), 'report.json');
    const scan = unleak(['history', '--format', 'json', '--output', report], { cwd: repository.folder });
    expect(scan.code).toBe(1);
    const elsewhere = makeRepository();
    elsewhere.commit('Nothing', { 'a.txt': 'a\n' });
    const args = ['verify', report, '--repo', elsewhere.folder, '--format', 'json'];
    const run = await atTerminal(args, [
      [/is not where the report says.*:/, pair.consumerSecret],
      [/And its turbosmtp-consumer-key.*:/, pair.consumerKey],
    ]);
    expect(run.unasked).toEqual([]);
    expect(run.seen).toContain('"status":"live"');
    expect(run.seen).not.toContain(pair.consumerSecret);
    const wrong = await atTerminal(args, [[/is not where the report says.*:/, 'x'.repeat(32)]]);
    expect(wrong.seen).toContain('SOURCE_CHANGED');
  });
});

describe('without a terminal', () => {
  test('nothing is asked, and nothing waits for an answer', async () => {
    const child = spawn(process.execPath, [PRODUCT, 'respond', ...urls()], {
      cwd: repository.folder,
      env: { ...GIT_ENVIRONMENT, XDG_STATE_HOME: state },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    const said: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(4);
    expect(said.join('')).not.toContain(', or nothing to do without');
  });
});
