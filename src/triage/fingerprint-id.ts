import { TriageError } from '../errors/triage.ts';

/** Characters of a fingerprint: 26 × 5 = 130 bits, in `a`–`z` and `2`–`7`. */
export const FINGERPRINT_LENGTH = 26;

/** The id of the key that everyone has. */
export const PUBLIC_KEY_ID = 'public';

const SHORTEST_PREFIX = 8;

export function isFingerprint(text: string): boolean {
  return text.length === FINGERPRINT_LENGTH && /^[a-z2-7]+$/.test(text);
}

/** Whether it may be how an id begins: at least its first eight characters. */
export function isIdBeginning(text: string): boolean {
  const { length } = text.trim();
  return length >= SHORTEST_PREFIX && length <= FINGERPRINT_LENGTH && /^[a-z2-7]+$/i.test(text.trim());
}

/**
 * The whole fingerprint that a person meant.
 *
 * @param typed - all of it, or at least its first eight characters
 * @param known - fingerprints it may be one of; only asked for a prefix
 * @throws TriageError `TRIAGE_ID_INVALID`, `TRIAGE_ID_UNKNOWN`, `TRIAGE_ID_AMBIGUOUS`
 */
export function resolveFingerprint(typed: string, known: Iterable<string>): string {
  const text = typed.trim().toLowerCase();
  if (isFingerprint(text)) return text;
  if (!isIdBeginning(text)) {
    // Not repeated: it may be the secret itself, pasted by mistake.
    throw new TriageError('TRIAGE_ID_INVALID', 'this is not the id of a finding');
  }
  const [first, ...others] = new Set([...known].filter((id) => id.startsWith(text)));
  if (first === undefined) throw new TriageError('TRIAGE_ID_UNKNOWN', `no finding has an id that begins with ${text}`);
  if (others.length > 0) {
    throw new TriageError('TRIAGE_ID_AMBIGUOUS', `${others.length + 1} findings have ids that begin with ${text}`);
  }
  return first;
}
