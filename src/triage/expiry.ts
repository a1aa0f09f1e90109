import { TriageError } from '../errors/triage.ts';

/** True until the end, in UTC, of the last day named. */
export function holds(expires: string | undefined, now: Date): boolean {
  return expires === undefined || now.toISOString().slice(0, 10) <= expires;
}

/**
 * Checks the last day of a suppression that is being written.
 *
 * @throws TriageError `TRIAGE_EXPIRY_INVALID` if it is no date, or over already
 */
export function checkExpiry(expires: string, now: Date): string {
  if (!isDay(expires)) throw new TriageError('TRIAGE_EXPIRY_INVALID', `not a date: ${JSON.stringify(expires)}`);
  if (!holds(expires, now)) throw new TriageError('TRIAGE_EXPIRY_INVALID', `${expires} has passed`);
  return expires;
}

/** A day that the calendar has, as `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
