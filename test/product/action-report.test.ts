/** What the built Action posts, and what it does where it may not. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import type { Log } from 'sarif';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { type ActionOptions, type ActionRun, type Hosted, host } from '../helpers/action.ts';
import type { GitHubServer } from '../helpers/github-server.ts';
import { sureKey } from '../helpers/key.ts';
import { makeRepository } from '../helpers/repository.ts';

const MARKER = '<!-- unleak: report on this pull request -->';

let hosted: Hosted;
let server: GitHubServer;
let base: string;
let dirty: string;
let clean: string;

beforeAll(async () => {
  hosted = await host();
  ({ server } = hosted);
  const work = makeRepository();
  base = work.commit('Base', { 'readme.txt': 'hello\n' });
  clean = work.commit('Clean', { 'a.txt': 'a\n' });
  dirty = work.commit('Key', { 'b.txt': `one\n${sureKey(1)}\n` });
  hosted.push(work, 'main');
});

beforeEach(() => {
  server.comments = [];
  server.uploads.length = 0;
  server.requests.length = 0;
  server.trouble = () => null;
});

function run(head: string, more: Partial<ActionOptions> = {}, facts: { fork?: boolean } = {}): Promise<ActionRun> {
  const payload = hosted.pullRequest(head, base, { comments: server.comments.length, ...facts });
  return hosted.run({ event: 'pull_request', payload, ...more });
}

describe('the comment', () => {
  test('is not written, and GitHub not asked, where there is nothing to say', async () => {
    expect((await run(clean)).code).toBe(0);
    expect(server.calls).toEqual([]);
  });

  test('is written anew after a person deleted it, and is updated not to be doubled', async () => {
    await run(dirty);
    server.comments = [];
    await run(dirty);
    await run(dirty);
    expect(server.comments).toHaveLength(1);
    expect(server.faults).toEqual([]);
  });

  test('is not written with `comment: false`', async () => {
    expect((await run(dirty, { inputs: { comment: 'false' } })).code).toBe(1);
    expect(server.calls).toEqual([]);
  });

  test('is looked for before it is written again, if an answer was lost', async () => {
    let failed = false;
    server.trouble = ({ method }) => {
      if (method !== 'POST' || failed) return null;
      failed = true;
      // Written, but nobody was told.
      server.comment(`${MARKER}\n`);
      return { status: 502 };
    };
    const { code, summary } = await run(dirty);
    expect([code, server.comments.length]).toEqual([1, 1]);
    expect(summary).toContain('was created');
  });

  test('asks again after a server error, and after a secondary rate limit', async () => {
    let asked = 0;
    server.trouble = ({ method }) => {
      if (method !== 'GET') return null;
      asked++;
      if (asked === 1) return { status: 502 };
      const body = { message: 'You have exceeded a secondary rate limit.' };
      return asked === 2 ? { status: 403, headers: { 'retry-after': '1' }, body } : null;
    };
    const { code, out } = await run(dirty);
    expect([code, asked, server.comments.length]).toEqual([1, 3, 1]);
    expect(out).toContain('secondary rate limit is reached; waiting 1 s');
  });

  test('does not wait for an hour until the rate limit is over', async () => {
    const reset = String(Math.floor(Date.now() / 1000) + 3600);
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
    server.trouble = () => ({ status: 403, headers, body: { message: 'API rate limit exceeded' } });
    const { code, summary } = await run(dirty);
    expect([code, summary]).toEqual([1, expect.stringContaining('GITHUB_RATE_LIMIT')]);
  });
});

describe('a token that may only read', () => {
  const refused = (): void => {
    server.trouble = ({ method }) =>
      method === 'GET' ? null : { status: 403, body: { message: 'Resource not accessible by integration' } };
  };

  test.each([true, false])('annotates and says so (fork: %s)', async (fork) => {
    refused();
    const { code, out, summary, outputs } = await run(dirty, { inputs: { 'upload-sarif': 'true' } }, { fork });
    expect([code, outputs['findings']]).toEqual([1, '1']);
    expect(out).toContain('::error file=b.txt,line=2');
    expect(summary).toContain('the comment was not written. The token may only read');
    expect(summary).toContain('code scanning was not written. The token may only read');
    expect(summary).toContain('1 secret');
  });

  test('passes a clean change, although it cannot take back what was said', async () => {
    server.trouble = () => ({ status: 403, body: { message: 'Resource not accessible by integration' } });
    server.comment('hello', 'somebody', 'User');
    const { code, summary } = await run(clean);
    expect([code, summary]).toEqual([0, expect.stringContaining('GITHUB_FORBIDDEN')]);
  });

  test('or none at all', async () => {
    const { code, out } = await run(dirty, { inputs: { token: '' } });
    // A private repository cannot be fetched without one.
    expect([code, out]).toEqual([1, expect.stringContaining('ACTION_FETCH')]);
  });
});

describe('code scanning', () => {
  test('is sent the packed SARIF of the head', async () => {
    const { outputs } = await run(dirty, { inputs: { 'upload-sarif': 'true', comment: 'false' } });
    const [upload] = server.uploads;
    expect(upload).toMatchObject({ commit_sha: dirty, ref: 'refs/pull/7/head', tool_name: 'unleak' });
    const text = gunzipSync(Buffer.from(String(upload?.['sarif']), 'base64')).toString('utf8');
    expect(text).toBe(readFileSync(outputs['sarif'] ?? '', 'utf8'));
    const log = JSON.parse(text) as Log;
    expect(log.runs[0]?.results?.[0]?.locations?.[0]?.physicalLocation?.region?.startLine).toBe(2);
    expect(server.faults).toEqual([]);
  });

  test('is sent an empty one too, so that alerts close', async () => {
    await run(clean, { inputs: { 'upload-sarif': 'true' } });
    expect(server.uploads).toHaveLength(1);
  });

  test('that is not switched on changes no verdict', async () => {
    server.trouble = ({ path }) => (path.includes('code-scanning') ? { status: 404 } : null);
    const { code, summary } = await run(clean, { inputs: { 'upload-sarif': 'true' } });
    expect([code, summary]).toEqual([0, expect.stringContaining('GITHUB_NOT_FOUND')]);
  });
});

describe('files', () => {
  test.each([
    ['json', '"schema"'],
    ['gitlab', '"vulnerabilities"'],
    ['markdown', '###'],
    ['sarif', '"2.1.0"'],
  ])('of format %s, which nobody else can read', async (format, text) => {
    const { outputs } = await run(dirty, { inputs: { format, comment: 'false' } });
    const { report = '', sarif = '' } = outputs;
    expect(readFileSync(report, 'utf8')).toContain(text);
    expect([existsSync(sarif), statSync(report).mode & 0o077]).toEqual([true, 0]);
  });
});
