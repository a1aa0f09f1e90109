/**
 * Settings files that are no files, or without end: what stands where a
 * configuration may stand was put there by anybody.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { sureKey } from '../helpers/key.ts';
import { PRODUCT, type Run, start, unleak } from '../helpers/product.ts';
import { makeFolder, makeRepository } from '../helpers/repository.ts';

/** Ends it if it waits: the code is then null. */
async function patiently(args: readonly string[], cwd: string): Promise<Run> {
  const child = start(args, { cwd });
  const end = setTimeout(() => child.kill('SIGKILL'), 20_000);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr?.on('data', (piece: Buffer) => (err += piece.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(end);
  return { code, out, err };
}

type Odd = readonly [what: string, code: string, make: (file: string) => void];

const ODD: readonly Odd[] = [
  ['a pipe', 'USAGE_NOT_A_FILE', (file) => execFileSync('mkfifo', [file])],
  ['a link to a device', 'USAGE_NOT_A_FILE', (file) => symlinkSync('/dev/zero', file)],
  ['a folder', 'USAGE_NOT_A_FILE', (file) => mkdirSync(file)],
  ['a link that leads nowhere', 'USAGE_NO_SUCH_PATH', (file) => symlinkSync('nowhere', file)],
  ['a link to itself', 'USAGE_NO_SUCH_PATH', (file) => symlinkSync(path.basename(file), file)],
  [
    'without end',
    'USAGE_FILE_TOO_LARGE',
    (file) => {
      writeFileSync(file, '');
      truncateSync(file, 2 ** 40);
    },
  ],
];

const OWN = ['.unleak.toml', '.unleak-allow', '.unleak-baseline', '.gitleaksignore'];

describe.each(ODD)('settings that are %s', (_, code, make) => {
  test.each(OWN)('%s', async (name) => {
    const folder = makeFolder();
    make(path.join(folder, name));
    const run = await patiently(['scan'], folder);
    expect(run).toMatchObject({ code: 2, err: expect.stringContaining(`error[${code}]`) });
    expect(run.err).toContain('mend: ');
  });

  test('a rule file, and one in a folder of them', async () => {
    const folder = makeFolder();
    make(path.join(folder, 'own.yaml'));
    const configured = makeFolder();
    writeFileSync(path.join(configured, '.unleak.toml'), `[rules]\nfiles = ["${path.join(folder, 'own.yaml')}"]\n`);
    // A folder in place of a file is one without rule files.
    const expected = { code: 2, err: expect.stringMatching(/error\[USAGE_/) };
    expect(await patiently(['scan', '--rules', folder], makeFolder())).toMatchObject(expected);
    expect(await patiently(['scan'], configured)).toMatchObject(expected);
  });

  test('a .gitignore outside of git', async () => {
    const folder = makeFolder();
    make(path.join(folder, '.gitignore'));
    writeFileSync(path.join(folder, 'a.txt'), `token = ${sureKey(1)}\n`);
    writeFileSync(path.join(folder, '.unleak.toml'), '[limits]\nmax-file-size = "1 GB"\n');
    expect(await patiently(['scan'], folder)).toMatchObject({ code: 1, out: expect.stringContaining('a.txt:1') });
  });
});

test.each(ODD.filter(([what]) => what !== 'a pipe'))('a stored report that is %s', async (_, code, make) => {
  const folder = makeFolder();
  make(path.join(folder, 'findings.json'));
  const run = await patiently(['report', 'findings.json', '--format', 'csv'], folder);
  expect(run).toMatchObject({ code: 2, err: expect.stringContaining(`error[${code}]`) });
});

test('a stored report from a pipe is read', async () => {
  const folder = makeFolder();
  writeFileSync(path.join(folder, 'a.txt'), `token = ${sureKey(1)}\n`);
  writeFileSync(path.join(folder, 'findings.json'), unleak(['scan', 'a.txt', '--format', 'json'], { cwd: folder }).out);
  const piped = `cat findings.json | "${process.execPath}" "${PRODUCT}" report /dev/stdin --format csv`;
  expect(execFileSync('sh', ['-c', piped], { cwd: folder, stdio: 'pipe' }).toString()).toContain('github');
});

test('a link to a plain file is followed (control)', () => {
  const folder = makeFolder();
  writeFileSync(path.join(folder, 'shared.toml'), '[paths]\nignore = ["a.txt"]\n');
  symlinkSync('shared.toml', path.join(folder, '.unleak.toml'));
  writeFileSync(path.join(folder, 'a.txt'), `token = ${sureKey(1)}\n`);
  expect(unleak(['scan'], { cwd: folder }).code).toBe(0);
});

test('a .gitignore that is a link is not followed, as in git', () => {
  const folder = makeFolder();
  writeFileSync(path.join(folder, 'all'), '*\n');
  symlinkSync('all', path.join(folder, '.gitignore'));
  writeFileSync(path.join(folder, 'a.txt'), `token = ${sureKey(1)}\n`);
  expect(unleak(['scan'], { cwd: folder }).code).toBe(1);
  const other = makeFolder();
  writeFileSync(path.join(other, '.gitignore'), 'a.txt\n');
  writeFileSync(path.join(other, 'a.txt'), `token = ${sureKey(1)}\n`);
  expect(unleak(['scan'], { cwd: other }).code).toBe(0);
});

describe('files that are written follow no link', () => {
  const VICTIM = 'precious\n';

  function linked(name: string): { readonly folder: string; readonly victim: string } {
    const folder = makeFolder();
    const victim = path.join(makeFolder(), 'victim');
    writeFileSync(victim, VICTIM);
    symlinkSync(victim, path.join(folder, name));
    writeFileSync(path.join(folder, 'a.txt'), `token = ${sureKey(1)}\n`);
    return { folder, victim };
  }

  test.each([
    ['report.json', ['scan', 'a.txt', '--ignore-repo-config', '--format', 'json', '--output', 'report.json']],
    ['new.baseline', ['baseline', 'write', 'a.txt', '--output', 'new.baseline']],
    ['.unleak-baseline', ['baseline', 'write', 'a.txt', '--ignore-repo-config']],
    ['.unleak-allow', ['allow', 'a'.repeat(26), '--reason', 'a test', '--ignore-repo-config']],
  ])('%s', (name, args) => {
    const { folder, victim } = linked(name);
    const run = unleak(args, { cwd: folder });
    expect(run).toMatchObject({ code: 2, err: expect.stringMatching(/error\[\w+\]/) });
    expect(readFileSync(victim, 'utf8')).toBe(VICTIM);
    expect(lstatSync(path.join(folder, name)).isSymbolicLink()).toBe(true);
  });

  test.each(['.husky/pre-commit', '.husky'])('a hook of husky behind a link: %s', (name) => {
    const repository = makeRepository();
    const outside = makeFolder();
    writeFileSync(path.join(outside, 'pre-commit'), VICTIM);
    repository.write('package.json', '{ "devDependencies": { "husky": "9" } }\n');
    const link = path.join(repository.folder, name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(name === '.husky' ? outside : path.join(outside, 'pre-commit'), link);
    repository.git('config', 'core.hooksPath', '.husky/_');
    const run = unleak(['hook', 'install'], { cwd: repository.folder });
    expect(run).toMatchObject({ code: 2, err: expect.stringContaining('error[USAGE_HOOK]') });
    expect(readFileSync(path.join(outside, 'pre-commit'), 'utf8')).toBe(VICTIM);
    expect(existsSync(PRODUCT)).toBe(true);
  });
});
