/** Runs an incident: plan, confirm, then every step that is not over yet, in the order of the playbook. */
import { RespondError } from '../errors/respond.ts';
import type { Target } from '../providers/registry.ts';
import { type Asked, askVerdict } from './ask.ts';
import { planDestinations, writeOf } from './destination.ts';
import { assessDamage } from './assess.ts';
import { auditCode } from './audit.ts';
import { draftNotice, draftTicket } from './drafts.ts';
import { hasFurther, planFurther, replaceFurther } from './further.ts';
import {
  type IncidentOutcome,
  type KeyPlan,
  ROTATION,
  STEPS,
  type StepName,
  type StepStatus,
} from './journal/entry.ts';
import { revoke } from './last-step.ts';
import { isApproved, lastWritten, planOf, statusOf, stepOf } from './memory.ts';
import { planKey } from './plan.ts';
import { replaceKey } from './replace.ts';
import { retireVersions } from './retire.ts';
import { reviewLogs } from './review-step.ts';
import type { LeakedKey, Services } from './services.ts';
import { planText, resultText } from './plan-text.ts';
import { isRolledBack, rollBack } from './roll-back.ts';
import { searchUses } from './search.ts';
import { type StepEnd, done, endStep, failed, waiting } from './step.ts';

/** Asks about every key and plans it. Sends reads only. */
export async function makePlans(services: Services, keys: readonly LeakedKey[]): Promise<readonly KeyPlan[]> {
  const plans: KeyPlan[] = [];
  for (const key of keys) {
    const asked: Asked | null =
      key.target && key.variants.length > 0 ? await askVerdict(services, key, key.target) : null;
    const plan = await planKey(services, key, asked);
    plans.push({ ...plan, ...(await rotationPlan(services, key)) });
  }
  services.journal.append({ type: 'planned', plans });
  return plans;
}

/** Where the new key goes, and what a rotation does before its last step. */
async function rotationPlan(services: Services, key: LeakedKey): Promise<Partial<KeyPlan>> {
  const destinations = key.missing === null ? await planDestinations(services, key, services.destinations) : [];
  if (services.mode !== 'rotate') return { destinations };
  const { searcher, policy } = services;
  return { destinations, order: 'create-first', search: searcher?.folders ?? [], graceMs: policy.graceMs ?? 0 };
}

function allowedByFlags(services: Services, key: LeakedKey): boolean {
  const { yes, allowRevoke } = services.policy;
  const target = key.target && currentTarget(services, key, key.target);
  return yes && target !== null && allowRevoke.has(target.provider.id);
}

/**
 * Gets the word of a person for every key that is to be revoked by API: at the
 * prompt, or by flags given before.
 */
async function approve(services: Services, keys: readonly LeakedKey[], user: string): Promise<void> {
  const { journal, person } = services;
  const open = keys.filter((key) => {
    const plan = planOf(journal.entries, key.record.fingerprint);
    const over = statusOf(journal.entries, key.record.fingerprint, 'revoke') === 'done';
    return plan?.revoke.kind === 'automatic' && !over && !isApproved(journal.entries, key.record.fingerprint);
  });
  if (open.length === 0) return;
  const ids = (list: readonly LeakedKey[]) => list.map(({ record }) => record.fingerprint);
  const flagged = open.filter((key) => allowedByFlags(services, key));
  if (flagged.length > 0) journal.append({ type: 'approved', how: 'flags', keys: ids(flagged), by: user });
  const rest = open.filter((key) => !flagged.includes(key));
  if (rest.length === 0 || !person.present) return;
  if (await person.confirm(`Revoke ${rest.length === 1 ? 'this key' : `these ${rest.length} keys`} now?`))
    journal.append({ type: 'approved', how: 'typed', keys: ids(rest), by: user });
}

/** The provider that answers for a key: the sister platform, where the last verdict came from there. */
function currentTarget(services: Services, key: LeakedKey, target: Target): Target {
  const last = services.journal.entries.findLast(
    (entry) => entry.type === 'verdict' && entry.key === key.record.fingerprint,
  );
  const sister = services.sister(target);
  return last?.type === 'verdict' && sister?.provider.id === last.provider ? sister : target;
}

