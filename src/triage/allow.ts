import { TriageError } from '../errors/triage.ts';
import type { TriageEntry } from './entry.ts';
import { checkExpiry } from './expiry.ts';
import { PUBLIC_KEY_ID, resolveFingerprint } from './fingerprint-id.ts';

export interface AllowRequest {
  /** A fingerprint, or its first eight or more characters. */
  readonly id: string;
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

/**
 * The line that `unleak allow` adds.
 *
 * @param known - findings the id may be a prefix of
 * @throws TriageError `TRIAGE_ID_…`, `TRIAGE_REASON_MISSING`, `TRIAGE_EXPIRY_INVALID`
 */
export function allowEntry(
  request: AllowRequest,
  known: readonly AllowCandidate[],
  now: Date,
  keyId = PUBLIC_KEY_ID,
): TriageEntry {
  const ids = known.map((candidate) => candidate.fingerprint);
  const fingerprint = resolveFingerprint(request.id, ids);
  const reason = request.reason.trim();
  // The advice is pasted with `…` in place of a reason.
  if (!/[\p{L}\p{N}]/u.test(reason)) throw new TriageError('TRIAGE_REASON_MISSING', 'a suppression needs a reason');
  const candidate = known.find((one) => one.fingerprint === fingerprint);
  return {
    fingerprint,
    key: candidate?.fingerprintKey ?? keyId,
    reason,
    ...(candidate && { rule: candidate.rule }),
    ...(request.owner !== undefined && { owner: request.owner }),
    ...(request.expires !== undefined && { expires: checkExpiry(request.expires, now) }),
  };
}
