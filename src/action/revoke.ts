import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { EXIT, type ExitCode } from '../cli/exit-code.ts';
import type { FindingsReport } from '../core/finding.ts';
import { ActionError } from '../errors/action.ts';
import { json } from '../report/json.ts';
import { invocationOf } from './command.ts';
import { githubFor } from './github-for.ts';
import { jobIdentity } from './job-identity.ts';
import { type Note, note } from './note.ts';
import type { Outcome } from './present.ts';

const RESULT: Readonly<Partial<Record<ExitCode, string>>> = {
  [EXIT.clean]: 'every step of the playbook is confirmed',
  [EXIT.waiting]: 'a step waits for a person; the log says which',
  [EXIT.found]: 'a step failed; the log says which',
};

/**
 * The compromised-key playbook for what was found, by the same code as
 * `unleak respond --yes --allow-revoke`, where and only where nobody but the
 * project's own people can have caused this run.
 *
 * @returns what to tell
 * @throws ActionError `ACTION_REVOKE_REFUSED`
 */
export async function revokeFound(outcome: Outcome, report: FindingsReport): Promise<Note[]> {
  const { inputs, runner, scratch, signal } = outcome;
  const wanted = report.findings.filter(
    ({ suppressed, provider }) => suppressed === null && inputs.revoke.includes(provider),
  );
  if (wanted.length === 0) return [];
  await requireOwnRun(outcome);
  const file = path.join(scratch.folder, 'incident.json');
  writeFileSync(file, [...json(report)].join(''), { mode: 0o600 });
  const evidence = path.join(scratch.reports, 'evidence');
  mkdirSync(evidence, { mode: 0o700 });
  const options = {
    repo: [scratch.repository],
    yes: [''],
    'allow-revoke': inputs.revoke,
    finding: wanted.map(({ fingerprint }) => fingerprint),
    evidence: [evidence],
    ...outcome.fingerprintOptions,
  };
  const { run } = await import('../cli/commands/respond.ts');
  // The incident's journal is this run's alone.
  process.env['XDG_STATE_HOME'] = scratch.state;
  const code = await run(invocationOf(runner, options, [file], signal));
  return [note(`revoking was started for ${inputs.revoke.join(', ')}: ${RESULT[code] ?? 'it was used wrongly'}`)];
}

/** @throws ActionError `ACTION_REVOKE_REFUSED` */
async function requireOwnRun(outcome: Outcome): Promise<void> {
  const { plan, inputs, runner, signal } = outcome;
  if (!plan.mayRevoke) throw refused(`this run was started by ${plan.event} on ${plan.ref}`);
  if (inputs.environment === null) throw refused('no environment is named');
  const identity = await jobIdentity(runner, signal);
  if (identity['event_name'] !== plan.event) throw refused('GitHub knows this run by another event');
  if (identity['environment'] !== inputs.environment)
    throw refused(`the job does not run in the environment ${JSON.stringify(inputs.environment)}`);
  const github = await githubFor(runner, inputs, signal);
  if ((await github.protectionRules(inputs.environment)) === 0)
    throw refused(`the environment ${JSON.stringify(inputs.environment)} has no protection rule`);
}

function refused(why: string): ActionError {
  return new ActionError('ACTION_REVOKE_REFUSED', why);
}