function runDeclared(services: Services, key: LeakedKey, target: Target, step: StepName): Promise<StepEnd> | StepEnd {
  switch (step) {
    case 'revoke':
      return revoke(services, key, target);
    case 'replace':
      return replaceKey(services, key, target);
    case 'logs':
      return reviewLogs(services, key, target);
    case 'assess':
      return assessDamage(services, key, target);
    case 'notify':
      return draftNotice(services, key, target);
    case 'support':
      return draftTicket(services, key, target);
    case 'audit':
      return auditCode(services, key);
    case 'search':
      return search(services, key, target);
    case 'retire':
      return retire(services, key);
  }
}

/** Not before the new key is everywhere: until then the old one is in use, and has to be. */
function search(services: Services, key: LeakedKey, target: Target): Promise<StepEnd> | StepEnd {
  const replaced = statusOf(services.journal.entries, key.record.fingerprint, 'replace');
  if (replaced !== 'done' && replaced !== 'skipped')
    return waiting('PERSON_NEEDED', 'The replacement is not there yet');
  return searchUses(services, key, target);
}

/** Not before the key's death is confirmed: until then a former version may be needed again. */
function retire(services: Services, key: LeakedKey): Promise<StepEnd> | StepEnd {
  const revoked = statusOf(services.journal.entries, key.record.fingerprint, 'revoke');
  if (revoked !== 'done') return waiting('PERSON_NEEDED', 'Not before the old key is confirmed dead');
  return retireVersions(services, key);
}

/** A key of a provider this version does not know: only the audit can be done by us. */
function runUndeclared(services: Services, key: LeakedKey, step: StepName): Promise<StepEnd> | StepEnd {
  if (step === 'audit') return auditCode(services, key);
  return waiting('NO_PROVIDER', `No declaration for ${key.record.rule}: a person does this at ${key.record.provider}`);
}

/** What a person said on the command line about a step. A provider's word is needed for step 1. */
function saidByPerson(services: Services, step: StepName): StepEnd | null {
  const reason = services.policy.skip.get(step);
  if (reason !== undefined) return { status: 'skipped', code: null, reason };
  if (step !== 'revoke' && services.policy.done.includes(step)) return done('Done, says a person');
  return null;
}

/** A report that points nowhere is worth no request: nothing is asked, spent or drafted for it. */
function unlocated(key: LeakedKey): StepEnd {
  return waiting(
    key.missing ?? 'SOURCE_CHANGED',
    'The value is not where the report says; nothing is done in its name',
  );
}

function endFor(services: Services, key: LeakedKey, target: Target | null, step: StepName): Promise<StepEnd> | StepEnd {
  if (key.missing !== null) return unlocated(key);
  return target ? runDeclared(services, key, target, step) : runUndeclared(services, key, step);
}

/** Uses and former versions are looked at again after every write: what was written late was not seen then. */
function isStale(services: Services, key: LeakedKey, step: StepName): boolean {
  if (step !== 'search' && step !== 'retire') return false;
  const { entries } = services.journal;
  const { fingerprint } = key.record;
  return (lastWritten(entries, fingerprint)?.seq ?? 0) > (stepOf(entries, fingerprint, step)?.seq ?? 0);
}

async function runStep(services: Services, key: LeakedKey, step: StepName): Promise<StepStatus> {
  const before = statusOf(services.journal.entries, key.record.fingerprint, step);
  const target = key.target && currentTarget(services, key, key.target);
  if (step === 'replace' && target && hasFurther(services, key))
    return endStep(services, key, step, await replaceFurther(services, key, target)).status;
  if (before === 'skipped' || (before === 'done' && !isStale(services, key, step))) return before;
  const end = saidByPerson(services, step) ?? (await endFor(services, key, target, step));
  return endStep(services, key, step, end).status;
}

/** The playbook, and what a store that held the leaked value adds to it. */
const INCIDENT: readonly StepName[] = ['revoke', 'replace', 'retire', 'logs', 'assess', 'notify', 'support', 'audit'];
const CREATE_FIRST: readonly StepName[] = ['replace', 'revoke', ...INCIDENT.slice(2)];

/** Steps of a run: the playbook's, and the stores' if a new key goes to any. */
function stepsOf(services: Services): readonly StepName[] {
  if (services.mode === 'rotate') return ROTATION;
  return services.destinations.some(({ kind }) => kind === 'store') ? INCIDENT : STEPS;
}

