import type { Finding } from '../core/finding.ts';
import type { TriageEntry } from './entry.ts';

/** A baseline of everything that nothing else suppresses. */
export function baselineOf(findings: readonly Finding[]): TriageEntry[] {
  return findings
    .filter(({ suppressed }) => suppressed === null || suppressed.by === 'baseline')
    .map(({ fingerprint, fingerprintKey, rule }) => ({ fingerprint, key: fingerprintKey, rule, reason: '' }));
}

/**
 * The entries whose secret is still there. Only call it with the findings of a
 * complete run: what was not covered was not shown to be gone.
 */
export function pruned(entries: readonly TriageEntry[], findings: readonly Finding[]): TriageEntry[] {
  const present = new Set(findings.map((finding) => `${finding.fingerprint} ${finding.fingerprintKey}`));
  return entries.filter((entry) => present.has(`${entry.fingerprint} ${entry.key}`));
}
