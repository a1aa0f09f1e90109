import type { Finding, Occurrence } from '../core/finding.ts';
import { headlineIndex } from '../core/place.ts';

const EXPOSURE: Readonly<Record<Finding['exposure'], number>> = { remote: 0, unknown: 1, local: 2 };
const SEVERITY: Readonly<Record<Finding['severity'], number>> = { critical: 0, high: 1, medium: 2, low: 3 };
const CONFIDENCE: Readonly<Record<Finding['confidence'], number>> = { high: 0, medium: 1, low: 2 };

/** Worst first: exposure, severity, confidence; then by place, rule and id, so that equal runs give equal reports. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return findings
    .map((finding) => ({ finding, place: headline(finding) }))
    .sort(
      (a, b) =>
        compareWeight(a.finding, b.finding) || comparePlace(a.place, b.place) || compareIds(a.finding, b.finding),
    )
    .map(({ finding }) => finding);
}

function compareWeight(a: Finding, b: Finding): number {
  return (
    EXPOSURE[a.exposure] - EXPOSURE[b.exposure] ||
    SEVERITY[a.severity] - SEVERITY[b.severity] ||
    CONFIDENCE[a.confidence] - CONFIDENCE[b.confidence]
  );
}

function comparePlace(a: Occurrence | undefined, b: Occurrence | undefined): number {
  return (
    compareText(a?.path ?? '', b?.path ?? '') || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0)
  );
}

function compareIds(a: Finding, b: Finding): number {
  return compareText(a.rule, b.rule) || compareText(a.fingerprint, b.fingerprint);
}

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * The occurrence to show first: one that a ref's tip still holds, else the
 * oldest that has a path, else the oldest.
 */
export function headline(finding: Finding): Occurrence | undefined {
  return finding.occurrences[headlineIndex(finding.occurrences)];
}

/** The findings that count: nobody allowed them. */
export function openFindings(findings: readonly Finding[]): Finding[] {
  return sortFindings(findings.filter(({ suppressed }) => suppressed === null));
}
