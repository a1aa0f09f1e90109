/** One line of a usage log, whatever it looked like at its provider. */
export interface LogRecord {
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  /** Messages it stands for, 0 or more. */
  readonly count: number;
  readonly recipient: string | null;
  readonly outcome: 'sent' | 'bounced' | 'complained';
  readonly ip: string | null;
  readonly country: string | null;
  /** Method and path of an API call, where the log is one of calls. */
  readonly call: string | null;
}

/** The part of an address that says who receives it: domain of an e-mail, country prefix of a number. */
export function recipientGroup(recipient: string): string {
  const at = recipient.lastIndexOf('@');
  if (at >= 0) return recipient.slice(at + 1).toLowerCase();
  const digits = recipient.replace(/\D/g, '');
  return digits === '' ? recipient.toLowerCase() : `+${digits.slice(0, 3)}`;
}

/**
 * A time as the logs write it: ISO 8601, Unix seconds or milliseconds, or
 * `YYYY-MM-DD HH:MM:SS` in the zone given.
 *
 * @param zone - offset such as `+00:00`, for times without one
 * @returns milliseconds since 1970; null if it is no time
 */
export function parseTime(text: string, zone: string): number | null {
  const trimmed = text.trim();
  if (/^\d{10}(?:\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * 1000);
  if (/^\d{13}$/.test(trimmed)) return Number(trimmed);
  const bare = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?$/.exec(trimmed);
  const iso = bare ? `${bare[1]}T${bare[2] ?? '00:00:00'}${zone}` : trimmed;
  const time = Date.parse(iso);
  return Number.isNaN(time) ? null : time;
}
