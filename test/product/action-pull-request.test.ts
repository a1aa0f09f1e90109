/** Pull requests, seen by the built Action on a fake GitHub. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { type ActionRun, type Hosted, checkout, host } from '../helpers/action.ts';
import { workflowCommands } from '../helpers/inert.ts';
import { sureKey } from '../helpers/key.ts';
import { type TestRepository, makeRepository } from '../helpers/repository.ts';
import { unleak } from '../helpers/product.ts';

/** Annotations, as opposed to masks. */
function annotations({ out }: ActionRun): string[] {
  return workflowCommands(out).filter((line) => !line.startsWith('::add-mask::'));
}

function reportOf({ outputs }: ActionRun): FindingsReport {
  return JSON.parse(readFileSync(outputs['report'] ?? '', 'utf8')) as FindingsReport;
}

function keyFile(key: string): string {
  return `const mailer = connect();\nconst token = '${key}';\n`;
}

/** Many commits on a branch at once; each changes a file of its own, and some the one that is named. Returns their ids. */
function addCommits(
  work: TestRepository,
  branch: string,
  count: number,
  fileOf: (i: number) => readonly [file: string, content: string | null, i: number],
): string[] {
  const before = work.id(branch);
  const pieces = Array.from({ length: count }, (_, at) => {
    const [file, content, i] = fileOf(at + 1);
    const date = `${work.clock + 60 * i} +0000`;
    const changes = [[`f${i}.txt`, `${i}\n`], ...(content === null ? [] : [[file, content]])].map(
      ([name, text = '']) => `M 100644 inline ${name}\ndata ${text.length}\n${text}\n`,
    );
    const from = at === 0 ? `from ${before}\n` : '';
    return `commit refs/heads/${branch}\nauthor A <a@example.test> ${date}\ncommitter C <c@example.test> ${date}\ndata 2\nx\n${from}${changes.join('')}`;
  });
  work.gitBytes(['fast-import', '--quiet'], pieces.join(''));
  return work.git('rev-list', '--reverse', `${before}..${branch}`).split('\n');
}

/** How often commits were fetched: asking which refs there are is another request. */
function fetches({ server }: Hosted): number {
  return server.requests.filter(({ path: asked, body }) => asked.endsWith('/git-upload-pack') && body.includes('fetch'))
    .length;
}

async function hostedWith(files: Record<string, string> = {}): Promise<{ hosted: Hosted; work: TestRepository }> {
  const hosted = await host();
  const work = makeRepository();
  work.commit('Base', { 'readme.txt': 'hello\n', ...files });
  hosted.push(work, 'main');
  work.git('switch', '-q', '-c', 'topic');
  return { hosted, work };
}

