/** AUTH against a real SMTP server in a process of its own, in clear on loopback and through STARTTLS. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { smtpLogin } from '../../src/http/smtp.ts';
import { OPEN_REACH } from './helpers.ts';

const script = fileURLToPath(new URL('smtp-server.mjs', import.meta.url));
const password = ['correct', 'horse'].join('-');
const running: ChildProcess[] = [];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'unleak-smtp-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

async function server(extra: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [script, 'user', password, ...extra], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, port: chunk.toString().trim() };
}

function login(port: string, secret: string, ca?: string) {
  const url = new URL(`smtp://localhost:${port}`);
  return smtpLogin(
    { url, allowedHosts: [url.host], user: new Secret('user'), password: new Secret(secret) },
    {
      reach: OPEN_REACH,
      signal: new AbortController().signal,
      now: () => new Date(),
      timeoutMs: 5000,
      ...(ca === undefined ? {} : { ca }),
    },
  );
}

describe('a real SMTP server', () => {
  test.each([
    ['PLAIN', {}],
    ['LOGIN', { LOGIN_ONLY: '1' }],
  ])('says 235 and 535 to AUTH %s, and is given no message', async (_, environment) => {
    const { child, port } = await server([], environment);
    expect(await login(port, password)).toMatchObject({ code: 235 });
    expect(await login(port, `${password}!`)).toMatchObject({ code: 535 });
    const said = once(child.stdout ?? child, 'data') as Promise<[Buffer]>;
    child.kill('SIGTERM');
    expect((await said)[0].toString()).toContain('mails 0');
  });

  test('is spoken to through STARTTLS, and not at all with a certificate nobody vouches for', async () => {
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
    ]);
    expect(made.status).toBe(0);
    const { port } = await server([key, cert]);
    expect(await login(port, password, readFileSync(cert, 'utf8'))).toMatchObject({ code: 235 });
    await expect(login(port, password)).rejects.toMatchObject({ code: 'HTTP_NETWORK' });
  });
});
