/** Places for a new key: what they give out, writing to them, and reading back. Each write is noted before and after. */
import { randomUUID } from 'node:crypto';

import { type ScanError, isScanError } from '../errors/base.ts';
import { StoreError } from '../errors/store.ts';
import { RespondError } from '../errors/respond.ts';
import type { Store, StoreVersion } from '../stores/store.ts';
import type { PlannedDestination, StoreView } from './journal/entry.ts';
import { type Act, actOf, planOf } from './memory.ts';
import { CREATE, type Making, type NewKey, newPartNames } from './new-key.ts';
import type { Destination, KeyParts, LeakedKey, Services } from './services.ts';
import { type StepEnd, failed } from './step.ts';
import { sawTheSame, viewOf } from './view.ts';

export type StoreDestination = Extract<Destination, { kind: 'store' }>;

/** The action of a write, as the journal calls it. */
export function writing({ name }: Pick<Destination, 'name'>): string {
  return `write ${name}`;
}

/**
 * Where the new key is to go, as it is now. A store that cannot be read, and
 * what would make a write fail for certain, is named.
 */
export async function planDestinations(
  services: Services,
  key: LeakedKey,
  destinations: readonly Destination[],
): Promise<PlannedDestination[]> {
  const planned: PlannedDestination[] = [];
  for (const destination of destinations) planned.push(await look(services, key, destination));
  return planned;
}

async function look(services: Services, key: LeakedKey, destination: Destination): Promise<PlannedDestination> {
  const { name, target } = destination;
  const description = destination.kind === 'store' ? destination.store.description : name;
  let before: StoreView | null = null;
  try {
    if (destination.kind === 'store') before = viewOf(await destination.store.read(), key);
    // What has the new key already is full, as it should be.
    if (!mayHold({ services, key }, destination)) await checkPlace(destination, key);
    return { name, target, description, before, problem: null };
  } catch (error) {
    if (!isScanError(error) || error.code === 'HTTP_ABORTED') throw error;
    return { name, target, description, before, problem: error.code, why: error.message };
  }
}

/** @throws StoreError, RespondError `HANDOVER_FAILED` for what would make a write fail for certain */
async function checkPlace(destination: Destination, { target }: Pick<LeakedKey, 'target'>): Promise<void> {
  const create = target?.kind.create;
  if (destination.kind === 'once') await destination.handOver.check?.();
  else if (create) await destination.store.check(newPartNames(create));
}

function sameVersion(a: StoreVersion, b: StoreVersion): boolean {
  return a.id === b.id && a.createdAt === b.createdAt;
}

/**
 * What a place holds immediately before it is written to. A store must be what the
 * plan found, and nothing but the old key is overwritten.
 *
 * @returns null for a place that is no store
 * @throws StoreError; RespondError `STORE_HOLDS_OTHER`, `HANDOVER_FAILED`
 */
export async function checkBefore(making: Making, destination: Destination): Promise<StoreView | null> {
  const { services, key } = making;
  await checkPlace(destination, key);
  if (destination.kind === 'once') return null;
  const { name, store } = destination;
  const now = viewOf(await store.read(), key);
  const plan = planOf(services.journal.entries, key.record.fingerprint);
  // What we have written to since is another version than the plan's.
  const ours = isWritten(making, destination);
  const planned = ours ? null : (plan?.destinations?.find((one) => one.name === name)?.before ?? null);
  if (planned !== null && !(sameVersion(planned, now) && sawTheSame(planned, now)))
    throw new StoreError('STORE_CONFLICT', `The ${name} was changed since the plan was made`, {
      mend: 'Look at what it holds now, then go on with --replan.',
    });
  if (now.holds === 'another-value' && !services.policy.overwrite)
    throw new RespondError('STORE_HOLDS_OTHER', `The ${name} holds another value than the old key`);
  return now;
}

/** Writes down that a place is about to get the new key. */
export function intendWrite(making: Making, destination: Destination, before: StoreView | null): string {
  const { services, key } = making;
  const request = randomUUID();
  services.journal.append({
    type: 'intent',
    key: key.record.fingerprint,
    step: 'replace',
    action: writing(destination),
    target: destination.name,
    ...(destination.kind === 'store' ? { request } : {}),
    ...(before === null ? {} : { before }),
  });
  return request;
}

