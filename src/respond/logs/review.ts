/**
 * The warning signs of the playbook, each with its figures and the baseline it
 * was compared with: spikes, unknown recipients, early quota, foreign addresses
 * and countries, jumps of bounces and complaints.
 */
import { type LogRecord, recipientGroup } from './record.ts';

export type SignName =
  | 'spike'
  | 'unknown-recipients'
  | 'quota'
  | 'foreign-address'
  | 'foreign-country'
  | 'bounces'
  | 'complaints';

export interface WarningSign {
  readonly sign: SignName;
  /** The sentence, with its figures. */
  readonly says: string;
  readonly figures: Readonly<Record<string, number | string | readonly string[]>>;
  /** What it was compared with, in a sentence. */
  readonly baseline: string;
}

export interface Review {
  readonly from: number;
  readonly to: number;
  readonly baselineFrom: number;
  /** Messages in the window and in the baseline. */
  readonly messages: number;
  readonly baselineMessages: number;
  readonly signs: readonly WarningSign[];
  /** Signs that could not be looked for, and why. */
  readonly blind: readonly string[];
  /** Records of our own probes, left out. */
  readonly ours: number;
}

export interface ReviewInput {
  readonly records: readonly LogRecord[];
  /** The exposure window, milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Messages a month that the plan allows; null if not known. */
  readonly quota: number | null;
  /** Addresses and countries of one's own, as well as those of the baseline. */
  readonly own: readonly string[];
  /** Our own requests: when, and what was asked. */
  readonly probes: readonly { readonly at: number; readonly asked: string }[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The baseline is this much before the window, or all there is of it. */
const BASELINE_DAYS = 28;
/** Fewer messages than this are no spike, whatever the baseline. */
const SMALLEST_SPIKE = 20;
const SPIKE_FACTOR = 3;
/** Robust z-score from which an hour or day stands out. */
const SPIKE_SCORE = 5;
const SHOWN = 10;
/** Our requests and a server's clock agree within this. */
const CLOCK_MS = 5000;

function sum(records: readonly LogRecord[]): number {
  return records.reduce((total, { count }) => total + count, 0);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return sorted.length === 0 ? 0 : (low + high) / 2;
}

/** Messages in every slot of a span, empty slots included. */
function perSlot(records: readonly LogRecord[], from: number, to: number, slot: number): number[] {
  const slots = Array.from({ length: Math.max(1, Math.ceil((to - from) / slot)) }, () => 0);
  for (const { at, count } of records) {
    const index = Math.floor((at - from) / slot);
    const before = slots[index];
    if (before !== undefined) slots[index] = before + count;
  }
  return slots;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** Slots of the window that stand out from the same slots of the baseline. */
function spike(
  window: readonly LogRecord[],
  before: readonly LogRecord[],
  span: Spans,
  slot: number,
): WarningSign | null {
  const usual = perSlot(before, span.baselineFrom, span.from, slot);
  const middle = median(usual);
  // 1.4826 makes the median of deviations comparable with a standard deviation.
  const spread = Math.max(1.4826 * median(usual.map((value) => Math.abs(value - middle))), Math.sqrt(middle), 1);
  const threshold = Math.max(
    SMALLEST_SPIKE,
    SPIKE_FACTOR * middle,
    middle + SPIKE_SCORE * spread,
    Math.max(0, ...usual),
  );
  const slots = perSlot(window, span.from, span.to, slot);
  const over = slots.map((value, index) => ({ value, index })).filter(({ value }) => value > threshold);
  if (over.length === 0) return null;
  const worst = over.reduce((a, b) => (b.value > a.value ? b : a));
  const unit = slot === DAY ? 'day' : 'hour';
  return {
    sign: 'spike',
    says: `${worst.value} messages in one ${unit} from ${iso(span.from + worst.index * slot)}; ${over.length} such ${unit}${over.length === 1 ? '' : 's'}`,
    figures: { worst: worst.value, slots: over.length, threshold: Math.round(threshold), median: middle },
    baseline: `median ${middle} a ${unit}, at most ${Math.max(0, ...usual)}, over ${usual.length} ${unit}s before`,
  };
}

interface Spans {
  readonly baselineFrom: number;
  readonly from: number;
  readonly to: number;
}

function unknownRecipients(window: readonly LogRecord[], before: readonly LogRecord[]): WarningSign | null {
  const groups = (records: readonly LogRecord[]) =>
    records.flatMap(({ recipient }) => (recipient === null ? [] : [recipientGroup(recipient)]));
  const known = new Set(groups(before));
  const seen = window.filter(({ recipient }) => recipient !== null);
  const strange = seen.filter(({ recipient }) => recipient !== null && !known.has(recipientGroup(recipient)));
  const share = sum(seen) === 0 ? 0 : sum(strange) / sum(seen);
  if (known.size === 0 || sum(strange) < 5 || share < 0.1) return null;
  const names = [...new Set(groups(strange))];
  return {
    sign: 'unknown-recipients',
    says: `${sum(strange)} of ${sum(seen)} messages (${Math.round(share * 100)} %) went to ${names.length} domains or prefixes never written to before`,
    figures: { messages: sum(strange), of: sum(seen), groups: names.length, examples: names.slice(0, SHOWN) },
    baseline: `${known.size} domains or prefixes before`,
  };
}

function earlyQuota(
  window: readonly LogRecord[],
  before: readonly LogRecord[],
  span: Spans,
  quota: number,
): WarningSign | null {
  const days = Math.max(1, (span.to - span.from) / DAY);
  const rate = sum(window) / days;
  const usual = sum(before) / Math.max(1, (span.from - span.baselineFrom) / DAY);
  const projected = Math.round(rate * 30);
  if (projected <= quota || rate <= usual * 1.5) return null;
  const lasts = Math.floor(quota / rate);
  return {
    sign: 'quota',
    says: `At ${Math.round(rate)} messages a day the quota of ${quota} a month lasts ${lasts} days`,
    figures: { perDay: Math.round(rate), projected, quota },
    baseline: `${Math.round(usual)} messages a day before`,
  };
}

function foreign(
  window: readonly LogRecord[],
  before: readonly LogRecord[],
  own: readonly string[],
  field: 'ip' | 'country',
): WarningSign | null {
  const known = new Set([...before.map((record) => record[field]), ...own]);
  const strange = window.filter((record) => record[field] !== null && !known.has(record[field]));
  if (strange.length === 0 || known.size === 0) return null;
  const names = [...new Set(strange.map((record) => record[field] ?? ''))];
  return {
    sign: field === 'ip' ? 'foreign-address' : 'foreign-country',
    says: `${sum(strange)} messages or calls from ${names.length} ${field === 'ip' ? 'addresses' : 'countries'} never seen before`,
    figures: { messages: sum(strange), examples: names.slice(0, SHOWN) },
    baseline: `${[...known].filter((one) => one !== null).length} known before`,
  };
}

/** Two proportions compared (z-test); a jump needs to be both significant and at least twofold. */
function jump(
  window: readonly LogRecord[],
  before: readonly LogRecord[],
  outcome: 'bounced' | 'complained',
  atLeast: number,
): WarningSign | null {
  const [n, m] = [sum(window), sum(before)];
  const bad = (records: readonly LogRecord[]) => sum(records.filter((record) => record.outcome === outcome));
  const [now, then] = [bad(window), bad(before)];
  // Without a time before there is nothing to jump from.
  if (n === 0 || m === 0 || now < atLeast) return null;
  const [p, q] = [now / n, then / m];
  const pooled = (now + then) / (n + m);
  const score = (p - q) / Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m) || 1);
  if (score < 3 || p < 2 * q) return null;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return {
    sign: outcome === 'bounced' ? 'bounces' : 'complaints',
    says: `${now} of ${n} messages ${outcome === 'bounced' ? 'bounced' : 'drew complaints'} (${percent(p)})`,
    figures: { now, of: n, before: then, ofBefore: m },
    baseline: `${percent(q)} before (${then} of ${m})`,
  };
}

function isOurs(record: LogRecord, probes: ReviewInput['probes']): boolean {
  if (record.call === null) return false;
  const path = record.call.split(' ')[1]?.split('?')[0] ?? '';
  return probes.some(
    ({ at, asked }) => Math.abs(at - record.at) <= CLOCK_MS && path.endsWith(asked.split(' ')[1] ?? '\0'),
  );
}

function blindSpots(window: readonly LogRecord[], before: readonly LogRecord[], quota: number | null): string[] {
  const all = [...window, ...before];
  const missing = (field: 'ip' | 'country' | 'recipient') => all.every((record) => record[field] === null);
  return [
    ...(before.length === 0 ? ['There is no record from before the window, so nothing could be compared.'] : []),
    ...(missing('ip') ? ['The log has no addresses of callers.'] : []),
    ...(missing('country') ? ['The log has no countries.'] : []),
    ...(missing('recipient') ? ['The log has no recipients.'] : []),
    ...(quota === null ? ['The quota is not known; give it with --quota.'] : []),
  ];
}

/** Looks for every sign the records allow to look for. */
export function reviewLog(input: ReviewInput): Review {
  const { from, to, quota, own } = input;
  const foreignRecords = input.records.filter((record) => !isOurs(record, input.probes));
  const window = foreignRecords.filter(({ at }) => at >= from && at <= to);
  const earliest = Math.max(
    from - BASELINE_DAYS * DAY,
    foreignRecords.reduce((first, { at }) => Math.min(first, at), from),
  );
  const before = foreignRecords.filter(({ at }) => at >= earliest && at < from);
  const span = { baselineFrom: Math.floor(earliest / DAY) * DAY, from, to };
  const signs = [
    before.length === 0 ? null : (spike(window, before, span, DAY) ?? spike(window, before, span, HOUR)),
    unknownRecipients(window, before),
    quota === null ? null : earlyQuota(window, before, span, quota),
    foreign(window, before, own, 'ip'),
    foreign(window, before, own, 'country'),
    jump(window, before, 'bounced', 5),
    jump(window, before, 'complained', 2),
  ].filter((sign) => sign !== null);
  return {
    from,
    to,
    baselineFrom: span.baselineFrom,
    messages: sum(window),
    baselineMessages: sum(before),
    signs,
    blind: blindSpots(window, before, quota),
    ours: input.records.length - foreignRecords.length,
  };
}
