import { RESPOND_MENDS } from '../errors/respond.ts';
import { textAt } from '../providers/path.ts';
import { planOf, stepOf } from './memory.ts';
import { type RevokePlan, STEPS, type StepName } from './journal/entry.ts';
import type { LeakedKey, Services } from './services.ts';

const SPENT = {
  nothing: 'with nobody’s credential',
  leaked: 'with the leaked value itself',
  operator: 'with your operator credential',
} as const;

function revokeLines(plan: RevokePlan): string[] {
  if (plan.kind === 'guided') return [`   1 revoke    by a person (${plan.code}): ${plan.why}`];
  const row = plan.listed;
  const shown =
    row === null
      ? ''
      : `: ${row.id}, label ${row.label ?? '-'}, created ${row.createdAt ?? '-'}, account ${row.account}`;
  return [
    `   1 revoke    by API ${SPENT[plan.spends]} (${plan.calls.join(', then ')})${shown}`,
    ...plan.collateral.map((what) => `               dies with it: ${what}`),
  ];
}

function replaceLine(services: Services, key: LeakedKey): string {
  const { target } = key;
  const byApi = target?.kind.create !== undefined && services.handOver !== null;
  return `   2 replace   ${byApi ? `created by API, handed over to ${services.handOver?.name}` : 'by a person'}`;
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
    ...revokeLines(plan.revoke),
    replaceLine(services, key),
    ...(services.mode === 'rotate'
      ? []
      : [
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
  const head = `   ${STEPS.indexOf(step) + 1} ${step.padEnd(9)}`;
  if (!end) return `${head} open      not reached`;
  const draft = textAt(end.facts, 'draft');
  const after = textAt(end.facts, 'afterwards');
  const next = [...(draft === null ? [] : [`see ${draft}`]), ...(after === null ? [] : [`then \`${after}\``])];
  const code = end.code === null || end.code === 'PERSON_NEEDED' ? '' : `${end.code}: `;
  const line = `${head} ${end.status.padEnd(8)}  ${code}${end.reason}${next.length > 0 ? ` (${next.join(', ')})` : ''}`;
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
