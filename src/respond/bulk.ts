/** Revocations that one request can carry together, each with checks and journal entries of its own. */
import { Secret } from '../core/secret.ts';
import type { ActionMeaning, Call, CommandCall, JsonTemplate, RevokeWay } from '../providers/declaration.ts';
import type { Target } from '../providers/registry.ts';
import type { Values } from '../providers/template.ts';
import { askVerdict } from './ask.ts';
import type { RevokePlan } from './journal/entry.ts';
import { isApproved, planOf, revocationsAsked, statusOf } from './memory.ts';
import { heldBy } from './plan.ts';
import type { LeakedKey, Services } from './services.ts';
import { isAlive } from './verify.ts';

type Automatic = Extract<RevokePlan, { kind: 'automatic' }>;

function samePlan(one: Automatic, other: RevokePlan | undefined): boolean {
  return other?.kind === 'automatic' && other.spends === one.spends && other.calls.join() === one.calls.join();
}

/**
 * Planned and approved like the first, of the same kind, and never answered
 * for. A crash may have come between the notes of one request: what was only
 * intended goes with the first again, once it was seen to live.
 */
function isCandidate(services: Services, key: LeakedKey, target: Target, plan: Automatic): boolean {
  const { entries } = services.journal;
  const { fingerprint } = key.record;
  const answered = entries.some(
    (entry) => entry.type === 'result' && entry.key === fingerprint && entry.step === 'revoke',
  );
  return (
    !answered &&
    key.missing === null &&
    key.target?.kind.id === target.kind.id &&
    samePlan(plan, planOf(entries, fingerprint)?.revoke) &&
    isApproved(entries, fingerprint) &&
    statusOf(entries, fingerprint, 'revoke') !== 'done'
  );
}

/**
 * The further keys that go with the first one. Each is asked again now, as it
 * would be alone, and counts against what the run may revoke.
 */
export async function companions(
  services: Services,
  first: LeakedKey,
  target: Target,
  way: RevokeWay,
  plan: Automatic,
): Promise<readonly LeakedKey[]> {
  const most = Math.min(way.most ?? 1, services.policy.maxRevocations - revocationsAsked(services.journal.entries));
  const taken: LeakedKey[] = [];
  for (const key of services.keys ?? []) {
    if (taken.length + 1 >= most) break;
    if (key === first || !isCandidate(services, key, target, plan) || (await heldBy(services, key)) !== null) continue;
    const { verdict, target: answers } = await askVerdict(services, key, target);
    if (answers.provider.id === target.provider.id && isAlive(verdict.status)) taken.push(key);
  }
  return taken;
}

function name(index: number): string {
  return `secret${index + 1}`;
}

/** `["{secret}"]` becomes as long as there are values. */
function longer(template: JsonTemplate, more: number): JsonTemplate {
  if (Array.isArray(template))
    return template.length === 1 && template[0] === '{secret}'
      ? ['{secret}', ...Array.from({ length: more }, (_, index) => `{${name(index)}}`)]
      : template.map((item: JsonTemplate) => longer(item, more));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, longer(item, more)]));
}

/** The call with all values in its list. */
export function callForAll(
  call: Call<ActionMeaning> | CommandCall,
  more: readonly LeakedKey[],
): Call<ActionMeaning> | CommandCall {
  if ('command' in call || call.body?.kind !== 'json' || more.length === 0) return call;
  return { ...call, body: { kind: 'json', value: longer(call.body.value, more.length) } };
}

/** The further values under the names that {@link callForAll} uses. */
export function valuesOfAll(more: readonly LeakedKey[]): Values {
  return Object.fromEntries(
    more.flatMap(({ secret }, index) => (secret instanceof Secret ? [[name(index), secret] as const] : [])),
  );
}
