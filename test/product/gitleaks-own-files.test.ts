/** Files that gitleaks passes over because they are its own, and lines of its ignore file that it passes over. */
import path from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { type Run, unleak } from '../helpers/product.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';

const KEY = ['acme', '4f9k2m8qz71xw0p3'].join('_');
const NEW_KEY = ['acme', 'p3z8w6n1v5c7b2h4'].join('_');
const CONFIG = `[[rules]]
id = "acme"
description = "Acme key"
regex = '''acme_[a-z0-9]{16}'''
keywords = ["acme_"]
# such as ${KEY}
`;

let repository: TestRepository;

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Run {
  return unleak(['gitleaks', ...args], {
    cwd: repository.folder,
    environment: { ...repository.environment, ...environment },
  });
}

/** The files with findings, besides the one that always has one. */
function files(line: string, environment?: Readonly<Record<string, string>>): string[] {
  const { out } = run([...line.split(' '), '-r', '-', '-f', 'json'], environment);
  const records = JSON.parse(out) as { File: string }[];
  const names = new Set(records.map(({ File }) => File));
  expect(names.delete('src/app.txt')).toBe(true);
  return [...names].toSorted();
}

beforeAll(() => {
  repository = makeRepository();
  repository.write('.gitleaks.toml', CONFIG);
  repository.write('team.toml', CONFIG);
  repository.write('src/app.txt', `x = ${KEY}\n`);
  repository.write('src/known.json', `[{"RuleID":"no","File":"no","StartLine":1,"Secret":"${KEY}"}]`);
  repository.git('add', '.');
  repository.git('commit', '-qm', 'one');
});

describe.each(['dir .', 'git .', 'detect', 'detect --no-git'])('%s leaves out, as gitleaks 8.30', (command) => {
  test('the configuration that is found at the target', () => {
    expect(files(command)).toEqual(['src/known.json', 'team.toml']);
  });

  test('the one named by --config, in place of that', () => {
    expect(files(`${command} -c team.toml`)).toEqual(['.gitleaks.toml', 'src/known.json']);
  });

  test('none where --config is spelled in another way', () => {
    const all = ['.gitleaks.toml', 'src/known.json', 'team.toml'];
    expect(files(`${command} -c ./team.toml`)).toEqual(all);
    expect(files(`${command} -c ${path.join(repository.folder, 'team.toml')}`)).toEqual(all);
  });

  test('not the one that a variable names', () => {
    expect(files(command, { GITLEAKS_CONFIG: 'team.toml' })).toEqual(['src/known.json', 'team.toml']);
  });

  test('the baseline', () => {
    expect(files(`${command} -b src/known.json`)).toEqual(['team.toml']);
    expect(files(`${command} -b ./src/known.json`)).toEqual(['team.toml']);
  });
});

test('a folder is scanned by names that begin with it, and the baseline is none of those', () => {
  expect(files('dir src -c team.toml -b src/known.json')).toEqual(['src/known.json']);
});

test('a file that is named itself goes by the name it was given', () => {
  const codes = ['team.toml', './team.toml'].map((name) => run(['dir', name, '-c', 'team.toml']).code);
  expect(codes).toEqual([0, 1]);
});

test('what is staged is compared by the same names', () => {
  repository.write('team.toml', `${CONFIG}# or ${NEW_KEY}\n`);
  repository.write('src/app.txt', `x = ${KEY}\ny = ${NEW_KEY}\n`);
  const changed = [files('git --pre-commit . -c team.toml'), files('git --pre-commit . -c ./team.toml')];
  repository.git('add', '.');
  const staged = [files('git --staged . -c team.toml'), files('git --staged . -c ./team.toml')];
  repository.git('reset', '-q', '--hard');
  expect(changed).toEqual([[], ['team.toml']]);
  expect(staged).toEqual([[], ['team.toml']]);
});

test('it is said what was left out and why', () => {
  const { err } = run(['dir', '.', '-b', 'src/known.json']);
  expect(err).toContain('1 excluded (gitleaks: its configuration): .gitleaks.toml');
  expect(err).toContain('1 excluded (gitleaks: its baseline): src/known.json');
  expect(run(['git', '.']).err).toContain('1 excluded (gitleaks: its configuration): .gitleaks.toml');
});

describe('a line of an ignore file that is no entry', () => {
  test('is a warning with file and line, and the others hold', () => {
    repository.write('.gitleaksignore', `# ours\nsrc/app.txt:acme:1\n${KEY}\n`);
    repository.write('src/.gitleaksignore', 'a:b\n');
    const { code, err } = run(['dir', 'src/app.txt', '-c', 'team.toml']);
    const both = run(['dir', 'src', '-c', 'src/../team.toml']).err;
    const control = unleak(['scan'], { cwd: repository.folder, environment: repository.environment });
    repository.git('clean', '-qfd');
    expect(code).toBe(0);
    expect(err).toContain('unleak: .gitleaksignore:3 is no gitleaks fingerprint and lets nothing pass\n');
    expect(err).not.toContain(KEY);
    expect(err).not.toContain('.gitleaksignore:2');
    expect(both).toContain(`unleak: ${path.join('src', '.gitleaksignore')}:1 is no gitleaks fingerprint`);
    expect([control.code, control.err.includes('TRIAGE_FILE_INVALID')]).toEqual([2, true]);
  });
});

test('the summary names the file that lets a secret pass', () => {
  repository.write('.gitleaksignore', 'src/one.txt:acme:1\n');
  repository.write('src/one.txt', `x = ${NEW_KEY}\n`);
  const [theirs, ours] = [
    run(['dir', 'src/one.txt', '-c', 'team.toml']).err,
    unleak(['scan', 'src/one.txt'], { cwd: repository.folder, environment: repository.environment }).err,
  ];
  repository.git('clean', '-qfd');
  for (const err of [theirs, ours]) {
    expect(err).toContain('1 secret by .gitleaksignore');
    expect(err).not.toContain('.unleak-allow');
  }
});
