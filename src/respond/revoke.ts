import { isScanError } from '../errors/base.ts';
import { RespondError } from '../errors/respond.ts';
import { perform } from '../providers/call.ts';
import type { ActionMeaning, Call, CommandCall, RevokeWay } from '../providers/declaration.ts';
import { asCaller } from '../providers/identify.ts';
import { listKeys } from '../providers/listing.ts';
import type { Target } from '../providers/registry.ts';
import { type Values, renderOpen } from '../providers/template.ts';
import { type Asked, askVerdict } from './ask.ts';
import { callForAll, companions, valuesOfAll } from './bulk.ts';
import { type Confirmation, type StillListed, awaitDeath } from './confirm.ts';
import type { RevokePlan } from './journal/entry.ts';
import { everLive, resultOf, revocationsAsked, stepOf, unfinished } from './memory.ts';
import { type FoundRow, accountsFor, asListed, candidateRows, findRow, heldBy, knownValues, sameRow } from './plan.ts';
import type { LeakedKey, Services } from './services.ts';
import { type StepEnd, done, failed, failedBy, waiting } from './step.ts';
import { isAlive } from './verify.ts';

type Automatic = Extract<RevokePlan, { kind: 'automatic' }>;

/** The declared way that a plan chose: same spending, same calls. */
function wayOf(target: Target, plan: Automatic): RevokeWay {
  const { revoke } = target.kind;
  const ways = revoke.kind === 'automatic' ? revoke.ways : [];
  const way = ways.find(
    ({ spends, calls }) => spends === plan.spends && calls.map(({ name }) => name).join() === plan.calls.join(),
  );
  if (!way) throw new RespondError('LIST_CHANGED', 'The plan names calls that this version does not declare');
  return way;
}

/** Lists again immediately before the call, and compares with what was confirmed. */
async function rowAgain(
  services: Services,
  key: LeakedKey,
  target: Target,
  way: RevokeWay,
  plan: Automatic,
  values: Values,
): Promise<FoundRow | null> {
  if (plan.listed === null) return null;
  // Where a person named the row, or it was the only one, its id is all there is to find it by.
  const { by } = target.kind.identify;
  const byId = by === 'person' || by === 'only' || !everLive(services.journal.entries, key.record.fingerprint);
  const known = byId ? plan.id : null;
  const found = await findRow(services, target, way, values, known);
  if (!found || !sameRow(plan.listed, found.row, found.account.label))
    throw new RespondError('LIST_CHANGED', `The provider lists ${plan.listed.id} differently from the plan`);
  return found;
}

interface Command {
  readonly services: Services;
  readonly key: LeakedKey;
  readonly target: Target;
  readonly values: Values;
  readonly shown: string;
  /** Further keys that the same request takes. */
  readonly more: readonly LeakedKey[];
}

type Commanded = ActionMeaning | 'unreadable' | 'no-answer';

interface Reply {
  readonly means: ActionMeaning | null;
  readonly status: number;
  readonly error: string | null;
}

/** Sends one call of a way, or runs the command that stands for it. */
export async function carryCall(
  { services, target, values }: Pick<Command, 'services' | 'target' | 'values'>,
  call: Call<ActionMeaning> | CommandCall,
): Promise<Reply> {
  if (!('command' in call)) return perform(services.wire, services.endpoint(target), call, values);
  const { code } = await services.child(
    call.command.map((part) => renderOpen(part, values)),
    null,
  );
  return { means: code === 0 ? 'ok' : 'failed', status: code, error: null };
}

