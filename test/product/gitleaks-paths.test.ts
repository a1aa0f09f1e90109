/** Rules of gitleaks that have a path and no expression: the file is the finding. */
import { beforeAll, describe, expect, test } from 'vitest';

import { type Run, unleak } from '../helpers/product.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';

const CONFIG = `[[rules]]
id = "store"
description = "A key store"
path = '''(?i)\\.p12$'''
[[rules]]
id = "folder"
description = "A folder of its own"
path = '''(?:^|/)private/'''
[[rules.allowlists]]
paths = ['''\\.md$''']
`;

let repository: TestRepository;

function run(...args: string[]): Run {
  return unleak(args, { cwd: repository.folder, environment: repository.environment });
}

/** `rule path, number of places`, and the exit code. */
function found(...args: string[]): unknown[] {
  const { code, out } = run(...args, '--format', 'json');
  const report: unknown = JSON.parse(out);
  const { findings } = report as {
    findings: { rule: string; suppressed: object | null; occurrences: { path: string; line: number }[] }[];
  };
  const open = findings.filter(({ suppressed }) => suppressed === null);
  const told = open.map(({ rule, occurrences }) => `${rule} ${occurrences[0]?.path ?? ''}, ${occurrences.length}`);
  return [...told.toSorted(), code];
}

beforeAll(() => {
  repository = makeRepository();
  repository.write('.gitleaks.toml', CONFIG);
  repository.write('a.txt', 'nothing\n');
  repository.git('add', '.');
  repository.git('commit', '-qm', 'one');
  repository.write('a/keys.p12', 'first\n');
  repository.write('b/keys.p12', 'first\n');
  repository.write('private/note.md', 'allowed\n');
  repository.write('private/list.csv', 'x\n');
  repository.git('add', '.');
  repository.git('commit', '-qm', 'two');
  repository.write('a/keys.p12', 'second\n');
  repository.git('commit', '-qam', 'three');
  repository.git('rm', '-q', 'b/keys.p12');
  repository.git('commit', '-qm', 'four');
});

describe('a rule that has a path alone', () => {
  test('reports the file wherever it is looked for', () => {
    expect(found('scan')).toEqual(['folder private/list.csv, 1', 'store a/keys.p12, 1', 1]);
    expect(found('commits', 'HEAD~2..HEAD~1')).toEqual(['store a/keys.p12, 1', 1]);
    expect(found('commits', 'HEAD~3..HEAD')).toEqual([
      'folder private/list.csv, 1',
      'store a/keys.p12, 2',
      'store b/keys.p12, 1',
      1,
    ]);
  });

  test('reports it in a history, also in one that is known already', () => {
    const all = ['folder private/list.csv, 1', 'store a/keys.p12, 2', 'store b/keys.p12, 1', 1];
    expect(found('history')).toEqual(all);
    expect(found('history')).toEqual(all);
    expect(found('history', '--no-cache', '--engine', 'cat-file')).toEqual(all);
  });

  test('stops a commit that adds such a file or another version of it, and no other', () => {
    expect(found('staged')).toEqual([0]);
    repository.write('new.P12', 'x\n');
    repository.write('a/keys.p12', 'third\n');
    repository.write('a.txt', 'something else\n');
    repository.git('add', '.');
    const staged = found('staged');
    const shown = run('staged').err + run('staged').out;
    repository.git('reset', '-q', '--hard');
    expect(staged).toEqual(['store a/keys.p12, 1', 'store new.P12, 1', 1]);
    expect(shown).toContain('git rm --cached');
  });

  test('is told in the form of gitleaks, and let pass by its ignore file', () => {
    const records: unknown = JSON.parse(run('gitleaks', 'dir', '-r', '-', '-f', 'json').out);
    expect(records).toContainEqual(
      expect.objectContaining({
        RuleID: 'store',
        Match: 'file detected: a/keys.p12',
        Secret: '',
        StartLine: 0,
        Fingerprint: 'a/keys.p12:store:0',
      }),
    );
    repository.write('.gitleaksignore', 'a/keys.p12:store:0\n');
    const after = found('scan');
    const sarif = run('gitleaks', 'dir', '-r', '-', '-f', 'sarif').out;
    repository.git('clean', '-qf');
    expect(after).toEqual(['folder private/list.csv, 1', 1]);
    expect(sarif).toContain('"ruleId": "folder"');
    expect(sarif).not.toContain('"startLine": 0');
  });

  test('is allowed by an id that names the path, from whatever folder the scan starts', () => {
    const report: unknown = JSON.parse(run('scan', '--only', 'store', '--format', 'json').out);
    const fingerprint = (report as { findings: { fingerprint: string }[] }).findings[0]?.fingerprint ?? '';
    repository.write('.unleak-allow', `${fingerprint} reason=a test\n`);
    repository.write('c/keys.p12', 'first\n');
    const open = found('scan', '--only', 'store');
    const inside = unleak(['scan', '--only', 'store', '--format', 'json'], {
      cwd: `${repository.folder}/a`,
      environment: repository.environment,
    });
    repository.git('clean', '-qfd');
    expect(open).toEqual(['store c/keys.p12, 1', 1]);
    expect(inside.code).toBe(0);
  });
});