describe('a key that commit 3 of 75 adds and commit 5 removes', () => {
  test('is annotated where commit 3 has it, told in one comment, and resolved by a force push', async () => {
    const { hosted, work } = await hostedWith();
    const base = work.id('main');
    const versions = new Map([
      [3, keyFile(sureKey(1))],
      [5, 'const mailer = connect();\n'],
    ]);
    const ids = addCommits(work, 'topic', 75, (i) => ['src/mail.ts', versions.get(i) ?? null, i]);
    work.git('reset', '-q', '--hard', 'topic');
    hosted.push(work, 'topic');
    const { server } = hosted;
    // A long thread, with somebody in it who copied the mark of our comment.
    for (let i = 0; i < 250; i++) server.comment(`Opinion ${i}`, 'somebody', 'User');
    const run = (head: string, commits: number): Promise<ActionRun> =>
      hosted.run({
        event: 'pull_request',
        payload: hosted.pullRequest(head, base, { commits, comments: server.comments.length }),
      });

    const first = await run(ids[74] ?? '', 75);
    expect(first.code).toBe(1);
    expect(first.outputs).toMatchObject({ findings: '1', complete: 'true' });
    expect(reportOf(first)).toMatchObject({
      coverage: { source: 'pull-request', commits: 75, complete: true },
      findings: [
        { exposure: 'remote', occurrences: [{ path: 'src/mail.ts', line: 2, commit: ids[2], removedIn: [ids[4]] }] },
      ],
    });
    const [annotation, ...more] = annotations(first);
    expect(more).toEqual([]);
    expect(annotation).toMatch(/^::error file=src\/mail\.ts,line=2,/);
    expect(annotation).toContain(ids[2]);
    const comment = server.comments.find(({ author }) => author === 'github-actions[bot]');
    expect(comment?.body).toContain('1 secret in the commits of this pull request');
    expect(comment?.body).toContain(`/blob/${ids[2]}/src/mail.ts#L2`);
    expect(server.comments).toHaveLength(251);

    // The mark in a stranger's comment counts for nothing; ours is found after edits around the mark.
    const imitation = server.comment(comment?.body ?? '', 'stranger', 'User');
    const posing = server.comment(comment?.body ?? '', 'github-actions', 'User');
    if (comment) comment.body = `Edited by a maintainer.\n${comment.body}`;
    const again = await run(ids[74] ?? '', 75);
    expect(again.code).toBe(1);
    expect(comment?.body).not.toContain('Edited');

    work.git('reset', '-q', '--hard', ids[1] ?? '');
    const fixed = work.commit('Without the key', { 'src/mail.ts': 'const mailer = connect();\n' });
    hosted.push(work, 'topic');
    const last = await run(fixed, 3);
    expect([last.code, last.outputs['findings']]).toEqual([0, '0']);
    expect(comment?.body).toContain('Resolved');
    expect([imitation.body, posing.body].join()).not.toContain('Resolved');
    expect(server.comments).toHaveLength(253);

    const settled = await run(fixed, 3);
    expect(settled.code).toBe(0);
    expect(server.calls.at(-1)).not.toMatch(/^PATCH/);
    expect(server.faults).toEqual([]);
  });
});

describe('a pull request that silences its own key stays red', () => {
  const key = sureKey(2);
  const line = keyFile(key);

  /** The id that a suppression would name. */
  function idOf(work: TestRepository): string {
    const { out } = unleak(['scan', '--format', 'json', 'src'], { cwd: work.folder });
    return (JSON.parse(out) as FindingsReport).findings[0]?.fingerprint ?? '';
  }

  const SILENCERS: readonly (readonly [string, (work: TestRepository) => Record<string, string>])[] = [
    ['an inline allow', () => ({ 'src/mail.ts': line.replace(';\n', ';').replace("';", "'; // unleak:allow\n") })],
    ['a suppression', (work) => ({ '.unleak-allow': `${idOf(work)} reason=trust me\n` })],
    ['a disabled rule', () => ({ '.unleak.toml': '[rules]\ndisable = ["github-pat-classic"]\n' })],
    ['an ignored path', () => ({ '.unleak.toml': '[paths]\nignore = ["src/**"]\n' })],
    ['a line of .gitleaksignore', () => ({ '.gitleaksignore': 'src/mail.ts:github-pat-classic:2\n' })],
    ['a baseline entry', (work) => ({ '.unleak-baseline': `${idOf(work)}\n` })],
  ];

  test.each(SILENCERS)('with %s; on the base it holds (control)', async (_, filesFor) => {
    const { hosted, work } = await hostedWith();
    work.write('src/mail.ts', line);
    const files = filesFor(work);
    const base = work.id('main');
    const head = work.commit('Add the mailer', { 'src/mail.ts': line, ...files });
    hosted.push(work, 'topic');
    const red = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base) });
    expect([red.code, red.outputs['findings']]).toEqual([1, '1']);
    expect(red.summary).toContain('allowed by this change, which does not hold before it is merged');
    expect(annotations(red)).toHaveLength(1);

    // The same, once a maintainer has it on the base. An inline comment allows what stands on its line.
    const { 'src/mail.ts': inline, ...merged } = files;
    work.git('switch', '-q', 'main');
    work.commit('Allow it', inline === undefined ? merged : { 'src/mail.ts': inline });
    hosted.push(work, 'main');
    work.git('switch', '-q', '-c', 'again');
    const copy = inline === undefined ? { 'src/mail.ts': line } : { 'src/mail.ts': `// More.\n${inline}` };
    const next = work.commit('Add the mailer', copy);
    hosted.push(work, 'again');
    const green = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(next, work.id('main')) });
    expect([green.code, green.outputs['findings']]).toEqual([0, '0']);
  });
});

