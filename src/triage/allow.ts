import { TriageError } from '../errors/triage.ts';
import type { TriageEntry } from './entry.ts';
import { checkExpiry } from './expiry.ts';
import { PUBLIC_KEY_ID, resolveFingerprint } from './fingerprint-id.ts';

/** On what terms a finding may stay. */
export interface AllowTerms {
  readonly reason: string;
  readonly owner?: string | undefined;
  /** Last day it holds, `YYYY-MM-DD`. */
  readonly expires?: string | undefined;
}

/** A finding that the id may mean. */
export interface AllowCandidate {
  readonly fingerprint: string;
  readonly rule: string;
  readonly fingerprintKey: string;
}

/** @throws TriageError `TRIAGE_REASON_MISSING`, `TRIAGE_EXPIRY_INVALID` */
export function checkTerms({ reason, owner, expires }: AllowTerms, now: Date): AllowTerms {
  const said = reason.trim();
  // The advice is pasted with `…` in place of a reason.
  if (!/[\p{L}\p{N}]/u.test(said)) throw new TriageError('TRIAGE_REASON_MISSING', 'a suppression needs a reason');
  return { reason: said, owner, ...(expires !== undefined && { expires: checkExpiry(expires, now) }) };
}

/**
 * The line that `unleak allow` adds.
 *
 * @param id - a fingerprint, or its first eight or more characters
 * @param known - findings the id may be a prefix of
 * @throws TriageError `TRIAGE_ID_…`
 */
export function allowEntry(
  id: string,
  { reason, owner, expires }: AllowTerms,
  known: readonly AllowCandidate[],
  keyId = PUBLIC_KEY_ID,
): TriageEntry {
  const ids = known.map((candidate) => candidate.fingerprint);
  const fingerprint = resolveFingerprint(id, ids);
  const candidate = known.find((one) => one.fingerprint === fingerprint);
  return {
    fingerprint,
    key: candidate?.fingerprintKey ?? keyId,
    reason,
    ...(candidate && { rule: candidate.rule }),
    ...(owner !== undefined && { owner }),
    ...(expires !== undefined && { expires }),
  };
}
