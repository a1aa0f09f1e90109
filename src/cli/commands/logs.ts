import { RespondError } from '../../errors/respond.ts';
import { UsageError } from '../../errors/usage.ts';
import { plainWord } from '../../http/redact.ts';
import type { Logs } from '../../providers/declaration.ts';
import { operatorNeeds } from '../../providers/operator.ts';
import { type Target, providerNamed } from '../../providers/registry.ts';
import { importLog } from '../../respond/logs/import.ts';
import { pullLog } from '../../respond/logs/pull.ts';
import type { LogRecord } from '../../respond/logs/record.ts';
import { type Review, reviewLog } from '../../respond/logs/review.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { FROM, OWN, QUOTA, SINCE } from '../flags/respond.ts';
import { type RespondContext, openContext } from '../respond/context.ts';
import { askForOperators } from '../respond/operators.ts';
import { askable } from '../respond/person.ts';
import { readText } from '../respond/policy.ts';
import type { Streams } from '../streams.ts';
import type { Invocation } from './command.ts';

const HOUR = 3_600_000;
const BASELINE_MS = 28 * 24 * HOUR;

/** A date, or so long before now. @throws UsageError `USAGE_ARGUMENTS` */
function beginning(text: string | undefined, now: number): number {
  const [, number, unit] = /^(\d{1,5})(h|d)$/.exec(text ?? '24h') ?? [];
  if (number !== undefined) return now - Number(number) * (unit === 'd' ? 24 * HOUR : HOUR);
  const date = Date.parse(text ?? '');
  if (Number.isNaN(date) || date > now)
    throw new UsageError('USAGE_ARGUMENTS', `--since cannot be ${JSON.stringify(text)}`);
  return date;
}

function loggedTarget(context: RespondContext, id: string): Target & { readonly logs: Logs } {
  const provider = providerNamed(id, context.providers);
  for (const kind of provider.kinds) if (kind.logs) return { provider, kind, logs: kind.logs };
  throw new RespondError('LOG_UNREADABLE', `${provider.title} offers no log by API`, {
    mend: 'Export the log in the dashboard and give it with --from FILE.',
  });
}

async function pulled(invocation: Invocation, id: string, from: number, to: number): Promise<readonly LogRecord[]> {
  const context = openContext(invocation);
  try {
    const target = loggedTarget(context, id);
    await askForOperators([target], context.credentials, askable(invocation.streams, false));
    const access = context.directory.operator(target);
    if (!access)
      throw new RespondError(
        'NO_OPERATOR',
        `${target.provider.title} needs ${operatorNeeds(target.provider.operator)}`,
      );
    const { values } = await access.main();
    const window = { from: from - BASELINE_MS, to };
    return await pullLog(context.network.wire, context.directory.endpoint(target), target.logs, values, window);
  } finally {
    await context.directory.close();
  }
}

function say(review: Review, streams: Streams): void {
  const { out } = streams;
  out.write(
    `${new Date(review.from).toISOString()} to ${new Date(review.to).toISOString()}: ${review.messages} messages; ${review.baselineMessages} since ${new Date(review.baselineFrom).toISOString()} before\n`,
  );
  for (const { sign, says, baseline } of review.signs)
    out.write(`${sign}: ${plainWord(says, 400)}\n  compared with ${plainWord(baseline, 200)}\n`);
  for (const line of review.blind) out.write(`not seen: ${plainWord(line)}\n`);
  if (review.signs.length === 0) out.write('no warning sign\n');
}

/** `unleak logs review <provider>` and `unleak logs review --from FILE`: exit 1 on a warning sign. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, positionals, streams } = invocation;
  const to = Date.now();
  const from = beginning(options.get(SINCE), to);
  const file = options.get(FROM);
  const [id] = positionals;
  if (file === undefined && id === undefined)
    throw new UsageError('USAGE_ARGUMENTS', 'logs review needs a provider, or --from FILE');
  const imported = file === undefined ? null : importLog(readText(file));
  const records = imported ? imported.records : await pulled(invocation, id ?? '', from, to);
  const result = reviewLog({ records, from, to, quota: options.get(QUOTA) ?? null, own: options.get(OWN), probes: [] });
  say(result, streams);
  if (result.signs.length > 0) return EXIT.found;
  const partial = imported !== null && (imported.cut || imported.unreadable > 0);
  if (partial)
    streams.err.write(
      `unleak: ${imported.unreadable} records could not be read${imported.cut ? ', and the rest was not' : ''}\n`,
    );
  return partial ? EXIT.incomplete : EXIT.clean;
}
