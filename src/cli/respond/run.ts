/** One run of an incident from the command line: services, run, evidence, exit code. */
import { mkdirSync } from 'node:fs';

import { isScanError } from '../../errors/base.ts';
import { UsageError } from '../../errors/usage.ts';
import type { Repository } from '../../git/repository.ts';
import { writeEvidence } from '../../respond/evidence/files.ts';
import { runIncident } from '../../respond/incident.ts';
import type { IncidentOutcome } from '../../respond/journal/entry.ts';
import { type Incident, currentUser } from '../../respond/journal/store.ts';
import { planOf, stepOf } from '../../respond/memory.ts';
import type { Auditor, LeakedKey, LogSource, Policy, Services } from '../../respond/services.ts';
import { fingerprinter } from '../../triage/fingerprint.ts';
import type { Invocation } from '../commands/command.ts';
import { errorText } from '../error-text.ts';
import { EXIT, type ExitCode, exitCodeOfError } from '../exit-code.ts';
import {
  EVIDENCE,
  FROM_ENV,
  NOTIFY_WEBHOOK,
  PLAN,
  PROVIDERS_FILE,
  PROVIDER_URL,
  REPLAN,
  REPO,
  ROLL_BACK,
  YES,
} from '../flags/respond.ts';
import { historyAuditor } from './auditor.ts';
import type { RespondContext } from './context.ts';
import { webhookNotifier } from './notify.ts';
import { askForOperators } from './operators.ts';
import { shellWord } from '../shell-word.ts';
import { askable, personAt } from './person.ts';
import type { Places, Planned } from './places.ts';
import type { Terminal } from './terminal.ts';

export interface IncidentRun {
  readonly invocation: Invocation;
  readonly context: RespondContext;
  readonly places: Places;
  readonly incident: Incident;
  readonly keys: readonly LeakedKey[];
  readonly mode: 'respond' | 'rotate';
  readonly policy: Policy;
  readonly repository: Repository | null;
  readonly logs: LogSource;
}

const CODES: Readonly<Record<IncidentOutcome, ExitCode>> = {
  confirmed: EXIT.clean,
  failed: EXIT.found,
  waiting: EXIT.waiting,
  'rolled-back': EXIT.clean,
};

/** What the incident was planned with: places and folders of the first key are those of the whole run. */
function plannedBefore({ incident, keys }: IncidentRun): Planned {
  const plan = planOf(incident.journal.entries, keys[0]?.record.fingerprint ?? '');
  return { targets: plan?.destinations?.map(({ target }) => target) ?? [], folders: plan?.search ?? [] };
}

function servicesFor(run: IncidentRun, terminal: Terminal | null): Services {
  const { invocation, context, incident, policy, places } = run;
  const { options, streams, signal } = invocation;
  const planned = plannedBefore(run);
  const ids = fingerprinter();
  const auditor: Auditor | null = run.repository ? historyAuditor(run.repository, signal) : null;
  return {
    mode: run.mode,
    wire: context.network.wire,
    sleep: context.network.sleep,
    child: context.child,
    ...context.directory,
    operatorSource: context.credentials.source,
    journal: incident.journal,
    folder: incident.folder,
    incident: incident.id,
    person: personAt(streams, terminal),
    policy,
    destinations: places.destinations(planned),
    stores: places.stores,
    searcher: run.mode === 'rotate' ? places.searcher(planned) : null,
    fingerprint: (kind, secret) => ids.of(kind, secret),
    auditor,
    notifier: webhookNotifier(
      options.get(NOTIFY_WEBHOOK) ?? context.userFile.webhook ?? undefined,
      context.network.wire.http,
      streams,
    ),
    logs: run.logs,
  };
}

/**
 * What to type to go on: with the repository, the providers file, the addresses and the variables of this run, or
 * nothing could be asked again, or somebody else would be.
 */
function resumeCommand({ invocation: { options }, mode, incident }: IncidentRun): string {
  const repo = options.get(REPO);
  const file = options.get(PROVIDERS_FILE);
  const pairs = options.get(FROM_ENV);
  const folder = options.get(EVIDENCE);
  return [
    `unleak ${mode} --resume ${incident.id}`,
    ...(mode === 'rotate' || repo === undefined ? [] : [`--repo ${shellWord(repo)}`]),
    ...(mode === 'respond' || pairs.length === 0 ? [] : [`--from-env ${pairs.map(shellWord).join(',')}`]),
    ...(file === undefined ? [] : [`--providers-file ${shellWord(file)}`]),
    ...[...options.get(PROVIDER_URL)].map(([id, url]) => `--provider-url ${shellWord(`${id}=${url}`)}`),
    ...(folder === undefined ? [] : [`--evidence ${shellWord(folder)}`]),
  ].join(' ');
}

