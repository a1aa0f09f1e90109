import { describe, expect, test } from 'vitest';

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
  test.each(['push', 'schedule', 'workflow_dispatch'])('trusts %s', (event) => {
    expect(distrustedEvent({ GITHUB_EVENT_NAME: event })).toBeNull();
  });
  test('trusts a push to the default branch only, where that is known', () => {
    const push = { GITHUB_EVENT_NAME: 'push', UNLEAK_DEFAULT_BRANCH: 'main' };
    expect(distrustedEvent({ ...push, GITHUB_REF_NAME: 'main' })).toBeNull();
    expect(distrustedEvent({ ...push, GITHUB_REF_NAME: 'topic' })).toContain('main');
  });
  test('distrusts a merge request, and trusts a terminal', () => {
    expect(distrustedEvent({ CI_MERGE_REQUEST_IID: '7' })).not.toBeNull();
    expect(distrustedEvent({})).toBeNull();
  });
});
