/**
 * From the start of the Action to its verdict, on a pull request of 20 files,
 * against `node -e 0` followed by the very git calls that the Action makes, in
 * pairs: `npm run build && npx tsx bench/action.ts [pairs]`.
 *
 * The git calls are recorded once by a `git` of ours in front of the real one
 * and replayed, with the same arguments, environment and standard input, into
 * a fresh repository. The server is the tests' fake GitHub, in this process.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { createBareStore } from '../src/action/bare-store.ts';

const ACTION = fileURLToPath(new URL('../dist/action/index.cjs', import.meta.url));
const PAIRS = Number(process.argv[2] ?? 15);
const FILES = 20;
const scratch = mkdtempSync(path.join(tmpdir(), 'unleak-bench-action-'));
const GIT = {
  PATH: process.env['PATH'] ?? '',
  HOME: scratch,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.test',
  GIT_COMMITTER_NAME: 'C',
  GIT_COMMITTER_EMAIL: 'c@example.test',
};

interface Call {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Record<string, string>;
  readonly input: Buffer;
}

try {
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const served = path.join(scratch, 'served');
  const { head, base } = makePullRequest(served);
  const server = serve(served);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const environment = runnerEnvironment(url, head, base);
  const calls = await record(environment);
  console.log(
    `${calls.length} git calls: ${calls.map(({ args }) => args.find((arg) => /^[a-z]/.test(arg) && !arg.includes('='))).join(', ')}`,
  );
  const ratios: number[] = [];
  const times: { action: number[]; direct: number[] } = { action: [], direct: [] };
  for (let i = 0; i < PAIRS; i++) {
    const order = i % 2 === 0 ? (['action', 'direct'] as const) : (['direct', 'action'] as const);
    const took = { action: 0, direct: 0 };
    for (const which of order) took[which] = await (which === 'action' ? timeAction(environment) : timeDirect(calls));
    times.action.push(took.action);
    times.direct.push(took.direct);
    ratios.push(took.action / took.direct);
  }
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${PAIRS} pairs`);
  console.log(`the Action     ${median(times.action).toFixed(0)} ms (median)`);
  console.log(
    `git directly   ${median(times.direct).toFixed(0)} ms (median; \`node -e 0\` and the ${calls.length} calls)`,
  );
  console.log(`ratio          ${median(ratios).toFixed(2)} (median of pairs)`);
  server.closeAllConnections();
  server.close();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd, env: GIT, encoding: 'utf8' }).trim();
}

/** A repository of 400 files, and 5 commits that change 20 of them. No keys: a clean run posts nothing. */
function makePullRequest(served: string): { head: string; base: string } {
  const work = path.join(scratch, 'work');
  mkdirSync(path.join(work, 'src'), { recursive: true });
  git(work, 'init', '-q', '-b', 'main');
  const text = (seed: number): string =>
    Array.from({ length: 120 }, (_, i) => `export const value${i} = compute(${seed * i}, 'text ${i}');`).join('\n');
  for (let i = 0; i < 400; i++) writeFileSync(path.join(work, 'src', `f${i}.ts`), text(i));
  git(work, 'add', '-A');
  git(work, 'commit', '-q', '-m', 'Base');
  const base = git(work, 'rev-parse', 'HEAD');
  git(work, 'switch', '-q', '-c', 'topic');
  for (let i = 0; i < FILES; i++) {
    writeFileSync(path.join(work, 'src', `f${i}.ts`), text(i + 1000));
    if (i % 4 !== 3) continue;
    git(work, 'add', '-A');
    git(work, 'commit', '-q', '-m', `Part ${i}`);
  }
  const target = path.join(served, 'acme', 'mailer');
  mkdirSync(target, { recursive: true });
  git(work, 'clone', '-q', '--bare', work, target);
  git(target, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  git(target, 'config', 'http.receivepack', 'false');
  return { head: git(work, 'rev-parse', 'HEAD'), base };
}

/** The repository over HTTP, and nothing else. */
function serve(root: string): ReturnType<typeof createServer> {
  return createServer((request, response) => {
    const [pathname = '', query = ''] = (request.url ?? '').split('?');
    const backend = spawn('git', ['http-backend'], {
      env: {
        ...GIT,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
        QUERY_STRING: query,
        REQUEST_METHOD: request.method ?? '',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    request.pipe(backend.stdin);
    const pieces: Buffer[] = [];
    backend.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    backend.on('close', () => {
      const output = Buffer.concat(pieces);
      const end = output.indexOf('\r\n\r\n');
      for (const line of output.subarray(0, end).toString('latin1').split('\r\n')) {
        const [name = '', value = ''] = line.split(': ');
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.end(output.subarray(end + 4));
    });
  });
}

function runnerEnvironment(url: string, head: string, base: string): Record<string, string> {
  const event = path.join(scratch, 'event.json');
  const payload = {
    number: 7,
    pull_request: {
      number: 7,
      comments: 0,
      commits: 5,
      head: { sha: head, ref: 'topic', repo: { full_name: 'acme/mailer' } },
      base: { sha: base, ref: 'main' },
    },
    repository: { full_name: 'acme/mailer', default_branch: 'main' },
  };
  writeFileSync(event, JSON.stringify(payload));
  return {
    ...GIT,
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_EVENT_PATH: event,
    GITHUB_REPOSITORY: 'acme/mailer',
    GITHUB_SERVER_URL: url,
    GITHUB_API_URL: `${url}/api/v3`,
    GITHUB_OUTPUT: path.join(scratch, 'output'),
    GITHUB_STATE: path.join(scratch, 'state'),
    GITHUB_STEP_SUMMARY: path.join(scratch, 'summary'),
    RUNNER_TEMP: scratch,
    INPUT_TOKEN: 'none',
  };
}

/** Runs the Action once with a `git` in front that writes down what it is asked. */
async function record(environment: Record<string, string>): Promise<Call[]> {
  const [front, records] = [path.join(scratch, 'front'), path.join(scratch, 'records')];
  for (const folder of [front, records]) mkdirSync(folder);
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh
n="${records}/$(date +%s%N)-$$"; mkdir "$n"
printf '%s\\0' "$@" > "$n/args"; pwd > "$n/cwd"; env -0 > "$n/env"
tee "$n/stdin" | ${real} "$@"
`;
  writeFileSync(path.join(front, 'git'), script);
  chmodSync(path.join(front, 'git'), 0o755);
  await timeAction({ ...environment, PATH: `${front}:${environment['PATH'] ?? ''}` });
  const listed = readdirSync(records).toSorted();
  return listed.map((name): Call => {
    const read = (file: string): string => readFileSync(path.join(records, name, file), 'utf8');
    const pairs = read('env').split('\0').filter(Boolean);
    const environmentOf = Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
    return {
      args: read('args').split('\0').slice(0, -1),
      cwd: read('cwd').trim(),
      environment: { ...environmentOf, PATH: process.env['PATH'] ?? '' },
      input: readFileSync(path.join(records, name, 'stdin')),
    };
  });
}

async function timeAction(environment: Record<string, string>): Promise<number> {
  const from = performance.now();
  const { code, out } = await finished(process.execPath, [ACTION], scratch, environment, '');
  const took = performance.now() - from;
  if (code !== 0 || !out.includes('no secrets found')) throw new Error(`The Action failed:\n${out}`);
  return took;
}

async function timeDirect(calls: readonly Call[]): Promise<number> {
  const folder = mkdtempSync(path.join(scratch, 'unleak-'));
  createBareStore(folder, 40, null);
  const recorded = calls.find(({ cwd }) => cwd.includes('/unleak-'))?.cwd ?? '';
  const moved = (text: string): string => text.replaceAll(recorded, folder);
  const from = performance.now();
  await finished(process.execPath, ['-e', '0'], scratch, GIT, '');
  for (const { args, cwd, environment, input } of calls) {
    const settings = Object.entries(environment).map(([name, value]) => [name, moved(value)]);
    const { code } = await finished('git', args.map(moved), moved(cwd), Object.fromEntries(settings), input);
    if (code !== 0 && code !== 128) throw new Error(`git ${args.join(' ')} ended with ${code}`);
  }
  const took = performance.now() - from;
  rmSync(folder, { recursive: true, force: true });
  return took;
}

function finished(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
  input: string | Buffer,
): Promise<{ readonly code: number | null; readonly out: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (piece: Buffer) => (out += piece.toString('latin1')));
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', reject).on('close', (code) => resolve({ code, out }));
  });
}
