import type { Finding, FindingPart, Occurrence } from '../core/finding.ts';

/**
 * What the machine contract holds, field by field and in its order, so that
 * nothing else that an object carries (a snippet, say) can get out.
 */
export function findingHead(finding: Finding): object {
  return {
    rule: finding.rule,
    provider: finding.provider,
    title: finding.title,
    severity: finding.severity,
    confidence: finding.confidence,
    fingerprint: finding.fingerprint,
    fingerprintKey: finding.fingerprintKey,
    redacted: finding.redacted,
    lastFour: finding.lastFour,
    entropy: finding.entropy,
    exposure: finding.exposure,
    secret: finding.secret,
    tags: finding.tags,
    parts: finding.parts.map(partRecord),
    suppressed: finding.suppressed,
    pending: finding.pending,
    verification: finding.verification,
    firstSeen: finding.firstSeen,
    unlisted: finding.unlisted,
  };
}

function partRecord({ rule, redacted, occurrences }: FindingPart): object {
  return { rule, redacted, occurrences: occurrences.map(occurrenceRecord) };
}

export function occurrenceRecord(occurrence: Occurrence): object {
  return {
    kind: occurrence.kind,
    path: occurrence.path,
    line: occurrence.line,
    column: occurrence.column,
    endLine: occurrence.endLine,
    endColumn: occurrence.endColumn,
    located: occurrence.located,
    commit: occurrence.commit,
    author: occurrence.author,
    email: occurrence.email,
    authorDate: occurrence.authorDate,
    commitDate: occurrence.commitDate,
    moved: occurrence.moved,
    removedIn: occurrence.removedIn,
    blob: occurrence.blob,
    blobs: occurrence.blobs,
    offset: occurrence.offset,
    length: occurrence.length,
    decoded: occurrence.decoded,
    reach: occurrence.reach,
    heldBy: occurrence.heldBy,
    heldByCount: occurrence.heldByCount,
    atBoundary: occurrence.atBoundary,
  };
}
