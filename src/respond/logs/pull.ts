import { RespondError } from '../../errors/respond.ts';
import type { Endpoint, Wire } from '../../providers/call.ts';
import type { Logs } from '../../providers/declaration.ts';
import { allItems } from '../../providers/listing.ts';
import { textAt } from '../../providers/path.ts';
import type { Values } from '../../providers/template.ts';
import { type LogRecord, parseTime } from './record.ts';

export interface LogWindow {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function counted(item: unknown, paths: readonly string[] | undefined): number {
  if (!paths) return 1;
  return paths.reduce((total, path) => total + (Number(textAt(item, path) ?? '0') || 0), 0);
}

function recordOf(logs: Logs, item: unknown): LogRecord | null {
  const { record } = logs;
  const at = parseTime(textAt(item, record.at) ?? '', logs.zone);
  if (at === null) return null;
  const status = textAt(item, record.status) ?? '';
  const outcome = logs.complained.includes(status) ? 'complained' : logs.bounced.includes(status) ? 'bounced' : 'sent';
  return {
    at,
    count: counted(item, record.count),
    recipient: textAt(item, record.recipient),
    outcome,
    ip: textAt(item, record.ip),
    country: textAt(item, record.country),
    call: null,
  };
}

/**
 * Asks a provider for the records of a window.
 *
 * @throws HttpError, ProviderError; RespondError `LOG_UNREADABLE`
 */
export async function pullLog(
  wire: Wire,
  endpoint: Endpoint,
  logs: Logs,
  values: Values,
  window: LogWindow,
): Promise<LogRecord[]> {
  const times = {
    from: day(window.from),
    to: day(window.to),
    fromSeconds: String(Math.floor(window.from / 1000)),
    toSeconds: String(Math.ceil(window.to / 1000)),
  };
  const items = await allItems(wire, endpoint, logs, { ...values, ...times });
  const records = items.map((item) => recordOf(logs, item));
  const readable = records.filter((record) => record !== null);
  if (items.length > 0 && readable.length === 0)
    throw new RespondError('LOG_UNREADABLE', `No record of ${endpoint.provider.title} has a time that can be read`);
  return readable;
}