/** What only a person can add to the command. */
function wanted({ incident, keys }: IncidentRun): string {
  const waits = keys.some(
    ({ record }) => stepOf(incident.journal.entries, record.fingerprint, 'revoke')?.facts['wants'] === '--deployed',
  );
  return waits ? ', and --deployed once the new key is deployed everywhere' : '';
}

function openSteps(run: IncidentRun, outcome: IncidentOutcome): string {
  const { id, folder } = run.incident;
  const command = resumeCommand(run);
  const rest =
    outcome === 'confirmed' || outcome === 'rolled-back'
      ? ''
      : `\nunleak: ${outcome}; go on with \`${command}\`${wanted(run)}`;
  return `unleak: ${run.mode === 'rotate' ? 'rotation' : 'incident'} ${id}, evidence in ${folder}${rest}\n`;
}

/** What the plan found that the run would fail at. */
function inTheWay({ incident, keys, policy }: IncidentRun): string[] {
  const places = keys.flatMap(({ record }) => planOf(incident.journal.entries, record.fingerprint)?.destinations ?? []);
  return places.flatMap(({ name, before, problem, why }) => {
    if (problem !== null) return [`${name}: ${problem}${why === undefined ? '' : `, ${why}`}`];
    return before?.holds === 'another-value' && !policy.overwrite
      ? [`${name}: STORE_HOLDS_OTHER, it gives out another value than the old key`]
      : [];
  });
}

function endPlan(run: IncidentRun): ExitCode {
  const problems = inTheWay(run);
  const command = resumeCommand(run);
  const rest =
    problems.length === 0
      ? `go on with \`${command}\``
      : `the run would fail as it stands (${problems.join('; ')}). Mend that, then go on with \`${command} --replan\``;
  run.invocation.streams.err.write(`unleak: nothing was changed; ${rest}\n`);
  return problems.length === 0 ? EXIT.clean : EXIT.waiting;
}

/** Runs, writes the evidence whatever came of it, ends sessions and gives the lock back. */
export async function runOpened(run: IncidentRun): Promise<ExitCode> {
  const { invocation, context, incident } = run;
  const { options, streams } = invocation;
  try {
    const planOnly = options.get(PLAN);
    const terminal = askable(streams, options.get(YES));
    const targets = run.keys.flatMap(({ target, missing }) => (target && missing === null ? [target] : []));
    await askForOperators(targets, context.credentials, terminal);
    const outcome = await runIncident(servicesFor(run, terminal), run.keys, {
      planOnly,
      replan: options.get(REPLAN),
      rollBack: run.mode === 'rotate' && options.get(ROLL_BACK),
      user: currentUser().user,
    });
    if (planOnly) return endPlan(run);
    streams.err.write(openSteps(run, outcome));
    return CODES[outcome];
  } finally {
    evidence(run);
    await context.directory.close();
    incident.close();
  }
}

function evidence({ invocation, incident }: IncidentRun): void {
  const folder = invocation.options.get(EVIDENCE);
  const { entries } = incident.journal;
  if (entries.length === 0) return;
  writeEvidence(incident.folder, incident.id, entries);
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeEvidence(folder, incident.id, entries);
}

/**
 * `respond` and `rotate` end with 1 where a scan would end with 3: something
 * failed. Wrong use stays 2, an interruption 130.
 */
export function failingWithOne(run: (invocation: Invocation) => Promise<ExitCode>) {
  return async (invocation: Invocation): Promise<ExitCode> => {
    try {
      return await run(invocation);
    } catch (error) {
      if (invocation.signal.aborted || !isScanError(error) || exitCodeOfError(error) === EXIT.usage) throw error;
      invocation.streams.err.write(errorText(error));
      return EXIT.found;
    }
  };
}

/** @throws UsageError `USAGE_NO_SUCH_FINDING` for an incident about nothing */
export function requireKeys(keys: readonly LeakedKey[]): void {
  if (keys.length > 0) return;
  throw new UsageError('USAGE_NO_SUCH_FINDING', 'there is no finding to respond to', {
    mend: 'Look at what `unleak history` says: nothing is to be done about what was allowed, or is in a baseline.',
  });
}
