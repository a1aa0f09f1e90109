import { type ScanError, isScanError } from '../../errors/base.ts';
import { UsageError } from '../../errors/usage.ts';
import { plainWord } from '../../http/redact.ts';
import type { Provider } from '../../providers/declaration.ts';
import { operatorFields } from '../../providers/operator.ts';
import { providerNamed } from '../../providers/registry.ts';
import { incidentIds, incidentsFolder, readIncident } from '../../respond/journal/store.ts';
import type { Recorded } from '../../respond/journal/entry.ts';
import { gatherKeys } from '../../respond/keys/gather.ts';
import { judgeKeys, needsAction } from '../../respond/keys/judge.ts';
import type { KeysReport, KnownKey } from '../../respond/keys/model.ts';
import type { KeySources } from '../../respond/keys/sources.ts';
import { fingerprinter } from '../../triage/fingerprint.ts';
import { type ExitCode, exitCodeOf } from '../exit-code.ts';
import { KEYS_FORMAT, MAX_AGE, UNUSED_FOR } from '../flags/keys.ts';
import { ALLOW_INCOMPLETE } from '../flags/verdict.ts';
import { type RespondContext, openContext } from '../respond/context.ts';
import { askForOperators } from '../respond/operators.ts';
import { askable } from '../respond/person.ts';
import { openStores } from '../respond/secret-stores.ts';
import type { Invocation } from './command.ts';

const DEFAULT_DAYS = 90;

/** Those named, else all that an adapter or a credential makes it possible to ask. */
function chosenProviders({ positionals }: Invocation, context: RespondContext): readonly Provider[] {
  const { providers, userFile, credentials } = context;
  if (positionals.length > 0) return positionals.map((id) => providerNamed(id, providers));
  return providers.filter(
    (provider) =>
      userFile.adapters.has(provider.id) ||
      (provider.kinds.some(({ listing }) => listing !== undefined) &&
        operatorFields(provider.operator, credentials.source) !== null),
  );
}

function entriesOf(root: string, id: string): readonly Recorded[] | ScanError {
  try {
    return readIncident(root, id);
  } catch (error) {
    if (isScanError(error)) return error;
    throw error;
  }
}

async function sourcesFor(invocation: Invocation, context: RespondContext): Promise<KeySources> {
  const providers = chosenProviders(invocation, context);
  const root = incidentsFolder(process.env);
  const incidents = incidentIds(root)
    .toReversed()
    .map((id) => ({ id, entries: entriesOf(root, id) }));
  const stores = await openStores(context, invocation.signal);
  const { stores: commands } = context.userFile;
  if (providers.length + stores.length + commands.length + incidents.length === 0)
    throw new UsageError('USAGE_ARGUMENTS', 'no key can be known: there is no credential, store or incident', {
      mend: 'Set the operator credential of a provider (docs/PROVIDERS.md), or name a provider.',
    });
  const ids = fingerprinter();
  return {
    wire: context.network.wire,
    ...context.directory,
    providers,
    stores,
    commands,
    child: context.child,
    fingerprint: (kind, secret) => ids.of(kind, secret),
    incidents,
  };
}

const SAYS: Readonly<Record<KnownKey['problems'][number], string>> = {
  'too-old': 'older than allowed: rotate it',
  unused: 'unused: revoke it',
  leaked: 'leaked and not confirmed dead: `unleak respond` takes it to its end',
  'age-unknown': 'its age is not known',
};

function ageOf({ ageDays, sinceWhat }: KnownKey): string {
  if (ageDays === null) return 'age unknown';
  const from = {
    creation: '',
    'stored-version': ' (stored)',
    'file-date': ' or more (file)',
    'first-commit': ' (first commit)',
  };
  return `${ageDays} ${ageDays === 1 ? 'day' : 'days'}${from[sinceWhat ?? 'creation']}`;
}

function lineOf(key: KnownKey): string {
  const label = plainWord(key.label ?? key.id ?? '-', 80);
  const words = [
    key.provider ?? '-',
    label,
    // A key that is known by its finding alone has them in its name.
    ...(key.lastFour === null || label.endsWith(`…${key.lastFour}`) ? [] : [`…${plainWord(key.lastFour, 4)}`]),
    ageOf(key),
    key.stores.length === 0 ? 'in no named store' : `in ${key.stores.join(', ')}`,
    ...(key.lastRotation === null ? [] : [`rotated ${key.lastRotation.slice(0, 10)}`]),
    key.useKnown ? `last used ${key.lastUse?.slice(0, 10) ?? 'never'}` : 'last use not told',
    ...(key.active ? [] : ['switched off']),
    ...(key.leakedIn === null ? [] : [`incident ${key.leakedIn}`]),
  ];
  const marks = key.problems.map((problem) => `  ${SAYS[problem]}\n`);
  return `${words.join(', ')}\n${marks.join('')}`;
}

function pretty(report: KeysReport): string {
  const { keys, maxAgeDays, unusedDays } = report;
  const head = `${keys.length} ${keys.length === 1 ? 'key' : 'keys'}; allowed are ${maxAgeDays} days of age and ${unusedDays} without use\n`;
  return `${keys.map(lineOf).join('')}${head}`;
}

/** `unleak keys [provider...]` */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, streams } = invocation;
  const context = openContext(invocation);
  try {
    const sources = await sourcesFor(invocation, context);
    const targets = sources.providers.flatMap((provider) => provider.kinds.map((kind) => ({ provider, kind })));
    await askForOperators(targets, context.credentials, askable(streams, false));
    const { keys, gaps } = await gatherKeys(sources);
    const maxAgeDays = options.get(MAX_AGE) ?? DEFAULT_DAYS;
    const limits = { maxAgeDays, unusedDays: options.get(UNUSED_FOR) ?? maxAgeDays };
    const report = judgeKeys(keys, gaps, limits, new Date());
    streams.out.write(options.get(KEYS_FORMAT) === 'json' ? `${JSON.stringify(report, null, 2)}\n` : pretty(report));
    for (const { code, message, mend } of report.problems)
      streams.err.write(`unleak: ${code}: ${plainWord(message, 400)}\n  ${mend}\n`);
    const allowIncomplete = options.get(ALLOW_INCOMPLETE);
    return exitCodeOf({ found: needsAction(report), complete: report.complete, allowIncomplete });
  } finally {
    await context.directory.close();
  }
}
