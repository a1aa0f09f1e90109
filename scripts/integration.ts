/**
 * Runs the tests that need other people's programs, which it installs once for
 * this user: `npm run test:integration`.
 *
 * Where one cannot be installed (no network, no Go, no Python), its tests did not
 * run: that is said in capitals, and the exit code is 3, which is neither a
 * success nor a failure of a test.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = path.join(root, 'test', 'integration');
const base = process.env['XDG_CACHE_HOME'];
const cache = path.join(
  base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.cache'),
  'unleak-integration',
);

const NOT_RUN = 3;
const INSTALL_MS = 8 * 60_000;
const START_MS = 60_000;

/** A part that cannot be had here. */
class Missing extends Error {}

/** Another program with what tests need to know of it. */
interface Part {
  readonly child: ChildProcess;
  readonly environment: Readonly<Record<string, string>>;
}

function digest(...files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function run(program: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): void {
  const { status, error } = spawnSync(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: INSTALL_MS,
    ...options,
  });
  if (status !== 0)
    throw new Missing(`${program} ${args.join(' ')}: ${error?.message ?? `ended with ${String(status)}`}`);
}

/** A folder of the cache, filled once. What was left half done is done again. */
function installed(name: string, install: (folder: string) => void): string {
  const folder = path.join(cache, name);
  const mark = path.join(folder, 'complete');
  if (existsSync(mark)) return folder;
  console.log(`integration: installing ${name} into ${cache}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  install(folder);
  writeFileSync(mark, '');
  return folder;
}

/** The first match in what a program prints; it must come soon. */
function announced(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`a part did not start:\n${said}`)), START_MS);
    const listen = (piece: Buffer): void => {
      said += piece.toString('utf8');
      const found = pattern.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`a part ended with ${String(code)}:\n${said}`)));
  });
}

/** AWS as moto has it, from the Python package index. Access control is on after the three calls that set a user up. */
async function startMoto(): Promise<Part> {
  const requirements = path.join(sources, 'moto', 'requirements.txt');
  const folder = installed(`moto-${digest(requirements)}`, (target) => {
    const environment = path.join(target, 'venv');
    run('python3', ['-m', 'venv', environment]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
    run(path.join(environment, 'bin', 'python'), pip);
  });
  const server = path.join(folder, 'venv', 'bin', 'moto_server');
  const child = spawn(server, ['-H', '127.0.0.1', '-p', '0'], {
    env: { PATH: process.env['PATH'], INITIAL_NO_AUTH_ACTION_COUNT: '3' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await announced(child, /Running on (http:\/\/127\.0\.0\.1:\d+)/);
  return { child, environment: { UNLEAK_TEST_MOTO: url } };
}

/** Vault's own secrets engine, built from the Go module proxy. */
async function startVault(): Promise<Part> {
  const source = path.join(sources, 'vault-kv');
  const folder = installed(
    `vault-kv-${digest(path.join(source, 'main.go'), path.join(source, 'go.sum'))}`,
    (target) => {
      const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
      run('go', ['build', '-o', path.join(target, 'vaultkv'), '.'], { cwd: source, env });
    },
  );
  const token = `hvs.${randomBytes(18).toString('base64url')}`;
  const child = spawn(path.join(folder, 'vaultkv'), [], {
    env: { VAULT_DEV_ROOT_TOKEN_ID: token },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const url = await announced(child, /(http:\/\/127\.0\.0\.1:\d+)/);
  return { child, environment: { UNLEAK_TEST_VAULT: url, UNLEAK_TEST_VAULT_TOKEN: token } };
}

/** The tests of one part, by their file's name. */
async function tested(name: string, start: () => Promise<Part>): Promise<'passed' | 'failed' | 'not run'> {
  let part: Part;
  try {
    part = await start();
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.error(`\nintegration: TESTS OF ${name.toUpperCase()} DID NOT RUN: ${error.message}\n`);
    return 'not run';
  }
  try {
    const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const args = [vitest, 'run', '--config', 'test/integration/vitest.config.ts', name];
    // Not spawnSync: a part whose log nobody reads meanwhile stops when its pipe is full.
    const tests = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...part.environment },
      stdio: 'inherit',
    });
    const [status] = await once(tests, 'exit');
    return status === 0 ? 'passed' : 'failed';
  } finally {
    part.child.kill('SIGKILL');
  }
}

const outcomes = [await tested('moto', startMoto), await tested('vault', startVault)];
process.exitCode = outcomes.includes('failed') ? 1 : outcomes.includes('not run') ? NOT_RUN : 0;