describe('what others miss', () => {
  test('a key that a conflict resolution brings', async () => {
    const { hosted, work } = await hostedWith({ 'mail.txt': 'one\n' });
    work.commit('Topic', { 'mail.txt': 'topic\n' });
    work.git('switch', '-q', 'main');
    const base = work.commit('Main', { 'mail.txt': 'main\n' });
    work.git('switch', '-q', 'topic');
    expect(() => work.git('merge', '-q', 'main')).toThrow('git');
    const head = work.commit('Merge main', { 'mail.txt': `token = "${sureKey(3)}"\n` });
    hosted.push(work, 'main', 'topic');
    expect(work.git('log', '-1', '--format=%P').split(' ')).toHaveLength(2);
    const run = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base, { commits: 2 }) });
    expect(run.code).toBe(1);
    expect(reportOf(run).findings).toMatchObject([{ occurrences: [{ path: 'mail.txt', line: 1, commit: head }] }]);
  });

  test('an old file with a key that is copied to another path', async () => {
    const { hosted, work } = await hostedWith({ 'old/key.ts': keyFile(sureKey(4)) });
    const base = work.id('main');
    const head = work.commit('Copy', { 'new/key.ts': keyFile(sureKey(4)) });
    hosted.push(work, 'topic');
    expect(work.id('HEAD:new/key.ts')).toBe(work.id('main:old/key.ts'));
    const payload = hosted.pullRequest(head, base);
    const run = await hosted.run({ event: 'pull_request', payload });
    expect(run.code).toBe(1);
    expect(reportOf(run).findings).toMatchObject([{ occurrences: [{ path: 'new/key.ts', commit: head }] }]);
  });

  test('a file with a key that is moved; `fail-on: new` lets that pass', async () => {
    const { hosted, work } = await hostedWith({ 'old/key.ts': keyFile(sureKey(4)) });
    const base = work.id('main');
    work.git('mv', 'old', 'new');
    const head = work.commit('Move');
    hosted.push(work, 'topic');
    const payload = hosted.pullRequest(head, base);
    const run = await hosted.run({ event: 'pull_request', payload });
    expect([run.code, run.outputs['findings']]).toEqual([1, '1']);
    const lenient = await hosted.run({ event: 'pull_request', payload, inputs: { 'fail-on': 'new' } });
    expect([lenient.code, lenient.outputs['findings']]).toEqual([0, '1']);
    expect(lenient.summary).toContain('does not fail the run');
  });

  test('a key in the name of the branch', async () => {
    const { hosted, work } = await hostedWith();
    const base = work.id('main');
    const head = work.commit('Harmless', { 'a.txt': 'a\n' });
    hosted.push(work, 'topic');
    const branch = `fix-${sureKey(5)}`;
    const run = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base, { branch }) });
    expect([run.code, run.outputs['findings']]).toEqual([1, '1']);
    expect(run.summary).not.toContain(sureKey(5));
  });
});

