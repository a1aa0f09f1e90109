import { RESPOND_MENDS } from '../errors/respond.ts';
import { textAt } from '../providers/path.ts';
import { planOf, stepOf } from './memory.ts';
import {
  type KeyPlan,
  type PlannedDestination,
  ROTATION,
  type RevokePlan,
  STEPS,
  type StepName,
} from './journal/entry.ts';
import type { LeakedKey, Services } from './services.ts';

const SPENT = {
  nothing: 'with nobody’s credential',
  leaked: 'with the leaked value itself',
  operator: 'with your operator credential',
} as const;

function revokeLines(plan: RevokePlan, number: number): string[] {
  if (plan.kind === 'guided') return [`   ${number} revoke    by a person (${plan.code}): ${plan.why}`];
  const row = plan.listed;
  const shown =
    row === null
      ? ''
      : `: ${row.id}, label ${row.label ?? '-'}, created ${row.createdAt ?? '-'}, account ${row.account}`;
  return [
    `   ${number} revoke    by API ${SPENT[plan.spends]} (${plan.calls.join(', then ')})${shown}`,
    ...plan.collateral.map((what) => `               dies with it: ${what}`),
  ];
}

const HOLDS = {
  'old-key': 'gives out this key',
  'another-value': 'gives out another value',
  nothing: 'has no value yet',
  'not-told': 'never gives values back',
} as const;

function destinationLine({ name, description, before, problem, why }: PlannedDestination, index: number): string {
  const about = description === name ? '' : `, ${description}`;
  const held = before === null ? '' : HOLDS[before.holds];
  const state = problem === null ? held : [problem, ...(why === undefined ? [] : [why])].join(', ');
  const version = before?.id ?? before?.createdAt ?? null;
  return `               ${index + 1}. ${name}${about}${state === '' ? '' : `: ${state}`}${version === null ? '' : ` (version ${version})`}`;
}

/** What is said where a value that a crash takes along could not be read back. */
function orderHint(destinations: readonly PlannedDestination[]): string[] {
  const [first] = destinations;
  const better = destinations.some(({ before }) => before !== null && before.holds !== 'not-told');
  if (first?.before?.holds !== 'not-told' || !better) return [];
  return [
    '               Better name a store first that gives values back: it is what a run that dies is resumed from.',
  ];
}

function replaceLines(services: Services, key: LeakedKey, plan: KeyPlan, number: number): string[] {
  const { target } = key;
  const destinations = plan.destinations ?? [];
  const create = target?.kind.create;
  if (!target || !create || services.destinations.length === 0) return [`   ${number} replace   by a person`];
  if (create.spends === 'operator' && !services.operator(target))
    return [`   ${number} replace   by a person: there is no operator credential to create it with`];
  const names = services.destinations.map(({ name }) => name).join(', then ');
  return [
    `   ${number} replace   created by API, handed over to ${names}`,
    ...destinations.map(destinationLine),
    ...orderHint(destinations),
  ];
}

function searchLine(services: Services, plan: KeyPlan): string {
  const folders = services.searcher?.folders ?? [];
  const where = folders.length === 0 ? 'the named stores' : `the named stores, ${folders.join(', ')}`;
  const grace = services.policy.graceMs ?? plan.graceMs ?? 0;
  const until = grace === 0 ? '' : `, and ${Math.round(grace / 60_000)} minutes after the last write`;
  return `   2 search    uses of the old key in ${where}${until}`;
}

function rotationLines(services: Services, key: LeakedKey, plan: KeyPlan): string[] {
  const retired = (plan.destinations ?? []).filter(({ before }) => before?.holds === 'old-key');
  const what = retired.length === 0 ? 'no store holds the old key' : retired.map(({ name }) => name).join(', ');
  return [
    ...replaceLines(services, key, plan, 1),
    searchLine(services, plan),
    ...revokeLines(plan.revoke, 3),
    `   4 retire    the former versions: ${what}`,
  ];
}

function logsLine(services: Services, key: LeakedKey): string {
  const from = services.logs.text !== null ? (services.logs.name ?? 'an export') : null;
  const api = key.target?.kind.logs ? 'the provider’s API' : null;
  return `   3 logs      ${from ?? api ?? 'by a person, from an export (--logs)'}`;
}

function keyText(services: Services, key: LeakedKey): string {
  const plan = planOf(services.journal.entries, key.record.fingerprint);
  if (!plan) return '';
  const lines = [
    `${key.record.title} ${key.record.redacted} (${plan.verdict}), ${key.record.where}`,
    ...(services.mode === 'rotate'
      ? rotationLines(services, key, plan)
      : [
          ...revokeLines(plan.revoke, 1),
          ...replaceLines(services, key, plan, 2),
          logsLine(services, key),
          `   4 assess    ${key.target?.kind.mints.length ?? 0} kinds of things it could have made or changed`,
          '   5 notify    a draft; never sent',
          '   6 support   a draft; never sent',
          '   7 audit     after step 1 is confirmed',
        ]),
  ];
  return lines.join('\n');
}

/** The plan in force, for the person who is to confirm it. */
export function planText(services: Services, keys: readonly LeakedKey[]): string {
  const order = services.mode === 'rotate' ? 'Rotation: the new key first, the old one dies last.' : 'Plan:';
  return `${order}\n${keys.map((key) => keyText(services, key)).join('\n')}\n`;
}

const MENDS: ReadonlyMap<string, string> = new Map(Object.entries(RESPOND_MENDS));

/** What helps, where a step is not over for a reason of its own. */
function mendLines(code: string | null, facts: Readonly<Record<string, unknown>>): string[] {
  if (code === null || code === 'PERSON_NEEDED') return [];
  const mend = textAt(facts, 'mend') ?? MENDS.get(code);
  return mend === undefined ? [] : [`               → ${mend}`];
}

function endLine(services: Services, key: LeakedKey, step: StepName): string {
  const end = stepOf(services.journal.entries, key.record.fingerprint, step);
  const steps: readonly StepName[] = services.mode === 'rotate' ? ROTATION : STEPS;
  const number = steps.indexOf(step);
  const head = `   ${number < 0 ? '-' : number + 1} ${step.padEnd(9)}`;
  if (!end) return `${head} open      not reached`;
  const draft = textAt(end.facts, 'draft');
  const after = textAt(end.facts, 'afterwards');
  const next = [...(draft === null ? [] : [`see ${draft}`]), ...(after === null ? [] : [`then \`${after}\``])];
  const code = end.code === null || end.code === 'PERSON_NEEDED' ? '' : `${end.code}: `;
  // What was asked for, and came about, has not failed.
  const status = end.code === 'ROLLED_BACK' ? 'undone' : end.status;
  const line = `${head} ${status.padEnd(8)}  ${code}${end.reason}${next.length > 0 ? ` (${next.join(', ')})` : ''}`;
  return [line, ...mendLines(end.code, end.facts)].join('\n');
}

/** How each step of each key ended, for the person at the terminal. */
export function resultText(services: Services, keys: readonly LeakedKey[], steps: readonly StepName[]): string {
  const blocks = keys.map((key) =>
    [
      `${key.record.title} ${key.record.redacted}, ${key.record.where}`,
      ...steps.map((step) => endLine(services, key, step)),
    ].join('\n'),
  );
  return `Result:\n${blocks.join('\n')}\n`;
}
