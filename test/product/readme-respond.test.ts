/** The README's trial, line by line as a newcomer types it; only folder and ports are the test's own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { makeFolder } from '../helpers/repository.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const FOLDER = '/tmp/unleak-demo';

/** Lines of the fenced blocks that speak of the demo: those of an incident, and those of a rotation. */
function demoLines(): [string[], string[]] {
  const blocks = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, body = '']) => body.trimEnd().split('\n'));
  const from = blocks.findIndex(([first = '']) => first.includes(`--demo ${FOLDER}`));
  return [blocks.slice(from, from + 2).flat(), blocks[from + 2] ?? []];
}

const [[start = '', enter = '', ...commands], [rotate = '', keys = '']] = demoLines();
const demo = path.join(makeFolder('demo'), 'demo');
const here = (line: string): string => line.replaceAll(FOLDER, demo);
let simulator: ChildProcess;

async function shell(line: string): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn('bash', ['-c', `${here(enter)}\n${here(line)}`], {
    env: { PATH: process.env['PATH'], HOME: makeFolder('home') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out.join(''), err: err.join('') };
}

interface Request {
  readonly product: string;
  readonly method: string;
  readonly target: string;
  readonly effect: boolean;
  readonly status: number;
}

async function requests(): Promise<Request[]> {
  const url = /SIMULATOR_URL='([^']+)'/.exec(readFileSync(path.join(demo, 'env'), 'utf8'))?.[1] ?? '';
  return (await (await fetch(`${url}/_/log`)).json()) as Request[];
}

beforeAll(async () => {
  const [, , script = '', ...rest] = start.split(' ');
  const tsx = path.join(ROOT, 'node_modules/tsx/dist/cli.mjs');
  const args = [tsx, script, ...rest.map(here), '--port', '0', '--smtp-port', '0'];
  simulator = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  // Its address is the last thing it says, when the folder is complete.
  await once(simulator.stderr ?? simulator, 'data');
});
afterAll(async () => {
  simulator.kill('SIGTERM');
  await once(simulator, 'close');
});

interface EvidenceFile {
  readonly keys: readonly {
    readonly deadSince: string | null;
    readonly steps: readonly { readonly step: string; readonly status: string }[];
  }[];
}

function evidenceIn(line: string): EvidenceFile {
  const folder = path.join(demo, / --evidence (\S+)/.exec(line)?.[1] ?? '-');
  expect(readdirSync(folder).toSorted()).toEqual(['evidence.html', 'evidence.json', 'evidence.md']);
  return JSON.parse(readFileSync(path.join(folder, 'evidence.json'), 'utf8')) as EvidenceFile;
}

function statusOf(evidence: EvidenceFile, step: string): string | undefined {
  return evidence.keys[0]?.steps.find((one) => one.step === step)?.status;
}

