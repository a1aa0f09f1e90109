/** The launcher: which of the two programs judges, and what it makes of stored code. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { builtCache } from '../../../src/cli/fast/code-cache.ts';
import { seededRandom } from '../../../src/rules/random.ts';
import { expandTemplate } from '../../../src/rules/template.ts';
import { doubtfulLine, sureKey } from '../../helpers/key.ts';
import { PRODUCT } from '../../helpers/product.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository, type TestRepository } from '../../helpers/repository.ts';

/** A copy of the built command without its stored code, as if another node had built it. */
let product: string;
let cache: string;

beforeAll(() => {
  const dist = path.join(makeFolder(), 'dist');
  for (const part of ['bin', 'cli'])
    cpSync(path.join(path.dirname(PRODUCT), '..', part), path.join(dist, part), { recursive: true });
  product = path.join(dist, 'bin/unleak.cjs');
  for (const part of ['bin', 'cli'])
    for (const name of readdirSync(path.join(dist, part)))
      if (name.endsWith('.cache')) rmSync(path.join(dist, part, name));
  cache = makeFolder('cache');
});

function run(repository: TestRepository, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const done = spawnSync(process.execPath, [product, ...args], {
    cwd: repository.folder,
    env: { ...GIT_ENVIRONMENT, XDG_CACHE_HOME: cache, ...environment },
  });
  return { code: done.status, out: done.stdout.toString(), err: done.stderr.toString() };
}

/** Code in a file, both times it stands there. */
function ofAnother(bytes: Buffer): Buffer {
  const code = Buffer.concat([Buffer.from('other'), bytes.subarray(5, bytes.length / 2)]);
  return Buffer.concat([code, code]);
}

const stored = (): string[] => (existsSync(path.join(cache, 'unleak')) ? readdirSync(path.join(cache, 'unleak')) : []);

describe('stored code', () => {
  test('is written by the first run, for this user alone, and used by the next', () => {
    const repository = makeRepository();
    repository.stage({ a: 'nothing\n' });
    expect(run(repository, ['staged'])).toEqual({ code: 0, out: '', err: '' });
    const [file = ''] = stored();
    expect(stored()).toHaveLength(1);
    expect(statSync(path.join(cache, 'unleak')).mode & 0o777).toBe(0o700);
    const written = statSync(path.join(cache, 'unleak', file)).mtimeMs;
    expect(run(repository, ['staged'])).toEqual({ code: 0, out: '', err: '' });
    expect(statSync(path.join(cache, 'unleak', file)).mtimeMs).toBe(written);
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 100)],
    ['empty', () => Buffer.alloc(0)],
    ['of another V8', (bytes: Buffer) => ofAnother(bytes)],
  ])('that is %s is passed over', (_, damage) => {
    const repository = makeRepository();
    repository.stage({ a: `token = "${sureKey(1)}"\n` });
    expect(run(repository, ['staged']).code).toBe(1);
    const file = path.join(cache, 'unleak', stored()[0] ?? '');
    const whole = readFileSync(file);
    writeFileSync(file, damage(whole));
    expect(run(repository, ['staged'])).toMatchObject({ code: 1, err: '' });
    writeFileSync(file, whole);
  });

  test('is neither read nor written where others could have put it', () => {
    const repository = makeRepository();
    repository.stage({ a: 'nothing\n' });
    const open = makeFolder('open');
    mkdirSync(path.join(open, 'unleak'));
    chmodSync(path.join(open, 'unleak'), 0o777);
    expect(run(repository, ['staged'], { XDG_CACHE_HOME: open }).code).toBe(0);
    expect(readdirSync(path.join(open, 'unleak'))).toEqual([]);
    expect(run(repository, ['staged'], { XDG_CACHE_HOME: 'relative' }).code).toBe(0);
    expect(existsSync(path.join(repository.folder, 'relative'))).toBe(false);
    expect(run(repository, ['staged'], { XDG_CACHE_HOME: '/proc/none' })).toEqual({ code: 0, out: '', err: '' });
  });
});

