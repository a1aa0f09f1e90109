/** Exit codes and streams of the built command, as a shell or another program sees them. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { sureKey } from '../helpers/key.ts';
import { PRODUCT, start, unleak } from '../helpers/product.ts';
import { GIT_ENVIRONMENT, makeFolder, makeRepository } from '../helpers/repository.ts';

const line = (seed: number): string => `token = "${sureKey(seed)}"\n`;

/** A folder with one key in it, and nothing else. */
function folderWithKey(): string {
  const folder = makeFolder();
  writeFileSync(path.join(folder, 'a.txt'), line(1));
  return folder;
}

/** A repository whose history is cut off. */
function shallowClone(content: string): string {
  const repository = makeRepository();
  repository.commit('one', { a: 'x\n' });
  repository.commit('two', { b: content });
  const folder = path.join(makeFolder(), 'shallow');
  repository.git('clone', '-q', '--depth', '1', `file://${repository.folder}`, folder);
  return folder;
}

describe('coverage that is not complete', () => {
  test('is never clean, unless asked for, and then still said', () => {
    const cwd = shallowClone('nothing\n');
    expect(unleak(['history'], { cwd })).toMatchObject({ code: 3, err: expect.stringContaining('GIT_SHALLOW') });
    const allowed = unleak(['history', '--allow-incomplete'], { cwd });
    expect(allowed).toMatchObject({ code: 0, err: expect.stringContaining('GIT_SHALLOW') });
    expect(unleak(['history', '--format', 'json'], { cwd })).toMatchObject({
      code: 3,
      out: expect.stringContaining('"complete":false'),
      err: expect.stringContaining('GIT_SHALLOW'),
    });
  });

  test('with findings is 1', () => {
    const cwd = shallowClone(line(1));
    expect(unleak(['history'], { cwd }).code).toBe(1);
    expect(unleak(['history', '--allow-incomplete'], { cwd }).code).toBe(1);
  });

  test('a damaged index is not an empty one', () => {
    const repository = makeRepository();
    repository.commit('one', { a: 'x\n' });
    writeFileSync(repository.inside('index'), 'DIRC nonsense');
    expect(unleak(['staged'], { cwd: repository.folder })).toMatchObject({
      code: 3,
      err: expect.stringContaining('error[GIT_FAILED]'),
    });
  });
});

describe('an error that nobody foresaw', () => {
  /** Runs with something broken that the command relies on. */
  function broken(what: string, args: readonly string[], cwd: string) {
    const file = path.join(makeFolder(), 'break.cjs');
    writeFileSync(file, what);
    return unleak(args, { cwd, environment: { NODE_OPTIONS: `--require ${file}` } });
  }
  const NO_ENGINE = "WebAssembly.Instance = class { constructor() { throw new TypeError('broken on purpose'); } };";
  const NO_FINGERPRINT = "require('node:crypto').createHmac = () => { throw new TypeError('broken on purpose'); };";
  /** Git is not to be called like that. */
  const noGit = (word: string): string => `const processes = require('node:child_process');
    const { spawn } = processes;
    processes.spawn = (file, args, ...rest) => {
      if (args.includes('${word}')) throw new TypeError('broken on purpose');
      return spawn(file, args, ...rest);
    };`;
  // As soon as the command has begun: it then listens for Ctrl-C.
  const LATER = `const timer = setInterval(() => {
    if (process.listenerCount('SIGINT') === 0) return;
    clearInterval(timer);
    throw new TypeError('broken on purpose');
  }, 1);`;

  test.each([
    ['before anything is found', NO_ENGINE],
    ['outside every promise', LATER],
  ])('%s is 3, and never node’s own 1', (_, what) => {
    const { code, err } = broken(what, ['scan', '-'], makeFolder());
    expect([code, err]).toEqual([3, expect.stringContaining('error[INTERNAL]: TypeError: broken on purpose')]);
  });

  test('in the hook is 3', () => {
    const repository = makeRepository();
    repository.stage({ a: 'x\n' });
    expect(broken(NO_ENGINE, ['staged'], repository.folder)).toMatchObject({
      code: 3,
      err: expect.stringContaining('error[INTERNAL]'),
    });
  });

  test('after something was found, of which nothing can be reported, is 3 and says so', () => {
    const { code, out, err } = broken(NO_FINGERPRINT, ['scan', 'a.txt'], folderWithKey());
    const said = '1 possible secrets had been found before that; they are not reported';
    expect([code, out, err]).toEqual([3, '', expect.stringContaining(said)]);
    expect(err).toContain('error[INTERNAL]');
  });

  test.each([
    ['while it is looked at anew', noGit('--literal-pathspecs'), ['scan', '--policy']],
    ['while it is asked who has it', noGit('--remotes'), ['commits', 'HEAD']],
  ])('after something was found is a problem beside it (%s)', (_, what, args) => {
    const repository = makeRepository();
    repository.commit('one', { '.env': line(1) });
    const { code, out, err } = broken(what, [...args, '--format', 'json'], repository.folder);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      coverage: { complete: false, problems: [{ code: 'INTERNAL', message: 'TypeError: broken on purpose' }] },
      findings: [{ rule: 'github-pat-classic', occurrences: [{ line: 1 }] }],
    });
    expect(err).toContain('not covered: INTERNAL');
    // Nothing is wrong with the repository.
    expect(unleak([...args], { cwd: repository.folder }).err).not.toContain('INTERNAL');
  });

  test('an installation that is torn apart is 2', () => {
    const bin = path.join(makeFolder(), 'bin');
    cpSync(path.dirname(PRODUCT), bin, { recursive: true });
    const done = spawnSync(process.execPath, [path.join(bin, 'unleak.cjs'), 'scan'], { env: GIT_ENVIRONMENT });
    expect([done.status, done.stderr.toString()]).toEqual([2, expect.stringContaining('error[USAGE_NOT_BUILT]')]);
  });
});