describe('the trial of the README', () => {
  test('has a line for each way', () => {
    expect(start).toMatch(/^npx tsx fixtures\/simulator\/main\.ts --demo /);
    expect(commands).toHaveLength(4);
    expect(commands.map((line) => / --repo (\S+)/.exec(line)?.[1])).toEqual([
      'turbosmtp',
      'migosmtp',
      'telnxo',
      'by-hand',
    ]);
  });

  test.each([0, 1, 2])('line %i: revoked by API, confirmed dead, replaced, recorded', async (index) => {
    const line = commands[index] ?? '';
    const before = (await requests()).length;
    const { code, err } = await shell(line);
    // A person still has to notify, open a ticket and clean the history.
    expect({ code, err: code === 4 ? '' : err }).toEqual({ code: 4, err: '' });
    expect(err).toMatch(/1 revoke {4}done .*confirmed dead/);
    const evidence = evidenceIn(line);
    expect(evidence.keys).toHaveLength(1);
    expect(evidence.keys[0]?.deadSince).not.toBeNull();
    expect([statusOf(evidence, 'revoke'), statusOf(evidence, 'replace')]).toEqual(['done', 'done']);
    const product = / --repo (\S+)/.exec(line)?.[1] ?? '';
    const changed = (await requests()).slice(before).filter(({ effect }) => effect);
    expect(changed.map((request) => [request.product, request.method])).toEqual([
      [product, 'DELETE'],
      [product, 'POST'],
    ]);
    expect(existsSync(path.join(demo, `${product}.json`))).toBe(true);
  });

  test('line 3: revoked by hand meanwhile, and it goes on by itself', async () => {
    const line = commands[3] ?? '';
    const before = (await requests()).length;
    const [, click = '', respond = ''] = /^\(sleep 5; (curl .*)\) & (unleak respond .*)$/.exec(line) ?? [];
    const running = shell(respond);
    // The key has to be seen live before the click, however slow the machine.
    const seen = async (): Promise<boolean> =>
      (await requests()).slice(before).some(({ product, status }) => product === 'migosmtp' && status === 403);
    while (!(await seen())) await new Promise((resolve) => setTimeout(resolve, 50));
    await shell(click);
    const { code, err } = await running;
    expect({ code, err: code === 4 ? '' : err }).toEqual({ code: 4, err: '' });
    expect(err).toContain('https://app.migosmtp.com');
    expect(err).toMatch(/last four \w{4}/);
    const evidence = evidenceIn(line);
    expect(evidence.keys[0]?.deadSince).not.toBeNull();
    expect(statusOf(evidence, 'revoke')).toBe('done');
    expect((await requests()).slice(before).filter(({ effect }) => effect)).toEqual([]);
  });

  test('rotates a key of two applications, goes on by the line that is printed, and lists what there is', async () => {
    const files = ['shop.env', 'worker.env'].map((name) => path.join(demo, name));
    const secrets = (): string[] =>
      files.map((file) => /MAIL_SECRET=(\S+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? '');
    const [old = ''] = secrets();
    const first = await shell(rotate);
    expect({ code: first.code, err: first.code === 4 ? '' : first.err }).toEqual({ code: 4, err: '' });
    const made = secrets();
    expect([new Set(made).size, made.includes(old), made.includes('')]).toEqual([1, false, false]);
    const [, printed = ''] = /go on with `(unleak rotate --resume [^`]+)`/.exec(first.err) ?? [];
    // Back to where it was, and once more from the beginning.
    const back = await shell(`${printed} --roll-back`);
    expect([back.code, secrets()]).toEqual([0, [old, old]]);
    expect(back.err).toMatch(/1 replace {3}undone/);
    const again = await shell(`${printed} --deployed`);
    expect([again.code, again.err.includes('ROLLED_BACK')]).toEqual([1, true]);
    const second = await shell(rotate);
    const [, line = ''] = /go on with `(unleak rotate --resume [^`]+)`/.exec(second.err) ?? [];
    const last = await shell(`${line} --deployed --yes --allow-revoke turbosmtp`);
    expect({ code: last.code, err: last.code === 0 ? '' : last.err }).toEqual({ code: 0, err: '' });
    expect(last.err).toMatch(/3 revoke {4}done .*confirmed dead/);
    const listed = await shell(keys);
    expect([listed.code, listed.out]).toEqual([0, expect.stringMatching(/in shop, worker/)]);
    const [current = ''] = secrets();
    for (const secret of [old, current]) expect(first.err + back.err + last.err + listed.out).not.toContain(secret);
  });

  test('leaves no leaked value, password or token anywhere but in the files it was told to write', async () => {
    const secrets = [...readFileSync(path.join(demo, 'env'), 'utf8').matchAll(/(?:PASSWORD|TOKEN)='([^']+)'/g)]
      .map(([, value = '']) => value)
      .concat(
        ['turbosmtp', 'migosmtp', 'telnxo'].map((name) => {
          const document = JSON.parse(readFileSync(path.join(demo, `${name}.json`), 'utf8')) as { secret: string };
          return document.secret;
        }),
      );
    const committed = ['turbosmtp', 'migosmtp', 'telnxo', 'by-hand'].map((repo) => {
      const text = execFileSync('git', ['-C', path.join(demo, repo), 'show', 'HEAD~1:.env'], { encoding: 'utf8' });
      return /^\w+=(\S+)$/.exec(text.trimEnd().split('\n').at(-1) ?? '')?.[1] ?? '';
    });
    secrets.push(...committed);
    expect(secrets.filter((secret) => secret.length >= 10)).toHaveLength(10);
    const folders = [
      path.join(demo, 'state'),
      ...commands.map((line) => path.join(demo, / --evidence (\S+)/.exec(line)?.[1] ?? '')),
    ];
    const written = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8')),
    );
    expect(written.length).toBeGreaterThan(20);
    const urls = JSON.stringify(await requests());
    for (const secret of secrets) {
      expect(written.filter((text) => text.includes(secret))).toEqual([]);
      expect(urls).not.toContain(secret);
    }
  });
});

describe('README.md', () => {
  test('says “confirmed dead” only beside the link to PROVIDERS.md', () => {
    const paragraphs = README.split(/\n\s*\n/).filter((text) => /confirmed dead/i.test(text));
    expect(paragraphs.length).toBeGreaterThan(0);
    expect(paragraphs.filter((text) => !text.includes('docs/PROVIDERS.md'))).toEqual([]);
  });
});
