import type { FindingsReport } from '../../src/core/finding.ts';
import { maskLine } from '../../src/report/snippet.ts';
import { finding, occurrence } from './findings.ts';
import { report } from './report.ts';

const LINE = 'const secret = "SECRET";';

function snippet(lastFour: string): string {
  const start = LINE.indexOf('SECRET');
  return maskLine(new TextEncoder().encode(LINE), [{ start, end: start + 6, focus: true, lastFour }]);
}

function id(letter: string): string {
  return letter.repeat(26);
}

/** One of everything, the same on every run: the golden files are made of it. */
export function sampleReport(): FindingsReport {
  const pushed = { ref: 'refs/remotes/origin/main', inTip: true };
  return report(
    [
      finding({
        rule: 'mailosaur-api-key',
        provider: 'mailosaur',
        title: 'Mailosaur API key',
        fingerprint: id('b'),
        exposure: 'local',
        occurrences: [occurrence({ path: 'tests/inbox.py', line: 4, column: 12, heldBy: [], heldByCount: 0 })],
      }),
      finding({
        rule: 'turbosmtp-consumer-secret',
        provider: 'turbosmtp',
        title: 'turboSMTP consumer secret',
        severity: 'critical',
        fingerprint: id('a'),
        parts: [{ rule: 'turbosmtp-consumer-key', redacted: '…9fA0', occurrences: [occurrence({ line: 2 })] }],
        verification: { status: 'live', checkedAt: '2026-11-20T10:00:00Z', detail: 'GET /v2/me answered 200' },
        occurrences: [
          occurrence({ path: 'old/client.ts', commit: '3'.repeat(40), heldBy: [], removedIn: ['4'.repeat(40)] }),
          occurrence({
            path: 'src/mail/client.ts',
            line: 12,
            column: 17,
            endLine: 12,
            endColumn: 49,
            snippet: snippet('k3Zq'),
            heldBy: [pushed, { ref: 'refs/heads/main', inTip: true }],
            heldByCount: 5,
          }),
        ],
      }),
      finding({
        rule: 'twilio-auth-token',
        provider: 'twilio',
        title: 'Twilio auth token',
        fingerprint: id('c'),
        occurrences: [occurrence({ kind: 'commit-message', path: null, line: 5, column: 9, decoded: ['base64'] })],
      }),
      finding({
        rule: 'generic-password',
        provider: 'generic',
        title: 'Password in a connection string',
        severity: 'medium',
        confidence: 'medium',
        redacted: '…',
        fingerprint: id('d'),
        exposure: 'unknown',
        firstSeen: null,
        occurrences: [occurrence({ kind: 'stdin', path: null, commit: null, blob: null, heldBy: [], heldByCount: 0 })],
      }),
      finding({
        fingerprint: id('e'),
        occurrences: [occurrence({ path: 'docs/sample.md' })],
        suppressed: { by: 'baseline', reason: 'in the baseline', expires: '2027-01-31' },
      }),
      finding({
        fingerprint: id('f'),
        occurrences: [occurrence({ path: 'docs/other.md' })],
        suppressed: { by: 'comment', reason: 'unleak:allow' },
      }),
    ],
    {
      complete: false,
      skipped: [{ reason: 'ignored path', count: 12, examples: ['vendor/a.js', 'vendor/b.js'], setBy: '.unleak.toml' }],
      configuration: [{ file: '.unleak.toml', digest: '0123', disables: ['path:vendor/**', 'rule:generic-secret'] }],
      problems: [
        {
          code: 'GIT_SHALLOW',
          message: 'history before 2026-01-03 is not in this clone',
          mend: 'git fetch --unshallow',
        },
        { code: 'ARCHIVE_LIMIT', message: 'an archive expands beyond the limit', mend: 'Raise the limit.', count: 3 },
      ],
    },
  );
}
