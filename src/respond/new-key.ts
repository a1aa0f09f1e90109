/** Making a key at its provider with the rights of an old one, and taking one away again that nobody came to use. */
import { randomInt } from 'node:crypto';

import { Secret } from '../core/secret.ts';
import { RespondError } from '../errors/respond.ts';
import { type Outcome, perform } from '../providers/call.ts';
import type { ActionMeaning, Create } from '../providers/declaration.ts';
import { asCaller, partsTogether, withDerived } from '../providers/identify.ts';
import { type KeyRow, listKeys } from '../providers/listing.ts';
import { textAt } from '../providers/path.ts';
import { type ProbeResult, isRecognised, runProbe } from '../providers/probe.ts';
import type { Target } from '../providers/registry.ts';
import type { Values } from '../providers/template.ts';
import type { ListedKey, MadeKey } from './journal/entry.ts';
import { type Act, actOf, planOf } from './memory.ts';
import { carryCall } from './revoke.ts';
import type { KeyParts, LeakedKey, Services } from './services.ts';

/** What making a replacement works with. */
export interface Making {
  readonly services: Services;
  readonly key: LeakedKey;
  readonly target: Target;
  readonly create: Create;
  /** The old key's parts, and the credential that creates. */
  readonly values: Values;
  /** The account's keys; null where the provider lists none. */
  readonly rows: readonly KeyRow[] | null;
}

/** The old key's row as the plan found it. */
export function plannedRow(services: Services, key: LeakedKey): ListedKey | null {
  const plan = planOf(services.journal.entries, key.record.fingerprint);
  return plan?.revoke.kind === 'automatic' ? plan.revoke.listed : null;
}

async function creatorValues(
  services: Services,
  key: LeakedKey,
  target: Target,
  create: Create,
  account: string,
): Promise<Values> {
  if (create.spends !== 'operator') return asCaller(key.variants[0] ?? {});
  const access = services.operator(target);
  if (!access) throw new RespondError('NO_OPERATOR', 'Creating a key needs the operator credential');
  for await (const one of access.accounts()) if (one.label === account || account === '') return one.values;
  throw new RespondError('WRONG_ACCOUNT', `The account ${account} is not there any more`);
}

/** @throws RespondError `NO_OPERATOR`, `WRONG_ACCOUNT`; HttpError, ProviderError */
export async function prepareMaking(
  services: Services,
  key: LeakedKey,
  target: Target,
  create: Create,
): Promise<Making> {
  const account = plannedRow(services, key)?.account ?? '';
  const operator = await creatorValues(services, key, target, create, account);
  const values = { ...key.variants[0], ...operator };
  const { listing } = target.kind;
  const rows = listing ? await listKeys(services.wire, services.endpoint(target), listing, values) : null;
  return { services, key, target, create, values, rows };
}

/** @throws RespondError `NO_FREE_SLOT` */
export function refuseFull(target: Target, rows: readonly KeyRow[] | null): void {
  const limit = target.kind.limits?.keys;
  if (limit === undefined || rows === null || rows.length < limit) return;
  throw new RespondError('NO_FREE_SLOT', `All ${limit} keys of the account are in use`, {
    facts: { limit, used: rows.length },
  });
}

/**
 * A label that follows the old one's practice: the same words, with the day
 * instead of an earlier day, and a random piece, by which alone a key without a
 * known id is told from another rotation's.
 * `prod-laravel-send` → `prod-laravel-send-20261121-k7w2mq9x`.
 */
export function nextLabel(old: string | null, now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const stem = (old ?? '').replace(UNIQUE_LABEL, '').replace(/-\d{8}[a-z]?$/, '') || 'replacement';
  return `${stem}-${day}-${randomText('bcdfghjkmnpqrstvwxz23456789', 8)}`;
}

/** Labels of earlier versions have the day alone: two rotations of a day could choose the same. */
const UNIQUE_LABEL = /-\d{8}-[a-z2-9]{8}$/;

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

/** Letters of both cases and digits, as every provider's rules for chosen values ask for. */
function randomValue(length: number): Secret {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
  return new Secret(`${randomText(alphabet, length - 3)}aZ7`);
}

/** What the old key may do: from the list, else from what the provider said of the value. */
function permissionsOf(making: Making, old: ListedKey | null): readonly string[] {
  if (old !== null && old.permissions.length > 0) return old.permissions;
  const told = making.services.journal.entries.flatMap((entry) =>
    entry.type === 'verdict' && entry.key === making.key.record.fingerprint
      ? [...(entry.may['scopes'] ?? []), ...(entry.may['permissions'] ?? [])]
      : [],
  );
  return [...new Set(told)];
}

