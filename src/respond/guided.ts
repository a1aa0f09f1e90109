import type { Target } from '../providers/registry.ts';
import { type Asked, askVerdict } from './ask.ts';
import { awaitDeath } from './confirm.ts';
import type { RevokePlan } from './journal/entry.ts';
import { everLive } from './memory.ts';
import type { LeakedKey, Services } from './services.ts';
import { type StepEnd, done, failedBy, waiting } from './step.ts';
import { isAlive } from './verify.ts';

type Guided = Extract<RevokePlan, { kind: 'guided' }>;

/** Link, clicks and how to know the right row. */
export function instructions(key: LeakedKey, target: Target): string {
  const { dashboard, title } = target.kind;
  const lines = [
    `Revoke this ${title} in the dashboard:`,
    `  ${dashboard.url}`,
    ...dashboard.revoke.map((step, index) => `  ${index + 1}. ${step}`),
    `  The key: ${key.record.redacted}${key.record.lastFour === null ? '' : `, last four ${key.record.lastFour}`}, found at ${key.record.where}.`,
    `  ${dashboard.recognise}`,
    ...(dashboard.warning === undefined ? [] : [`  Careful: ${dashboard.warning}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function event(services: Services, key: LeakedKey, target: Target, what: string): Readonly<Record<string, unknown>> {
  return {
    event: what,
    incident: services.incident,
    provider: target.provider.id,
    title: target.kind.title,
    lastFour: key.record.lastFour,
    link: target.kind.dashboard.url,
  };
}

/** Polls while a person clicks, and goes on by itself once the key is dead. */
async function waitFor(services: Services, asked: Asked, waitMs: number): Promise<StepEnd> {
  const { key, target } = asked;
  services.person.tell(
    `Waiting up to ${Math.round(waitMs / 1000)} s, and asking ${target.provider.title} again and again.\n`,
  );
  await services.notifier.send(event(services, key, target, 'waiting-for-revocation'));
  const confirmation = await awaitDeath(services, key, target, { forMs: waitMs, stillListed: async () => null });
  const { verdict } = confirmation.last;
  if (!confirmation.dead)
    return waiting(
      'REVOKE_NOT_CONFIRMED',
      `Not confirmed dead within ${Math.round(waitMs / 1000)} s: ${verdict.detail}`,
      {
        verdict: verdict.status,
      },
    );
  await services.notifier.send(event(services, key, target, 'confirmed-dead'));
  return done(`Revoked by hand; confirmed dead: ${verdict.detail}`, {
    confirmedAt: verdict.checkedAt,
    proof: verdict.detail,
    how: 'by hand',
  });
}

/**
 * Step 1 by a person. Only a value that was recognised in this incident can be
 * confirmed dead; for any other the step stays open whatever the provider says.
 */
export async function revokeByHand(services: Services, key: LeakedKey, target: Target, plan: Guided): Promise<StepEnd> {
  try {
    services.person.tell(instructions(key, target));
    const facts = { link: target.kind.dashboard.url, steps: target.kind.dashboard.revoke, why: plan.why };
    if (key.variants.length === 0) return waiting(plan.code, plan.why, facts);
    const asked = await askVerdict(services, key, target);
    if (asked.verdict.status === 'dead')
      return done(`Revoked by hand; confirmed dead: ${asked.verdict.detail}`, {
        confirmedAt: asked.verdict.checkedAt,
        proof: asked.verdict.detail,
        how: 'by hand',
      });
    const provable = isAlive(asked.verdict.status) || everLive(services.journal.entries, key.record.fingerprint);
    if (asked.verdict.status === 'rejected' && !provable) return waiting('KEY_NOT_LIVE', asked.verdict.detail, facts);
    if (services.policy.waitMs === null) return waiting(plan.code, plan.why, facts);
    const end = await waitFor(services, { ...asked, target: asked.target }, services.policy.waitMs);
    return end.status === 'waiting' ? { ...end, facts: { ...facts, ...end.facts } } : end;
  } catch (error) {
    return failedBy(error);
  }
}
