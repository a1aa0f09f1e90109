import type { Secret } from '../core/secret.ts';

/** Below this many characters, even four are too large a part of the secret. */
const TAIL_FROM_LENGTH = 20;

export interface Redaction {
  /** `…` and at most the last four characters; the same width for every length. */
  readonly redacted: string;
  /** Absent for secrets under 20 characters, and where the end is not printable. */
  readonly lastFour?: string;
}

/** What may be shown of a secret, for `Finding.redacted` and `Finding.lastFour`. */
export function redact(secret: Secret): Redaction {
  const text = secret.reveal();
  const tail = text.slice(-4);
  if (text.length < TAIL_FROM_LENGTH || !/^[!-~]*[A-Za-z0-9][!-~]*$/.test(tail)) return { redacted: '…' };
  return { redacted: `…${tail}`, lastFour: tail };
}
