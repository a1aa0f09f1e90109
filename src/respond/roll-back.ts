/** Takes a rotation back that has not come to its last step: the old key into every store again, then the new one deleted. */
import { randomUUID } from 'node:crypto';

import { Secret } from '../core/secret.ts';
import { isScanError } from '../errors/base.ts';
import { StoreError } from '../errors/store.ts';
import { RespondError } from '../errors/respond.ts';
import { keyId, matchRow, withDerived } from '../providers/identify.ts';
import type { Target } from '../providers/registry.ts';
import type { Changes, StoreState } from '../stores/store.ts';
import { askVerdict } from './ask.ts';
import { type StoreDestination, mayHold, writeOf } from './destination.ts';
import type { Recorded, StoreView } from './journal/entry.ts';
import { type Act, actOf } from './memory.ts';
import { CREATE, type Making, deleteNewKey, newPartNames, plannedRow, prepareMaking } from './new-key.ts';
import { recoverUnknown } from './recover.ts';
import type { KeyParts, LeakedKey, Services, StoreGives } from './services.ts';
import { type StepEnd, failed, failedBy } from './step.ts';
import { isAlive } from './verify.ts';
import { isMade, sawTheSame, viewOf } from './view.ts';

/** True after a roll-back that came to its end. */
export function isRolledBack(entries: readonly Recorded[], key: string): boolean {
  return entries.some((entry) => entry.type === 'step' && entry.key === key && entry.code === 'ROLLED_BACK');
}

/** @throws RespondError `ROLLBACK_TOO_LATE` once the old key was asked to die */
function refuseLate(services: Services, key: LeakedKey): void {
  const asked = services.journal.entries.some(
    (entry) => entry.type === 'intent' && entry.key === key.record.fingerprint && entry.step === 'revoke',
  );
  if (asked) throw new RespondError('ROLLBACK_TOO_LATE', 'The old key was revoked, or asked to be');
}

/**
 * Whoever deleted the old key, by hand or otherwise: with the new one gone too nothing would work any more.
 * @throws RespondError `ROLLBACK_TOO_LATE` if the provider proves the old key dead, `KEY_NOT_LIVE` if it is not seen to live
 */
async function refuseDead(services: Services, key: LeakedKey, target: Target): Promise<void> {
  const { verdict } = await askVerdict(services, key, target);
  if (verdict.status === 'dead') throw new RespondError('ROLLBACK_TOO_LATE', 'The old key is dead already');
  if (!isAlive(verdict.status)) throw notLive(`is not seen to live (${verdict.detail})`);
}

function notLive(how: string): RespondError {
  return new RespondError('KEY_NOT_LIVE', `The old key ${how}; the new one may be all there is`, {
    mend: 'Repeat --roll-back when the provider recognises the old key, or put it back by hand.',
  });
}

/** What the account's list says counts as much as a probe. @throws RespondError `KEY_NOT_LIVE` */
function refuseUnlisted({ services, key, rows }: Making): void {
  const old = plannedRow(services, key);
  if (old === null || rows === null) return;
  const row = rows.find(({ id }) => id === old.id);
  if (!row) throw notLive('is not among the keys of its account any more');
  if (!row.active) throw notLive('is switched off in its account');
}

/** The request for the new key, and what came of it. */
function creation({ services, key }: Making): Act | null {
  return actOf(services.journal.entries, key.record.fingerprint, CREATE);
}

function oldParts({ key, create }: Making): KeyParts {
  const values = key.variants[0] ?? {};
  return Object.fromEntries(
    newPartNames(create).flatMap((name) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined || Array.isArray(value)) return [];
      return [[name, value instanceof Secret ? value : new Secret(String(value))] as const];
    }),
  );
}

/**
 * What stood in the fields that were written: the old key's part, nothing, or no
 * such field. Null: a value that nobody here knows.
 */