export function noteWrite(
  { services, key }: Making,
  destination: Destination,
  outcome: 'ok' | 'failed' | 'not-sent',
  about: { readonly error?: string; readonly version?: StoreVersion | null } = {},
): void {
  services.journal.append({
    type: 'result',
    key: key.record.fingerprint,
    step: 'replace',
    action: writing(destination),
    outcome,
    status: null,
    error: about.error ?? null,
    ...(about.version ? { version: about.version } : {}),
  });
}

/** The one write that is under way. */
export interface Write {
  readonly request: string;
  readonly before: StoreView | null;
}

const LOST_ANSWER = new Set(['STORE_OUTCOME_UNKNOWN', 'STORE_UNREACHABLE', 'STORE_ANSWER']);

async function putOrFind(store: Store, parts: KeyParts, { request, before }: Write): Promise<StoreVersion> {
  const expected = before === null ? null : { id: before.id, createdAt: before.createdAt };
  try {
    return await store.put(parts, { expected, requestId: request });
  } catch (error) {
    if (!isScanError(error) || !LOST_ANSWER.has(error.code)) throw error;
    const made = await store.find(request, parts).catch(() => {
      throw new StoreError('STORE_OUTCOME_UNKNOWN', `Whether ${store.name} took the new key is not known`);
    });
    if (made !== null) return made;
    throw error;
  }
}

/** A store without versions cannot tell that it was written to meanwhile: it is looked at once more. */
async function refuseChanged({ key }: Making, { name, store }: StoreDestination, { before }: Write): Promise<void> {
  if (before === null || before.id !== null || before.createdAt !== null) return;
  if (!sawTheSame(before, viewOf(await store.read(), key)))
    throw new StoreError('STORE_CONFLICT', `Somebody else has written to the ${name} just now`);
}

/** What came of giving the new key to a place. `unknown`: it may have it or not. */
export type Attempt =
  | { readonly outcome: 'ok'; readonly version: StoreVersion | null }
  | { readonly outcome: 'failed' | 'unknown'; readonly error: ScanError };

/** Gives the new key to a place. Notes nothing: see {@link noteAttempt}. */
export async function attempt(making: Making, destination: Destination, key: NewKey, write: Write): Promise<Attempt> {
  try {
    if (destination.kind === 'store') {
      await refuseChanged(making, destination, write);
      return { outcome: 'ok', version: await putOrFind(destination.store, key.parts, write) };
    }
    const { id, label } = key.made;
    await destination.handOver.deliver(key.parts, { provider: making.target.provider.id, label, id });
    return { outcome: 'ok', version: null };
  } catch (error) {
    if (!isScanError(error) || error.code === 'HTTP_ABORTED') throw error;
    return { outcome: error.code === 'STORE_OUTCOME_UNKNOWN' ? 'unknown' : 'failed', error };
  }
}

/** Writes down what came of it, unless that is not known. @returns how the step ends, if it does */
export function noteAttempt(making: Making, destination: Destination, made: Attempt): StepEnd | null {
  if (made.outcome === 'ok') {
    noteWrite(making, destination, 'ok', { version: made.version });
    return null;
  }
  const { code, message, mend } = made.error;
  if (made.outcome === 'failed') noteWrite(making, destination, 'failed', { error: code });
  return failed(code, message, mend === undefined ? {} : { mend });
}

/** The write to a place that belongs to the key made last; null if none was begun. */
export function writeOf({ services, key }: Pick<Making, 'services' | 'key'>, destination: Destination): Act | null {
  const { entries } = services.journal;
  const { fingerprint } = key.record;
  const made = actOf(entries, fingerprint, CREATE);
  const act = actOf(entries, fingerprint, writing(destination));
  return made !== null && act !== null && act.intent.seq > made.intent.seq ? act : null;
}

/** Whether a place has the new key, as far as the journal knows. */
export function isWritten(making: Pick<Making, 'services' | 'key'>, destination: Destination): boolean {
  return writeOf(making, destination)?.result?.outcome === 'ok';
}

/** Whether a place may have the new key: a write was begun, and was not seen to fail. */
export function mayHold(making: Pick<Making, 'services' | 'key'>, destination: Destination): boolean {
  const act = writeOf(making, destination);
  return act !== null && (act.result === null || act.result.outcome === 'ok');
}

/** All parts of a key, as a place gives them back; null if it does not, or not all. */
export async function readBack(making: Making, destination: Destination): Promise<KeyParts | null> {
  const parts =
    destination.kind === 'store'
      ? (await destination.store.read()).values
      : ((await destination.handOver.readBack?.()) ?? null);
  const needed = newPartNames(making.create);
  return parts !== null && needed.every((name) => Object.hasOwn(parts, name)) ? parts : null;
}
