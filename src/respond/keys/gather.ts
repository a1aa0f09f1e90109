/** Collects keys from providers' lists, named stores and the journals of incidents. Sends reads only. */
import { isScanError } from '../../errors/base.ts';
import { RespondError } from '../../errors/respond.ts';
import type { CredentialKind, Provider } from '../../providers/declaration.ts';
import { type KeyRow, listKeys } from '../../providers/listing.ts';
import { type OperatorAccess, operatorNeeds } from '../../providers/operator.ts';
import type { Target } from '../../providers/registry.ts';
import { leakedKey, openLeaks } from './leaks.ts';
import type { FoundKey, Gap } from './model.ts';
import { type KeySources, type Listed, NOTHING, gapOf, iso } from './sources.ts';
import { fromStores, madeKeys } from './stored.ts';

export interface Gathered {
  readonly keys: readonly FoundKey[];
  readonly gaps: readonly Gap[];
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
  const made = madeKeys(sources.incidents);
  const rotated = new Map(made.map(({ provider, key, at }) => [`${provider} ${key.id}`, at]));
  for (const provider of sources.providers) {
    const answer = await askProvider(sources, provider);
    gaps.push(...answer.gaps);
    for (const one of answer.listed)
      keys.set(one, { ...one.key, lastRotation: rotated.get(`${provider.id} ${one.row.id}`) ?? null });
  }
  const stored = await fromStores(sources, keys, made);
  const leaked = fromIncidents(sources, keys);
  for (const { id, entries } of sources.incidents)
    if (isScanError(entries)) gaps.push(gapOf(entries, `The incident ${id} cannot be read`));
  return { keys: [...keys.values(), ...stored.keys, ...leaked], gaps: [...gaps, ...stored.gaps] };
}
