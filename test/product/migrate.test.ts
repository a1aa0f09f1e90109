import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { type Run, unleak } from '../helpers/product.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';

const key = (letter: string): string => ['acme', `${letter}4f9k2m8qz71xw${letter}p`].join('_');
const secretOf = (text: string): string => text.slice('acme_'.length);

const CONFIG = `[[rules]]
id = "acme"
description = "Acme key"
regex = '''acme_([a-z0-9]{16})'''
keywords = ["acme_"]
validate = "none"
[allowlist]
paths = ['''^vendor/''']
`;

/** A repository whose history and files hold keys that old files allow wholly, in part, or no more. */
function oldRepository(): TestRepository {
  const repository = makeRepository();
  repository.write('.gitleaks.toml', CONFIG);
  repository.write('a.txt', `${key('a')}\n`);
  repository.write('b.txt', `${key('b')}\n`);
  repository.write('vendor/v.txt', `${key('v')}\n`);
  repository.git('add', '.');
  repository.git('commit', '-qm', 'one');
  repository.write('copy.txt', `\n${key('b')}\n`);
  repository.write('c.txt', `${key('c')}\n`);
  repository.write('d.txt', `${key('d')}\n`);
  repository.write('e.txt', `${key('e')}\n`);
  const sha = (algorithm: string, text: string): string => createHash(algorithm).update(secretOf(text)).digest('hex');
  repository.write('.gitleaksignore', 'a.txt:acme:1\nb.txt:acme:1\ngone.txt:acme:7\n');
  repository.write('.betterleaksignore', `${sha('sha256', key('c'))}\n`);
  repository.write(
    '.secrets.baseline',
    JSON.stringify({
      version: '1.5.0',
      plugins_used: [],
      results: { 'd.txt': [{ type: 'Keyword', hashed_secret: sha('sha1', key('d')), line_number: 1 }] },
    }),
  );
  repository.git('add', '.');
  repository.git('commit', '-qm', 'two');
  return repository;
}

function run(repository: TestRepository, ...args: string[]): Run {
  return unleak(args, { cwd: repository.folder, environment: repository.environment });
}

interface Listed {
  readonly findings: readonly { readonly fingerprint: string; readonly suppressed: object | null }[];
}

function open(repository: TestRepository, command: string): string[] {
  const { findings } = JSON.parse(run(repository, command, '--format', 'json').out) as Listed;
  return findings
    .filter(({ suppressed }) => suppressed === null)
    .map(({ fingerprint }) => fingerprint)
    .toSorted();
}

const OLD = ['.gitleaksignore', '.betterleaksignore', '.secrets.baseline'];
const NEW = ['.unleak.toml', '.unleak-allow', '.unleak-baseline'];
const text = (repository: TestRepository, name: string): string =>
  readFileSync(path.join(repository.folder, name), 'utf8');

describe('unleak migrate', () => {
  test('lists what it would do, and does nothing', () => {
    const repository = oldRepository();
    const { code, out } = run(repository, 'migrate');
    expect(code).toBe(0);
    expect(out).toContain('3 suppressions carried over');
    expect(out).toContain('.gitleaksignore:2: b.txt:acme:1');
    expect(out).toMatch(/1 entry dead.*\n {2}\.gitleaksignore:3: gone\.txt:acme:7/);
    expect(out).toContain('"validate" has no effect');
    expect(out).toContain('Nothing was written');
    expect(NEW.filter((name) => existsSync(path.join(repository.folder, name)))).toEqual([]);
  });

  test('leaves open what was open, and nothing else, without the old files too', () => {
    const repository = oldRepository();
    const before = ['scan', 'history'].map((command) => open(repository, command));
    expect(before.map((list) => list.length)).toEqual([2, 2]);
    expect(run(repository, 'migrate', '--write').code).toBe(0);
    const written = NEW.map((name) => text(repository, name));
    expect(written.join('')).not.toContain(secretOf(key('a')));
    expect(['scan', 'history'].map((command) => open(repository, command))).toEqual(before);

    expect(run(repository, 'migrate', '--write').out).toContain('0 files to write');
    expect(NEW.map((name) => text(repository, name))).toEqual(written);

    for (const name of OLD) rmSync(path.join(repository.folder, name));
    expect(['scan', 'history'].map((command) => open(repository, command))).toEqual(before);
    // The rules and the allow-list of paths still hold.
    expect(run(repository, 'scan', 'vendor').out).toBe('');
  });

  test('says so where there is nothing', () => {
    const { code, out } = run(makeRepository(), 'migrate');
    expect({ code, out }).toEqual({
      code: 0,
      out: 'nothing to carry over from gitleaks, betterleaks or detect-secrets\n',
    });
    expect(run(oldRepository(), 'migrate').out).not.toMatch(/^0 /m);
  });

  test('touches no configuration of ours, and says what it lacks', () => {
    const repository = oldRepository();
    repository.write('.unleak.toml', '[paths]\nignore = ["x"]\n');
    expect(run(repository, 'migrate', '--write').out).toContain('does not name .gitleaks.toml');
    expect(text(repository, '.unleak.toml')).toBe('[paths]\nignore = ["x"]\n');
  });

  test('writes nothing after an incomplete scan, and says so by a code', () => {
    const repository = oldRepository();
    const blob = repository.git('rev-parse', 'HEAD:a.txt').trim();
    rmSync(path.join(repository.folder, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    const { code, out, err } = run(repository, 'migrate', '--write');
    expect([code, err]).toEqual([2, expect.stringContaining('TRIAGE_INCOMPLETE')]);
    expect(out).toContain('not met; something could not be covered');
    expect(err).toContain('GIT_OBJECT_MISSING');
    expect(NEW.filter((name) => existsSync(path.join(repository.folder, name)))).toEqual([]);
    expect(run(repository, 'migrate', '--write', '--allow-incomplete').code).toBe(0);
    expect(existsSync(path.join(repository.folder, '.unleak-allow'))).toBe(true);
  });

  test('tells entries that another one shadows from dead ones', () => {
    const repository = oldRepository();
    repository.write('.gitleaksignore', 'a.txt:acme:1\na.txt:acme:1\na.txt:nobodys-rule:1\n');
    const { out } = run(repository, 'migrate');
    expect(out).toMatch(/1 entry shadowed.*\n {2}\.gitleaksignore:2: a\.txt:acme:1\n/);
    expect(out).toMatch(/1 entry dead.*\n {2}\.gitleaksignore:3: a\.txt:nobodys-rule:1\n/);
    expect(out).toContain('no rule in force is "nobodys-rule"');
  });
});
