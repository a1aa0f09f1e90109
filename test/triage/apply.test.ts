import { describe, expect, test } from 'vitest';

import type { AllowRule } from '../../src/core/allow.ts';
import type { Finding } from '../../src/core/finding.ts';
import { applySuppressions, type SuppressionOutcome, type Suppressions } from '../../src/triage/apply.ts';
import { baselineOf, pruned } from '../../src/triage/baseline.ts';
import type { TriageEntry } from '../../src/triage/entry.ts';
import { inlineSuppression } from '../../src/triage/inline.ts';
import { finding, occurrence, someId } from '../helpers/findings.ts';

const NOW = new Date('2026-11-20T12:00:00Z');

function entry(fingerprint: string, changes: Partial<TriageEntry> = {}): TriageEntry {
  return { fingerprint, key: 'public', reason: 'looked at', ...changes };
}

function apply(findings: readonly Finding[], suppressions: Suppressions): SuppressionOutcome {
  return applySuppressions(findings, suppressions, NOW, 'public');
}

describe('applySuppressions', () => {
  test('marks what an entry names and leaves the rest open', () => {
    const [one, two] = [finding(), finding()];
    const { findings, unused } = apply([one, two], { entries: [entry(one.fingerprint)] });
    expect(findings.map((f) => f.suppressed)).toEqual([{ by: 'ignore-file', reason: 'looked at' }, null]);
    expect(unused).toEqual([]);
  });

  test('opens a different secret that stands in the place of a suppressed one', () => {
    const old = finding();
    const fresh = finding({ occurrences: old.occurrences });
    const { findings, unused } = apply([fresh], { baseline: [entry(old.fingerprint)] });
    expect(findings[0]?.suppressed).toBeNull();
    expect(unused.map((e) => e.fingerprint)).toEqual([old.fingerprint]);
  });

  test.each([
    ['2026-11-20', true],
    ['2026-11-19', false],
  ])('holds until the end of the last day: %s → %s', (expires, held) => {
    const one = finding();
    const outcome = apply([one], { entries: [entry(one.fingerprint, { expires })] });
    expect(outcome.findings[0]?.suppressed !== null).toBe(held);
    expect(outcome.expired.map((e) => e.expires)).toEqual(held ? [] : [expires]);
    expect(outcome.unused).toEqual([]);
  });

  test('lets a second, unexpired line of the same id hold', () => {
    const one = finding();
    const entries = [entry(one.fingerprint, { expires: '2020-01-01' }), entry(one.fingerprint, { reason: 'again' })];
    expect(apply([one], { entries }).findings[0]?.suppressed?.reason).toBe('again');
  });

  test('reports entries of another key apart from unused ones', () => {
    const foreign = entry(someId(), { key: 'key-01234567' });
    const outcome = apply([finding()], { baseline: [foreign] });
    expect(outcome.otherKey).toEqual([foreign]);
    expect(outcome.unused).toEqual([]);
  });

  test('keeps what a comment allowed, and counts the entry as used', () => {
    const one = finding({ suppressed: { by: 'comment', reason: 'unleak:allow' } });
    const outcome = apply([one], { entries: [entry(one.fingerprint)] });
    expect(outcome.findings[0]?.suppressed?.by).toBe('comment');
    expect(outcome.unused).toEqual([]);
  });

  describe('permissions of a configuration', () => {
    const tests: AllowRule = {
      label: 'allow 1',
      reason: 'made up',
      rules: ['example-token'],
      matchesPath: (path) => path.startsWith('test/'),
    };

    test('cover a secret only if every copy lies under the path', () => {
      const inside = occurrence({ path: 'test/a.ts' });
      const only = finding({ occurrences: [inside] });
      const copied = finding({ occurrences: [inside, occurrence()] });
      const pathless = finding({ occurrences: [inside, occurrence({ path: null })] });
      const nowhere = finding({ occurrences: [] });
      const { findings } = apply([only, copied, pathless, nowhere], { rules: [tests] });
      expect(findings.map((f) => f.suppressed?.by ?? null)).toEqual(['config', null, null, null]);
    });

    test('cover only their rules, and only until they expire', () => {
      const inside = [occurrence({ path: 'test/a.ts' })];
      const other = finding({ rule: 'other-token', occurrences: inside });
      const same = finding({ occurrences: inside });
      const past = { ...tests, expires: '2026-01-01' };
      expect(apply([other, same], { rules: [tests] }).findings.map((f) => f.suppressed === null)).toEqual([
        true,
        false,
      ]);
      const outcome = apply([same], { rules: [past] });
      expect(outcome.findings[0]?.suppressed).toBeNull();
      expect(outcome.expiredRules).toEqual([past]);
    });
  });
});

describe('inlineSuppression', () => {
  test('asks for a comment at every place', () => {
    expect(inlineSuppression(['unleak:allow', 'gitleaks:allow'])).toEqual({ by: 'comment', reason: 'unleak:allow' });
    expect(inlineSuppression(['unleak:allow', null])).toBeNull();
    expect(inlineSuppression([null])).toBeNull();
    expect(inlineSuppression([])).toBeNull();
  });
});

describe('baseline', () => {
  test('takes what is open or in the old baseline, not what was allowed otherwise', () => {
    const findings = [
      finding(),
      finding({ suppressed: { by: 'baseline', reason: 'in the baseline' } }),
      finding({ suppressed: { by: 'comment', reason: 'unleak:allow' } }),
    ];
    const written = baselineOf(findings);
    expect(written.map((e) => e.fingerprint)).toEqual(findings.slice(0, 2).map((f) => f.fingerprint));
    expect(apply(findings.slice(0, 1), { baseline: written }).findings[0]?.suppressed).toEqual({
      by: 'baseline',
      reason: 'in the baseline',
    });
  });

  test('drops what is gone', () => {
    const [gone, kept] = [finding(), finding()];
    expect(pruned(baselineOf([gone, kept]), [kept], 'public')).toEqual(baselineOf([kept]));
  });
});
