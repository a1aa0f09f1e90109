import { randomInt } from 'node:crypto';

import { Secret } from '../core/secret.ts';
import { isScanError } from '../errors/base.ts';
import { RespondError } from '../errors/respond.ts';
import { type Outcome, perform } from '../providers/call.ts';
import type { ActionMeaning, Create } from '../providers/declaration.ts';
import { type KeyRow, listKeys } from '../providers/listing.ts';
import { textAt } from '../providers/path.ts';
import { type ProbeResult, isRecognised, runProbe } from '../providers/probe.ts';
import type { Target } from '../providers/registry.ts';
import type { Values } from '../providers/template.ts';
import { asCaller, withDerived } from '../providers/identify.ts';
import type { ListedKey } from './journal/entry.ts';
import { planOf, resultOf, unfinished } from './memory.ts';
import type { LeakedKey, Services } from './services.ts';
import { type StepEnd, done, failed, failedBy, waiting } from './step.ts';

const ACTION = 'create-and-hand-over';

/**
 * A label that follows the old one's practice: the same words, with the day
 * instead of an earlier day. `prod-laravel-send` → `prod-laravel-send-20261121`.
 */
export function nextLabel(old: string | null, taken: ReadonlySet<string>, now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const stem = `${(old ?? '').replace(/-\d{8}[a-z]?$/, '') || 'replacement'}-${day}`;
  const free = [stem, ...[...'bcdefghijklmnopqrstuvwxyz'].map((letter) => stem + letter)].find(
    (one) => !taken.has(one),
  );
  return free ?? `${stem}-${now.getTime()}`;
}

/** What a person does where no API creates keys. */
function byHand(key: LeakedKey, target: Target, why: string): StepEnd {
  const { dashboard } = target.kind;
  return waiting('PERSON_NEEDED', why, {
    link: dashboard.url,
    steps: [...dashboard.create, `Deploy it to every application that used ${key.record.redacted}.`],
    afterwards: '--done replace',
  });
}