describe.skipIf(process.platform === 'win32')('where few files may be open', () => {
  /** Runs with so many descriptors that git, which takes six, cannot be started; or, where that is enough, in full. */
  function limited(files: number, args: readonly string[], cwd: string) {
    const command = 'ulimit -n "$1" && shift && exec "$@"';
    const words = ['-c', command, 'sh', String(files), process.execPath, PRODUCT, ...args];
    const { status, stdout, stderr } = spawnSync('/bin/sh', words, { cwd, env: GIT_ENVIRONMENT });
    return { code: status, out: stdout.toString(), err: stderr.toString() };
  }

  test.each([[['history']], [['scan']], [['staged']], [['commits', 'HEAD']]])('%j says so', (args) => {
    const repository = makeRepository();
    repository.commit('one', { a: line(1) });
    repository.stage({ b: line(2) });
    expect(limited(22, args, repository.folder)).toEqual({
      code: 3,
      out: '',
      err: expect.stringMatching(/^unleak: error\[SYSTEM_LIMIT\]: .*\n {2}mend: .*ulimit -n/),
    });
    // With as many as there are packs it would need more.
    expect(limited(64, args, repository.folder)).toMatchObject({ code: 1, err: expect.not.stringContaining('error[') });
  });

  test('a second audit opens no more packs than the first one', () => {
    const repository = makeRepository();
    for (let n = 0; n < 40; n++) {
      repository.commit(`pack ${n}`, { [`${n}.txt`]: line(n) });
      repository.git('repack', '-dq');
    }
    const args = ['history', '--format', 'json'];
    const whole = JSON.parse(unleak(args, { cwd: repository.folder }).out);
    const again = limited(50, args, repository.folder);
    expect([again.code, again.err]).toEqual([1, '']);
    const { coverage, findings } = JSON.parse(again.out);
    expect(coverage).toMatchObject({ complete: true, fromCache: expect.any(Number) });
    expect(findings).toEqual(whole.findings);
  });
});

describe('where there is no repository', () => {
  test.each([['staged'], ['history'], ['hook', 'status'], ['hook', 'run', 'pre-commit']])('%s %s %s', (...args) => {
    const words = args.filter((word) => typeof word === 'string');
    expect(unleak(words, { cwd: makeFolder() })).toMatchObject({
      code: 2,
      err: expect.stringContaining('error[NOT_A_REPOSITORY]'),
    });
  });

  test('files are scanned all the same', () => {
    expect(unleak(['scan'], { cwd: folderWithKey() }).code).toBe(1);
  });
});

describe('--output', () => {
  test('is for the owner alone, and whole', () => {
    const cwd = folderWithKey();
    expect(unleak(['scan', '--format', 'json', '--output', 'out.json'], { cwd })).toMatchObject({ code: 1, out: '' });
    const file = path.join(cwd, 'out.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ schema: 'unleak.findings/1' });
  });

  test('through a symbolic link, or where nothing can be written, is 2 even with findings', () => {
    const cwd = folderWithKey();
    writeFileSync(path.join(cwd, 'kept'), 'kept');
    symlinkSync('kept', path.join(cwd, 'link'));
    for (const file of ['link', 'no/such/folder/out', '.']) {
      expect(unleak(['scan', '--output', file], { cwd })).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining('error[USAGE_OUTPUT]'),
      });
    }
    expect(readFileSync(path.join(cwd, 'kept'), 'utf8')).toBe('kept');
  });

  test('to /dev/null keeps the code', () => {
    expect(unleak(['scan', '--output', '/dev/null'], { cwd: folderWithKey() }).code).toBe(1);
  });
});

describe('a reader that goes away', () => {
  test.each([['pretty'], ['json'], ['jsonl'], ['sarif']])('%s: the code is as if all had been read', async (format) => {
    const cwd = makeFolder();
    writeFileSync(path.join(cwd, 'many.txt'), Array.from({ length: 2000 }, (_, i) => line(i)).join(''));
    const child = start(['scan', '--format', format], { cwd });
    child.stdout?.destroy();
    const [code] = await once(child, 'exit');
    expect(code).toBe(1);
  });
});

describe('Ctrl-C', () => {
  test.each([['SIGINT'], ['SIGTERM']] as const)('%s ends a scan with 130', async (signal) => {
    const child = start(['scan', '-'], { cwd: makeFolder() });
    let said = '';
    child.stderr?.on('data', (piece: Buffer) => {
      said += piece.toString();
    });
    // More than a pipe holds: once it is taken, the scan has begun. Then it waits for ever.
    await new Promise((resolve) => {
      child.stdin?.write('x'.repeat(1 << 20), resolve);
    });
    child.kill(signal);
    const [code] = await once(child, 'exit');
    expect([code, said]).toEqual([130, expect.stringContaining('interrupted')]);
  });
});

describe('colour and progress', () => {
  test('are for terminals', () => {
    const { out, err } = unleak(['scan'], { cwd: folderWithKey() });
    expect(`${out}${err}`).not.toContain('\u001b');
    const forced = unleak(['scan'], { cwd: folderWithKey(), environment: { FORCE_COLOR: '1' } });
    expect(forced.out).toContain('\u001b[');
    const refused = unleak(['scan'], { cwd: folderWithKey(), environment: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(refused.out).not.toContain('\u001b');
  });
});
