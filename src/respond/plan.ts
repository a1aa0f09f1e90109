import { Secret } from '../core/secret.ts';
import { isScanError } from '../errors/base.ts';
import { RespondError, type RespondErrorCode } from '../errors/respond.ts';
import type { CredentialKind, RevokeWay } from '../providers/declaration.ts';
import { asCaller, keyId, matchRow } from '../providers/identify.ts';
import { type KeyRow, listKeys } from '../providers/listing.ts';
import { type OperatorAccess, type OperatorAccount, operatorNeeds } from '../providers/operator.ts';
import type { Target } from '../providers/registry.ts';
import type { Values } from '../providers/template.ts';
import type { Asked } from './ask.ts';
import type { KeyPlan, ListedKey, RevokePlan } from './journal/entry.ts';
import type { LeakedKey, Services } from './services.ts';
import { isAlive } from './verify.ts';

function guided(code: RespondErrorCode | 'GUIDED', why: string): RevokePlan {
  return { kind: 'guided', code, why };
}

function sameSecret(one: Secret | null, others: readonly Secret[]): boolean {
  return one !== null && others.some((other) => other.reveal() === one.reveal());
}

/** A row of the provider's list as the plan keeps it. */
export function asListed(row: KeyRow, account: string): ListedKey {
  const { id, label, createdAt, permissions, ips } = row;
  return { id, label, createdAt, account, permissions, ips };
}

/** Whether the plan's row and a fresh one are the same key: id, label and creation time. */
export function sameRow(planned: ListedKey, row: KeyRow, account: string): boolean {
  return (
    planned.id === row.id &&
    planned.label === row.label &&
    planned.createdAt === row.createdAt &&
    planned.account === account
  );
}

/** Rows that a person may choose from: all that fit what the list shows of a value. */
export async function candidateRows(
  services: Services,
  target: Target,
  way: RevokeWay,
  values: Values,
): Promise<FoundRow[]> {
  const { listing, identify } = target.kind;
  if (!listing) return [];
  const endpoint = services.endpoint(target);
  const id = identify.by === 'person' ? null : await keyId(services.wire, endpoint, target.kind, values);
  const { secret } = values;
  const tail = secret instanceof Secret ? secret.reveal().slice(-4) : null;
  const found: FoundRow[] = [];
  for await (const account of accountsFor(way, services.operator(target), values)) {
    const rows = await listKeys(services.wire, endpoint, listing, { ...values, ...account.values });
    const fits = (row: KeyRow): boolean =>
      id === null ? row.lastFour === null || row.lastFour === tail : row.id === id;
    found.push(...rows.filter(fits).map((row) => ({ row, account })));
  }
  return found;
}

/** A key's row, found in one of the accounts asked. */
export interface FoundRow {
  readonly row: KeyRow;
  readonly account: OperatorAccount;
}

/** The accounts that a way can act for: the leaked value's own, or all of the operator's. */
export async function* accountsFor(
  way: RevokeWay,
  access: OperatorAccess | null,
  values: Values,
): AsyncGenerator<OperatorAccount> {
  if (way.spends === 'operator' && access) yield* access.accounts();
  else yield { label: 'itself', values: asCaller(values) };
}

/**
 * Finds the leaked key among the keys of every account the operator has.
 *
 * @param knownId - the id planned earlier, where the value cannot tell it any more
 * @throws RespondError `KEY_AMBIGUOUS`, `WRONG_ACCOUNT`; HttpError, ProviderError
 */
export async function findRow(
  services: Services,
  target: Target,
  way: RevokeWay,
  values: Values,
  knownId: string | null = null,
): Promise<FoundRow | null> {
  const { listing } = target.kind;
  if (!listing) return null;
  const endpoint = services.endpoint(target);
  const id = knownId ?? (await keyId(services.wire, endpoint, target.kind, values));
  const access = way.spends === 'operator' ? services.operator(target) : null;
  for await (const account of accountsFor(way, access, values)) {
    const rows = await listKeys(services.wire, endpoint, listing, { ...values, ...account.values });
    const match = matchRow(target.kind, id, rows, values);
    if (match.kind === 'found') return { row: match.row, account };
    if (match.kind === 'ambiguous')
      throw new RespondError('KEY_AMBIGUOUS', `${match.count} keys of the account fit the leaked value`);
  }
  throw new RespondError('WRONG_ACCOUNT', 'The key is not among the keys of the account asked');
}

/**
 * The recognised values, and what the provider has told about them in this
 * incident where that is one word: the user an access key belongs to.
 */
export function knownValues(services: Services, key: LeakedKey, recognised: Values | null): Values {
  const told = services.journal.entries.flatMap((entry) =>
    entry.type === 'verdict' && entry.key === key.record.fingerprint ? Object.entries(entry.may) : [],
  );
  const words = told.flatMap(([name, [word, ...others]]) =>
    word !== undefined && others.length === 0 ? [[name, word] as const] : [],
  );
  return { ...Object.fromEntries(words), ...(recognised ?? key.variants[0]) };
}

function permitted(way: RevokeWay, may: Readonly<Record<string, readonly string[]>>): boolean {
  const { requires } = way;
  return requires === undefined || (may[requires.learned] ?? []).includes(requires.includes);
}

