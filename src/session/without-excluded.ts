import type { Finding } from '../core/finding.ts';
import type { ScanResult } from '../scan.ts';
import type { Settings } from './settings.ts';

const EXAMPLES_KEPT = 5;

/** Drops what lies under excluded paths alone, and says so in the coverage. An unknown path is not excluded. */
export function withoutExcluded(result: ScanResult, { config }: Settings): ScanResult {
  if (config === null) return result;
  const dropped = new Set<string>();
  const findings = result.findings.flatMap((finding): Finding[] => {
    const occurrences = finding.occurrences.filter(({ path }) => {
      const excluded = path !== null && config.ignoresPath(path);
      if (excluded) dropped.add(path);
      return !excluded;
    });
    return occurrences.length === 0 ? [] : [{ ...finding, occurrences }];
  });
  if (dropped.size === 0) return result;
  const skipped = {
    reason: 'excluded',
    count: dropped.size,
    examples: [...dropped].slice(0, EXAMPLES_KEPT),
    setBy: config.file,
  };
  return { ...result, findings, coverage: { ...result.coverage, skipped: [...result.coverage.skipped, skipped] } };
}
