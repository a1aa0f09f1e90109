import { RespondError } from '../../errors/respond.ts';
import { parseJson } from '../../http/body.ts';
import { textAt, textsOf, valueAt } from '../../providers/path.ts';
import { parseCsv } from './csv.ts';
import { type LogRecord, parseTime } from './record.ts';

/** Records beyond this are not read, and the review says so. */
const MAX_RECORDS = 1_000_000;

type Column = 'at' | 'count' | 'recipient' | 'status' | 'ip' | 'country' | 'method' | 'path';

/** Column names in the exports of providers, lower case without spaces, `_` and `-`. */
const COLUMNS: Readonly<Record<Column, readonly string[]>> = {
  at: [
    'time',
    'timestamp',
    'date',
    'datetime',
    'sendtime',
    'sentat',
    'createdat',
    'processed',
    'eventtime',
    'at',
    'day',
  ],
  count: ['count', 'messages', 'sent', 'total', 'requests', 'emails', 'quantity'],
  recipient: ['recipient', 'to', 'rcpt', 'email', 'toemail', 'toaddress', 'phone', 'number', 'destination', 'msisdn'],
  status: ['status', 'event', 'result', 'state', 'deliverystatus'],
  ip: ['ip', 'ipaddress', 'sourceip', 'clientip', 'remoteaddr', 'originatingip', 'remoteip'],
  country: ['country', 'countrycode', 'geo', 'sourcecountry'],
  method: ['method', 'verb', 'httpmethod'],
  path: ['path', 'endpoint', 'url', 'uri', 'request'],
};

const COLUMN_NAMES: readonly Column[] = ['at', 'count', 'recipient', 'status', 'ip', 'country', 'method', 'path'];

const BOUNCED = /bounce|fail|reject|undeliver|drop|invalid|blocked/i;
const COMPLAINED = /complain|spam|abuse|report/i;

export interface ImportedLog {
  readonly records: readonly LogRecord[];
  /** Lines without a readable time, which are left out. */
  readonly unreadable: number;
  readonly cut: boolean;
}

function outcomeOf(status: string | null): LogRecord['outcome'] {
  if (status === null) return 'sent';
  if (COMPLAINED.test(status)) return 'complained';
  return BOUNCED.test(status) ? 'bounced' : 'sent';
}

function recordFrom(get: (column: Column) => string | null, zone: string): LogRecord | null {
  const at = parseTime(get('at') ?? '', zone);
  if (at === null) return null;
  const count = Number(get('count') ?? '1');
  const [method, path] = [get('method'), get('path')];
  return {
    at,
    count: Number.isFinite(count) && count >= 0 ? count : 1,
    recipient: get('recipient'),
    outcome: outcomeOf(get('status')),
    ip: get('ip'),
    country: get('country'),
    call: path === null ? null : `${method ?? 'GET'} ${path}`,
  };
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

function columnOf(names: readonly string[], column: Column): number {
  const wanted = COLUMNS[column];
  return names.findIndex((name) => wanted.includes(plainName(name)));
}

function importCsv(text: string, zone: string): ImportedLog {
  const { rows, cut } = parseCsv(text, MAX_RECORDS);
  const [header = [], ...lines] = rows;
  const place = (column: Column): number => columnOf(header, column);
  if (place('at') < 0) throw new RespondError('LOG_UNREADABLE', 'The first line names no column with a time');
  const places = new Map(COLUMN_NAMES.map((column) => [column, place(column)]));
  const records = lines.map((line) => {
    const get = (column: Column): string | null => {
      const value = line[places.get(column) ?? -1];
      return value === undefined || value === '' ? null : value;
    };
    return recordFrom(get, zone);
  });
  const readable = records.filter((record) => record !== null);
  return { records: readable, unreadable: records.length - readable.length, cut };
}

/** The list in a JSON export: the value itself, or the first array of objects one level down. */
function listIn(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return null;
  const isList = (inner: unknown): boolean =>
    Array.isArray(inner) && inner.every((item) => typeof item === 'object' && item !== null);
  const inner = Object.values(value).find(isList);
  return Array.isArray(inner) ? inner : null;
}

function fieldOf(item: unknown, column: Column): string | null {
  if (typeof item !== 'object' || item === null) return null;
  const name = Object.keys(item).find((key) => COLUMNS[column].includes(plainName(key)));
  if (name === undefined) return null;
  return textAt(item, name) ?? textsOf(valueAt(item, name))[0] ?? null;
}

function importJson(text: string, zone: string): ImportedLog {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const whole = listIn(parseJson(text));
  const items = whole ?? (lines.every((line) => parseJson(line) !== null) ? lines.map(parseJson) : null);
  if (items === null) throw new RespondError('LOG_UNREADABLE', 'The file is neither JSON nor lines of JSON');
  const records = items.slice(0, MAX_RECORDS).map((item) => recordFrom((column) => fieldOf(item, column), zone));
  const readable = records.filter((record) => record !== null);
  if (items.length > 0 && readable.length === 0)
    throw new RespondError('LOG_UNREADABLE', 'No record of the file has a time');
  return { records: readable, unreadable: records.length - readable.length, cut: items.length > MAX_RECORDS };
}

/**
 * Reads an exported log: CSV with a header line, JSON, or lines of JSON.
 *
 * @param zone - offset of times that name none
 * @throws RespondError `LOG_UNREADABLE`
 */
export function importLog(text: string, zone = '+00:00'): ImportedLog {
  return /^\s*[[{]/.test(text) ? importJson(text, zone) : importCsv(text, zone);
}