function formerFields(making: Making, before: StoreView | null): Changes | null {
  const old = oldParts(making);
  if (before?.parts === undefined) return before?.holds === 'another-value' || before === null ? null : old;
  const parts = before.parts;
  if (Object.values(parts).includes('other')) return null;
  const former = (name: string): Secret | null =>
    parts[name] === 'old' ? (old[name] ?? null) : parts[name] === 'empty' ? new Secret('') : null;
  return Object.fromEntries(newPartNames(making.create).map((name) => [name, former(name)]));
}

/** True if a store is as it was before the write, as far as the key goes. */
function isAsBefore(before: StoreView | null, now: StoreView): boolean {
  // Times to the second do not tell that nothing was written; writing the old key once more does no harm.
  if (now.holds === 'not-told') return false;
  return (
    now.holds === 'old-key' ||
    (before?.parts !== undefined && before.holds !== 'another-value' && sawTheSame(before, now))
  );
}

/** True if nobody has written to the store since this act did. */
function isUntouched(act: Act | null, now: StoreState): boolean {
  const version = act?.result?.version;
  if (version === undefined) return false;
  return version.id === null ? version.createdAt === now.createdAt : version.id === now.id;
}

/** The action of putting back, as the journal calls it. */
function restoring({ name }: StoreDestination): string {
  return `restore ${name}`;
}

/** What an earlier run put back since the write; null if none began to. */
function undoneBefore({ services, key }: Making, destination: StoreDestination, write: Act): Act | null {
  const act = actOf(services.journal.entries, key.record.fingerprint, restoring(destination));
  return act !== null && act.intent.seq > write.intent.seq ? act : null;
}

/** True if what a store gives out is what this rotation wrote to it. */
async function isOurs(making: Making, destination: StoreDestination, state: StoreState, act: Act): Promise<boolean> {
  if (state.values === null) {
    // Cut off while writing, or while putting back: nothing tells whose value is there.
    const cut = act.result === null || undoneBefore(making, destination, act)?.result === null;
    return cut || isUntouched(act, state);
  }
  const made = creation(making)?.result?.made;
  if (made) return isMade(making, made, state.values);
  return (await recoverUnknown(making, destination, creation(making)?.intent.target ?? '')) !== null;
}

/**
 * The former version, whole, where nobody has written since and the store keeps
 * versions; else only the fields that were written: what others changed stays.
 */
async function undo(making: Making, { name, store }: StoreDestination, state: StoreState, act: Act) {
  const before = act.intent.before ?? null;
  if (store.restore && before !== null && state.id !== null && isUntouched(act, state)) {
    const version = await store.restore(before).catch((error: unknown) => {
      if (isScanError(error) && error.code === 'STORE_NOT_FOUND') return null;
      throw error;
    });
    if (version !== null) return version;
  }
  const fields = formerFields(making, before);
  if (fields === null)
    throw new RespondError('ROLLBACK_BY_HAND', `What the ${name} held before was neither the old key nor nothing`);
  const { id, createdAt } = state;
  return store.put(fields, { expected: { id, createdAt }, requestId: randomUUID() });
}

async function restore(making: Making, destination: StoreDestination): Promise<void> {
  const { services, key } = making;
  const { name, store } = destination;
  const act = writeOf(making, destination);
  if (act === null) return;
  const state = await store.read();
  const before = act.intent.before ?? null;
  if (isAsBefore(before, viewOf(state, key)) || isUntouched(undoneBefore(making, destination, act), state)) return;
  if (!(await isOurs(making, destination, state, act))) {
    // What was there before we cannot know; whoever has set it again has done what was asked for.
    if (before?.holds === 'another-value' && state.values !== null) return;
    throw new StoreError('STORE_CONFLICT', `Somebody else has written to the ${name} since; it was left as it is`);
  }
  const entry = { key: key.record.fingerprint, step: 'replace', action: restoring(destination) } as const;
  services.journal.append({ type: 'intent', ...entry, target: name });
  const version = await undo(making, destination, state, act);
  services.journal.append({ type: 'result', ...entry, outcome: 'ok', status: null, error: null, version });
}