describe('stored code of the full command', () => {
  const full = (args: readonly string[], environment: Readonly<Record<string, string>>) => {
    const repository = makeRepository();
    repository.commit('Base', { a: `token = "${sureKey(1)}"\n` });
    return run(repository, args, environment);
  };
  const files = (folder: string): readonly string[] =>
    readdirSync(path.join(folder, 'unleak')).toSorted((a, b) => Number(a > b));

  test('is written by the first history and the first scan, and nothing changes by it', () => {
    const XDG_CACHE_HOME = makeFolder();
    const args = ['history', '--no-cache', '--format', 'csv'];
    const first = full(args, { XDG_CACHE_HOME });
    expect(first).toMatchObject({ code: 1, err: '' });
    expect(files(XDG_CACHE_HOME)).toEqual([expect.stringMatching(/^[0-9a-f]{16}-history-v.*\.cache$/)]);
    const file = path.join(XDG_CACHE_HOME, 'unleak', files(XDG_CACHE_HOME)[0] ?? '');
    const left = readFileSync(file);
    expect(left.length).toBeGreaterThan(500_000);
    // It has been written as often as it may be, however slow the machine is.
    for (const copy of [0, left.length / 2]) left.writeUInt32LE(3, copy + 12);
    writeFileSync(file, left);
    const { size, mtimeMs } = statSync(file);
    expect(full(args, { XDG_CACHE_HOME }).out.split('\n').length).toBe(first.out.split('\n').length);
    expect(statSync(file).mtimeMs).toBe(mtimeMs);
    expect(full(['scan', 'a'], { XDG_CACHE_HOME }).code).toBe(1);
    expect(files(XDG_CACHE_HOME)).toHaveLength(2);
    writeFileSync(file, readFileSync(file).subarray(0, size / 3));
    expect(full(args, { XDG_CACHE_HOME })).toMatchObject({ code: 1, err: '' });
    // What was not to be believed is written anew.
    expect(statSync(file).size).toBeGreaterThan(size / 2);
  });

  test('is not written by a command that loads little, nor by a run that failed', () => {
    const XDG_CACHE_HOME = makeFolder();
    expect(full(['--version'], { XDG_CACHE_HOME }).code).toBe(0);
    expect(full(['history', '--nonsense'], { XDG_CACHE_HOME }).code).toBe(2);
    // Nor is a folder made for it.
    expect(readdirSync(XDG_CACHE_HOME)).toEqual([]);
  });

  test('is added to by the next runs that take long', () => {
    const XDG_CACHE_HOME = makeFolder();
    const late = path.join(makeFolder(), 'late.cjs');
    writeFileSync(late, 'const now = performance.now.bind(performance); performance.now = () => now() + 1e6;');
    const written = (): readonly [size: number, times: number] => {
      const left = readFileSync(path.join(XDG_CACHE_HOME, 'unleak', files(XDG_CACHE_HOME)[0] ?? ''));
      return [left.length, left.readUInt32LE(12)];
    };
    const empty = makeRepository();
    empty.commit('Base', { a: 'nothing\n' });
    expect(run(empty, ['history', '--no-cache', '--quiet'], { XDG_CACHE_HOME })).toMatchObject({ code: 0, err: '' });
    const [size, times] = written();
    expect(times).toBe(1);
    const long = (): number => {
      const environment = { XDG_CACHE_HOME, NODE_OPTIONS: `--require ${late}` };
      expect(full(['history', '--no-cache', '--format', 'csv'], environment)).toMatchObject({ code: 1, err: '' });
      return written()[1];
    };
    expect([long(), long(), long()]).toEqual([2, 3, 3]);
    expect(written()[0]).toBeGreaterThan(size + 10_000);
  });

  // A text in a function is stored with its code, so not before that is compiled.
  test.each<[string, string, boolean]>([
    ['reads commits', 'mergetag', true],
    ['says where a finding is', 'no remote branch', true],
    ['keeps what it has read', 'hit targets', true],
    ['has a thread read blobs again', 'look-order', true],
    ['reads an index of several packs, which the sample has not (control)', 'its table of pack names', false],
  ])('holds, of the build, what an audit runs that %s', (_, text, isHeld) => {
    const folder = path.join(path.dirname(PRODUCT), '../cli');
    const chunks = readdirSync(folder).filter((name) => name.endsWith('.js'));
    expect(chunks.some((name) => readFileSync(path.join(folder, name), 'latin1').includes(text))).toBe(true);
    expect(readFileSync(builtCache(folder, 'history'), 'latin1').includes(text)).toBe(isHeld);
  });

  test('is what the build left where the same node runs it, in threads as well', () => {
    const folder = path.join(path.dirname(PRODUCT), '../cli');
    for (const [use, thread] of [
      ['history', './share.js'],
      ['command', './file.js'],
    ]) {
      const script = `
        import { Chunks } from './src/cli/fast/chunks.ts';
        import { builtCache, readCode } from './src/cli/fast/code-cache.ts';
        import { setEngine } from './src/cli/fast/engine-settings.ts';
        import { createRequire } from 'node:module';
        setEngine('${use}');
        const require = createRequire('${folder}/entry.js');
        const built = { file: builtCache('${folder}', '${use}'), isThere: true, isBuilt: true };
        const chunks = new Chunks('${folder}', require, readCode(built));
        for (const name of ['./entry.js', '${thread}']) chunks.load(name);
        console.log(JSON.stringify([chunks.rejected(), chunks.compiled().length]));`;
      const done = spawnSync(process.execPath, ['--import', 'tsx', '--input-type', 'module', '-e', script], {
        cwd: path.join(folder, '../..'),
        env: GIT_ENVIRONMENT,
      });
      expect(done.stderr.toString()).toBe('');
      const [rejected, size] = JSON.parse(done.stdout.toString());
      expect(rejected).toEqual([]);
      expect(size).toBeGreaterThan(100_000);
    }
  });
});

