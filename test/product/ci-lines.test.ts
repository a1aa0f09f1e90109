/** The lines that docs/CI.md tells people to paste, run with the variables that the servers set. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { sureKey } from '../helpers/key.ts';
import { PRODUCT } from '../helpers/product.ts';
import { makeFolder, makeRepository, TestRepository } from '../helpers/repository.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/CI.md', import.meta.url)), 'utf8');
const KEY = sureKey(1);

/** The shell lines below a heading, as the server would run them. */
function linesOf(heading: string): string[] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').map((line) => line.replace(/^\s*(?:- (?:script: )?|sh ')?/, '').replace(/'$/, ''));
  return lines.filter((line) => /^(?:git fetch|mkdir|unleak) /.test(line));
}

interface Clone {
  readonly folder: string;
  readonly environment: Record<string, string>;
}

/** A clone as a server makes it for a change with a key in its first commit, gone in its second. */
function clone(clean: boolean): Clone & { readonly server: TestRepository } {
  const server = makeRepository();
  server.commit('base', { a: 'one\n' });
  const base = server.id('HEAD');
  server.git('checkout', '-q', '-b', 'topic');
  if (!clean) server.commit('key', { 'conf.ini': `token = "${KEY}"\n` });
  server.commit('gone', { 'conf.ini': 'token = env\n' });
  server.git('checkout', '-q', 'main');
  server.commit('meanwhile', { b: 'b\n' });
  const folder = makeFolder('clone');
  server.git('clone', '-q', `file://${server.folder}`, folder, '--branch', 'topic');
  const local = new TestRepository(folder);
  local.git('config', 'user.name', 'Ada');
  const environment = {
    ...server.environment,
    CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
    CI_COMMIT_SHA: local.id('HEAD'),
    BITBUCKET_PR_DESTINATION_BRANCH: 'main',
    CHANGE_TARGET: 'main',
  };
  return { folder, environment, server };
}

function run(line: string, { folder, environment }: Clone): { code: number | null; said: string } {
  const command = line.replace(/^unleak/, `'${process.execPath}' '${PRODUCT}'`);
  const done = spawnSync('sh', ['-c', command], { cwd: folder, env: environment });
  return { code: done.status, said: `${done.stdout.toString()}${done.stderr.toString()}` };
}

/** Azure checks out a merge of the change into its target. */
function asAzure({ folder }: Clone): void {
  const local = new TestRepository(folder);
  local.git('checkout', '-q', '--detach', 'origin/main');
  local.git('merge', '-q', '--no-ff', '-m', 'merge', 'topic');
}

describe.each([
  ['GitLab CI', 'gl-secret-detection-report.json', '"vulnerabilities"'],
  ['Azure Pipelines', 'unleak.xml', '<testsuite'],
  ['Bitbucket Pipelines', 'test-results/unleak.xml', '<testsuite'],
  ['Jenkins', 'unleak.xml', '<testsuite'],
  ['Plain shell', 'unleak.csv', 'rule,'],
])('%s', (server, file, holds) => {
  test.each([
    ['is red on a key that the change takes away again', false, 1],
    ['is green without one', true, 0],
  ])('%s', (_, clean, code) => {
    const made = clone(clean);
    if (server === 'Azure Pipelines') asAzure(made);
    const lines = linesOf(server).filter((line) => !line.includes('unleak history'));
    expect(lines.some((line) => line.includes('unleak commits'))).toBe(true);
    for (const line of lines.slice(0, -1)) expect(run(line, made)).toMatchObject({ code: 0 });
    const last = run(lines.at(-1) ?? '', made);
    expect(last).toMatchObject({ code });
    expect(last.said).not.toContain(KEY);
    expect(existsSync(path.join(made.folder, file))).toBe(true);
    expect(readFileSync(path.join(made.folder, file), 'utf8')).toContain(holds);
  });

  test('is not green in a clone that lacks the base', () => {
    const { server: from, environment } = clone(true);
    const folder = makeFolder('shallow');
    from.git('clone', '-q', '--depth', '1', '--branch', 'topic', `file://${from.folder}`, folder);
    const line = linesOf(server).find((one) => one.includes('unleak commits')) ?? '';
    expect([2, 3]).toContain(run(line, { folder, environment }).code);
  });
});

test('the weekly line runs too', () => {
  const made = clone(false);
  const line = linesOf('Plain shell').find((one) => one.includes('unleak history')) ?? '';
  expect(run(line, made).code).toBe(1);
  expect(JSON.parse(readFileSync(path.join(made.folder, 'unleak.json'), 'utf8'))).toHaveProperty('findings.length', 1);
});