/** Keys and steps in the order they are taken: step by step, but a create-first key is replaced before it is revoked. */
function tasks(services: Services, keys: readonly LeakedKey[]): (readonly [LeakedKey, StepName])[] {
  const steps = stepsOf(services);
  const orderOf = (key: LeakedKey): readonly StepName[] => {
    if (services.mode === 'rotate') return ROTATION;
    return planOf(services.journal.entries, key.record.fingerprint)?.order === 'create-first' ? CREATE_FIRST : INCIDENT;
  };
  return steps
    .flatMap((step) => keys.map((key) => [key, step] as const))
    .map((task, index) => ({ task, index, rank: orderOf(task[0]).indexOf(task[1]) }))
    .toSorted((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ task }) => task);
}

function outcomeOf(statuses: readonly StepStatus[]): IncidentOutcome {
  if (statuses.includes('failed')) return 'failed';
  return statuses.includes('waiting') ? 'waiting' : 'confirmed';
}

/** Ends the run in the journal, unless it says so already. */
function close(services: Services, outcome: IncidentOutcome): void {
  const last = services.journal.entries.findLast(
    ({ type }) => type !== 'resumed' && type !== 'probe' && type !== 'verdict',
  );
  if (last?.type !== 'closed' || last.outcome !== outcome) services.journal.append({ type: 'closed', outcome });
}

/**
 * A plan made in an earlier run that left a key to a person only because the provider did not answer then, because no
 * credential was given, or because a store gave the key out, which this run may have had it replaced in since.
 */
function isOutdated(services: Services, key: LeakedKey): boolean {
  const { entries } = services.journal;
  const plan = planOf(entries, key.record.fingerprint);
  if (plan?.revoke.kind !== 'guided' || statusOf(entries, key.record.fingerprint, 'revoke') === 'done') return false;
  const resumed = entries.findLastIndex(({ type }) => type === 'resumed');
  const planned = entries.findLastIndex(({ type }) => type === 'planned');
  if (resumed < planned) return false;
  return plan.verdict === 'unknown' || /^(?:HTTP_|NO_OPERATOR$|PROVIDER_LOGIN|KEY_IN_USE$)/.test(plan.revoke.code);
}

export interface RunOptions {
  /** Show the plan and send nothing that changes anything. */
  readonly planOnly: boolean;
  /** Make a new plan although there is one. */
  readonly replan: boolean;
  /** Put the old keys back instead of going on. */
  readonly rollBack?: boolean;
  readonly user: string;
}

/** What a run that died while writing has left beside a store holds a key: it goes first, whatever comes then. */
async function tidyUp(services: Services, keys: readonly LeakedKey[]): Promise<void> {
  for (const destination of services.destinations)
    if (destination.kind === 'store' && keys.some((key) => writeOf({ services, key }, destination) !== null))
      await destination.store.tidy?.();
}

/**
 * Takes an incident as far as it goes. Called again with the same journal, it
 * goes on where the last run ended, however that ended.
 */
export async function runIncident(
  services: Services,
  keys: readonly LeakedKey[],
  options: RunOptions,
): Promise<IncidentOutcome> {
  const { journal, person } = services;
  await tidyUp(services, keys);
  if (options.rollBack === true) return takeBack(services, keys);
  if (keys.some(({ record }) => isRolledBack(journal.entries, record.fingerprint)))
    throw new RespondError('ROLLED_BACK', 'This rotation was rolled back, and is over');
  const known = keys.every((key) => planOf(journal.entries, key.record.fingerprint) !== null);
  if (!known || options.replan || keys.some((key) => isOutdated(services, key))) await makePlans(services, keys);
  else await planFurther(services, keys);
  person.tell(planText(services, keys));
  if (options.planOnly) return 'waiting';
  await approve(services, keys, options.user);
  const statuses: StepStatus[] = [];
  const all = { ...services, keys };
  for (const [key, step] of tasks(services, keys)) statuses.push(await runStep(all, key, step));
  const outcome = outcomeOf(statuses);
  close(services, outcome);
  person.tell(resultText(services, keys, stepsOf(services)));
  return outcome;
}

/** Takes rotations back, as far as they can be. */
async function takeBack(services: Services, keys: readonly LeakedKey[]): Promise<IncidentOutcome> {
  const ends: StepEnd[] = [];
  for (const key of keys)
    ends.push(
      endStep(
        services,
        key,
        'replace',
        key.target ? await rollBack(services, key, key.target) : failed('NO_PROVIDER', 'No declaration for this key'),
      ),
    );
  const outcome = ends.every(({ code }) => code === 'ROLLED_BACK') ? 'rolled-back' : 'failed';
  close(services, outcome);
  services.person.tell(resultText(services, keys, ['replace']));
  return outcome;
}
