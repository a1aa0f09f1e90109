/** Step 2: a new key in every place that was named, in that order, and seen to work. */
import { isScanError } from '../errors/base.ts';
import type { ProbeResult } from '../providers/probe.ts';
import type { Target } from '../providers/registry.ts';
import {
  type Attempt,
  type Write,
  attempt,
  checkBefore,
  isWritten,
  noteAttempt,
  noteWrite,
  writeOf,
} from './destination.ts';
import { begin, everywhere, names, withProgress, writeNext } from './distribute.ts';
import type { MadeKey, StoreView } from './journal/entry.ts';
import {
  CREATE,
  type Creation,
  type Making,
  type NewKey,
  createKey,
  creationAct,
  creationValues,
  deleteNewKey,
  isLive,
  nextLabel,
  noteProbes,
  plannedRow,
  prepareMaking,
  refuseFull,
  tryKey,
  tryPatiently,
} from './new-key.ts';
import { recoverKnown, recoverUnknown, settleWrites } from './recover.ts';
import type { Destination, KeyParts, LeakedKey, Services } from './services.ts';
import { type StepEnd, failed, failedBy, waiting } from './step.ts';

/** What a person does where no API creates keys. */
function byHand(key: LeakedKey, target: Target, why: string): StepEnd {
  const { dashboard } = target.kind;
  return waiting('PERSON_NEEDED', why, {
    link: dashboard.url,
    steps: [...dashboard.create, `Deploy it to every application that used ${key.record.redacted}.`],
    afterwards: '--done replace',
  });
}

/** A key that stands at its provider. Without parts its value has to be read back from a place that has it. */
interface Standing {
  readonly made: MadeKey;
  readonly parts: KeyParts | null;
}

function noteCreation(
  making: Making,
  outcome: string,
  about: Pick<Creation, 'status' | 'error'> | null,
  made?: MadeKey,
): void {
  making.services.journal.append({
    type: 'result',
    key: making.key.record.fingerprint,
    step: 'replace',
    action: CREATE,
    outcome,
    status: about?.status ?? null,
    error: about?.error ?? null,
    ...(made ? { made } : {}),
  });
}

function notLive(making: Making, label: string): StepEnd {
  const handedTo = names(making.services.destinations.filter((one) => isWritten(making, one)));
  const where = handedTo === '' ? 'stored nowhere' : 'handed over';
  return failed('NEW_KEY_NOT_LIVE', `${label} was created and ${where}, but no probe recognises it`, {
    label,
    handedTo,
  });
}

function lost(what: string, label: string): StepEnd {
  return waiting('CREATE_VALUE_LOST', `${what}, and its value was lost when the run ended`, { label });
}

/** The key that an earlier run made. Null: none stands, so one is to be made. */
async function standingKey(making: Making): Promise<Standing | StepEnd | null> {
  const act = creationAct(making);
  if (act === null || act.result?.outcome === 'refused') return null;
  if (act.result === null) return afterCrash(making, act.intent.target);
  const { made, outcome } = act.result;
  // A person has deleted it.
  if (!made || making.rows?.some(({ label }) => label === made.label) === false) return null;
  // A key that was made and does not work is not followed by another one until a person has deleted it.
  return outcome === 'ok' ? { made, parts: null } : notLive(making, made.label);
}

/** The run died between the request and its note: the key may exist, and the first place may have its value. */
async function afterCrash(making: Making, label: string): Promise<Standing | StepEnd | null> {
  const exists = making.rows === null ? null : making.rows.some((row) => row.label === label);
  if (exists === false) return null;
  const [first] = making.services.destinations;
  const key = first && (await recoverUnknown(making, first, label));
  if (!first || !key)
    return lost(exists ? `The key ${label} was created` : `The key ${label} may have been created`, label);
  noteCreation(making, 'ok', null, key.made);
  return key;
}

/** What every place holds before anything is made: one that would refuse the new key is found out now. */
async function checkAll(making: Making): Promise<ReadonlyMap<string, StoreView | null>> {
  const views = new Map<string, StoreView | null>();
  for (const destination of making.services.destinations)
    views.set(destination.name, await checkBefore(making, destination));
  return views;
}

/**
 * Makes a key and gives it to the first place, without a note in between: a
 * value that a crash took along could never be had again, and a note that it
 * exists would not bring it back. Both are written down before.
 */
async function makeFirst(making: Making, first: Destination): Promise<Standing | StepEnd> {
  const { services, key, target } = making;
  const views = await checkAll(making);
  refuseFull(target, making.rows);
  const begun = creationAct(making);
  const again = begun !== null && begun.result === null;
  const label = again ? begun.intent.target : nextLabel(plannedRow(services, key)?.label ?? null, services.wire.now());
  const values = creationValues(making, label);
  const { fingerprint } = key.record;
  if (!again)
    services.journal.append({ type: 'intent', key: fingerprint, step: 'replace', action: CREATE, target: label });
  const write = begin(making, first, views.get(first.name) ?? null);
  const creation = await createKey(making, label, values);
  if (creation.key === null) {
    noteCreation(making, 'refused', creation);
    noteWrite(making, first, 'not-sent');
    const why = creation.error ?? String(creation.status);
    return failed('CREATE_REFUSED', `The provider did not create a key (${why})`, { label, handedTo: first.name });
  }
  const made = { ...creation, key: creation.key };
  return first.kind === 'store' ? tryThenStore(making, first, made, write) : giveThenTry(making, first, made, write);
}

