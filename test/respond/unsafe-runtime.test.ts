import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { distrustedEvent, unsafeReason } from '../../src/respond/unsafe-runtime.ts';

describe('unsafeReason', () => {
  test.each([
    [['--inspect'], {}],
    [['--inspect-brk=0.0.0.0:9229'], {}],
    [['--report-on-signal'], {}],
    [['--heapsnapshot-near-heap-limit=2'], {}],
    [['--heap-prof'], {}],
    [['--tls-keylog=/tmp/keys'], {}],
    [[], { NODE_OPTIONS: '--max-old-space-size=100 --report-uncaught-exception' }],
    [[], { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
    [[], { NODE_DEBUG: 'fs,HTTP' }],
  ])('refuses %j %j', (argv, environment) => {
    expect(unsafeReason(argv, environment, undefined)).not.toBeNull();
  });
  test('refuses an attached debugger', () => {
    expect(unsafeReason([], {}, 'ws://127.0.0.1:9229/x')).toContain('debugger');
  });
  test.each([
    [['--max-old-space-size=4096'], { NODE_TLS_REJECT_UNAUTHORIZED: '1', NODE_DEBUG: 'fs' }],
    [[], { NODE_OPTIONS: '--enable-source-maps' }],
  ])('accepts %j %j (control)', (argv, environment) => {
    expect(unsafeReason(argv, environment, undefined)).toBeNull();
  });
});

describe('distrustedEvent', () => {
  test.each([
    'pull_request',
    'pull_request_target',
    'pull_request_review',
    'merge_group',
    'workflow_run',
    'issue_comment',
  ])('distrusts %s', (event) => {
    expect(distrustedEvent({ GITHUB_EVENT_NAME: event })).toContain(event);
  });
  test.each(['schedule', 'workflow_dispatch'])('trusts %s', (event) => {
    expect(distrustedEvent({ GITHUB_EVENT_NAME: event })).toBeNull();
  });

  describe('a push', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'unleak-event-'));
    const file = path.join(folder, 'event.json');
    writeFileSync(file, JSON.stringify({ repository: { default_branch: 'trunk' } }));
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });
    const push = { GITHUB_EVENT_NAME: 'push', GITHUB_EVENT_PATH: file };

    test('is trusted on the default branch that its event names', () => {
      expect(distrustedEvent({ ...push, GITHUB_REF: 'refs/heads/trunk' })).toBeNull();
    });
    test.each([
      ['another branch', { GITHUB_REF: 'refs/heads/topic' }],
      ['a tag of that name', { GITHUB_REF: 'refs/tags/trunk' }],
      ['no event to read', { GITHUB_REF: 'refs/heads/trunk', GITHUB_EVENT_PATH: path.join(folder, 'none') }],
      ['no branch at all', {}],
    ])('is not trusted with %s', (_, more) => {
      expect(distrustedEvent({ ...push, ...more })).not.toBeNull();
    });
  });

  test.each([
    ['CI_MERGE_REQUEST_IID', '7'],
    ['BITBUCKET_PR_ID', '7'],
    ['SYSTEM_PULLREQUEST_PULLREQUESTID', '7'],
    ['CIRCLE_PULL_REQUEST', 'https://example.com/pull/7'],
    ['BUILDKITE_PULL_REQUEST', '7'],
    ['TRAVIS_PULL_REQUEST', '7'],
    ['DRONE_PULL_REQUEST', '7'],
    ['CHANGE_ID', '7'],
  ])('distrusts a run with %s', (name, value) => {
    expect(distrustedEvent({ [name]: value })).toContain(name);
  });
  test('trusts a terminal, and servers that say it is no pull request (control)', () => {
    expect(distrustedEvent({})).toBeNull();
    expect(
      distrustedEvent({ BUILDKITE_PULL_REQUEST: 'false', TRAVIS_PULL_REQUEST: 'false', CHANGE_ID: '' }),
    ).toBeNull();
  });
});
