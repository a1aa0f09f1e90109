/** What the Action's parts say of reports that no small repository gives. */
import { describe, expect, test } from 'vitest';

import { annotations } from '../../src/action/annotations.ts';
import { COMMENT_MARKER, commentText } from '../../src/action/comment.ts';
import { linksTo } from '../../src/action/links.ts';
import { Masks } from '../../src/action/masks.ts';
import { verdictOf } from '../../src/action/verdict.ts';
import type { BlobScan } from '../../src/core/detector.ts';
import type { Finding, FindingsReport } from '../../src/core/finding.ts';
import { Secret } from '../../src/core/secret.ts';
import { LONGEST_COMMENT } from '../../src/github/sticky-comment.ts';
import { findingOf } from '../respond/harness.ts';
import { sampleReport } from '../helpers/sample-report.ts';

function reportOf(findings: readonly Finding[], complete = true): FindingsReport {
  const problems = complete ? [] : [{ code: 'GIT_SHALLOW', message: 'cut', mend: 'fetch' }];
  return { ...sampleReport(), findings, coverage: { ...sampleReport().coverage, complete, problems } };
}

function many(count: number, more: Partial<Finding> = {}): Finding[] {
  return Array.from({ length: count }, (_, i) =>
    findingOf('github-pat-classic', 'github', { fingerprint: `${i}`.padStart(26, 'a'), ...more }),
  );
}

describe('annotations', () => {
  test('are as many as a runner keeps, of each level', () => {
    const lines = [...annotations(reportOf([...many(14), ...many(3, { confidence: 'medium' })], false))];
    const levels = lines.map((line) => /^::(\w+)/.exec(line)?.[1]);
    expect(levels.filter((level) => level === 'error')).toHaveLength(10);
    expect(levels.filter((level) => level === 'warning')).toHaveLength(4);
    expect(lines.at(-1)).toBe('::notice title=unleak::4 more in the log and the summary\n');
  });
});

describe('the verdict', () => {
  const statuses = ['live', 'live-limited', 'dormant', 'rejected', 'wrong-platform', 'unknown', null] as const;
  const withStatus = (status: (typeof statuses)[number] | 'dead'): FindingsReport =>
    reportOf(many(1, { verification: status === null ? null : { status, checkedAt: '', detail: '' } }));

  test.each(statuses)('under `live`: %s fails', (status) => {
    expect(verdictOf(withStatus(status), 'live').passed).toBe(false);
  });

  test('under `live` only what is dead passes', () => {
    expect(verdictOf(withStatus('dead'), 'live')).toMatchObject({ passed: true, live: 0 });
  });

  test.each(['any', 'live', 'new', 'never'] as const)('under `%s` what is incomplete fails', (policy) => {
    expect(verdictOf(reportOf([], false), policy).passed).toBe(false);
    expect(verdictOf(reportOf([]), policy).passed).toBe(true);
  });
});

describe('the comment', () => {
  const page = (report: FindingsReport) => ({
    report,
    verdict: verdictOf(report, 'any'),
    links: linksTo('https://github.example/acme/mailer'),
    ruleOf: () => undefined,
    subject: 'the commits of this pull request',
  });

  test('is never longer than GitHub takes, and keeps its mark', () => {
    const report = reportOf(many(200, { title: 'T'.repeat(5000) }));
    const text = commentText(page(report), 'a'.repeat(40));
    expect(text.length).toBeLessThanOrEqual(LONGEST_COMMENT);
    expect(text).toContain(COMMENT_MARKER);
    expect(text).toContain('the rest is in the job summary');
  });

  test('says once what to do about many gaps of one kind', () => {
    const problems = ['a', 'b', 'c'].map((name) => ({ code: 'X', message: `Cut (${name}.tar)`, mend: 'Look at it.' }));
    const { coverage, ...rest } = reportOf([], false);
    const text = commentText(page({ ...rest, coverage: { ...coverage, problems } }), 'a'.repeat(40));
    expect(text.split('Look at it.')).toHaveLength(2);
    expect(text).toContain('Not covered: `X`, 3 in all →');
    expect(text).toContain('Cut: a.tar, b.tar, c.tar');
  });

  test('says that it is resolved only if everything was looked at', () => {
    expect(commentText(page(reportOf([])), 'a'.repeat(40))).toContain('Resolved');
    expect(commentText(page(reportOf([], false)), 'a'.repeat(40))).not.toContain('Resolved');
  });
});

describe('links', () => {
  test('end where they should, whatever a path holds', () => {
    const place = sampleReport().findings[0]?.occurrences[0];
    if (place === undefined) throw new Error('no place');
    const path = `a) [x](y) <b> "c" '#?&%\n_*~\ud800.ts`;
    const address = linksTo('https://github.example/acme/mailer').line({
      ...place,
      kind: 'blob',
      path,
      commit: 'c'.repeat(40),
      line: 2,
      endLine: 4,
    });
    expect(address).toMatch(/^https:\/\/github\.example\/acme\/mailer\/blob\/c{40}\/[A-Za-z0-9.%-]+#L2-L4$/);
    expect(decodeURIComponent(new URL(address ?? '').pathname)).toContain(path.replace('\ud800', '\ufffd'));
  });
});

describe('masks', () => {
  function masksOf(...texts: readonly string[]): string[] {
    const masks: string[] = [];
    const collected = new Masks((value) => masks.push(value));
    for (const text of texts) {
      const part = { secret: new Secret('part-of-a-pair-1') };
      collected.learn({ findings: [{ secret: new Secret(text), parts: [part] }] } as unknown as BlobScan);
    }
    return masks;
  }

  test('are at least twelve characters long, single lines, and each given once', () => {
    const masks = masksOf('short', 'a "quoted" secret 1', 'line one of it\nx\r\nline two of it', 'a "quoted" secret 1');
    expect(masks.filter((mask) => mask.length < 12 || /[\r\n]/.test(mask))).toEqual([]);
    expect(new Set(masks).size).toBe(masks.length);
    for (const wanted of [
      'part-of-a-pair-1',
      'a \\"quoted\\" secret 1',
      'a%20%22quoted%22%20secret%201',
      'line one of it',
      'line two of it',
    ])
      expect(masks).toContain(wanted);
    expect(masks.join()).not.toContain('short');
  });

  test('hold values beyond ASCII as they are printed', () => {
    const text = Buffer.from('pässword-with-ümlaut').toString('latin1');
    expect(masksOf(text)).toContain('pässword-with-ümlaut');
  });
});
