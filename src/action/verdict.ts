import type { Finding, FindingsReport, VerificationResult } from '../core/finding.ts';
import { openFindings } from '../report/order.ts';
import type { FailOn } from './inputs.ts';

/** What the run comes to. */
export interface Verdict {
  /** Nobody allowed them. Worst first. */
  readonly open: readonly Finding[];
  /** Those of them that fail the run. */
  readonly failing: readonly Finding[];
  /** Open ones whose provider said that they work. */
  readonly live: number;
  readonly complete: boolean;
  readonly passed: boolean;
}

const LIVE: ReadonlySet<VerificationResult['status']> = new Set(['live', 'live-limited', 'dormant']);

/** A run that did not see everything never passes, whatever the policy for findings. */
export function verdictOf({ findings, coverage }: FindingsReport, failOn: FailOn): Verdict {
  const open = openFindings(findings);
  const failing = open.filter((finding) => fails(finding, failOn));
  return {
    open,
    failing,
    live: open.filter(({ verification }) => verification !== null && LIVE.has(verification.status)).length,
    complete: coverage.complete,
    passed: failing.length === 0 && coverage.complete,
  };
}

function fails({ verification, occurrences }: Finding, failOn: FailOn): boolean {
  switch (failOn) {
    case 'any':
      return true;
    case 'live':
      // Only a key that is proved dead passes: a rejected one may be live elsewhere, an unknown one anywhere.
      return verification?.status !== 'dead';
    case 'new':
      return occurrences.some(({ moved }) => !moved);
    case 'never':
      return false;
  }
}
