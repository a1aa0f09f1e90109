/** What the built Action leaves behind, hands on and touches. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { ACTION, type Hosted, host } from '../helpers/action.ts';
import { seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';
import { makeArmedRepository, snapshot } from '../helpers/armed-repository.ts';
import { sureKey } from '../helpers/key.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository } from '../helpers/repository.ts';

let hosted: Hosted;
let base: string;
let head: string;
const secret = sureKey(1);
const pem = expandTemplate('${lines:1600}', seededRandom(5), 'test').text.trim();

beforeAll(async () => {
  hosted = await host();
  const work = makeRepository();
  base = work.commit('Base', { 'readme.txt': 'hello\n' });
  head = work.commit('Key', { 'a.txt': `${secret}\n`, 'c.txt': `const apiSecret = '${sureKey(2).slice(4)}';\n` });
  hosted.push(work, 'main');
});

const masksOf = (out: string): string[] =>
  out
    .split('\n')
    .filter((line) => line.startsWith('::add-mask::'))
    .map((line) => line.slice('::add-mask::'.length));

describe('masks', () => {
  test('come before anything else, in clear and in the usual encodings', async () => {
    const { out } = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base) });
    const lines = out.trimEnd().split('\n');
    const last = lines.findLastIndex((line) => line.startsWith('::add-mask::'));
    expect(lines.slice(0, last).filter((line) => !line.startsWith('::add-mask::'))).toEqual([]);
    const masks = masksOf(out);
    expect(masks).toContain(secret);
    expect(masks).toContain(Buffer.from(secret).toString('hex'));
    // Wherever the secret stands in a longer text, its base64 holds one of the masks.
    for (const before of ['', 'a', 'ab', 'abc'])
      for (const after of ['', 'x', 'xy']) {
        const encoded = Buffer.from(`${before}${secret}${after}`).toString('base64');
        expect(masks.some((mask) => mask !== secret && encoded.includes(mask))).toBe(true);
      }
    expect(masks.filter((mask) => mask.length < 12)).toEqual([]);
    expect(new Set(masks).size).toBe(masks.length);
  });

  test('are printed to a runner alone', async () => {
    const environment = { GITHUB_ACTIONS: 'false' };
    const { out } = await hosted.run({
      event: 'pull_request',
      payload: hosted.pullRequest(head, base),
      environment,
    });
    expect([masksOf(out), out.includes(secret)]).toEqual([[], false]);
  });
});

describe('the token', () => {
  test('stands in no argument and no address of a git call', async () => {
    const [front, log] = [makeFolder('front'), path.join(makeFolder('log'), 'calls')];
    const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nexec "$(PATH='${GIT_ENVIRONMENT['PATH'] ?? ''}' command -v git)" "$@"\n`;
    writeFileSync(path.join(front, 'git'), script);
    chmodSync(path.join(front, 'git'), 0o755);
    const environment = { PATH: `${front}:${GIT_ENVIRONMENT['PATH'] ?? ''}` };
    const { code } = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base), environment });
    const calls = readFileSync(log, 'utf8');
    expect([code, calls.includes('fetch')]).toEqual([1, true]);
    const { token } = hosted.server;
    for (const form of [token, Buffer.from(`x-access-token:${token}`).toString('base64'), 'x-access-token'])
      expect(calls).not.toContain(form);
    expect(hosted.server.requests.map(({ path: asked }) => asked).filter((asked) => asked.includes(token))).toEqual([]);
  });

  test('is sent to no server but https or this machine', async () => {
    const environment = { GITHUB_SERVER_URL: 'http://github.example' };
    const run = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base), environment });
    expect([run.code, run.out]).toEqual([1, expect.stringContaining('ACTION_ENVIRONMENT')]);
  });
});

describe('the runner’s disk', () => {
  const repositoryIn = (left: readonly string[]): string[] =>
    left.filter((name) => /repository|objects|\.pack/.test(name));

  test('keeps the reports until the job ends, and nothing after that', async () => {
    const run = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base) });
    expect(repositoryIn(run.left)).toEqual([]);
    expect(run.left.filter((name) => name.endsWith('.sarif'))).toHaveLength(1);
    const after = await hosted.run({
      event: 'pull_request',
      payload: hosted.pullRequest(head, base),
      temporary: run.temporary,
      environment: { STATE_folder: run.state['folder'] ?? '' },
    });
    expect([after.code, after.out, after.left]).toEqual([0, '', []]);
  });

  test('keeps nothing of the repository where the run fails', async () => {
    const payload = hosted.pullRequest(head, base);
    const run = await hosted.run({ event: 'pull_request', payload, inputs: { rules: 'no-such-rules' } });
    expect([run.code, repositoryIn(run.left)]).toEqual([1, []]);
  });

  test('keeps nothing where it is cancelled', async () => {
    const temporary = makeFolder('temporary');
    const event = path.join(makeFolder('event'), 'event.json');
    writeFileSync(event, JSON.stringify(hosted.pullRequest(head, base)));
    // A git that never ends, so that there is something to cancel.
    const front = makeFolder('slow');
    writeFileSync(path.join(front, 'git'), '#!/bin/sh\nexec sleep 60\n');
    chmodSync(path.join(front, 'git'), 0o755);
    const child = spawn(process.execPath, [ACTION], {
      cwd: temporary,
      env: {
        ...GIT_ENVIRONMENT,
        PATH: `${front}:${GIT_ENVIRONMENT['PATH'] ?? ''}`,
        GITHUB_EVENT_NAME: 'pull_request',
        GITHUB_EVENT_PATH: event,
        GITHUB_REPOSITORY: hosted.name,
        GITHUB_SERVER_URL: hosted.server.url,
        RUNNER_TEMP: temporary,
      },
      stdio: 'ignore',
    });
    const ended = new Promise<number | null>((resolve) => {
      child.on('close', resolve);
    });
    const deadline = Date.now() + 30_000;
    const listed = (): string[] => readdirSync(temporary, { recursive: true, encoding: 'utf8' });
    while (!listed().some((name) => name.endsWith('HEAD')) && Date.now() < deadline)
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    expect(repositoryIn(listed())).not.toEqual([]);
    child.kill('SIGTERM');
    expect(await ended).not.toBe(0);
    expect(repositoryIn(listed())).toEqual([]);
  });

  test('loses no folder that is not ours at the end of the job', async () => {
    const temporary = makeFolder('temporary');
    const [others, outside] = [path.join(temporary, 'others'), path.join(makeFolder('outside'), 'unleak-outside')];
    for (const folder of [others, outside]) mkdirSync(folder);
    for (const folder of [others, outside, temporary, `${temporary}/unleak-x/../others`]) {
      const payload = hosted.pullRequest(head, base);
      const environment = { STATE_folder: folder };
      await hosted.run({ event: 'pull_request', payload, temporary, environment });
    }
    expect([existsSync(others), existsSync(outside), existsSync(temporary)]).toEqual([true, true, true]);
  });
});

describe('a hostile checkout', () => {
  test('has nothing of it executed and nothing changed', async () => {
    const { repository, fired } = makeArmedRepository();
    const before = snapshot(repository.folder);
    const payload = hosted.pullRequest(head, base);
    const run = await hosted.run({ event: 'pull_request_target', payload, workspace: repository.folder });
    expect([run.code, run.outputs['findings']]).toEqual([1, '2']);
    expect(fired()).toEqual([]);
    expect(snapshot(repository.folder)).toEqual(before);
  });
});

test('values of several lines are masked line by line', async () => {
  const work = makeRepository();
  const from = work.commit('Base', { 'readme.txt': 'hello\n' });
  const frame = (word: string): string => `-----${word} RSA PRIVATE KEY-----`;
  const to = work.commit('PEM', { 'id.pem': `${frame('BEGIN')}\n${pem}\n${frame('END')}\n` });
  const other = await host();
  other.push(work, 'main');
  const { code, out } = await other.run({ event: 'pull_request', payload: other.pullRequest(to, from) });
  expect(code).toBe(1);
  const masks = masksOf(out);
  for (const line of pem.split('\n')) expect(masks).toContain(line);
  expect(masks.filter((mask) => mask.startsWith('-----'))).toEqual([]);
});
