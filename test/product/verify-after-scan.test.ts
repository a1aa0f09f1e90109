/** `--verify` on the scanning commands: the scan first, then read-only questions, and the verdict in every format. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { type TurboKey, addTurboAccount, addTurboKey } from '../../fixtures/simulator/turbosmtp.ts';
import type { FindingsReport } from '../../src/core/finding.ts';
import { formats } from '../../src/report/formats.ts';
import { PRODUCT } from '../helpers/product.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';
import { Harness } from '../respond/harness.ts';

let harness: Harness;
let pair: TurboKey;
let repository: TestRepository;

beforeAll(async () => {
  harness = await Harness.start();
  pair = addTurboKey(addTurboAccount(harness.simulator.state.turbosmtp));
  repository = makeRepository();
  const env = `TURBOSMTP_CONSUMER_KEY=${pair.consumerKey}\nTURBOSMTP_CONSUMER_SECRET=${pair.consumerSecret}\n`;
  repository.commit('Nothing', { 'a.txt': 'a\n' });
  repository.commit('Configure mail', { '.env': env });
  repository.stage({ 'staged.env': env });
});
afterAll(() => harness.close());
beforeEach(() => {
  harness.simulator.log.length = 0;
});

const URLS = () => [...harness.overrides()].flatMap(([id, url]) => ['--provider-url', `${id}=${url}`]);

async function run(args: readonly string[], environment: Record<string, string> = {}, cwd = repository.folder) {
  const child = spawn(process.execPath, [PRODUCT, ...args], {
    cwd,
    env: { ...GIT_ENVIRONMENT, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out.join(''), err: err.join('') };
}

describe('--verify', () => {
  test.each([[['scan']], [['staged']], [['history']], [['commits', 'HEAD']]])('after %s', async (command) => {
    const { code, out } = await run([...command, '--verify', '--format', 'json', ...URLS()]);
    expect(code).toBe(1);
    const { findings } = JSON.parse(out) as FindingsReport;
    expect(findings.map(({ verification }) => verification?.status)).toEqual(['live']);
    expect(findings[0]?.verification?.detail).toContain('permissions: APIS');
    expect(harness.simulator.log.length).toBeGreaterThan(0);
    expect(harness.simulator.log.filter(({ effect, method }) => effect || method !== 'GET')).toEqual([]);
    expect(out).not.toContain(pair.consumerSecret);
  });

  test.each(Object.keys(formats))('shows the verdict in %s', async (format) => {
    const { out } = await run(['history', '--verify', '--format', format, ...URLS()]);
    expect(out).toMatch(format === 'pretty' ? /alive +yes, the provider accepts it/ : /\blive\b/);
    expect(out).not.toContain(pair.consumerSecret);
  });

  test('is not asked without the option (control)', async () => {
    const { code, out } = await run(['history', '--format', 'json', ...URLS()]);
    expect(code).toBe(1);
    expect((JSON.parse(out) as FindingsReport).findings[0]?.verification).toBeNull();
    expect(harness.simulator.log).toEqual([]);
  });

  test('of a folder that is no repository reads the value from the file', async () => {
    const folder = makeFolder();
    writeFileSync(
      path.join(folder, 'mail.env'),
      `TURBOSMTP_CONSUMER_KEY=${pair.consumerKey}\nTURBOSMTP_CONSUMER_SECRET=${pair.consumerSecret}\n`,
    );
    const { out } = await run(['scan', '--verify', '--format', 'json', ...URLS()], {}, folder);
    expect((JSON.parse(out) as FindingsReport).findings[0]?.verification?.status).toBe('live');
  });

  test('loses no finding where the provider cannot be asked', async () => {
    const { code, out } = await run([
      'history',
      '--verify',
      '--format',
      'json',
      '--provider-url',
      'turbosmtp=http://127.0.0.1:9/',
      '--timeout',
      '1',
    ]);
    expect(code).toBe(1);
    const { findings } = JSON.parse(out) as FindingsReport;
    expect(findings.map(({ verification }) => verification?.status)).toEqual(['unknown']);
  });

  test('refuses a runtime that could write secrets down', async () => {
    const { code, err } = await run(['history', '--verify', ...URLS()], { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    expect(code).toBe(2);
    expect(err).toContain('RUNTIME_UNSAFE');
    expect(harness.simulator.log).toEqual([]);
  });
});
