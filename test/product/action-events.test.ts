/** Every event that the built Action serves, but for pull requests. */
import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { type ActionRun, type Hosted, host } from '../helpers/action.ts';
import { sureKey } from '../helpers/key.ts';
import { type TestRepository, makeRepository } from '../helpers/repository.ts';

const NONE = '0'.repeat(40);

let hosted: Hosted;
let work: TestRepository;
let before: string;

/** Keys 1 and 2 are on main, the second of them in the newest commit. */
beforeAll(async () => {
  hosted = await host();
  work = makeRepository();
  work.commit('Base', { 'readme.txt': 'hello\n', 'old.txt': `${sureKey(1)}\n` });
  before = work.commit('More', { 'more.txt': 'more\n' });
  work.commit('Key', { 'main.txt': `${sureKey(2)}\n` });
  hosted.push(work, 'main');
});

function found(run: ActionRun): string[] {
  const { findings } = JSON.parse(readFileSync(run.outputs['report'] ?? '', 'utf8')) as FindingsReport;
  return findings.map(({ redacted }) => redacted).toSorted();
}

function keys(...seeds: readonly number[]): string[] {
  return seeds.map((seed) => `…${sureKey(seed).slice(-4)}`).toSorted();
}

function pushed(ref: string, from: string, to: string): Promise<ActionRun> {
  return hosted.run({
    event: 'push',
    payload: hosted.pushed(ref, from, to),
    environment: { GITHUB_REF: ref, GITHUB_SHA: to },
  });
}

describe('push', () => {
  test('to the default branch: what was not there before', async () => {
    const run = await pushed('refs/heads/main', before, work.id('main'));
    expect([run.code, found(run)]).toEqual([1, keys(2)]);
    expect(run.summary).toContain('1 secret in the commits of this push');
    expect(hosted.server.calls).toEqual([]);
  });

  test('of a new branch: what the default branch does not have', async () => {
    work.git('switch', '-q', '-c', 'topic', 'main');
    const head = work.commit('Topic', { 'topic.txt': `${sureKey(3)}\n` });
    hosted.push(work, 'topic');
    const run = await pushed('refs/heads/topic', NONE, head);
    expect([run.code, found(run), run.outputs['complete']]).toEqual([1, keys(3), 'true']);
  });

  test('of a first branch: everything', async () => {
    const run = await pushed('refs/heads/main', NONE, work.id('main'));
    expect([run.code, found(run)]).toEqual([1, keys(1, 2)]);
  });

  test('by force: what the old branch did not have, also if the server has forgotten it', async () => {
    work.git('switch', '-q', '-c', 'forced', 'main');
    const first = work.commit('First try', { 'forced.txt': 'harmless\n' });
    hosted.push(work, 'forced');
    work.git('reset', '-q', '--hard', 'main');
    const second = work.commit('Second try', { 'forced.txt': `${sureKey(4)}\n` });
    hosted.push(work, 'forced');
    const run = await pushed('refs/heads/forced', first, second);
    expect([run.code, found(run)]).toEqual([1, keys(4)]);
    const unknown = await pushed('refs/heads/forced', '1'.repeat(40), second);
    expect([unknown.code, found(unknown)]).toEqual([1, keys(4)]);
    const trunk = await pushed('refs/heads/main', '1'.repeat(40), work.id('main'));
    // Here nothing can be left out: more is judged, not less.
    expect([trunk.code, found(trunk)]).toEqual([1, keys(1, 2)]);
  });

  test('of tags: an annotated one’s message counts', async () => {
    work.git('tag', '-a', 'v1', '-m', `Deploy with ${sureKey(5)}`, 'main');
    hosted.push(work, 'refs/tags/v1');
    const annotated = await pushed('refs/tags/v1', NONE, work.id('refs/tags/v1'));
    expect([annotated.code, found(annotated)]).toEqual([1, keys(5)]);
    work.git('tag', 'v2', 'main');
    hosted.push(work, 'refs/tags/v2');
    const plain = await pushed('refs/tags/v2', NONE, work.id('refs/tags/v2'));
    expect([plain.code, found(plain), plain.outputs['complete']]).toEqual([0, [], 'true']);
  });

  test('that deletes a branch has nothing to scan', async () => {
    const run = await pushed('refs/heads/gone', before, NONE);
    expect([run.code, run.outputs]).toEqual([0, { findings: '0', live: '0', complete: 'true' }]);
    expect(run.out).toContain('nothing to scan');
  });

  test('to the default branch cannot allow its own key; to another branch, nor what it allowed itself', async () => {
    work.git('switch', '-q', '-c', 'allowing', 'main');
    const allowed = work.commit('Ignore', { '.unleak.toml': '[paths]\nignore = ["src/**"]\n' });
    const head = work.commit('Key', { 'src/a.txt': `${sureKey(6)}\n` });
    hosted.push(work, 'allowing');
    const trunk = await pushed('refs/heads/main', work.id('main'), head);
    expect([trunk.code, found(trunk)]).toEqual([1, keys(6)]);
    const branch = await pushed('refs/heads/allowing', allowed, head);
    expect([branch.code, found(branch)]).toEqual([1, keys(6)]);
    const later = await pushed('refs/heads/main', allowed, head);
    expect([later.code, found(later)]).toEqual([0, []]);
  });
});

