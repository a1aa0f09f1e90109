/** The revocation: who may ask for it, and what has to be over before. */
import type { Target } from '../providers/registry.ts';
import { revokeByHand } from './guided.ts';
import type { RevokePlan } from './journal/entry.ts';
import { isApproved, planOf, statusOf } from './memory.ts';
import { proveNewKey } from './prove-new.ts';
import { type Guard, revokeAutomatically, revokeByTypedLabel } from './revoke.ts';
import type { LeakedKey, Services } from './services.ts';
import { type StepEnd, failedBy, waiting } from './step.ts';

async function isDeployed(services: Services): Promise<boolean> {
  if (services.policy.deployed) return true;
  return services.person.present && services.person.confirm('Is the new key deployed everywhere?');
}

function isOver(services: Services, key: LeakedKey, step: 'replace' | 'search'): boolean {
  const status = statusOf(services.journal.entries, key.record.fingerprint, step);
  return status === 'done' || status === 'skipped';
}

/** What has to happen first where the old key dies last; null: nothing more. */
async function before(services: Services, key: LeakedKey): Promise<StepEnd | null> {
  if (!isOver(services, key, 'replace'))
    return waiting('PERSON_NEEDED', 'The old key dies last: the replacement is not there yet');
  if (services.mode !== 'rotate') return null;
  if (!isOver(services, key, 'search'))
    return waiting('PERSON_NEEDED', 'The old key dies last: whether it is still used is not settled yet');
  if (!(await isDeployed(services)))
    return waiting('PERSON_NEEDED', 'Deploy the new key wherever the old one was used, then resume with --deployed', {
      wants: '--deployed',
    });
  return null;
}

async function byPerson(
  services: Services,
  key: LeakedKey,
  target: Target,
  why: Extract<RevokePlan, { kind: 'guided' }>,
  guard: Guard,
): Promise<StepEnd> {
  try {
    const no = await guard();
    if (no) return no;
  } catch (error) {
    return failedBy(error);
  }
  const typed =
    why.code === 'KEY_NOT_LIVE' || why.code === 'PERSON_NEEDED'
      ? await revokeByTypedLabel(services, key, target, guard)
      : null;
  return typed ?? revokeByHand(services, key, target, why);
}

/** Has the key revoked as planned: by API, or by a person. */
export async function revoke(services: Services, key: LeakedKey, target: Target): Promise<StepEnd> {
  const plan = planOf(services.journal.entries, key.record.fingerprint);
  const last = plan?.order === 'create-first';
  const automatic = plan?.revoke.kind === 'automatic';
  // A leaked key that a person has to revoke is shown to them at once.
  const open = last && (automatic || services.mode === 'rotate') ? await before(services, key) : null;
  if (open) return open;
  const guard: Guard = async () => (last ? proveNewKey(services, key, target) : null);
  if (plan?.revoke.kind !== 'automatic')
    return byPerson(
      services,
      key,
      target,
      plan?.revoke ?? { kind: 'guided', code: 'PERSON_NEEDED', why: 'No plan was made' },
      guard,
    );
  if (!isApproved(services.journal.entries, key.record.fingerprint))
    return waiting('REVOCATION_NOT_ALLOWED', 'Nobody confirmed the plan');
  return revokeAutomatically(services, key, target, plan.revoke, guard);
}
