/** Collects keys from providers' lists, named stores and the journals of incidents. Sends reads only. */
import type { Secret } from '../../core/secret.ts';
import { type ScanError, isScanError } from '../../errors/base.ts';
import { RespondError } from '../../errors/respond.ts';
import type { Endpoint, Wire } from '../../providers/call.ts';
import type { CredentialKind, Provider } from '../../providers/declaration.ts';
import { keyId, matchRow, withDerived } from '../../providers/identify.ts';
import { type KeyRow, listKeys } from '../../providers/listing.ts';
import { type OperatorAccess, operatorNeeds } from '../../providers/operator.ts';
import type { Target } from '../../providers/registry.ts';
import type { Store, StoreState } from '../../stores/store.ts';
import type { KeyRecord, Recorded } from '../journal/entry.ts';
import { parseTime } from '../logs/record.ts';
import { statusOf } from '../memory.ts';
import type { KeyParts } from '../services.ts';
import type { FoundKey, Gap } from './model.ts';

export interface KeySources {
  readonly wire: Wire;
  readonly endpoint: (target: Target) => Endpoint;
  /** Null: no credential was given. */
  readonly operator: (target: Target) => OperatorAccess | null;
  /** Those that are to be asked, whether or not there is a credential. */
  readonly providers: readonly Provider[];
  readonly stores: readonly Store[];
  /** Id and entries of each incident, oldest first; a journal that cannot be read is its error. */
  readonly incidents: readonly { readonly id: string; readonly entries: readonly Recorded[] | ScanError }[];
}

export interface Gathered {
  readonly keys: readonly FoundKey[];
  readonly gaps: readonly Gap[];
}

const NOTHING: Omit<FoundKey, 'from'> = {
  provider: null,
  account: null,
  label: null,
  id: null,
  lastFour: null,
  active: true,
  stores: [],
  since: null,
  sinceWhat: null,
  lastRotation: null,
  lastUse: null,
  useKnown: false,
  leakedIn: null,
};

function gapOf(error: unknown, about: string): Gap {
  if (!isScanError(error) || error.code === 'HTTP_ABORTED') throw error;
  return { code: error.code, message: `${about}: ${error.message}`, mend: error.mend ?? '' };
}

/** A time in any form that lists use, as ISO 8601; null if it is none. */
function iso(text: string | null): string | null {
  const at = text === null ? null : parseTime(text, '+00:00');
  return at === null ? null : new Date(at).toISOString();
}

interface Listed {
  readonly row: KeyRow;
  readonly target: Target;
  readonly key: FoundKey;
}

function asFound({ provider, kind }: Target, row: KeyRow, account: string): FoundKey {
  const since = iso(row.createdAt);
  return {
    ...NOTHING,
    from: 'provider',
    provider: provider.id,
    account,
    label: row.label,
    id: row.id,
    lastFour: row.lastFour,
    active: row.active,
    since,
    sinceWhat: since === null ? null : 'creation',
    lastUse: iso(row.lastUsedAt),
    useKnown: kind.listing?.lastUsedAt !== undefined,
  };
}

async function listOf(sources: KeySources, target: Target, access: OperatorAccess): Promise<Listed[]> {
  const { listing } = target.kind;
  const listed: Listed[] = [];
  if (!listing) return listed;
  for await (const account of access.accounts()) {
    const rows = await listKeys(sources.wire, sources.endpoint(target), listing, account.values);
    listed.push(...rows.map((row) => ({ row, target, key: asFound(target, row, account.label) })));
  }
  return listed;
}

/** Kinds whose lists differ: two kinds may share one. */
function listedKinds(provider: Provider): CredentialKind[] {
  const kinds = provider.kinds.filter(({ listing }) => listing !== undefined);
  return [...new Map(kinds.map((kind) => [kind.listing?.call.name, kind])).values()];
}

async function askProvider(sources: KeySources, provider: Provider): Promise<{ listed: Listed[]; gaps: Gap[] }> {
  const kinds = listedKinds(provider);
  const [first] = kinds;
  const missing = new RespondError(
    first ? 'NO_OPERATOR' : 'NO_PROVIDER',
    first ? `set ${operatorNeeds(provider.operator)}` : 'it publishes no list of keys; an adapter can name one',
  );
  const access = first ? sources.operator({ provider, kind: first }) : null;
  if (!access) return { listed: [], gaps: [gapOf(missing, `${provider.title} was not asked`)] };
  const [listed, gaps]: [Listed[], Gap[]] = [[], []];
  for (const kind of kinds)
    try {
      listed.push(...(await listOf(sources, { provider, kind }, access)));
    } catch (error) {
      gaps.push(gapOf(error, `The keys of ${provider.title} are not known`));
    }
  return { listed, gaps };
}

/** Which listed key a store gives out; null if none, or if lists do not tell. */
async function listedAs(sources: KeySources, listed: readonly Listed[], parts: KeyParts): Promise<Listed | null> {
  const targets = new Map(listed.map(({ target }) => [target.kind.id, target]));
  for (const target of targets.values()) {
    const of = listed.filter((one) => one.target === target);
    const values = withDerived(target.kind, parts);
    // Nobody is asked with a value that may be another provider's.
    const id =
      target.kind.identify.by === 'derived'
        ? await keyId(sources.wire, sources.endpoint(target), target.kind, values)
        : null;
    if (id === null && target.kind.identify.by !== 'listed') continue;
    const rows = of.map(({ row }) => row);
    const match = matchRow(target.kind, id, rows, values);
    if (match.kind === 'found') return of.find(({ row }) => row === match.row) ?? null;
  }
  return null;
}

