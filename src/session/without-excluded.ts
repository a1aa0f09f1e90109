import type { Skipped } from '../core/coverage.ts';
import type { Finding } from '../core/finding.ts';
import type { ScanResult } from '../scan.ts';

const EXAMPLES_KEPT = 5;

/**
 * Drops what lies under excluded paths alone, and says so in the coverage. An unknown path is not excluded.
 *
 * @param excluded - who asked for a path to be left out, or null
 */
export function withoutExcluded(
  result: ScanResult,
  excluded: ((path: string) => string | null) | undefined,
): ScanResult {
  if (excluded === undefined) return result;
  const dropped = new Map<string, Set<string>>();
  const findings = result.findings.flatMap((finding): Finding[] => {
    const occurrences = finding.occurrences.filter(({ path }) => {
      const setBy = path === null ? null : excluded(path);
      if (path === null || setBy === null) return true;
      dropped.set(setBy, (dropped.get(setBy) ?? new Set()).add(path));
      return false;
    });
    return occurrences.length === 0 ? [] : [{ ...finding, occurrences }];
  });
  if (dropped.size === 0) return result;
  const skipped = [...dropped].map(([setBy, paths]): Skipped => ({
    reason: 'excluded',
    count: paths.size,
    examples: [...paths].slice(0, EXAMPLES_KEPT),
    setBy,
  }));
  return { ...result, findings, coverage: { ...result.coverage, skipped: [...result.coverage.skipped, ...skipped] } };
}
