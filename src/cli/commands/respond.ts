import type { Finding, FindingsReport } from '../../core/finding.ts';
import type { Rule } from '../../core/rule.ts';
import { RespondError } from '../../errors/respond.ts';
import type { Repository } from '../../git/repository.ts';
import type { KeyRecord, Recorded } from '../../respond/journal/entry.ts';
import {
  currentUser,
  incidentIds,
  incidentsFolder,
  readIncident,
  resumeIncident,
} from '../../respond/journal/store.ts';
import { leakedKey } from '../../respond/locate.ts';
import type { LeakedKey, Policy, SecretLocator } from '../../respond/services.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { LIST, RESUME, TAKE_OVER } from '../flags/respond.ts';
import {
  type RespondContext,
  chosenFindings,
  openContext,
  repositoryOf,
  storedReport,
  targetFor,
} from '../respond/context.ts';
import { beginIncident } from '../respond/begin.ts';
import { freshReport } from '../respond/fresh.ts';
import { locatorFor, rulesFor } from '../respond/locator-for.ts';
import { openPlaces } from '../respond/places.ts';
import { logsOf, policyOf } from '../respond/policy.ts';
import { failingWithOne, requireKeys, runOpened } from '../respond/run.ts';
import type { Invocation } from './command.ts';

const now = (): Date => new Date();

/** `unleak respond [report]` */
export const run = failingWithOne(perform);

async function perform(invocation: Invocation): Promise<ExitCode> {
  const root = incidentsFolder(process.env);
  if (invocation.options.get(LIST)) return listIncidents(invocation, root);
  const context = openContext(invocation);
  const repository = await repositoryOf(invocation);
  const rules = await rulesFor(invocation);
  const locator = await locatorFor(invocation, repository, rules, null);
  const work = { invocation, context, repository, rules, locator, root };
  const id = invocation.options.get(RESUME);
  return id === undefined ? begin(work) : goOn(work, id);
}

interface Work {
  readonly invocation: Invocation;
  readonly context: RespondContext;
  readonly repository: Repository | null;
  readonly rules: readonly Rule[];
  readonly locator: SecretLocator;
  readonly root: string;
}

async function reportFor({ invocation, repository }: Work): Promise<FindingsReport> {
  const [file] = invocation.positionals;
  return file === undefined ? freshReport(invocation, repository) : storedReport(file);
}

async function keysFor(work: Work, findings: readonly Finding[]): Promise<LeakedKey[]> {
  const keys: LeakedKey[] = [];
  for (const finding of findings)
    keys.push(await leakedKey(finding, targetFor(work.context, work.rules, finding), work.locator));
  return keys;
}

async function begin(work: Work): Promise<ExitCode> {
  const { invocation, context, repository } = work;
  const report = await reportFor(work);
  const keys = await keysFor(work, chosenFindings(invocation, report));
  requireKeys(keys);
  const policy = policyOf(invocation, context, report);
  const about = { invocation, context, keys, policy, repository, mode: 'respond' } as const;
  const [places, logs] = [await openPlaces(invocation, context), logsOf(invocation)];
  const incident = beginIncident(work.root, {
    repository: repository?.workTree ?? repository?.gitDir ?? null,
    mode: 'respond',
    distrust: policy.distrust,
    keys: keys.map(({ record }) => record),
    findings: keys.flatMap(({ finding }) => (finding ? [stored(finding)] : [])),
  });
  return runOpened({ ...about, places, logs, incident });
}

const MAX_OCCURRENCES = 20;

/** What is needed to read the value again: places, no line of text. */
function stored(finding: Finding): Finding {
  const { secret: _secret, ...rest } = finding;
  const bare = (list: Finding['occurrences']): Finding['occurrences'] =>
    list.slice(0, MAX_OCCURRENCES).map(({ snippet: _snippet, ...place }) => place);
  return {
    ...rest,
    occurrences: bare(finding.occurrences),
    parts: finding.parts.map((part) => ({ ...part, occurrences: bare(part.occurrences) })),
  };
}

async function goOn(work: Work, id: string): Promise<ExitCode> {
  const { invocation, context, repository } = work;
  const [places, logs] = [await openPlaces(invocation, context), logsOf(invocation)];
  const { user, uid } = currentUser();
  const takeOver = invocation.options.get(TAKE_OVER);
  const incident = resumeIncident(work.root, id, { now, user, uid, takeOver });
  const [opened] = incident.journal.entries;
  if (opened?.type !== 'opened' || opened.mode !== 'respond') {
    incident.close();
    throw new RespondError('INCIDENT_UNKNOWN', `${id} is no incident of \`respond\``);
  }
  const keys = await keysFor(work, opened.findings ?? []);
  const policy = policyOf(invocation, context, null);
  return runOpened({
    invocation,
    context,
    places,
    incident,
    keys,
    mode: 'respond',
    // A stranger's report is not trusted more because it is resumed; an event is that of this run.
    policy: { ...policy, distrust: policy.distrust ?? reportDistrust(opened) },
    repository,
    logs,
  });
}

function reportDistrust(opened: Extract<Recorded, { type: 'opened' }>): Policy['distrust'] {
  return opened.distrust?.code === 'UNTRUSTED_REPORT' ? opened.distrust : null;
}

function outcomeOf(entries: readonly Recorded[]): string {
  const closed = entries.findLast((entry) => entry.type === 'closed');
  if (closed) return closed.outcome;
  const begun = entries.some(({ type }) => type === 'approved' || type === 'intent' || type === 'step');
  return begun || !entries.some(({ type }) => type === 'planned') ? 'interrupted' : 'planned';
}

function keyName({ title, redacted, provider }: KeyRecord): string {
  return `${title} ${redacted} (${provider})`;
}

function listIncidents({ streams }: Invocation, root: string): ExitCode {
  for (const id of incidentIds(root)) {
    const entries = readIncident(root, id);
    const [opened] = entries;
    if (opened?.type !== 'opened') continue;
    const keys = opened.keys.map(keyName).join(', ');
    streams.out.write(`${id}  ${opened.mode.padEnd(7)}  ${outcomeOf(entries).padEnd(11)}  ${keys}\n`);
  }
  return EXIT.clean;
}
