import { Secret } from '../../core/secret.ts';
import { RespondError } from '../../errors/respond.ts';
import { UsageError } from '../../errors/usage.ts';
import { partNames, partsTogether } from '../../providers/identify.ts';
import type { Target } from '../../providers/registry.ts';
import type { KeyRecord } from '../../respond/journal/entry.ts';
import { type Incident, currentUser, incidentsFolder, resumeIncident } from '../../respond/journal/store.ts';
import { givenKey } from '../../respond/locate.ts';
import type { LeakedKey } from '../../respond/services.ts';
import { BUILTIN_RULES } from '../../rules/builtin.generated.ts';
import { fingerprinter } from '../../triage/fingerprint.ts';
import { redact } from '../../triage/redact.ts';
import type { ExitCode } from '../exit-code.ts';
import { FROM_ENV, HAND_OVER, KIND, RESUME, ROLL_BACK, TAKE_OVER } from '../flags/respond.ts';
import { type RespondContext, openContext, requireTarget } from '../respond/context.ts';
import { beginIncident } from '../respond/begin.ts';
import { openPlaces } from '../respond/places.ts';
import { policyOf } from '../respond/policy.ts';
import { failingWithOne, runOpened } from '../respond/run.ts';
import type { Invocation } from './command.ts';

const now = (): Date => new Date();

/** The old key's parts, taken out of the environment. @throws UsageError `USAGE_ARGUMENTS` */
function partsFrom(pairs: readonly string[], environment: NodeJS.ProcessEnv): Record<string, Secret> {
  const entries = pairs.map((pair): [string, Secret] => {
    const [, part = '', name = ''] = /^([A-Za-z]+)=(\w+)$/.exec(pair) ?? [];
    const value = environment[name];
    if (part === '' || value === undefined || value === '')
      throw new UsageError('USAGE_ARGUMENTS', `--from-env ${JSON.stringify(pair)} names no variable that is set`, {
        mend: 'Write PART=VARIABLE, such as secret=OLD_SECRET, and `export` the variable first.',
      });
    delete environment[name];
    return [part, new Secret(value)];
  });
  return Object.fromEntries(entries);
}

function checkParts(target: Target, parts: Readonly<Record<string, Secret>>): void {
  const missing = partNames(target.kind).filter((name) => !(name in parts));
  if (missing.length > 0)
    throw new UsageError('USAGE_ARGUMENTS', `${target.kind.title} needs --from-env for ${missing.join(', ')}`);
}

/** As scans report the value: by the families of the rules that find keys of this kind. */
function reportedAs({ kind }: Target, secret: Secret): string[] {
  const families = BUILTIN_RULES.filter(({ verify, revoke }) => verify === kind.id || revoke === kind.id).map(
    ({ family }) => family,
  );
  const ids = fingerprinter();
  return [...new Set(families)].map((family) => ids.of(family, secret));
}

function recordFor(target: Target, secret: Secret, parts: Readonly<Record<string, Secret>>): KeyRecord {
  const shown = redact(secret);
  return {
    fingerprint: fingerprinter().of(target.kind.id, secret),
    whole: fingerprinter().of(target.kind.id, partsTogether(partNames(target.kind), parts)),
    also: reportedAs(target, secret),
    rule: target.kind.id,
    provider: target.provider.id,
    kind: target.kind.id,
    title: target.kind.title,
    redacted: shown.redacted,
    lastFour: shown.lastFour ?? null,
    where: 'given by a person',
    exposure: 'unknown',
    firstSeen: null,
    firstCommit: null,
    refs: [],
  };
}

function keyOf(context: RespondContext, invocation: Invocation, kind: string): LeakedKey {
  const target = requireTarget(context, kind);
  const parts = partsFrom(invocation.options.get(FROM_ENV), process.env);
  checkParts(target, parts);
  const secret = parts['secret'] ?? new Secret('');
  return givenKey(target, recordFor(target, secret, parts), parts);
}

function begin(key: LeakedKey, root: string): [Incident, LeakedKey] {
  return [beginIncident(root, { repository: null, mode: 'rotate', keys: [key.record] }), key];
}

/** The kind that a rotation was begun with; the value given now must be the same. */
function goOn(context: RespondContext, invocation: Invocation, root: string, id: string): [Incident, LeakedKey] {
  const { user, uid } = currentUser();
  const incident = resumeIncident(root, id, { now, user, uid, takeOver: invocation.options.get(TAKE_OVER) });
  const [opened] = incident.journal.entries;
  const record = opened?.type === 'opened' && opened.mode === 'rotate' ? opened.keys[0] : undefined;
  try {
    if (!record?.kind) throw new RespondError('INCIDENT_UNKNOWN', `${id} is no rotation`);
    const key = keyOf(context, invocation, record.kind);
    const other = record.whole !== undefined && key.record.whole !== record.whole;
    if (other || key.record.fingerprint !== record.fingerprint)
      throw new RespondError('SOURCE_CHANGED', 'The value given is not the one that this rotation began with');
    return [incident, key];
  } catch (error) {
    incident.close();
    throw error;
  }
}

/** `unleak rotate` */
export const run = failingWithOne(perform);

async function perform(invocation: Invocation): Promise<ExitCode> {
  const { options } = invocation;
  const context = openContext(invocation);
  const root = incidentsFolder(process.env);
  const id = options.get(RESUME);
  if (id === undefined && options.get(ROLL_BACK))
    throw new UsageError('USAGE_ARGUMENTS', '--roll-back needs --resume ID: there is nothing to take back yet');
  if (id === undefined && options.get(HAND_OVER).length === 0)
    throw new UsageError('USAGE_ARGUMENTS', 'rotate needs --hand-over: the new key is shown once', {
      mend: 'Add --hand-over file:PATH, store:NAME or stdout.',
    });
  const kind = options.get(KIND);
  if (id === undefined && kind === undefined) throw new UsageError('USAGE_ARGUMENTS', 'rotate needs --kind');
  const places = await openPlaces(invocation, context);
  const [incident, key] =
    id === undefined ? begin(keyOf(context, invocation, kind ?? ''), root) : goOn(context, invocation, root, id);
  return runOpened({
    invocation,
    context,
    places,
    incident,
    keys: [key],
    mode: 'rotate',
    policy: policyOf(invocation, context, null),
    repository: null,
    logs: { text: null, name: null, quota: null, own: [] },
  });
}
