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
 * complete run: what was not covered was not shown to be gone, and neither was
 * what has an id of another key.
 *
 * @param keyId - of the key that this run's fingerprints were made with
 */
export function pruned(entries: readonly TriageEntry[], findings: readonly Finding[], keyId: string): TriageEntry[] {
  const present = new Set(findings.map(({ fingerprint }) => fingerprint));
  return entries.filter((entry) => entry.key !== keyId || present.has(entry.fingerprint));
}
