/** What an incident's record comes to, for people and machines. A pure function of the journal. */
import { RespondError } from '../../errors/respond.ts';
import type { KeyPlan, KeyRecord, Recorded, StepName, StepStatus } from '../journal/entry.ts';
import { ROTATION, STEPS } from '../journal/entry.ts';
import { planOf, stepOf } from '../memory.ts';

export interface StepEvidence {
  readonly step: StepName;
  /** `open` if the incident never got there. */
  readonly status: StepStatus | 'open';
  readonly code: string | null;
  readonly reason: string;
  readonly at: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The playbook's numbers and names, as both documents head them. */
export const STEP_NAMES: Readonly<Record<StepName, string>> = {
  revoke: '1 Revoke',
  replace: '2 Replace',
  logs: '3 Review logs',
  assess: '4 Assess damage',
  notify: '5 Notify',
  support: '6 Contact support',
  audit: '7 Audit',
  search: 'Search for uses',
  retire: 'Retire former versions',
};

export interface VerdictEvidence {
  readonly at: string;
  readonly provider: string;
  readonly status: string;
  readonly detail: string;
  readonly may: Readonly<Record<string, readonly string[]>>;
}

export interface KeyEvidence {
  readonly key: KeyRecord;
  readonly plan: KeyPlan | null;
  readonly exposedSince: string | null;
  /** When it was confirmed dead; null while it may live. */
  readonly deadSince: string | null;
  readonly verdicts: readonly VerdictEvidence[];
  readonly steps: readonly StepEvidence[];
}

export interface TimelineEvent {
  readonly at: string;
  readonly kind: 'exposure' | 'asked' | 'person' | 'command' | 'answer' | 'step';
  readonly says: string;
}

export interface Evidence {
  readonly schema: 'unleak.incident/1';
  readonly incident: string;
  readonly mode: 'respond' | 'rotate';
  readonly opened: string;
  readonly openedBy: string;
  readonly repository: string | null;
  readonly version: string;
  readonly outcome: string;
  readonly keys: readonly KeyEvidence[];
  readonly timeline: readonly TimelineEvent[];
  /** Steps that are not over, first things first. */
  readonly open: readonly (StepEvidence & { readonly title: string })[];
  /** Hash of the last line of the journal: names exactly what this was made from. */
  readonly journalHash: string;
}

function stepEvidence(entries: readonly Recorded[], key: string, step: StepName): StepEvidence {
  const entry = stepOf(entries, key, step);
  if (!entry) return { step, status: 'open', code: null, reason: 'not reached yet', at: null, facts: {} };
  const { status, code, reason, at, facts } = entry;
  return { step, status, code, reason, at, facts };
}

function verdictsOf(entries: readonly Recorded[], key: string): VerdictEvidence[] {
  return entries.flatMap((entry) => {
    if (entry.type !== 'verdict' || entry.key !== key) return [];
    const { at, provider, status, detail, may } = entry;
    return [{ at, provider, status, detail, may }];
  });
}

function keyEvidence(entries: readonly Recorded[], key: KeyRecord, mode: 'respond' | 'rotate'): KeyEvidence {
  const retired = stepOf(entries, key.fingerprint, 'retire') === null ? [] : (['retire'] as const);
  const names: readonly StepName[] = mode === 'rotate' ? ROTATION : [...STEPS, ...retired];
  const steps = names.map((step) => stepEvidence(entries, key.fingerprint, step));
  const revoked = steps.find(({ step, status }) => step === 'revoke' && status === 'done');
  const verdicts = verdictsOf(entries, key.fingerprint);
  const dead = verdicts.find(({ status }) => status === 'dead');
  return {
    key,
    plan: planOf(entries, key.fingerprint),
    exposedSince: key.firstSeen,
    deadSince: revoked ? (dead?.at ?? revoked.at) : null,
    verdicts,
    steps,
  };
}

function says(entry: Recorded, name: (fingerprint: string) => string): TimelineEvent | null {
  const { at } = entry;
  switch (entry.type) {
    case 'opened':
      return {
        at,
        kind: 'person',
        says: `${entry.user} opened the ${entry.mode === 'rotate' ? 'rotation' : 'incident'}`,
      };
    case 'planned':
      return { at, kind: 'step', says: `Plan made for ${entry.plans.map(({ key }) => name(key)).join(', ')}` };
    case 'approved':
      return {
        at,
        kind: 'person',
        says: `${entry.by} approved (${entry.how === 'flags' ? 'by option' : 'typed'}): ${entry.keys.map(name).join(', ')}`,
      };
    case 'verdict':
      return { at, kind: 'asked', says: `${name(entry.key)}: ${entry.status}. ${entry.detail}` };
    case 'listed':
      return {
        at,
        kind: 'asked',
        says: `${name(entry.key)}: ${entry.present ? 'listed' : 'not listed'} as ${entry.id} (account ${entry.account})`,
      };
    case 'intent':
      return { at, kind: 'command', says: `${name(entry.key)}: ${entry.action}, target ${entry.target}` };
    case 'result':
      return {
        at,
        kind: 'answer',
        says: `${name(entry.key)}: ${entry.action} answered ${entry.outcome}${entry.error === null ? '' : ` (${entry.error})`}`,
      };
    case 'step':
      return { at, kind: 'step', says: `${name(entry.key)}: step ${entry.step} ${entry.status}. ${entry.reason}` };
    case 'taken-over':
      return { at, kind: 'person', says: `${entry.by} took over from ${entry.from}` };
    case 'resumed':
      return { at, kind: 'person', says: `${entry.by} resumed` };
    case 'probe':
    case 'closed':
      return null;
  }
}

function timelineOf(entries: readonly Recorded[], keys: readonly KeyRecord[]): TimelineEvent[] {
  const name = (fingerprint: string): string => {
    const key = keys.find((one) => fingerprint.startsWith(one.fingerprint));
    return key ? `${key.title} ${key.redacted}` : fingerprint.slice(0, 8);
  };
  const exposures = keys.flatMap(({ firstSeen, firstCommit, title, redacted }): TimelineEvent[] =>
    firstSeen === null
      ? []
      : [
          {
            at: firstSeen,
            kind: 'exposure',
            says: `${title} ${redacted} committed${firstCommit === null ? '' : ` in ${firstCommit.slice(0, 12)}`}`,
          },
        ],
  );
  const events = entries.map((entry) => says(entry, name)).filter((event) => event !== null);
  return [...exposures, ...events].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

const ALL: readonly StepName[] = [...STEPS, ...ROTATION];

const ORDER: readonly StepEvidence['status'][] = ['failed', 'waiting', 'open'];

function openSteps(keys: readonly KeyEvidence[]): Evidence['open'] {
  return keys
    .flatMap(({ key, steps }) => steps.map((step) => ({ ...step, title: `${key.title} ${key.redacted}` })))
    .filter(({ status }) => ORDER.includes(status))
    .toSorted((a, b) => ALL.indexOf(a.step) - ALL.indexOf(b.step) || ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
}

/** What the provider last told about a key; a dead one tells nothing any more. */
export function abilities(key: KeyEvidence): Readonly<Record<string, readonly string[]>> {
  return key.verdicts.findLast(({ may }) => Object.keys(may).length > 0)?.may ?? {};
}

/** @throws RespondError `JOURNAL_DAMAGED` for a journal without a beginning */
export function evidenceOf(incident: string, entries: readonly Recorded[]): Evidence {
  const [opened] = entries;
  if (opened?.type !== 'opened') throw new RespondError('JOURNAL_DAMAGED', 'The journal has no beginning');
  const keys = opened.keys.map((key) => keyEvidence(entries, key, opened.mode));
  const closed = entries.findLast((entry) => entry.type === 'closed');
  return {
    schema: 'unleak.incident/1',
    incident,
    mode: opened.mode,
    opened: opened.at,
    openedBy: opened.user,
    repository: opened.repository,
    version: opened.version,
    outcome: closed?.outcome ?? 'open',
    keys,
    timeline: timelineOf(entries, opened.keys),
    open: openSteps(keys),
    journalHash: entries.at(-1)?.hash ?? '',
  };
}
