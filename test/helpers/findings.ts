import { randomBytes } from 'node:crypto';

import type { Finding, Occurrence } from '../../src/core/finding.ts';
import { base32 } from '../../src/triage/base32.ts';

/** An id of the right form that belongs to nothing. */
export function someId(): string {
  return base32(randomBytes(17), 26);
}

export function occurrence(changes: Partial<Occurrence> = {}): Occurrence {
  return {
    kind: 'blob',
    path: 'src/a.ts',
    line: 3,
    column: 14,
    endLine: changes.line ?? 3,
    endColumn: 46,
    commit: '1'.repeat(40),
    author: 'A. Author',
    email: 'author@example.com',
    authorDate: '2026-03-04T05:06:07Z',
    commitDate: '2026-03-04T05:06:07Z',
    moved: false,
    removedIn: [],
    blob: '2'.repeat(40),
    blobs: 1,
    offset: 120,
    length: 32,
    decoded: [],
    reach: 'ref',
    heldBy: [{ ref: 'refs/heads/main', inTip: true }],
    heldByCount: 1,
    ...changes,
  };
}

export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    rule: 'example-token',
    provider: 'example',
    title: 'Example token',
    severity: 'high',
    confidence: 'high',
    fingerprint: someId(),
    fingerprintKey: 'public',
    redacted: '…k3Zq',
    lastFour: 'k3Zq',
    entropy: 4.6,
    exposure: 'remote',
    parts: [],
    suppressed: null,
    verification: null,
    firstSeen: { commit: '1'.repeat(40), author: 'A. Author', date: '2026-03-04T05:06:07Z' },
    occurrences: [occurrence()],
    ...changes,
  };
}