/** One call that changes something: written down before it is sent, and its answer after. It is sent once. */
async function command(about: Command, call: Call<ActionMeaning> | CommandCall, action: string): Promise<Commanded> {
  const { services, key, more } = about;
  const { journal } = services;
  const entry = { step: 'revoke', action } as const;
  // After a crash the same intent stands already, and was found not to have been carried out.
  const intend = (fingerprint: string, target: string): void => {
    if (unfinished(journal.entries, fingerprint, 'revoke')?.action !== action)
      journal.append({ type: 'intent', key: fingerprint, ...entry, target });
  };
  intend(key.record.fingerprint, about.shown);
  for (const { record } of more) intend(record.fingerprint, record.redacted);
  const note = (outcome: string, status: number | null, error: string | null): void => {
    for (const { record } of [key, ...more])
      journal.append({ type: 'result', key: record.fingerprint, ...entry, outcome, status, error });
  };
  try {
    const { means, status, error } = await carryCall(about, callForAll(call, more));
    note(means ?? 'unreadable', status, error);
    return means ?? 'unreadable';
  } catch (error) {
    if (!isScanError(error) || error.code === 'JOURNAL_WRITE') throw error;
    note('no-answer', null, error.code);
    if (error.code === 'HTTP_ABORTED') throw error;
    return 'no-answer';
  }
}

const REFUSALS: Readonly<Partial<Record<Commanded, string>>> = {
  denied: 'The provider refused: the credential may not do this',
  limit: 'The provider refused for now: too many requests',
  failed: 'The provider could not do it',
};

/** What an answer to the revocation itself settles. Null: ask whether the key is dead. */
function settled(answer: Commanded, wasListed: boolean): StepEnd | null {
  const refusal = REFUSALS[answer];
  if (refusal !== undefined) return failed('REVOKE_REFUSED', refusal);
  // 404 on an id that nobody ever saw in the list: the operator is asking in the wrong account.
  if (answer === 'not-found' && !wasListed)
    return failed('WRONG_ACCOUNT', 'The provider knows no such key in this account; it was never listed there');
  return null;
}

/** Whether the id is still among the keys of the account that listed it. */
function stillListed(services: Services, target: Target, found: FoundRow | null, values: Values): StillListed {
  return async () => {
    const { listing } = target.kind;
    if (!found || !listing) return null;
    const all = { ...values, ...found.account.values };
    const rows = await listKeys(services.wire, services.endpoint(target), listing, all);
    const present = rows.some(({ id, active }) => id === found.row.id && active);
    return present;
  };
}

function unconfirmed(confirmation: Confirmation, requested: boolean): StepEnd {
  const { verdict } = confirmation.last;
  const asked = requested ? 'The revocation was accepted' : 'Whether the revocation arrived is not known';
  const code = requested ? 'REVOKE_NOT_CONFIRMED' : 'REVOKE_OUTCOME_UNKNOWN';
  return failed(code, `${asked}, and the key is not confirmed dead: ${verdict.detail}`, { verdict: verdict.status });
}

function confirmMs(services: Services, target: Target): number {
  return services.policy.confirmMs ?? target.kind.settlesWithin * 1000;
}

function confirmedEnd(confirmation: Confirmation, how: string): StepEnd {
  const { verdict } = confirmation.last;
  const proof = [
    ...(verdict.status === 'dead' ? [verdict.detail] : []),
    ...(confirmation.listed === false ? ['the provider lists it no longer'] : []),
  ].join('; ');
  return done(`${how}; confirmed dead: ${proof}`, { confirmedAt: verdict.checkedAt, proof, how });
}

function actionOf(call: RevokeWay['calls'][number], index: number): string {
  return `revoke-${index + 1}-${call.name}`;
}

/** How many calls of the way an earlier run of this incident saw accepted, in order. */
function accepted(services: Services, key: LeakedKey, way: RevokeWay): number {
  const { entries } = services.journal;
  const ok = (call: RevokeWay['calls'][number], index: number): boolean =>
    resultOf(entries, key.record.fingerprint, 'revoke', actionOf(call, index))?.outcome === 'ok';
  const first = way.calls.findIndex((call, index) => !ok(call, index));
  return first < 0 ? way.calls.length : first;
}

/** Sends the calls one after the other; those that a crash came after are not sent again. */
async function send(about: Command, way: RevokeWay): Promise<Commanded> {
  const before = accepted(about.services, about.key, way);
  const from = before < way.calls.length ? before : 0;
  let answer: Commanded = 'ok';
  for (const [index, call] of way.calls.entries()) {
    if (index < from) continue;
    answer = await command(about, call, actionOf(call, index));
    if (answer !== 'ok') return answer;
  }
  return answer;
}

