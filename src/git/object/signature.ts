/** Who made a commit or tag, and when. */
export interface Identity {
  readonly name: string;
  readonly email: string;
  /** ISO 8601 with the writer's own offset; null if the time is nonsense. */
  readonly date: string | null;
}

const LINE = /^(?<name>[^<]*)<(?<email>[^>]*)>(?: (?<seconds>-?\d{1,15})(?: (?<zone>[+-]\d{4}))?)?/;

/** Reads `Name <email> seconds ±hhmm`, whatever is missing of it. */
export function parseIdentity(line: string): Identity {
  const groups = LINE.exec(line)?.groups;
  if (groups === undefined) return { name: line.trim(), email: '', date: null };
  const { name = '', email = '', seconds, zone } = groups;
  return {
    name: name.trim(),
    email: email.trim(),
    date: seconds === undefined ? null : isoDate(Number(seconds), zone ?? '+0000'),
  };
}

/** Greatest time a `Date` can show, in seconds. */
const LAST_SECOND = 8.64e12;

/** @param seconds - since 1970, UTC; @param zone - `±hhmm` */
export function isoDate(seconds: number, zone: string): string | null {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5));
  const local = seconds + (zone.startsWith('-') ? -60 : 60) * minutes;
  if (!(Math.abs(local) <= LAST_SECOND) || !(minutes < 24 * 60)) return null;
  const text = new Date(local * 1000).toISOString().replace(/\.000Z$/, '');
  return minutes === 0 ? `${text}Z` : `${text}${zone.slice(0, 3)}:${zone.slice(3)}`;
}