function storedKey(store: Store, { createdAt }: StoreState): FoundKey {
  const since = iso(createdAt);
  return {
    ...NOTHING,
    from: 'store',
    label: store.description,
    stores: [store.name],
    since,
    sinceWhat: since === null ? null : 'stored-version',
  };
}

function isEmpty(values: Readonly<Record<string, Secret>>): boolean {
  return Object.values(values).every((value) => value.reveal() === '');
}

async function askStore(sources: KeySources, store: Store, keys: Map<Listed, FoundKey>): Promise<FoundKey | null> {
  const state = await store.read();
  if (state.values !== null && isEmpty(state.values)) return null;
  const same = state.values === null ? null : await listedAs(sources, [...keys.keys()], state.values);
  if (same === null) return storedKey(store, state);
  const key = keys.get(same) ?? same.key;
  keys.set(same, { ...key, stores: [...key.stores, store.name] });
  return null;
}

/** Keys that `unleak` made, by provider and id: when. */
function rotations(incidents: KeySources['incidents']): Map<string, string> {
  const made = new Map<string, string>();
  for (const { entries } of incidents) {
    if (isScanError(entries)) continue;
    const [opened] = entries;
    const records = opened?.type === 'opened' ? opened.keys : [];
    for (const entry of entries) {
      if (entry.type !== 'result' || !entry.made) continue;
      const record = records.find(({ fingerprint }) => fingerprint === entry.key);
      if (record && entry.made.id !== null) made.set(`${record.provider} ${entry.made.id}`, entry.at);
    }
  }
  return made;
}

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
    .filter(({ fingerprint }) => statusOf(entries, fingerprint, 'revoke') !== 'done')
    .map((record) => {
      const listed = entries.findLast((entry) => entry.type === 'listed' && entry.key === record.fingerprint);
      return { incident: id, record, id: listed?.type === 'listed' ? listed.id : null };
    });
}

function leakedKey({ incident, record, id }: Leak): FoundKey {
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

/** A later incident about the same key settles what an earlier one left open; a rotation only once the key is dead. */
function openLeaks(incidents: KeySources['incidents']): Leak[] {
  const byKey = new Map<string, Leak>();
  const readable = incidents.flatMap(({ id, entries }) => (isScanError(entries) ? [] : [{ id, entries }]));
  // Ids of one day are in no order.
  const inTime = readable.toSorted((a, b) => (openedAt(a.entries) < openedAt(b.entries) ? -1 : 1));
  for (const { id, entries } of inTime) {
    for (const fingerprint of settled(entries)) byKey.delete(fingerprint);
    for (const leak of leaks(id, entries)) byKey.set(leak.record.fingerprint, leak);
  }
  return [...byKey.values()];
}

function openedAt(entries: readonly Recorded[]): string {
  return entries[0]?.at ?? '';
}

function settled(entries: readonly Recorded[]): string[] {
  const [opened] = entries;
  if (opened?.type !== 'opened') return [];
  return opened.keys
    .map(({ fingerprint }) => fingerprint)
    .filter((fingerprint) => opened.mode === 'respond' || statusOf(entries, fingerprint, 'revoke') === 'done');
}

async function fromStores(sources: KeySources, keys: Map<Listed, FoundKey>): Promise<Gathered> {
  const [found, gaps]: [FoundKey[], Gap[]] = [[], []];
  for (const store of sources.stores)
    try {
      const key = await askStore(sources, store, keys);
      if (key) found.push(key);
    } catch (error) {
      gaps.push(gapOf(error, `The store ${store.name} was not read`));
    }
  return { keys: found, gaps };
}

/** Marks listed keys that leaked; what no list names is a key of its own. */
function fromIncidents(sources: KeySources, keys: Map<Listed, FoundKey>): FoundKey[] {
  return openLeaks(sources.incidents).flatMap((leak) => {
    const same = [...keys].find(
      ([, key]) => leak.id !== null && key.provider === leak.record.provider && key.id === leak.id,
    );
    if (!same) return [leakedKey(leak)];
    keys.set(same[0], { ...same[1], leakedIn: leak.incident });
    return [];
  });
}

/** Everything that is known of keys, each once. */
export async function gatherKeys(sources: KeySources): Promise<Gathered> {
  const [keys, gaps]: [Map<Listed, FoundKey>, Gap[]] = [new Map(), []];
  const made = rotations(sources.incidents);
  for (const provider of sources.providers) {
    const answer = await askProvider(sources, provider);
    gaps.push(...answer.gaps);
    for (const one of answer.listed)
      keys.set(one, { ...one.key, lastRotation: made.get(`${provider.id} ${one.row.id}`) ?? null });
  }
  const stored = await fromStores(sources, keys);
  const leaked = fromIncidents(sources, keys);
  for (const { id, entries } of sources.incidents)
    if (isScanError(entries)) gaps.push(gapOf(entries, `The incident ${id} cannot be read`));
  return { keys: [...keys.values(), ...stored.keys, ...leaked], gaps: [...gaps, ...stored.gaps] };
}