/**
 * Same scopes, permissions and addresses as the old key. Where they are not
 * known and the call takes them, nothing is created: several providers read an
 * empty list as "everything".
 *
 * @throws RespondError `CREATE_REFUSED`
 */
export function creationValues(making: Making, label: string): Values {
  const old = plannedRow(making.services, making.key);
  const permissions = permissionsOf(making, old);
  const { call, chooses } = making.create;
  if (permissions.length === 0 && JSON.stringify(call.body ?? {}).includes('{permissions}'))
    throw new RespondError(
      'CREATE_REFUSED',
      'What the old key was allowed to do is not known, so no like one can be made',
    );
  const chosen = chooses ? { [chooses.name]: randomValue(chooses.length) } : {};
  return { ...making.values, label, permissions, ips: old?.ips ?? [], ...chosen };
}

function partsOf(create: Create, outcome: Outcome<ActionMeaning>, values: Values): KeyParts {
  const chosen = create.chooses ? values[create.chooses.name] : undefined;
  if (chosen instanceof Secret) return { secret: chosen };
  return Object.fromEntries(
    Object.entries(create.gives).map(([part, path]) => {
      const text = textAt(outcome.body, path);
      if (text === null)
        throw new RespondError('CREATE_VALUE_LOST', `The answer to ${create.call.name} has no ${part}`);
      return [part, new Secret(text)];
    }),
  );
}

/** A key that was made, with its value. */
export interface NewKey {
  readonly made: MadeKey;
  readonly parts: KeyParts;
}

/** Values of this run's own keys, in memory alone: a pipe never gives one back. */
const kept = new WeakMap<Services['journal'], Map<string, KeyParts>>();

function keepValue({ services, key }: Making, parts: KeyParts): void {
  const values = kept.get(services.journal) ?? new Map<string, KeyParts>();
  kept.set(services.journal, values.set(key.record.fingerprint, parts));
}

/** The parts of the key that this very run made; null if it made none. */
export function keptValue({ services, key }: Pick<Making, 'services' | 'key'>): KeyParts | null {
  return kept.get(services.journal)?.get(key.record.fingerprint) ?? null;
}

/** What a request for a new key came to. */
export interface Creation {
  readonly status: number;
  readonly error: string | null;
  /** Null: the provider made none. */
  readonly key: NewKey | null;
}

/** @throws HttpError, ProviderError: whether a key was made is not known then; RespondError `CREATE_VALUE_LOST` */
export async function createKey(making: Making, label: string, values: Values): Promise<Creation> {
  const { services, target, create } = making;
  const outcome = await perform(services.wire, services.endpoint(target), create.call, values);
  const { status, error } = outcome;
  if (outcome.means !== 'ok') return { status, error, key: null };
  const parts = partsOf(create, outcome, values);
  keepValue(making, parts);
  const id = textAt(outcome.body, create.id);
  return { status, error, key: { parts, made: madeOf(making, id, label, parts) } };
}

/** The fingerprint of a key's value. */
export function fingerprintOf({ services, target }: Making, parts: KeyParts): string {
  return services.fingerprint(target.kind.id, parts['secret'] ?? new Secret(''));
}

/** Names of the parts that a new key comes with; what stays as it was is none of them. */
export function newPartNames(create: Create): readonly string[] {
  return Object.keys(create.gives);
}

/** One fingerprint of all parts of a new key: an identifier of another key beside the right secret differs. */
export function wholeOf({ services, target, create }: Making, parts: KeyParts): string {
  return services.fingerprint(target.kind.id, partsTogether(newPartNames(create), parts));
}

/** What is written down of a key that was made. */
export function madeOf(making: Making, id: string | null, label: string, parts: KeyParts): MadeKey {
  const made = { id, label, fingerprint: fingerprintOf(making, parts) };
  return newPartNames(making.create).length > 1 ? { ...made, whole: wholeOf(making, parts) } : made;
}

/** Whether a key works. Its probes are written down by the caller. */
export async function tryKey(making: Making, parts: KeyParts): Promise<ProbeResult[]> {
  const { services, target } = making;
  const results: ProbeResult[] = [];
  const values = withDerived(target.kind, { ...making.values, ...parts });
  for (const probe of target.kind.probes.filter(({ extra }) => extra !== true)) {
    const result = await runProbe(services.wire, services.endpoint(target), probe, values);
    results.push(result);
    if (isRecognised(result.means)) break;
  }
  return results;
}