type MadeNow = Creation & { readonly key: NewKey };

/** A store is read by applications: a key that does not work never gets there. */
async function tryThenStore(
  making: Making,
  first: Destination,
  now: MadeNow,
  write: Write,
): Promise<Standing | StepEnd> {
  const { key } = now;
  const probes = await tryPatiently(making, key.parts);
  if (!isLive(probes)) {
    noteCreation(making, 'not-live', now, key.made);
    noteWrite(making, first, 'not-sent');
    noteProbes(making, probes);
    return withdraw(making, key.made, notLive(making, key.made.label));
  }
  const given = await attempt(making, first, key, write);
  return afterFirst(making, first, now, given, probes);
}

/** A file or a pipe is read by a person, who may want to see why a key does not work. */
async function giveThenTry(
  making: Making,
  first: Destination,
  now: MadeNow,
  write: Write,
): Promise<Standing | StepEnd> {
  const given = await attempt(making, first, now.key, write);
  return afterFirst(making, first, now, given, given.outcome === 'ok' ? await tryKey(making, now.key.parts) : []);
}

async function afterFirst(
  making: Making,
  first: Destination,
  now: MadeNow,
  given: Attempt,
  probes: readonly ProbeResult[],
): Promise<Standing | StepEnd> {
  const { made, parts } = now.key;
  const works = given.outcome !== 'ok' || isLive(probes);
  noteCreation(making, works ? 'ok' : 'not-live', now, made);
  const end = noteAttempt(making, first, given);
  noteProbes(making, probes);
  if (end === null) return works ? { made, parts } : notLive(making, made.label);
  if (first.kind === 'once' || given.outcome === 'unknown')
    return { ...end, reason: `${made.label} was created. ${end.reason}`, facts: { ...end.facts, label: made.label } };
  return withdraw(making, made, end);
}

/** Takes a key back that is stored nowhere, so that nothing is left over. Where that fails, the step says so. */
async function withdraw(making: Making, made: MadeKey, end: StepEnd): Promise<StepEnd> {
  const { label } = made;
  try {
    await deleteNewKey(making, made.id, label);
    return { ...end, reason: `${end.reason}. The new key ${label}, stored nowhere, was deleted again` };
  } catch (error) {
    if (!isScanError(error) || error.code === 'HTTP_ABORTED' || error.code === 'JOURNAL_WRITE') throw error;
    const left = `The new key ${label} is stored nowhere and could not be deleted (${error.code})`;
    return { ...end, reason: `${end.reason}. ${left}`, facts: { ...end.facts, label } };
  }
}

/** No place gives the value back: what nobody can have is deleted, what an application may use is left to a person. */
async function valueLost(making: Making, made: MadeKey): Promise<Standing | StepEnd> {
  const left = await settleWrites(making, made);
  const [first] = making.services.destinations;
  const begun = making.services.destinations.filter((one) => writeOf(making, one) !== null);
  if (left.length > 0 || !first || begun.some(({ kind }) => kind === 'once'))
    return withProgress(making, lost(`The key ${made.label} was created`, made.label), made.label);
  await deleteNewKey(making, made.id, made.label);
  const { services, key, target, create } = making;
  return makeFirst(await prepareMaking(services, key, target, create), first);
}

/** Brings the new key to every place that has it not yet. */
async function distribute(making: Making, standing: Standing): Promise<StepEnd> {
  const { made } = standing;
  let { parts } = standing;
  for (const destination of making.services.destinations) {
    if (isWritten(making, destination)) continue;
    parts ??= await recoverKnown(making, made);
    if (parts === null) {
      const anew = await valueLost(making, made);
      return 'status' in anew ? anew : distribute(making, anew);
    }
    const end = await writeNext(making, destination, { made, parts });
    if (end) return withProgress(making, end, made.label);
  }
  return everywhere(making, made);
}

async function replaceByApi(making: Making, first: Destination): Promise<StepEnd> {
  const standing = (await standingKey(making)) ?? (await makeFirst(making, first));
  return 'status' in standing ? standing : distribute(making, standing);
}

/** Step 2: a replacement with the same rights, made by API where there is one, else by a person. */
export async function replaceKey(services: Services, key: LeakedKey, target: Target): Promise<StepEnd> {
  const { create } = target.kind;
  if (!create) return byHand(key, target, `${target.provider.title} has no call that creates this kind of key`);
  const [first] = services.destinations;
  if (!first) return byHand(key, target, 'Say with --hand-over where the value of a new key may go');
  if (create.spends === 'operator' && !services.operator(target))
    return byHand(key, target, 'No operator credential, so a person creates it');
  try {
    return await replaceByApi(await prepareMaking(services, key, target, create), first);
  } catch (error) {
    return failedBy(error);
  }
}