test('merge_group: the commits of the group', async () => {
  work.git('switch', '-q', '-c', 'queued', 'main');
  const head = work.commit('Queued', { 'queued.txt': `${sureKey(7)}\n` });
  hosted.push(work, 'queued');
  const payload = {
    merge_group: {
      head_sha: head,
      head_ref: 'refs/heads/gh-readonly-queue/main/pr-7-abc',
      base_sha: work.id('main'),
      base_ref: 'refs/heads/main',
    },
    repository: { full_name: hosted.name, default_branch: 'main' },
  };
  const run = await hosted.run({ event: 'merge_group', payload });
  expect([run.code, found(run)]).toEqual([1, keys(7)]);
});

test.each(['schedule', 'workflow_dispatch'])('%s: the whole history of branches, tags and notes', async (event) => {
  const all = await host();
  const clone = makeRepository();
  clone.commit('Base', { 'old.txt': `${sureKey(11)}\n` });
  clone.commit('Gone', { 'old.txt': 'harmless\n' });
  clone.git('notes', 'add', '-m', `note ${sureKey(12)}`);
  clone.git('tag', '-a', 'v1', '-m', `tag ${sureKey(13)}`);
  clone.git('switch', '-q', '-c', 'side');
  clone.commit('Side', { 'side.txt': `${sureKey(14)}\n`, 'fixtures/known.txt': `${sureKey(15)}\n` });
  clone.git('switch', '-q', 'main');
  clone.commit('Ignore fixtures', { '.unleak.toml': '[paths]\nignore = ["fixtures/**"]\n' });
  all.push(clone, 'main', 'side', 'refs/tags/v1', 'refs/notes/commits');
  const run = await all.run({
    event,
    payload: { repository: { default_branch: 'main' } },
    environment: { GITHUB_SHA: clone.id('main'), GITHUB_REF: 'refs/heads/main' },
  });
  expect([run.code, found(run), run.outputs['complete']]).toEqual([1, keys(11, 12, 13, 14), 'true']);
  expect(run.summary).toContain('4 secrets in the whole history');
});

describe('what cannot be served is red', () => {
  test.each([
    ['an event that nothing is known of', 'issue_comment', {}, 'ACTION_EVENT'],
    ['an event without its ids', 'pull_request', { pull_request: { number: 7 } }, 'ACTION_PAYLOAD'],
    [
      'a ref that git would read as an option',
      'push',
      { ref: 'refs/heads/--upload-pack=x', before: NONE, after: '1'.repeat(40) },
      'ACTION_PAYLOAD',
    ],
  ])('%s', async (_, event, payload, code) => {
    const run = await hosted.run({ event, payload });
    expect([run.code, run.outputs['complete']]).toEqual([1, 'false']);
    expect(run.out).toContain(`::error title=unleak%3A ${code}::`);
  });

  test.each([
    ['fail-on', 'sometimes'],
    ['comment', 'yes'],
    ['format', 'docx'],
    ['rules', 'no-such-folder'],
  ])('%s: %s', async (name, value) => {
    const run = await hosted.run({
      event: 'push',
      payload: hosted.pushed('refs/heads/main', before, work.id('main')),
      inputs: { [name]: value },
    });
    expect([run.code, run.outputs['complete']]).toEqual([1, 'false']);
  });

  test('`fail-on: live` without asking anybody', async () => {
    const payload = hosted.pushed('refs/heads/main', before, work.id('main'));
    const run = await hosted.run({ event: 'push', payload, inputs: { 'fail-on': 'live' } });
    expect([run.code, run.out]).toEqual([1, expect.stringContaining('ACTION_INPUT')]);
  });
});

describe('policies', () => {
  const payload = () => hosted.pushed('refs/heads/main', before, work.id('main'));

  test('`never` tells and passes', async () => {
    const run = await hosted.run({ event: 'push', payload: payload(), inputs: { 'fail-on': 'never' } });
    expect([run.code, run.outputs['findings']]).toEqual([0, '1']);
    expect(run.summary).toContain('⚠ 1 secret');
  });

  test('`messaging` alone does not know a GitHub token', async () => {
    const run = await hosted.run({ event: 'push', payload: payload(), inputs: { rules: 'messaging' } });
    expect([run.code, run.outputs['findings']]).toEqual([0, '0']);
  });
});