/** True if what a store gives out is the key that is to be deleted, told by its value, else by its row in the list. */
async function givesOut(making: Making, values: KeyParts, { intent, result }: Act): Promise<boolean> {
  if (result?.made) return isMade(making, result.made, values);
  const { services, target, rows } = making;
  const row = rows?.find(({ label }) => label === intent.target);
  if (!rows || !row) return false;
  const all = withDerived(target.kind, { ...making.values, ...values });
  const id = await keyId(services.wire, services.endpoint(target), target.kind, all);
  const match = matchRow(target.kind, id, rows, all);
  return match.kind === 'found' && match.row.id === row.id;
}

/** @throws RespondError `ROLLBACK_BY_HAND` if any store still gives the new key out: it must not die then */
async function refuseUsed(making: Making, act: Act): Promise<void> {
  const own: StoreGives[] = [];
  for (const destination of making.services.destinations) {
    const values = destination.kind === 'store' ? (await destination.store.read()).values : null;
    if (values !== null) own.push({ name: destination.name, values });
  }
  const others = (await making.services.stores.given()).map(({ name, values }) => ({ name: `store ${name}`, values }));
  for (const { name, values } of [...own, ...others])
    if (await givesOut(making, values, act))
      throw new RespondError('ROLLBACK_BY_HAND', `The ${name} still gives ${act.intent.target} out`);
}

/** A roll-back that cannot go on at one store: what was put back before, and the ways out. */
function stoppedAt(end: StepEnd, stores: readonly StoreDestination[], index: number): StepEnd {
  const back = stores.slice(0, index).map(({ name }) => name);
  const open = stores.slice(index).map(({ name }) => name);
  const before = typeof end.facts?.['mend'] === 'string' ? `${end.facts['mend']} ` : '';
  // Only a store that was not come to yet can give the new key back.
  const keep =
    open.length > 1 ? '; or keep the new key: --resume ID --overwrite brings it from the others to every store' : '';
  return {
    ...end,
    reason: `${end.reason}. Put back: ${back.join(', ') || 'no store'}; not put back: ${open.join(', ')}; the new key lives`,
    facts: {
      ...end.facts,
      restored: back,
      mend: `${before}Put the old key into the ${open[0]} by hand and repeat --roll-back${keep}.`,
    },
  };
}

async function takeBack(making: Making): Promise<StepEnd> {
  const { services } = making;
  const written = services.destinations.filter((one) => mayHold(making, one)).toReversed();
  const stores = written.filter((one) => one.kind === 'store');
  for (const [index, destination] of stores.entries()) {
    try {
      await restore(making, destination);
    } catch (error) {
      return stoppedAt(failedBy(error), stores, index);
    }
  }
  const act = creation(making);
  if (act !== null && act.result?.outcome !== 'refused') {
    await refuseUsed(making, act);
    await deleteNewKey(making, act.result?.made?.id ?? null, act.intent.target);
  }
  const left = written.filter(({ kind }) => kind === 'once').map((one) => one.name);
  const rest = left.length === 0 ? '' : `; what was handed to ${left.join(', ')} is no key any more`;
  return failed('ROLLED_BACK', `Every store holds what it held before, and the new key was deleted${rest}`);
}

/** Rolls one key's rotation back. Every store is restored before the new key dies; one that cannot be keeps it alive. */
export async function rollBack(services: Services, key: LeakedKey, target: Target): Promise<StepEnd> {
  const { create } = target.kind;
  try {
    refuseLate(services, key);
    if (!create) throw new RespondError('PERSON_NEEDED', `${target.provider.title} has no call that creates keys`);
    await refuseDead(services, key, target);
    const making = await prepareMaking(services, key, target, create);
    refuseUnlisted(making);
    return await takeBack(making);
  } catch (error) {
    if (isScanError(error) && error.code === 'ROLLBACK_TOO_LATE') throw error;
    return failedBy(error);
  }
}
