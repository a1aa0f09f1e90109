/** What only the provider's answer tells; the rest is tried on the built command (test/product/policy.test.ts). */
import { describe, expect, test } from 'vitest';

import type { Finding, Occurrence, VerificationResult } from '../../src/core/finding.ts';
import { judgePolicy } from '../../src/policy/judge.ts';
import { POLICY_TEXTS } from '../../src/policy/texts.ts';
import { finding, occurrence } from '../helpers/findings.ts';

const FACTS = { now: new Date('2026-03-05T00:00:00Z'), isApplication: () => false, isKept: () => true };

function codes(changes: Partial<Finding>): string[] {
  return judgePolicy([finding(changes)], FACTS).map(({ code }) => code);
}

function answered(status: VerificationResult['status'], detail = '', occurrences?: readonly Occurrence[]): string[] {
  const verification = { status, detail, checkedAt: '2026-03-04T06:00:00Z' };
  return codes({ verification, ...(occurrences === undefined ? {} : { occurrences }) });
}

describe('after asking the provider', () => {
  test.each(['type: standard', 'scope: admin', 'full access', 'full-access', 'account-wide'])(
    'a key that may do everything (%s) is too wide',
    (detail) => {
      expect(answered('live', `GET /x: 200, ${detail}`)).toEqual(['POLICY_WIDE_SCOPE']);
    },
  );

  test.each([
    ['live', 'type: restricted'],
    ['live', 'administered by nobody'],
    ['live', ''],
    ['live-limited', 'scope: admin'],
    ['dead', 'scope: admin'],
  ] as const)('%s with %j is not (control)', (status, detail) => {
    expect(answered(status, detail)).toEqual([]);
  });

  test('a key of another platform is at the wrong one', () => {
    expect(answered('wrong-platform')).toEqual(['POLICY_WRONG_PLATFORM']);
    expect(answered('unknown')).toEqual([]);
  });

  test('one that is rejected may have been cut short', () => {
    expect(answered('rejected')).toEqual(['POLICY_CUT_SHORT']);
    expect(answered('dead')).toEqual([]);
  });

  const gone = occurrence({ heldBy: [{ ref: 'refs/heads/main', inTip: false }] });

  test.each(['live', 'live-limited'] as const)('one that is used nowhere and %s should be dead', (status) => {
    expect(answered(status, '', [gone])).toEqual(['POLICY_UNUSED_ALIVE']);
    expect(answered(status, '', [gone, occurrence()])).toEqual([]);
    expect(answered(status, '', [gone, occurrence({ kind: 'file', commit: null })])).toEqual([]);
  });

  test('which is not said where it is dead, or where no ref was asked', () => {
    expect(answered('dead', '', [gone])).toEqual([]);
    expect(answered('live', '', [occurrence({ heldBy: [], heldByCount: 0 })])).toEqual([]);
    expect(answered('live', '', [occurrence({ heldBy: [], heldByCount: 0, reach: 'none' })])).toEqual([
      'POLICY_UNUSED_ALIVE',
    ]);
  });
});

test('nothing is said of what somebody let pass, or of a finding without an answer', () => {
  expect(codes({})).toEqual([]);
  const verification = { status: 'rejected', detail: '', checkedAt: '2026-03-04T06:00:00Z' } as const;
  expect(codes({ verification, suppressed: { by: 'baseline', reason: '' } })).toEqual([]);
});

test('every code has a text with one thing to do', () => {
  const texts = Object.values(POLICY_TEXTS);
  expect(texts).toHaveLength(14);
  for (const { title, advice, reference } of texts)
    expect([title, advice, reference].every((text) => text.length > 5)).toBe(true);
});