function overLimit(services: Services, key: LeakedKey): boolean {
  const { entries } = services.journal;
  const counted = entries.some(
    (entry) => entry.type === 'intent' && entry.key === key.record.fingerprint && entry.step === 'revoke',
  );
  return !counted && revocationsAsked(entries) >= services.policy.maxRevocations;
}

/** The last question before the call; what it answers is how the step ends instead. */
export type Guard = () => Promise<StepEnd | null>;

/** Runs an approved automatic plan: list, compare, revoke, and ask until the key is dead. */
async function carryOut(services: Services, asked: Asked, plan: Automatic, guard: Guard): Promise<StepEnd> {
  const { key, target } = asked;
  const way = wayOf(target, plan);
  const values = knownValues(services, key, asked.verdict.values);
  const found = await rowAgain(services, key, target, way, plan, values);
  const more = way.most === undefined ? [] : await companions(services, key, target, way, plan);
  const id = plan.id === null ? {} : { id: plan.id };
  const about: Command = {
    services,
    key,
    target,
    values: { ...asCaller(values), ...found?.account.values, ...id, ...valuesOfAll(more) },
    shown: plan.id ?? key.record.redacted,
    more,
  };
  const no = await guard();
  if (no) return no;
  const answer = await send(about, way);
  const end = settled(answer, found !== null);
  if (end) return end;
  const confirmation = await awaitDeath(services, key, target, {
    forMs: confirmMs(services, target),
    stillListed: stillListed(services, target, found, values),
  });
  if (confirmation.dead) return confirmedEnd(confirmation, revokedBy(way));
  return unconfirmed(confirmation, answer === 'ok');
}

/** Lists the account that the plan found the key in, and looks for its id. */
function plannedStillListed(
  services: Services,
  target: Target,
  way: RevokeWay,
  plan: Automatic,
  values: Values,
): StillListed {
  return async () => {
    const { listing } = target.kind;
    if (!listing || plan.listed === null) return null;
    for await (const account of accountsFor(way, services.operator(target), values)) {
      if (account.label !== plan.listed.account) continue;
      const all = { ...values, ...account.values };
      const rows = await listKeys(services.wire, services.endpoint(target), listing, all);
      return rows.some(({ id, active }) => id === plan.id && active);
    }
    return null;
  };
}

/**
 * After a crash, or after a revocation that was accepted and not confirmed:
 * the key is looked at before anything is repeated.
 *
 * @returns null where it still lives, or where nothing was begun
 */
async function begunBefore(
  services: Services,
  key: LeakedKey,
  target: Target,
  plan: Automatic,
): Promise<StepEnd | null> {
  const { fingerprint } = key.record;
  const way = wayOf(target, plan);
  const intent = unfinished(services.journal.entries, fingerprint, 'revoke');
  const requested = accepted(services, key, way) === way.calls.length;
  if (!intent && !requested) return null;
  const ended = stepOf(services.journal.entries, fingerprint, 'revoke') !== null;
  const values = knownValues(services, key, null);
  const confirmation = await awaitDeath(services, key, target, {
    forMs: requested && !ended ? confirmMs(services, target) : 0,
    stillListed: plannedStillListed(services, target, way, plan, values),
  });
  if (!confirmation.dead) return requested && !ended ? unconfirmed(confirmation, true) : null;
  if (intent)
    services.journal.append({
      type: 'result',
      key: fingerprint,
      step: 'revoke',
      action: intent.action,
      outcome: 'ok',
      status: null,
      error: null,
    });
  const partial = accepted(services, key, way) < way.calls.length;
  return partial ? null : confirmedEnd(confirmation, revokedBy(way));
}

function revokedBy(way: RevokeWay): string {
  return `Revoked by ${way.calls.map(({ name }) => name).join(', ')}`;
}

