/** What an incident's journal says so far. Everything a resumed run knows, it knows from here. */
import type { Entry, KeyPlan, Recorded, StepName, StepStatus } from './journal/entry.ts';

type OfType<T extends Entry['type']> = Extract<Recorded, { readonly type: T }>;

function ofType<T extends Entry['type']>(entries: readonly Recorded[], type: T): OfType<T>[] {
  return entries.filter((entry): entry is OfType<T> => entry.type === type);
}

/** True if the provider recognised this key by this probe at any time of the incident. */
export function wasLive(entries: readonly Recorded[], key: string, provider: string, probe: string): boolean {
  return ofType(entries, 'probe').some(
    (entry) =>
      entry.key === key &&
      entry.provider === provider &&
      entry.probe === probe &&
      ['live', 'live-limited', 'dormant'].includes(entry.means),
  );
}

/** True if the key was recognised by anyone in this incident. */
export function everLive(entries: readonly Recorded[], key: string): boolean {
  return ofType(entries, 'probe').some(
    (entry) => entry.key === key && ['live', 'live-limited', 'dormant'].includes(entry.means),
  );
}

/** The plan in force for a key: the last one made. */
export function planOf(entries: readonly Recorded[], key: string): KeyPlan | null {
  return (
    ofType(entries, 'planned')
      .at(-1)
      ?.plans.find((plan) => plan.key === key) ?? null
  );
}

/** Whether a person approved the plan in force. */
export function isApproved(entries: readonly Recorded[], key: string): boolean {
  const planned = entries.findLastIndex(({ type }) => type === 'planned');
  return entries.slice(planned + 1).some((entry) => entry.type === 'approved' && entry.keys.includes(key));
}

/** Where a step stands; null if it never ended. */
export function stepOf(entries: readonly Recorded[], key: string, step: StepName): OfType<'step'> | null {
  return ofType(entries, 'step').findLast((entry) => entry.key === key && entry.step === step) ?? null;
}

export function statusOf(entries: readonly Recorded[], key: string, step: StepName): StepStatus | null {
  return stepOf(entries, key, step)?.status ?? null;
}

/** The last thing begun of a step whose end was never written: the run died in between. */
export function unfinished(entries: readonly Recorded[], key: string, step: StepName): OfType<'intent'> | null {
  const last = entries.findLast(
    (entry) => (entry.type === 'intent' || entry.type === 'result') && entry.key === key && entry.step === step,
  );
  return last?.type === 'intent' ? last : null;
}

/** The last result of an action, such as what creating a key answered. */
export function resultOf(
  entries: readonly Recorded[],
  key: string,
  step: StepName,
  action: string,
): OfType<'result'> | null {
  return (
    ofType(entries, 'result').findLast(
      (entry) => entry.key === key && entry.step === step && entry.action === action,
    ) ?? null
  );
}

/** One thing done for a key: the last time it was begun, and what came of it. */
export interface Act {
  readonly intent: OfType<'intent'>;
  /** Null: the run ended in between. */
  readonly result: OfType<'result'> | null;
}

/** The last act of a name; null if it was never begun. */
export function actOf(entries: readonly Recorded[], key: string, action: string): Act | null {
  const is = (entry: Recorded): entry is OfType<'intent'> | OfType<'result'> =>
    (entry.type === 'intent' || entry.type === 'result') && entry.key === key && entry.action === action;
  const at = entries.findLastIndex((entry) => entry.type === 'intent' && is(entry));
  const intent = entries[at];
  if (intent?.type !== 'intent') return null;
  const result = entries.slice(at).find((entry) => entry.type === 'result' && is(entry));
  return { intent, result: result?.type === 'result' ? result : null };
}

/** The last write of a new key that took place; null before it. */
export function lastWritten(entries: readonly Recorded[], key: string): OfType<'result'> | null {
  return (
    ofType(entries, 'result').findLast(
      (entry) => entry.key === key && entry.action.startsWith('write ') && entry.outcome === 'ok',
    ) ?? null
  );
}

/** Keys whose revocation this run has asked for, whatever came of it. */
export function revocationsAsked(entries: readonly Recorded[]): number {
  const run = entries.slice(entries.findLastIndex(({ type }) => type === 'resumed') + 1);
  const asked = ofType(run, 'intent').filter(({ step, action }) => step === 'revoke' && action.startsWith('revoke'));
  return new Set(asked.map(({ key }) => key)).size;
}
