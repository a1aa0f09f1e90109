/** Places that are named for the first time when a rotation is resumed, and places that lost the new key since. */
import { RespondError } from '../errors/respond.ts';
import type { Target } from '../providers/registry.ts';
import { isWritten, planDestinations } from './destination.ts';
import { everywhere, withProgress, writeNext } from './distribute.ts';
import type { KeyPlan, MadeKey, PlannedDestination } from './journal/entry.ts';
import { planOf, statusOf, stepOf } from './memory.ts';
import { type Making, keptValue, prepareMaking, standingMade } from './new-key.ts';
import { recoverKnown } from './recover.ts';
import type { Destination, LeakedKey, Services } from './services.ts';
import { type StepEnd, failed, failedBy } from './step.ts';
import { holdsNew } from './view.ts';

/** Places that a plan does not have. */
function notIn(plan: KeyPlan, { destinations }: Services): Destination[] {
  const known = (plan.destinations ?? []).map(({ target }) => target);
  return destinations.filter(({ target }) => !known.includes(target));
}

/** @throws RespondError `HANDOVER_FAILED` where there is no new key to give, or it cannot be written there */
function refuseHopeless(services: Services, key: LeakedKey, looked: readonly PlannedDestination[]): void {
  const over = ['done', 'skipped'].includes(
    statusOf(services.journal.entries, key.record.fingerprint, 'replace') ?? '',
  );
  const [first] = looked;
  if (first && over && standingMade({ services, key }) === null)
    throw new RespondError(
      'HANDOVER_FAILED',
      `${first.name} was named late: a person made the new key, or left it out`,
      {
        mend: 'Store the key there yourself, and resume without naming the place.',
      },
    );
  const hopeless = looked.find(({ problem }) => problem !== null);
  if (hopeless)
    throw new RespondError(
      'HANDOVER_FAILED',
      `${hopeless.name}, named for the first time now, cannot be written to: ${hopeless.problem}, ${hopeless.why ?? ''}`,
    );
}

/**
 * Takes places into the plan that are named for the first time now, so that
 * they are remembered. The plan is another one by that, to be confirmed again.
 *
 * @throws RespondError `HANDOVER_FAILED`, before anything is changed
 */
export async function planFurther(services: Services, keys: readonly LeakedKey[]): Promise<void> {
  const plans: KeyPlan[] = [];
  let more = false;
  for (const key of keys) {
    const plan = planOf(services.journal.entries, key.record.fingerprint);
    if (plan === null) return;
    const late = key.missing === null ? notIn(plan, services) : [];
    const looked = await planDestinations(services, key, late);
    refuseHopeless(services, key, looked);
    more ||= late.length > 0;
    plans.push({ ...plan, destinations: [...(plan.destinations ?? []), ...looked] });
  }
  if (more) services.journal.append({ type: 'planned', plans });
}

/** Whether a replacement that was over, or was seen to be lost by a store, has something left to do. */
export function hasFurther(services: Services, key: LeakedKey): boolean {
  const end = stepOf(services.journal.entries, key.record.fingerprint, 'replace');
  // A roll-back that failed leaves its own code behind.
  const everyWritten = services.destinations.every((one) => isWritten({ services, key }, one));
  const over =
    end?.status === 'done' || end?.code === 'NEW_KEY_NOT_STORED' || (services.policy.overwrite && everyWritten);
  if (!over || standingMade({ services, key }) === null) return false;
  return services.policy.overwrite || services.destinations.some((one) => !isWritten({ services, key }, one));
}

/** Places without the new key; with --overwrite also those that had it and hold something else by now. */
async function lacking(making: Making, made: MadeKey): Promise<Destination[]> {
  const { destinations, policy } = making.services;
  const found: Destination[] = [];
  for (const one of destinations) {
    const lost = policy.overwrite && one.kind === 'store' && !(await holdsNew(making, one.store, made));
    if (!isWritten(making, one) || lost) found.push(one);
  }
  return found;
}

async function bring(making: Making, made: MadeKey): Promise<StepEnd> {
  const places = await lacking(making, made);
  const parts = places.length === 0 ? null : (keptValue(making) ?? (await recoverKnown(making, made)));
  for (const place of places) {
    if (parts === null) {
      const end = failed('CREATE_VALUE_LOST', `No place gives the value of ${made.label} back`, {
        mend: 'Name a place that has it, or store the key there yourself.',
      });
      return withProgress(making, end, made.label);
    }
    const end = await writeNext(making, place, { made, parts });
    if (end) return withProgress(making, end, made.label);
  }
  return everywhere(making, made);
}

/** Brings the key that was made to every place that has it not. Makes and deletes none. */
export async function replaceFurther(services: Services, key: LeakedKey, target: Target): Promise<StepEnd> {
  const { create } = target.kind;
  const made = standingMade({ services, key });
  try {
    if (!create || made === null)
      throw new RespondError('HANDOVER_FAILED', 'There is no key made here that could be handed over');
    return await bring(await prepareMaking(services, key, target, create), made);
  } catch (error) {
    return failedBy(error);
  }
}