describe('a shallow checkout', () => {
  async function shallow(): Promise<{ hosted: Hosted; work: TestRepository; head: string; base: string }> {
    const { hosted, work } = await hostedWith();
    const base = work.id('main');
    for (let i = 0; i < 8; i++) work.commit(`Commit ${i}`, { [`f${i}.txt`]: `${i}\n` });
    work.commit('Key', { 'src/mail.ts': keyFile(sureKey(6)) });
    for (let i = 0; i < 4; i++) work.commit(`Later ${i}`, { 'src/mail.ts': `// ${i}\n` });
    hosted.push(work, 'main', 'topic');
    return { hosted, work, head: work.id('topic'), base };
  }

  test('is deepened by what is missing, and not touched itself', async () => {
    const { hosted, head, base } = await shallow();
    const workspace = checkout(hosted, head, 1);
    const cut = readFileSync(path.join(workspace, '.git', 'shallow'), 'utf8');
    // The number that GitHub gives is a hint: here it is far too small.
    const payload = hosted.pullRequest(head, base, { commits: 1 });
    const run = await hosted.run({ event: 'pull_request', payload, workspace });
    expect([run.code, run.outputs['findings'], run.outputs['complete']]).toEqual([1, '1', 'true']);
    expect(reportOf(run).coverage).toMatchObject({ commits: 13, problems: [] });
    expect(readFileSync(path.join(workspace, '.git', 'shallow'), 'utf8')).toBe(cut);
  });

  test('that cannot be deepened is incomplete and red', async () => {
    const { hosted, head, base } = await shallow();
    const workspace = checkout(hosted, head, 1);
    hosted.server.gitTrouble = [403];
    const run = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base), workspace });
    expect([run.code, run.outputs['complete']]).toEqual([1, 'false']);
    const codes = reportOf(run).coverage.problems.map(({ code }) => code);
    expect(codes).toContain('GIT_SHALLOW');
    expect(codes).toContain('ACTION_FETCH');
    expect(run.summary).toContain('not everything could be looked at');
  });

  test('a whole checkout needs no server', async () => {
    const { hosted, head, base } = await shallow();
    const workspace = checkout(hosted, head, null);
    hosted.server.gitTrouble = [403];
    const run = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base), workspace });
    expect([run.code, run.outputs['findings'], run.outputs['complete']]).toEqual([1, '1', 'true']);
  });

  test('without a checkout and without a server there is an error, not a pass', async () => {
    const { hosted, head, base } = await shallow();
    hosted.server.gitTrouble = [403];
    const run = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base) });
    expect([run.code, run.outputs['complete']]).toEqual([1, 'false']);
    expect(annotations(run)[0]).toContain('ACTION_FETCH');
  });
});

describe('a server that fails for a moment', () => {
  test('is asked again', async () => {
    const { hosted, work } = await hostedWith();
    const base = work.id('main');
    const head = work.commit('Key', { 'src/mail.ts': keyFile(sureKey(6)) });
    hosted.push(work, 'topic');
    hosted.server.gitTrouble = [502, 200];
    const run = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base) });
    expect([run.code, run.outputs['findings'], run.outputs['complete']]).toEqual([1, '1', 'true']);
  });
});

