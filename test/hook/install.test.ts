import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';

import { makeFolder, makeRepository, type TestRepository } from '../helpers/repository.ts';
import { sureKey } from '../helpers/key.ts';
import { PRODUCT, unleak } from '../helpers/product.ts';

const hook = (repository: TestRepository, ...args: string[]) =>
  unleak(['hook', ...args], { cwd: repository.folder, environment: repository.environment });
const hookFile = (repository: TestRepository) => repository.inside('hooks', 'pre-commit');

/** Permissions and bytes, or null if there is nothing. */
function state(file: string): string | null {
  return existsSync(file) ? `${(statSync(file).mode & 0o777).toString(8)} ${readFileSync(file, 'hex')}` : null;
}

describe('plain .git/hooks', () => {
  test('install, install again, status, remove', () => {
    const repository = makeRepository();
    expect(hook(repository, 'status')).toMatchObject({ code: 1, out: expect.stringContaining('pre-commit: missing') });
    expect(hook(repository, 'install')).toMatchObject({ code: 0, out: '', err: expect.stringContaining('now checks') });
    const installed = state(hookFile(repository));
    expect(installed).toMatch(/^755 /);
    expect(readFileSync(hookFile(repository), 'utf8')).toContain(PRODUCT);
    expect(hook(repository, 'install')).toMatchObject({ code: 0, err: expect.stringContaining('installed already') });
    expect(state(hookFile(repository))).toBe(installed);
    expect(hook(repository, 'status')).toMatchObject({ code: 0, out: expect.stringContaining('pre-commit: ok') });
    expect(hook(repository, 'remove')).toMatchObject({ code: 0 });
    expect(state(hookFile(repository))).toBeNull();
    expect(hook(repository, 'remove')).toMatchObject({
      code: 0,
      err: expect.stringContaining('no pre-commit hook of ours'),
    });
  });

  test('remove without a name takes out all of ours, and nothing else', () => {
    const repository = makeRepository();
    const theirs = repository.inside('hooks', 'pre-merge-commit');
    writeFileSync(theirs, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    expect(hook(repository, 'install', 'pre-commit', 'commit-msg', 'pre-push').code).toBe(0);
    expect(hook(repository, 'remove', 'commit-msg').err).not.toContain('pre-push');
    const { code, err } = hook(repository, 'remove');
    expect({
      code,
      lines: err
        .trim()
        .split('\n')
        .map((line) => line.replace(/.*removed .*\//, '')),
    }).toEqual({
      code: 0,
      lines: ['pre-commit', 'pre-push'],
    });
    expect(
      ['pre-commit', 'commit-msg', 'pre-push'].map((name) => existsSync(repository.inside('hooks', name))),
    ).toEqual([false, false, false]);
    expect(readFileSync(theirs, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  });

  test('what was there is chained, and comes back byte for byte', () => {
    const repository = makeRepository();
    const file = hookFile(repository);
    writeFileSync(file, Buffer.from('#!/bin/sh\necho before \xff >>log\nexit 0', 'latin1'));
    chmodSync(file, 0o750);
    const before = state(file);
    expect(hook(repository, 'install').err).toContain('runs first');
    expect(hook(repository, 'install').code).toBe(0);
    expect(state(file)).not.toBe(before);
    expect(hook(repository, 'remove').err).toContain('put back');
    expect(state(file)).toBe(before);
    expect(existsSync(`${file}.before-unleak`)).toBe(false);
  });

  test('a hook that is a symbolic link is chained and comes back as one', () => {
    const repository = makeRepository();
    repository.write('tools/check.sh', '#!/bin/sh\nexit 0\n');
    symlinkSync('../../tools/check.sh', hookFile(repository));
    expect(hook(repository, 'install').code).toBe(0);
    expect(readFileSync(path.join(repository.folder, 'tools/check.sh'), 'utf8')).toBe('#!/bin/sh\nexit 0\n');
    expect(hook(repository, 'remove').code).toBe(0);
    expect(readFileSync(hookFile(repository), 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  });

  test('two hooks of somebody else’s are not silently lost', () => {
    const repository = makeRepository();
    const file = hookFile(repository);
    writeFileSync(file, 'one');
    writeFileSync(`${file}.before-unleak`, 'two');
    expect(hook(repository, 'install')).toMatchObject({ code: 2, err: expect.stringContaining('error[USAGE_HOOK]') });
    expect([readFileSync(file, 'utf8'), readFileSync(`${file}.before-unleak`, 'utf8')]).toEqual(['one', 'two']);
  });

  test('a linked work tree shares them', () => {
    const repository = makeRepository();
    repository.commit('one');
    const folder = path.join(makeFolder(), 'linked');
    repository.git('worktree', 'add', '-q', '-b', 'linked', folder);
    expect(unleak(['hook', 'install'], { cwd: folder }).code).toBe(0);
    expect(hook(repository, 'status').code).toBe(0);
    expect(unleak(['hook', 'status'], { cwd: folder }).code).toBe(0);
  });

  test('status finds a hook that git would pass over, or that calls nothing', () => {
    const repository = makeRepository();
    hook(repository, 'install');
    const file = hookFile(repository);
    const text = readFileSync(file, 'utf8');
    chmodSync(file, 0o644);
    expect(hook(repository, 'status')).toMatchObject({ code: 1, out: expect.stringContaining('not-executable') });
    chmodSync(file, 0o755);
    writeFileSync(file, text.replace('unleak-hook 1 ', 'unleak-hook 0 '));
    expect(hook(repository, 'status')).toMatchObject({ code: 1, out: expect.stringContaining('outdated') });
    writeFileSync(file, text.replaceAll(PRODUCT, '/gone/unleak.cjs'));
    expect(hook(repository, 'status')).toMatchObject({ code: 1, out: expect.stringContaining('broken') });
    expect(hook(repository, 'install').code).toBe(0);
    expect(hook(repository, 'status').code).toBe(0);
  });
});

describe('core.hooksPath', () => {
  test('of the repository is where the hook goes, and an older one is seen as shadowed', () => {
    const repository = makeRepository();
    hook(repository, 'install');
    repository.git('config', 'core.hooksPath', '.githooks');
    expect(hook(repository, 'status')).toMatchObject({ code: 1, out: expect.stringContaining('shadowed') });
    expect(hook(repository, 'install').code).toBe(0);
    expect(existsSync(path.join(repository.folder, '.githooks/pre-commit'))).toBe(true);
    expect(hook(repository, 'status').code).toBe(0);
  });

  test('that turns hooks off is said to', () => {
    const repository = makeRepository();
    repository.git('config', 'core.hooksPath', '/dev/null');
    const said = expect.stringMatching(/missing: \/dev\/null is no folder[^]*mend: git config --unset core\.hooksPath/);
    expect(hook(repository, 'status')).toMatchObject({ code: 1, out: said });
    expect(hook(repository, 'install')).toMatchObject({ code: 2, err: expect.stringContaining('core.hooksPath') });
    repository.git('config', 'core.hooksPath', '/dev/null/hooks');
    expect(hook(repository, 'status')).toMatchObject({ code: 1, out: expect.stringContaining('is no folder') });
    repository.git('config', '--unset', 'core.hooksPath');
    expect(hook(repository, 'status')).toMatchObject({
      code: 1,
      out: expect.stringContaining('mend: unleak hook install'),
    });
  });

  test('of the user is not touched unless asked for', () => {
    const home = makeFolder('home');
    const repository = makeRepository();
    const { GIT_CONFIG_GLOBAL: _, ...environment } = repository.environment;
    const run = (...args: string[]) =>
      unleak(['hook', ...args], {
        cwd: repository.folder,
        environment: { ...environment, HOME: home, GIT_CONFIG_GLOBAL: path.join(home, '.gitconfig') },
      });
    expect(run('install', '--global')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no global core.hooksPath'),
    });
    writeFileSync(path.join(home, '.gitconfig'), '[core]\n\thooksPath = ~/hooks\n');
    expect(run('install')).toMatchObject({ code: 2, err: expect.stringContaining('--global') });
    expect(existsSync(path.join(home, 'hooks'))).toBe(false);
    expect(run('install', '--global').code).toBe(0);
    expect(existsSync(path.join(home, 'hooks/pre-commit'))).toBe(true);
    expect(run('status').code).toBe(0);
    expect(run('remove', '--global').code).toBe(0);
    expect(existsSync(path.join(home, 'hooks/pre-commit'))).toBe(false);
  });
});

describe('husky', () => {
  const HUSKY = fileURLToPath(new URL('../../node_modules/husky/bin.js', import.meta.url));

  /** A clone that husky has set up. */
  function withHusky(hookText: string | null): TestRepository {
    const repository = makeRepository();
    repository.write('package.json', '{ "devDependencies": { "husky": "9" } }\n');
    execFileSync(process.execPath, [HUSKY], { cwd: repository.folder, env: repository.environment });
    expect(repository.git('config', 'core.hooksPath')).toBe('.husky/_');
    if (hookText !== null) repository.write('.husky/pre-commit', hookText);
    return repository;
  }
  const kept = (repository: TestRepository) => path.join(repository.folder, '.husky/pre-commit');

  test.each([null, 'npm test\n', 'npm test'])('a hook of %j gets our lines last, and loses them again', (text) => {
    const repository = withHusky(text);
    const before = state(kept(repository));
    expect(hook(repository, 'status')).toMatchObject({ code: 1 });
    expect(hook(repository, 'install')).toMatchObject({ code: 0, err: expect.stringContaining('commit it') });
    expect(readFileSync(kept(repository), 'utf8').startsWith(text ?? '#')).toBe(true);
    const installed = state(kept(repository));
    expect(hook(repository, 'install').code).toBe(0);
    expect(state(kept(repository))).toBe(installed);
    expect(hook(repository, 'status').code).toBe(0);
    expect(hook(repository, 'remove').code).toBe(0);
    expect(state(kept(repository))).toBe(before);
  });

  test('runs the check, after the project’s own lines', () => {
    const repository = withHusky('echo ours first\n');
    hook(repository, 'install');
    repository.stage({ a: `token = "${sureKey(1)}"\n` });
    expect(() => repository.git('commit', '-qm', 'key')).toThrow(/ours first[^]*commit stopped/);
    repository.stage({ a: 'clean\n' });
    repository.git('commit', '-qm', 'clean');
    expect(repository.git('log', '--format=%s')).toBe('clean');
  });

  test('is used, and said to be inactive, in a clone where it was not set up', () => {
    const repository = withHusky(null);
    repository.git('config', '--unset', 'core.hooksPath');
    rmSync(path.join(repository.folder, '.husky/_'), { recursive: true });
    expect(hook(repository, 'install')).toMatchObject({ code: 0, err: expect.stringContaining('npx husky') });
    expect(existsSync(kept(repository))).toBe(true);
    expect(hook(repository, 'status')).toMatchObject({ code: 1, out: expect.stringContaining('inactive') });
  });

  test('a project’s own install is called without a path of this machine', () => {
    const repository = withHusky('npm test\n');
    mkdirSync(path.join(repository.folder, 'node_modules'));
    symlinkSync(path.resolve(path.dirname(PRODUCT), '../..'), path.join(repository.folder, 'node_modules/unleak'));
    expect(hook(repository, 'install').code).toBe(0);
    expect(readFileSync(kept(repository), 'utf8')).not.toContain(path.dirname(PRODUCT));
    expect(hook(repository, 'status').code).toBe(0);
  });
});

describe('hook managers that keep their own list', () => {
  test.each([
    ['lefthook', 'lefthook.yml', 'pre-commit:\n'],
    ['pre-commit', '.pre-commit-config.yaml', 'repos: []\n'],
  ])('%s: nothing is written, and what to add is printed', (manager, file, text) => {
    const repository = makeRepository();
    repository.write(file, text);
    const run = hook(repository, 'install');
    expect(run).toMatchObject({ code: 1, err: expect.stringContaining(`${manager} install`) });
    expect(run.out).toContain('unleak hook run pre-commit');
    expect(existsSync(hookFile(repository))).toBe(false);
    expect(hook(repository, 'status')).toMatchObject({ code: 1, out: expect.stringContaining('missing') });
    repository.write(file, text + run.out);
    expect(hook(repository, 'status')).toMatchObject({ code: 1, out: expect.stringContaining('inactive') });
    writeFileSync(hookFile(repository), `#!/bin/sh\n# ${manager}\n`, { mode: 0o755 });
    expect(hook(repository, 'status').code).toBe(0);
    expect(hook(repository, 'install').code).toBe(0);
  });

  test.each([
    ['lefthook', 'lefthook.yml', 'commit-msg', ['run: npx --no-install unleak hook run commit-msg {1}']],
    ['lefthook', 'lefthook.yml', 'pre-push', ['use_stdin: true', 'unleak hook run pre-push {1} {2}']],
    ['pre-commit', '.pre-commit-config.yaml', 'commit-msg', ['stages: [commit-msg]']],
    ['pre-commit', '.pre-commit-config.yaml', 'pre-push', ['stages: [pre-push]', 'pass_filenames: false']],
  ])('%s (%s): %s gets what git gives the hook', (manager, file, name, wanted) => {
    const repository = makeRepository();
    repository.write(file, '');
    const run = hook(repository, 'install', name);
    expect(run).toMatchObject({ code: 1, err: expect.stringContaining(`${manager} install`) });
    for (const text of wanted) expect(run.out).toContain(text);
    expect(parseYaml(run.out)).toEqual(expect.anything());
    expect(run.out.includes('pass_filenames')).toBe(manager === 'pre-commit' && name === 'pre-push');
    repository.write(file, run.out);
    expect(hook(repository, 'status').out).toContain(`${name}: inactive`);
    writeFileSync(repository.inside('hooks', name), `#!/bin/sh\n# ${manager}\n`, { mode: 0o755 });
    expect(hook(repository, 'status').out).toContain(`${name}: ok`);
  });

  test('every hook that the package offers to the pre-commit framework is one that it runs', () => {
    const offered = parseYaml(
      readFileSync(fileURLToPath(new URL('../../.pre-commit-hooks.yaml', import.meta.url)), 'utf8'),
    );
    const entries = (offered as { id: string; entry: string; stages: string[] }[]).map(({ entry, stages }) => [
      entry,
      stages,
    ]);
    expect(entries).toEqual([
      ['unleak hook run pre-commit', ['pre-commit']],
      ['unleak hook run commit-msg', ['commit-msg']],
      ['unleak hook run pre-push', ['pre-push']],
    ]);
  });
});

describe('wrong use', () => {
  test.each([
    [['install', 'post-commit'], 'post-commit'],
    [['nonsense'], 'needs one of: install, remove, status'],
    [['status', 'extra'], 'does not take'],
    [['install', '--nope'], 'no option --nope'],
  ])('hook %j', (args, said) => {
    expect(hook(makeRepository(), ...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(said) });
  });

  test('outside a repository', () => {
    expect(unleak(['hook', 'install'], { cwd: makeFolder() })).toMatchObject({
      code: 2,
      err: expect.stringMatching(/NOT_A_REPOSITORY(.|\n)*git init/),
    });
  });
});