interface Making {
  readonly services: Services;
  readonly key: LeakedKey;
  readonly target: Target;
  readonly create: Create;
  readonly values: Values;
  readonly rows: readonly KeyRow[] | null;
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

function refuseFull(target: Target, rows: readonly KeyRow[] | null): void {
  const limit = target.kind.limits?.keys;
  if (limit === undefined || rows === null || rows.length < limit) return;
  throw new RespondError('NO_FREE_SLOT', `All ${limit} keys of the account are in use`, {
    facts: { limit, used: rows.length },
  });
}

/** Letters of both cases and digits, as every provider's rules for chosen values ask for. */
function randomValue(length: number): Secret {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
  const text = Array.from({ length: length - 3 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
  return new Secret(`${text}aZ7`);
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
 */
function creationValues(making: Making, label: string, old: ListedKey | null): Values {
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

function partsOf(create: Create, outcome: Outcome<ActionMeaning>, values: Values): Record<string, Secret> {
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

/** Whether the new key works, before anyone relies on it. Its probes are written down by the caller. */
async function tryNew(making: Making, parts: Readonly<Record<string, Secret>>): Promise<ProbeResult[]> {
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

interface Made {
  readonly outcome: 'ok' | 'not-live' | 'refused' | 'hand-over-failed';
  readonly status: number | null;
  readonly error: string | null;
  readonly id: string | null;
  readonly probes: readonly ProbeResult[];
}

/**
 * Creates, hands over and tries the new key without a note in between: a value
 * that a crash took along could never be had again, and a note that it exists
 * would not bring it back.
 */
async function make(making: Making, label: string, old: ListedKey | null): Promise<Made> {
  const { services, target, create } = making;
  const values = creationValues(making, label, old);
  const outcome = await perform(services.wire, services.endpoint(target), create.call, values);
  const about = { status: outcome.status, error: outcome.error };
  if (outcome.means !== 'ok') return { ...about, outcome: 'refused', id: null, probes: [] };
  const parts = partsOf(create, outcome, values);
  const id = textAt(outcome.body, create.id);
  try {
    await services.handOver?.deliver(parts, { provider: target.provider.id, label, id });
  } catch (error) {
    if (!isScanError(error)) throw error;
    return { ...about, outcome: 'hand-over-failed', error: error.message, id, probes: [] };
  }
  const probes = await tryNew(making, parts);
  return { ...about, outcome: probes.some(({ means }) => isRecognised(means)) ? 'ok' : 'not-live', id, probes };
}

function endOf(made: Pick<Made, 'outcome' | 'status' | 'error'>, label: string, handedTo: string): StepEnd {
  const facts = { label, handedTo };
  switch (made.outcome) {
    case 'ok':
      return done(`Created ${label} with the same permissions, handed over to ${handedTo}, and seen live`, facts);
    case 'not-live':
      return failed('NEW_KEY_NOT_LIVE', `${label} was created and handed over, but no probe recognises it`, facts);
    case 'hand-over-failed':
      return failed('HANDOVER_FAILED', `${label} was created, but ${made.error ?? 'could not be handed over'}`, facts);
    case 'refused':
      return failed('CREATE_REFUSED', `The provider did not create a key (${made.error ?? made.status})`, facts);
  }
}

/** A crash between the request and its note: the key may exist, and nobody has its value. */
function lost(making: Making, label: string): StepEnd | null {
  const exists = making.rows === null ? null : making.rows.some((row) => row.label === label);
  if (exists === false) return null;
  const what = exists ? `The key ${label} was created` : `The key ${label} may have been created`;
  return waiting('CREATE_VALUE_LOST', `${what}, and its value was lost when the run ended`, { label });
}

async function replaceByApi(making: Making, old: ListedKey | null): Promise<StepEnd> {
  const { services, key, target } = making;
  const { journal, handOver } = services;
  const fingerprint = key.record.fingerprint;
  const begun = unfinished(journal.entries, fingerprint, 'replace');
  if (begun) {
    const end = lost(making, begun.target);
    if (end) return end;
  }
  const before = earlier(services, key);
  // A key that was made and does not work is not followed by another one until a person has deleted it.
  if (before && before.outcome !== 'refused' && making.rows?.some(({ label }) => label === before.label) !== false)
    return endOf(before, before.label, handOver?.name ?? '-');
  refuseFull(target, making.rows);
  const taken = new Set((making.rows ?? []).map(({ label }) => label ?? ''));
  const label = begun?.target ?? nextLabel(old?.label ?? null, taken, services.wire.now());
  const entry = { key: fingerprint, step: 'replace', action: ACTION } as const;
  if (!begun) journal.append({ type: 'intent', ...entry, target: label });
  const made = await make(making, label, old);
  journal.append({ type: 'result', ...entry, outcome: made.outcome, status: made.status, error: made.error });
  for (const { learned: _learned, at: _at, ...probe } of made.probes)
    journal.append({ type: 'probe', key: `${fingerprint} replacement`, ...probe });
  return endOf(made, label, handOver?.name ?? '-');
}

async function prepare(services: Services, key: LeakedKey, target: Target, create: Create): Promise<Making> {
  const old = planned(services, key);
  const account = old?.account ?? '';
  const operator = await creatorValues(services, key, target, create, account);
  const values = { ...key.variants[0], ...operator };
  const { listing } = target.kind;
  const rows = listing ? await listKeys(services.wire, services.endpoint(target), listing, values) : null;
  return { services, key, target, create, values, rows };
}

function planned(services: Services, key: LeakedKey): ListedKey | null {
  const plan = planOf(services.journal.entries, key.record.fingerprint);
  return plan?.revoke.kind === 'automatic' ? plan.revoke.listed : null;
}

interface Earlier extends Pick<Made, 'outcome' | 'status' | 'error'> {
  readonly label: string;
}

const OUTCOMES: readonly Made['outcome'][] = ['ok', 'not-live', 'refused', 'hand-over-failed'];

/** What an earlier run of this incident made. */
function earlier(services: Services, key: LeakedKey): Earlier | null {
  const { entries } = services.journal;
  const result = resultOf(entries, key.record.fingerprint, 'replace', ACTION);
  const intent = entries.findLast(
    (entry) => entry.type === 'intent' && entry.key === key.record.fingerprint && entry.action === ACTION,
  );
  const outcome = OUTCOMES.find((one) => one === result?.outcome);
  if (!result || !outcome || intent?.type !== 'intent') return null;
  return { outcome, status: result.status, error: result.error, label: intent.target };
}

/** Step 2: a replacement with the same rights, made by API where there is one, else by a person. */
export async function replaceKey(services: Services, key: LeakedKey, target: Target): Promise<StepEnd> {
  const { create } = target.kind;
  if (!create) return byHand(key, target, `${target.provider.title} has no call that creates this kind of key`);
  if (!services.handOver) return byHand(key, target, 'Say with --hand-over where the value of a new key may go');
  if (create.spends === 'operator' && !services.operator(target))
    return byHand(key, target, 'No operator credential, so a person creates it');
  const before = earlier(services, key);
  if (before?.outcome === 'ok') return endOf(before, before.label, services.handOver.name);
  try {
    return await replaceByApi(await prepare(services, key, target, create), planned(services, key));
  } catch (error) {
    return failedBy(error);
  }
}