test('the quick check loads git’s starter, the engine’s settings and nothing else of weight', () => {
  const repository = makeRepository();
  repository.stage({ 'a.ts': 'export const apiKey = process.env.API_KEY;\n' });
  const script = `
    const { Script } = require('node:vm');
    const folder = ${JSON.stringify(path.dirname(product))};
    const source = require('node:fs').readFileSync(folder + '/quick.js', 'latin1');
    require('node:child_process');
    const before = new Set(process.moduleLoadList);
    const code = new Script(source).runInThisContext()(require)(['staged'], folder);
    console.log(JSON.stringify([code, process.moduleLoadList.filter((name) => !before.has(name))]));`;
  const done = spawnSync(process.execPath, ['-e', script], { cwd: repository.folder, env: GIT_ENVIRONMENT });
  expect(done.stderr.toString()).toBe('');
  const [code, loaded] = JSON.parse(done.stdout.toString());
  expect(code).toBe(0);
  // A new name here is time that every commit takes.
  const isTried = ['20', '22'].includes(process.versions.node.split('.')[0] ?? '');
  expect(loaded).toEqual(isTried ? ['Internal Binding v8'] : []);
});

describe('the quick check and the full command agree', () => {
  const filled = (template: string): string => expandTemplate(template, seededRandom(3), 'test').text;
  const zip = Buffer.from('504b0506' + '00'.repeat(18), 'hex');
  test.each<[string, Record<string, string | Uint8Array>, number]>([
    ['nothing staged', {}, 0],
    ['ordinary code', { 'a.ts': 'export const apiKey = process.env.API_KEY;\n'.repeat(50) }, 0],
    ['a key', { a: `token = "${sureKey(1)}"\n` }, 1],
    ['a key in base64', { a: `${Buffer.from(`token = "${sureKey(1)}"\n`).toString('base64')}\n` }, 1],
    ['a key in UTF-16', { a: Buffer.from(`\ufefftoken = "${sureKey(1)}"\n`, 'utf16le') }, 1],
    ['something doubtful', { 'a.js': doubtfulLine(1) }, 0],
    ['an allowed key', { a: `token = "${sureKey(1)}" # unleak:allow\n` }, 0],
    ['an empty archive', { 'a.zip': zip }, 0],
    [
      'a provider in the code',
      { 'a.ts': "import { MigoSmtp } from 'migosmtp';\nnew MigoSmtp(keyOf('migosmtp'));\n" },
      0,
    ],
    ['a key known by its name', { '.env': filled('MIGOSMTP_API_KEY=${alnum:40}\n') }, 1],
    ['one in JSON in JSON', { a: filled('"{\\"telnxo\\": {\\"apiKey\\": \\"${alnum:40}\\"}}"\n') }, 1],
    ['one near a host', { 'a.sh': filled("API_KEY='${alnum:40}'\ncurl https://api.migosmtp.com/v1/email/send\n") }, 1],
    ['bytes', { a: Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251) }, 0],
  ])('%s', (_, files, code) => {
    const repository = makeRepository();
    repository.stage(files);
    const quick = run(repository, ['staged']);
    // A format is not for the quick check, so this is the full command.
    expect(run(repository, ['staged', '--format', 'pretty'])).toEqual(quick);
    expect(quick.code).toBe(code);
  });

  test.each<[string, string, number]>([
    ['a subject', 'Send mail\n\n# Please enter the commit message for your changes.\n', 0],
    ['a key', `Send mail with ${sureKey(1)}\n`, 1],
    ['a key in a comment', `Send mail\n# not with ${sureKey(1)}\n`, 0],
    ['an allowed key', `Send mail with ${sureKey(1)} (unleak:allow)\n`, 0],
    ['nothing', '', 0],
  ])('on a message that holds %s', (_, message, code) => {
    const repository = makeRepository();
    repository.write('message', message);
    const quick = run(repository, ['hook', 'run', 'commit-msg', 'message']);
    expect(run(repository, ['hook', 'run', 'commit-msg', 'message', '--format', 'pretty'])).toEqual(quick);
    expect(quick.code).toBe(code);
    repository.write('.unleak.toml', 'nonsense = 1\n');
    expect(run(repository, ['hook', 'run', 'commit-msg', 'message']).code).toBe(2);
  });

  test('where the configuration has a say, the full command is asked', () => {
    const repository = makeRepository();
    repository.stage({ a: 'x\n' });
    repository.write('.unleak.toml', 'nonsense = 1\n');
    expect(run(repository, ['staged'])).toMatchObject({ code: 2, err: expect.stringContaining('CONFIG_UNKNOWN_KEY') });
  });

  test.each<[string, (top: string) => { cwd: string; environment: Record<string, string> }]>([
    ['GIT_WORK_TREE', (top) => ({ cwd: 'sub', environment: { GIT_DIR: path.join(top, '.git'), GIT_WORK_TREE: top } })],
    ['GIT_DIR from below core.worktree', (top) => ({ cwd: 'sub', environment: { GIT_DIR: path.join(top, '.git') } })],
  ])('also where %s says that the work tree is elsewhere', (_, where) => {
    const repository = makeRepository();
    repository.stage({ a: 'x\n', 'sub/b': 'x\n' });
    repository.write('.unleak.toml', 'nonsense = 1\n');
    repository.git('config', 'core.worktree', repository.folder);
    const { cwd, environment } = where(repository.folder);
    const done = spawnSync(process.execPath, [product, 'staged'], {
      cwd: path.join(repository.folder, cwd),
      env: { ...GIT_ENVIRONMENT, XDG_CACHE_HOME: cache, ...environment },
    });
    expect(done.status).toBe(2);
  });
});