/** New keys are not known everywhere at once. */
const TRIES_MS = [0, 1000, 3000];

export async function tryPatiently(making: Making, parts: KeyParts): Promise<ProbeResult[]> {
  let probes: ProbeResult[] = [];
  for (const pause of TRIES_MS) {
    if (pause > 0) await making.services.sleep(pause);
    probes = await tryKey(making, parts);
    if (isLive(probes)) break;
  }
  return probes;
}

export function isLive(probes: readonly ProbeResult[]): boolean {
  return probes.some(({ means }) => isRecognised(means));
}

/** Name under which probes of the replacement stand in the journal. */
export function replacementName({ key }: Pick<Making, 'key'>): string {
  return `${key.record.fingerprint} replacement`;
}

export function noteProbes(making: Making, probes: readonly ProbeResult[]): void {
  for (const { learned: _learned, at: _at, ...probe } of probes)
    making.services.journal.append({ type: 'probe', key: replacementName(making), ...probe });
}

/** Actions of the journal. */
export const CREATE = 'create-key';
export const DELETE_NEW = 'delete-new-key';

/** The row of a key that was made here; null if the account lists none. @throws RespondError if it is not certain which */
function rowToDelete(making: Making, rows: readonly KeyRow[], id: string | null, label: string): KeyRow | null {
  const found = rows.filter((row) => (id === null ? row.label === label : row.id === id));
  const [row] = found;
  if (row === undefined) return null;
  const old = plannedRow(making.services, making.key);
  const anybodys = id === null && !UNIQUE_LABEL.test(label);
  if (found.length > 1 || row.label !== label || row.id === old?.id || anybodys)
    throw new RespondError('KEY_AMBIGUOUS', `Which listed key is ${label} is not certain`);
  return row;
}

async function rowsNow({ services, target, values }: Making): Promise<readonly KeyRow[]> {
  const { listing } = target.kind;
  if (!listing) throw new RespondError('PERSON_NEEDED', `${target.provider.title} lists no keys`);
  return listKeys(services.wire, services.endpoint(target), listing, values);
}

/**
 * Deletes a key that this rotation made, and sees it gone from the list. Only
 * a key that is listed under the label chosen here, and never the old one.
 *
 * @throws RespondError, HttpError, ProviderError where a person has to do it
 */
export async function deleteNewKey(making: Making, id: string | null, label: string): Promise<void> {
  const { services, key, target, create } = making;
  const { revoke } = target.kind;
  const way = revoke.kind === 'automatic' ? revoke.ways.find(({ spends }) => spends === 'operator') : undefined;
  if (!way || create.spends !== 'operator')
    throw new RespondError('PERSON_NEEDED', `${target.provider.title} has no call that would delete ${label}`);
  const row = rowToDelete(making, await rowsNow(making), id, label);
  const entry = { key: key.record.fingerprint, step: 'replace', action: DELETE_NEW } as const;
  services.journal.append({ type: 'intent', ...entry, target: row?.id ?? label });
  for (const call of row ? way.calls : [])
    await carryCall({ services, target, values: { ...making.values, id: row?.id ?? '' } }, call);
  const gone = rowToDelete(making, await rowsNow(making), row?.id ?? id, label) === null;
  services.journal.append({ type: 'result', ...entry, outcome: gone ? 'ok' : 'failed', status: null, error: null });
  if (!gone) throw new RespondError('REVOKE_NOT_CONFIRMED', `${label} is still listed`);
}

/** The last creation, unless its key was deleted again since. */
export function creationAct({ services, key }: Pick<Making, 'services' | 'key'>): Act | null {
  const { entries } = services.journal;
  const act = actOf(entries, key.record.fingerprint, CREATE);
  const deleted = actOf(entries, key.record.fingerprint, DELETE_NEW);
  const gone = deleted?.result?.outcome === 'ok' && act !== null && deleted.intent.seq > act.intent.seq;
  return gone ? null : act;
}

/** The key that was made here and worked, as the journal knows it; null without one. */
export function standingMade(about: Pick<Making, 'services' | 'key'>): MadeKey | null {
  const result = creationAct(about)?.result;
  return result?.outcome === 'ok' ? (result.made ?? null) : null;
}
