import type { Logs } from '../providers/declaration.ts';
import type { Target } from '../providers/registry.ts';
import type { Values } from '../providers/template.ts';
import { importLog } from './logs/import.ts';
import { pullLog } from './logs/pull.ts';
import type { LogRecord } from './logs/record.ts';
import { type Review, reviewLog } from './logs/review.ts';
import type { LeakedKey, Services } from './services.ts';
import { type StepEnd, done, failedBy, waiting } from './step.ts';

const DAY_MS = 24 * 3_600_000;
const BASELINE_MS = 28 * DAY_MS;
/** Where nobody knows when the key got out. */
const UNKNOWN_WINDOW_MS = 30 * DAY_MS;

/** From the first commit that held the key until now. */
export function exposureWindow(
  key: LeakedKey,
  now: Date,
): { readonly from: number; readonly to: number; readonly known: boolean } {
  const first = Date.parse(key.record.firstSeen ?? '');
  const known = !Number.isNaN(first) && first <= now.getTime();
  return { from: known ? first : now.getTime() - UNKNOWN_WINDOW_MS, to: now.getTime(), known };
}

async function spender(services: Services, key: LeakedKey, target: Target, logs: Logs): Promise<Values | null> {
  if (logs.spends === 'leaked') return key.variants[0] ?? null;
  if (logs.spends === 'nothing') return {};
  const access = services.operator(target);
  return access ? (await access.main()).values : null;
}

interface Source {
  readonly name: string;
  readonly records: readonly LogRecord[];
  readonly blind: readonly string[];
}

async function records(
  services: Services,
  key: LeakedKey,
  target: Target,
  from: number,
  to: number,
): Promise<Source | string> {
  const { text, name } = services.logs;
  if (text !== null) {
    const log = importLog(text);
    const blind = [
      ...(log.unreadable > 0 ? [`${log.unreadable} records without a readable time were left out.`] : []),
      ...(log.cut ? ['The export is longer than this tool reads; the rest was left out.'] : []),
    ];
    return { name: name ?? 'export', records: log.records, blind };
  }
  const { logs } = target.kind;
  if (!logs) return `${target.provider.title} offers no log by API: export it and give it with --logs`;
  const values = await spender(services, key, target, logs);
  if (values === null) return 'No operator credential for the log: give one, or an export with --logs';
  const pulled = await pullLog(services.wire, services.endpoint(target), logs, values, {
    from: from - BASELINE_MS,
    to,
  });
  return {
    name: `${target.provider.id} ${logs.call.name}`,
    records: pulled,
    blind: logs.blind === undefined ? [] : [logs.blind],
  };
}

function facts(review: Review, source: Source, known: boolean): Readonly<Record<string, unknown>> {
  return {
    source: source.name,
    from: new Date(review.from).toISOString(),
    to: new Date(review.to).toISOString(),
    windowKnown: known,
    baselineFrom: new Date(review.baselineFrom).toISOString(),
    messages: review.messages,
    baselineMessages: review.baselineMessages,
    ours: review.ours,
    signs: review.signs,
    blind: [...source.blind, ...review.blind],
  };
}

function ownProbes(services: Services): { at: number; asked: string }[] {
  return services.journal.entries.flatMap((entry) =>
    entry.type === 'probe' ? [{ at: Date.parse(entry.at), asked: entry.asked }] : [],
  );
}

/** Step 3: the usage of the exposure window against the time before it. */
export async function reviewLogs(services: Services, key: LeakedKey, target: Target): Promise<StepEnd> {
  try {
    const window = exposureWindow(key, services.wire.now());
    const source = await records(services, key, target, window.from, window.to);
    if (typeof source === 'string') return waiting('PERSON_NEEDED', source, { link: target.kind.dashboard.url });
    const review = reviewLog({
      records: source.records,
      from: window.from,
      to: window.to,
      quota: services.logs.quota,
      own: services.logs.own,
      probes: ownProbes(services),
    });
    const about = facts(review, source, window.known);
    if (review.signs.length > 0)
      return waiting(
        'PERSON_NEEDED',
        `${review.signs.length} warning ${review.signs.length === 1 ? 'sign' : 'signs'}: ${review.signs.map(({ says }) => says).join('; ')}`,
        about,
      );
    return done(
      `No warning sign among ${review.messages} messages since ${new Date(review.from).toISOString()}`,
      about,
    );
  } catch (error) {
    return failedBy(error);
  }
}
