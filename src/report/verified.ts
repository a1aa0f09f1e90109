import type { VerificationResult } from '../core/finding.ts';

/** A verdict as one phrase without its full stop, not yet escaped; empty where nobody asked. */
export function verifiedText(verification: VerificationResult | null): string {
  if (verification === null) return '';
  const { status, checkedAt, detail } = verification;
  const when = checkedAt === '' ? '' : ` at ${checkedAt}`;
  return `Verified ${status}${when}${detail === '' ? '' : `: ${detail}`}`;
}