/** In a rotation the word of a person has another name than in an incident. */
function inUse({ mode }: Services, store: string): StepEnd {
  const mend =
    'Take the old key out of that store, then resume; --still-used-ok revokes nevertheless, and is recorded.';
  const why = `The store ${store} has this value at present`;
  return waiting('KEY_IN_USE', why, mode === 'rotate' ? { mend } : {});
}

/**
 * Step 1 by API. Everything that could have changed since the plan is asked
 * again first: the value, and the row.
 */
export async function revokeAutomatically(
  services: Services,
  key: LeakedKey,
  target: Target,
  plan: Automatic,
  guard: Guard,
): Promise<StepEnd> {
  try {
    if (overLimit(services, key))
      return waiting('REVOCATION_LIMIT', `This run may revoke ${services.policy.maxRevocations}`);
    const store = await heldBy(services, key);
    if (store !== null) return inUse(services, store);
    const before = await begunBefore(services, key, target, plan);
    if (before) return before;
    const asked = await askVerdict(services, key, target);
    // Switched off and not yet deleted: the rest is still to be done.
    const way = wayOf(target, plan);
    const partial = accepted(services, key, way) > 0 && accepted(services, key, way) < way.calls.length;
    if (partial && asked.verdict.status === 'dead') return await carryOut(services, { ...asked, target }, plan, guard);
    if (asked.verdict.status === 'dead')
      return done(`Already dead: ${asked.verdict.detail}`, { confirmedAt: asked.verdict.checkedAt });
    if (!isAlive(asked.verdict.status))
      return failed(
        'KEY_NOT_LIVE',
        `The value does not authenticate any more, without proof of death: ${asked.verdict.detail}`,
      );
    return await carryOut(services, { ...asked, target }, plan, guard);
  } catch (error) {
    return failedBy(error);
  }
}

/** The row whose label a person types, letter for letter; null for none, or for one that is protected. */
async function chosen(services: Services, candidates: readonly FoundRow[]): Promise<FoundRow | null> {
  if (candidates.length === 0) return null;
  const lines = candidates.map(({ row }) => `  ${row.id}, label ${row.label ?? '-'}, created ${row.createdAt ?? '-'}`);
  services.person.tell(
    `The account lists ${candidates.length === 1 ? 'this key' : 'these keys'} that may be it:\n${lines.join('\n')}\n`,
  );
  const typed = await services.person.type('Type the label of the key to revoke, or nothing to leave it: ');
  const named = candidates.filter(({ row }) => row.label !== null && row.label === typed);
  const [one] = named;
  if (one === undefined || named.length > 1) return null;
  const { protect } = services.policy;
  return protect.has(one.row.id) || protect.has(one.row.label ?? '') ? null : one;
}

/**
 * Step 1 for a value that did not authenticate, or that no list identifies, by the operator's credential
 * nevertheless: only for a person who types the label of the listed key, which no
 * option does for them.
 *
 * @returns null where this is not possible or not wanted
 */
export async function revokeByTypedLabel(
  services: Services,
  key: LeakedKey,
  target: Target,
  guard: Guard,
): Promise<StepEnd | null> {
  const { revoke } = target.kind;
  const way = revoke.kind === 'automatic' ? revoke.ways.find(({ spends }) => spends === 'operator') : undefined;
  const [values] = key.variants;
  if (!way || !values || !services.person.present || services.policy.distrust || !services.operator(target))
    return null;
  const candidates = await candidateRows(services, target, way, values).catch(() => []);
  const found = await chosen(services, candidates);
  if (!found) return null;
  const listed = asListed(found.row, found.account.label);
  const fingerprint = key.record.fingerprint;
  services.journal.append({ type: 'listed', key: fingerprint, id: listed.id, present: true, account: listed.account });
  services.journal.append({ type: 'approved', how: 'typed', keys: [fingerprint], by: 'label' });
  const plan: Automatic = {
    kind: 'automatic',
    spends: 'operator',
    calls: way.calls.map(({ name }) => name),
    id: listed.id,
    listed,
    collateral: target.kind.collateral,
  };
  const asked = await askVerdict(services, key, target);
  return carryOut(services, { ...asked, target, verdict: { ...asked.verdict, values } }, plan, guard);
}