/** The first way that is open: what it needs to know is known, what it spends is there. */
function chooseWay(services: Services, target: Target, asked: Asked): RevokeWay | RevokePlan {
  const { revoke } = target.kind;
  if (revoke.kind === 'guided') return guided('GUIDED', revoke.why);
  const open = revoke.ways.filter((way) => permitted(way, asked.verdict.may));
  const way = open.find(({ spends }) => spends !== 'operator' || services.operator(target) !== null);
  if (way) return way;
  if (open.length === 0) return guided('REVOKE_REFUSED', 'The key may not revoke itself, and no other way is declared');
  return guided('NO_OPERATOR', `No operator credential: set ${operatorNeeds(target.provider.operator)}`);
}

/** What a plan is refused for before anything is asked of the provider with the operator's credential. */
function objection(services: Services, key: LeakedKey, asked: Asked): RevokePlan | null {
  const { policy } = services;
  const { target, verdict } = asked;
  if (!isAlive(verdict.status)) {
    const what = verdict.status === 'unknown' ? 'Whether the key lives is not known' : 'The value did not authenticate';
    return guided('KEY_NOT_LIVE', `${what}: ${verdict.detail}`);
  }
  if (policy.distrust) return guided(policy.distrust.code, policy.distrust.why);
  const access = services.operator(target);
  if (access && sameSecret(key.secret, access.secrets))
    return guided('KEY_OWN_CREDENTIAL', 'The leaked value is the credential this tool works with');
  if (policy.protect.has(key.record.fingerprint)) return guided('KEY_PROTECTED', 'The key is on the protect list');
  return null;
}

function isProtected(services: Services, row: { readonly id: string; readonly label: string | null }): boolean {
  return services.policy.protect.has(row.id) || (row.label !== null && services.policy.protect.has(row.label));
}

/** The store that gives the value out at present; null if none does, or if that was accepted. */
export async function heldBy(services: Services, key: LeakedKey): Promise<string | null> {
  const { inUseOk, stillUsedOk } = services.policy;
  if (inUseOk || (services.mode === 'rotate' && stillUsedOk) || key.secret === null) return null;
  const { holders, copies } = await services.stores.ask(key.secret);
  return holders[0] ?? copies[0] ?? null;
}

function automatic(kind: CredentialKind, way: RevokeWay, listed: ListedKey | null): RevokePlan {
  return {
    kind: 'automatic',
    spends: way.spends,
    calls: way.calls.map(({ name }) => name),
    id: listed?.id ?? null,
    listed,
    collateral: kind.collateral,
  };
}

async function planWay(services: Services, key: LeakedKey, asked: Asked, way: RevokeWay): Promise<RevokePlan> {
  const { target } = asked;
  const values = knownValues(services, key, asked.verdict.values);
  if (way.spends === 'operator' && target.kind.identify.by === 'person')
    return guided('PERSON_NEEDED', 'The provider’s list does not show enough of a key: a person names it by its label');
  const found = await findRow(services, target, way, values);
  if (found === null && way.spends === 'operator')
    return guided('WRONG_ACCOUNT', 'The provider lists no keys, so the row cannot be compared before the call');
  if (found) {
    const { row, account } = found;
    services.journal.append({
      type: 'listed',
      key: key.record.fingerprint,
      id: row.id,
      present: true,
      account: account.label,
    });
    if (isProtected(services, row)) return guided('KEY_PROTECTED', `${row.id} is on the protect list`);
  }
  // A rotation hands the new value over first; the store is asked again before the old one dies.
  const store = services.mode === 'rotate' ? null : await heldBy(services, key);
  if (store !== null) return guided('KEY_IN_USE', `The store ${store} gives this value out at present`);
  const plan = automatic(target.kind, way, found ? asListed(found.row, found.account.label) : null);
  if (target.kind.collateral.length > 0 && !services.policy.acceptCollateral)
    return guided('COLLATERAL_NOT_ACCEPTED', `With it dies: ${target.kind.collateral.join('; ')}`);
  return plan;
}

async function planRevocation(services: Services, key: LeakedKey, asked: Asked): Promise<RevokePlan> {
  const no = objection(services, key, asked);
  if (no) return no;
  const way = chooseWay(services, asked.target, asked);
  if ('kind' in way) return way;
  try {
    return await planWay(services, key, asked, way);
  } catch (error) {
    // What cannot be planned is done by a person; the reason is kept.
    if (isScanError(error) && error.code !== 'HTTP_ABORTED')
      return { kind: 'guided', code: error.code, why: error.message };
    throw error;
  }
}

/** The plan for a key whose verdict is known. Sends reads only. */
export async function planKey(services: Services, key: LeakedKey, asked: Asked | null): Promise<KeyPlan> {
  const about = { key: key.record.fingerprint, order: key.target?.kind.order ?? 'revoke-first' } as const;
  if (key.missing !== null)
    return {
      ...about,
      verdict: 'unknown',
      revoke: { kind: 'guided', code: key.missing, why: 'The value could not be read again' },
    };
  if (asked === null)
    return {
      ...about,
      verdict: 'unknown',
      revoke: guided('NO_PROVIDER', 'This version knows no way to ask or revoke'),
    };
  return { ...about, verdict: asked.verdict.status, revoke: await planRevocation(services, key, asked) };
}