describe('a base branch that went on', () => {
  test('by more commits than were fetched at first; what it has is left out', async () => {
    const { hosted, work } = await hostedWith();
    const head = work.commit('Topic', { 'src/mail.ts': keyFile(sureKey(7)) });
    work.git('switch', '-q', 'main');
    addCommits(work, 'main', 90, (i) => ['main.txt', i === 40 ? sureKey(8) : null, i]);
    hosted.push(work, 'main', 'topic');
    const payload = hosted.pullRequest(head, work.id('main'), { commits: 1 });
    const run = await hosted.run({ event: 'pull_request', payload });
    expect([run.code, run.outputs['findings'], run.outputs['complete']]).toEqual([1, '1', 'true']);
    expect(reportOf(run).coverage.commits).toBe(1);
    // GitHub's own list said how deep to go: two fetches, and not the whole history.
    expect(fetches(hosted)).toBeLessThanOrEqual(2);
    expect(hosted.server.faults).toEqual([]);
  });

  test('and into which an old branch was merged; in pages, and without the list too', async () => {
    const { hosted, work } = await hostedWith();
    const start = work.id('main');
    work.git('switch', '-q', 'main');
    addCommits(work, 'main', 60, (i) => ['main.txt', i === 9 ? sureKey(8) : null, i]);
    work.git('reset', '-q', '--hard', 'main');
    const base = work.id('main');
    // The old branch begins far behind what is fetched at first.
    work.git('switch', '-q', '-c', 'old', start);
    addCommits(work, 'old', 130, (i) => ['old.txt', i === 3 ? sureKey(12) : null, i]);
    work.git('reset', '-q', '--hard', 'old');
    work.git('switch', '-q', '-c', 'both', 'main');
    work.tick();
    work.git('merge', '-q', '-s', 'ours', '-m', 'Merge old', 'old');
    hosted.push(work, 'main', 'both');
    const payload = hosted.pullRequest(work.id('both'), base, { commits: 20 });
    for (const listed of [true, false]) {
      hosted.server.trouble = ({ path: asked }) => (listed || !asked.includes('/compare/') ? null : { status: 404 });
      const run = await hosted.run({ event: 'pull_request', payload });
      expect([run.code, run.outputs['findings'], run.outputs['complete']]).toEqual([1, '1', 'true']);
      expect(reportOf(run).coverage.commits).toBe(Number(work.git('rev-list', '--count', `${base}..both`)));
    }
    expect(hosted.server.calls.filter((call) => call.includes('/compare/'))).toHaveLength(3);
    expect(hosted.server.faults).toEqual([]);
  });

  test('or was deleted: the commit that the event names stands in', async () => {
    const { hosted, work } = await hostedWith();
    const base = work.id('main');
    const head = work.commit('Topic', { 'src/mail.ts': keyFile(sureKey(9)) });
    hosted.push(work, 'topic');
    hosted.repository.git('update-ref', '-d', 'refs/heads/main');
    const run = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, base) });
    expect([run.code, run.outputs['findings'], run.outputs['complete']]).toEqual([1, '1', 'true']);
  });

  test('settings of its present tip hold, not those of where the branch began', async () => {
    const { hosted, work } = await hostedWith({ '.unleak.toml': '[paths]\nignore = ["src/**"]\n' });
    const head = work.commit('Topic', { 'src/mail.ts': keyFile(sureKey(10)) });
    const old = work.id('main');
    work.git('switch', '-q', 'main');
    work.git('rm', '-q', '.unleak.toml');
    work.commit('Ignore nothing');
    hosted.push(work, 'main', 'topic');
    const run = await hosted.run({ event: 'pull_request', payload: hosted.pullRequest(head, old) });
    expect([run.code, run.outputs['findings']]).toEqual([1, '1']);
  });
});

describe('settings', () => {
  test('a baseline and rule files are read from the base, wherever a checkout lies', async () => {
    const { hosted, work } = await hostedWith();
    const base = work.id('main');
    const head = work.commit('Topic', { 'src/mail.ts': keyFile(sureKey(11)), 'known.baseline': '' });
    const { out } = unleak(['scan', '--format', 'json', 'src'], { cwd: work.folder });
    const [finding] = (JSON.parse(out) as FindingsReport).findings;
    const forged = work.commit('Baseline', { 'known.baseline': `${finding?.fingerprint}\n` });
    hosted.push(work, 'topic');
    const workspace = checkout(hosted, forged, null);
    writeFileSync(path.join(workspace, '.unleak-allow'), `${finding?.fingerprint} reason=planted\n`);
    const payload = hosted.pullRequest(forged, base, { commits: 2 });
    const named = await hosted.run({
      event: 'pull_request',
      payload,
      workspace,
      inputs: { baseline: 'known.baseline' },
    });
    expect([named.code, annotations(named).join()]).toEqual([1, expect.stringContaining('USAGE_NO_SUCH_PATH')]);
    const run = await hosted.run({ event: 'pull_request', payload, workspace });
    expect([head.length, run.code, run.outputs['findings']]).toEqual([40, 1, '1']);
  });
});
