import { createHash } from 'node:crypto';

import type { BlobFinding } from '../core/detector.ts';
import type { Finding, Occurrence } from '../core/finding.ts';
import type { FileRules, Rule } from '../core/rule.ts';
import { Secret } from '../core/secret.ts';
import type { FilePlace, Source } from '../core/source.ts';
import type { ReportedSecrets } from './assemble.ts';

/** Stands where other findings show a part of the secret. */
const THE_FILE = 'the file itself';

/** One finding for each rule and path, with every version of the file that is new there. */
export async function fileFindings(
  source: Source,
  rules: FileRules,
  fingerprinter: { of(family: string, secret: Secret): string },
  reported: Pick<ReportedSecrets, 'keyId' | 'admits'>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const places = await source.files?.((path) => rules.of(path).length > 0, signal);
  const found = new Map<string, { readonly rule: Rule; readonly path: string; readonly places: FilePlace[] }>();
  for (const one of places ?? []) {
    const path = one.place.path ?? '';
    for (const rule of rules.of(path)) {
      if (!reported.admits(asFinding(rule), one.place)) continue;
      const key = `${rule.id}\0${path}`;
      const known = found.get(key) ?? { rule, path, places: [] };
      known.places.push(one);
      found.set(key, known);
    }
  }
  return [...found.values()].map((one) => {
    // A digest is never weak, so that no path is hashed slowly as a guessable secret would be.
    const digest = createHash('sha256').update(rules.identity(one.path)).digest('hex');
    return toFinding(one.rule, one.places, fingerprinter.of(one.rule.family, new Secret(digest)), reported.keyId);
  });
}

function asFinding(rule: Rule): BlobFinding {
  const [span, secret] = [{ start: 0, end: 0 }, new Secret('')];
  return { rule, span, secret, confidence: 'high', decoded: [], parts: [], allowedBy: null };
}

function toFinding(rule: Rule, places: readonly FilePlace[], fingerprint: string, keyId: string): Finding {
  const { id, provider, title, severity } = rule;
  const [first] = places;
  const remote = places.find(({ exposure }) => exposure === 'remote');
  return {
    rule: id,
    provider,
    title,
    severity,
    confidence: 'high',
    fingerprint,
    fingerprintKey: keyId,
    redacted: THE_FILE,
    entropy: 0,
    exposure: (remote ?? first)?.exposure ?? 'unknown',
    parts: [],
    suppressed: null,
    verification: null,
    firstSeen: first === undefined ? null : seenAt(first),
    occurrences: places.map(({ place }): Occurrence => ({
      ...place,
      line: 1,
      column: 1,
      endLine: 1,
      endColumn: 1,
      offset: 0,
      length: 0,
      decoded: [],
    })),
  };
}

function seenAt({ place: { commit, author, commitDate, authorDate } }: FilePlace): Finding['firstSeen'] {
  if (commit === null) return null;
  return { commit, author: author ?? '', date: commitDate ?? authorDate ?? '1970-01-01T00:00:00Z' };
}
