import { isScanError } from '../errors/base.ts';
import type { StepName, StepStatus } from './journal/entry.ts';
import { stepOf } from './memory.ts';
import type { LeakedKey, Services } from './services.ts';

/** How a step ended, for the journal and the exit code. */
export interface StepEnd {
  readonly status: StepStatus;
  readonly code: string | null;
  readonly reason: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export function done(reason: string, facts: Readonly<Record<string, unknown>> = {}): StepEnd {
  return { status: 'done', code: null, reason, facts };
}

export function waiting(code: string, reason: string, facts: Readonly<Record<string, unknown>> = {}): StepEnd {
  return { status: 'waiting', code, reason, facts };
}

export function failed(code: string, reason: string, facts: Readonly<Record<string, unknown>> = {}): StepEnd {
  return { status: 'failed', code, reason, facts };
}

/** An error of ours as the end of a step; an abort ends the run instead. */
export function failedBy(error: unknown): StepEnd {
  if (!isScanError(error) || error.code === 'HTTP_ABORTED' || error.code === 'JOURNAL_WRITE') throw error;
  return failed(error.code, error.message, error.mend === undefined ? {} : { mend: error.mend });
}

/** Writes down how a step ended, unless the journal says just that already. */
export function endStep(services: Services, key: LeakedKey, step: StepName, end: StepEnd): StepEnd {
  const { status, code, reason, facts = {} } = end;
  const before = stepOf(services.journal.entries, key.record.fingerprint, step);
  const same =
    before?.status === status &&
    before.code === code &&
    before.reason === reason &&
    JSON.stringify(before.facts) === JSON.stringify(facts);
  if (!same) services.journal.append({ type: 'step', key: key.record.fingerprint, step, status, code, reason, facts });
  return end;
}
