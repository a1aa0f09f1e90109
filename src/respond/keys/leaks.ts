/** Keys that leaked, as the journals of incidents tell it, and what has ended them since. */
import { isScanError } from '../../errors/base.ts';
import type { KeyRecord, Recorded } from '../journal/entry.ts';
import { statusOf, stepOf } from '../memory.ts';
import type { FoundKey } from './model.ts';
import { type KeySources, NOTHING, iso } from './sources.ts';

interface Leak {
  readonly incident: string;
  readonly record: KeyRecord;
  /** Under which its provider listed it. */
  readonly id: string | null;
}

/** Keys of incidents that nobody has confirmed dead. A rotation is about a key that has not leaked. */
function leaks(id: string, entries: readonly Recorded[]): Leak[] {
  const [opened] = entries;
  if (opened?.type !== 'opened' || opened.mode !== 'respond') return [];
  return opened.keys
    .filter((record) => !isDead(entries, record))
    .map((record) => {
      const listed = entries.findLast((entry) => entry.type === 'listed' && entry.key === record.fingerprint);
      return { incident: id, record, id: listed?.type === 'listed' ? listed.id : null };
    });
}

export function leakedKey({ incident, record, id }: Leak): FoundKey {
  const since = iso(record.firstSeen);
  return {
    ...NOTHING,
    from: 'incident',
    provider: record.provider,
    label: `${record.title} ${record.redacted}`,
    id,
    lastFour: record.lastFour,
    since,
    sinceWhat: since === null ? null : 'first-commit',
    leakedIn: incident,
  };
}

/** What an incident tells about leaks: at what time, which keys are settled, and which are open. */
interface Told {
  readonly at: string;
  settles(leak: Leak): boolean;
  readonly leaks: readonly Leak[];
}

function isDead(entries: readonly Recorded[], { fingerprint }: KeyRecord): boolean {
  return statusOf(entries, fingerprint, 'revoke') === 'done';
}

/** A later incident about the same key settles what an earlier one left open. */
function toldByIncident(id: string, entries: readonly Recorded[], keys: readonly KeyRecord[]): Told {
  const fingerprints = new Set(keys.map(({ fingerprint }) => fingerprint));
  return {
    at: entries[0]?.at ?? '',
    settles: ({ record }) => fingerprints.has(record.fingerprint),
    leaks: leaks(id, entries),
  };
}

/** A rotation settles leaks of the same key once that is dead: known by its fingerprints, or by its id at its provider. */
function toldByRotation(entries: readonly Recorded[], keys: readonly KeyRecord[]): Told[] {
  return keys
    .filter((record) => isDead(entries, record))
    .map((record) => {
      const listed = entries.flatMap((entry) => (entry.type === 'listed' && entry.present ? [entry.id] : []));
      const prints = [record.fingerprint, ...(record.also ?? [])];
      return {
        at: stepOf(entries, record.fingerprint, 'revoke')?.at ?? '',
        settles: (leak) =>
          prints.includes(leak.record.fingerprint) ||
          (leak.id !== null && leak.record.provider === record.provider && listed.includes(leak.id)),
        leaks: [],
      };
    });
}

function told(id: string, entries: readonly Recorded[]): Told[] {
  const [opened] = entries;
  if (opened?.type !== 'opened') return [];
  if (opened.mode === 'rotate') return toldByRotation(entries, opened.keys);
  return [toldByIncident(id, entries, opened.keys)];
}

/** Leaks that nothing later has settled. Ids of one day are in no order, times are. */
export function openLeaks(incidents: KeySources['incidents']): Leak[] {
  const all = incidents.flatMap(({ id, entries }) => (isScanError(entries) ? [] : told(id, entries)));
  let open: Leak[] = [];
  for (const one of all.toSorted((a, b) => (a.at < b.at ? -1 : 1)))
    open = [...open.filter((leak) => !one.settles(leak)), ...one.leaks];
  return open;
}
