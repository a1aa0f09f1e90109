import { describe, expect, test } from 'vitest';

import { parseCsv } from '../../src/respond/logs/csv.ts';
import { importLog } from '../../src/respond/logs/import.ts';
import { type LogRecord, parseTime, recipientGroup } from '../../src/respond/logs/record.ts';
import { type ReviewInput, reviewLog } from '../../src/respond/logs/review.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-21T00:00:00Z');
const FROM = NOW - 3 * DAY;

function record(at: number, extra: Partial<LogRecord> = {}): LogRecord {
  return { at, count: 1, recipient: null, outcome: 'sent', ip: null, country: null, call: null, ...extra };
}

/** So many records a day, evenly over the hours. */
function days(
  from: number,
  to: number,
  perDay: number,
  extra: (n: number) => Partial<LogRecord> = () => ({}),
): LogRecord[] {
  const all: LogRecord[] = [];
  for (let at = from, n = 0; at < to; at += DAY / perDay, n++) all.push(record(Math.round(at), extra(n)));
  return all;
}

function review(records: readonly LogRecord[], extra: Partial<ReviewInput> = {}) {
  return reviewLog({ records, from: FROM, to: NOW, quota: null, own: [], probes: [], ...extra });
}

const usual = days(FROM - 28 * DAY, FROM, 40, (n) => ({
  recipient: `c${n}@shop-${n % 5}.example`,
  ip: '198.51.100.7',
  country: 'IT',
}));
const ordinary = days(FROM, NOW, 40, (n) => ({
  recipient: `c${n}@shop-${n % 5}.example`,
  ip: '198.51.100.7',
  country: 'IT',
}));

describe('the warning signs', () => {
  test('are none in ordinary traffic, with the baseline it was compared with', () => {
    const result = review([...usual, ...ordinary]);
    expect(result.signs).toEqual([]);
    expect(result.messages).toBe(120);
    expect(result.baselineMessages).toBe(1120);
  });

  test.each([
    [
      'spike',
      days(NOW - DAY, NOW, 600, (n) => ({ recipient: `c@shop-${n % 5}.example`, ip: '198.51.100.7', country: 'IT' })),
    ],
    [
      'unknown-recipients',
      days(FROM, NOW, 30, (n) => ({ recipient: `v@strange-${n}.example`, ip: '198.51.100.7', country: 'IT' })),
    ],
    ['foreign-address', [record(NOW - 1000, { ip: '203.0.113.9', country: 'IT' })]],
    ['foreign-country', [record(NOW - 1000, { ip: '198.51.100.7', country: 'KP' })]],
    [
      'bounces',
      days(FROM, NOW, 20, (n) => ({
        recipient: `c@shop-${n % 5}.example`,
        outcome: 'bounced',
        ip: '198.51.100.7',
        country: 'IT',
      })),
    ],
    [
      'complaints',
      days(FROM, NOW, 5, (n) => ({
        recipient: `c@shop-${n % 5}.example`,
        outcome: 'complained',
        ip: '198.51.100.7',
        country: 'IT',
      })),
    ],
  ] as const)('show %s, and it alone', (sign, bad) => {
    const result = review([...usual, ...ordinary, ...bad]);
    expect(result.signs.map((one) => one.sign)).toEqual([sign]);
    expect(result.signs[0]?.baseline).toMatch(/\d/);
    expect(result.signs[0]?.says).toMatch(/\d/);
  });

  test('show a quota that will not last, if the quota is known', () => {
    const busy = days(FROM, NOW, 100, (n) => ({ recipient: `c@shop-${n % 5}.example` }));
    expect(review([...usual, ...busy], { quota: 2000 }).signs.map(({ sign }) => sign)).toContain('quota');
    expect(review([...usual, ...busy], { quota: 20_000 }).signs.map(({ sign }) => sign)).not.toContain('quota');
  });

  test('show a spike of one hour that its day hides', () => {
    const hour = days(NOW - DAY / 24, NOW, 70 * 24, (n) => ({ recipient: `c@shop-${n % 5}.example` })).slice(0, 60);
    expect(review([...usual, ...ordinary, ...hour]).signs.map(({ sign }) => sign)).toEqual(['spike']);
  });

  test('count addresses and countries of one’s own as known', () => {
    const own = [record(NOW - 1000, { ip: '203.0.113.9', country: 'KP' })];
    expect(review([...usual, ...ordinary, ...own], { own: ['203.0.113.9', 'KP'] }).signs).toEqual([]);
  });

  test('leave out the probes of this tool, and nothing else', () => {
    const call = { ip: '203.0.113.9', country: 'DE', call: 'GET /v1/domains' };
    const probes = [{ at: NOW - 5000, asked: 'GET /domains' }];
    const ours = [record(NOW - 4500, call)];
    const later = [record(NOW - 500_000, call)];
    const quiet = review([...usual, ...ordinary, ...ours], { probes });
    expect([quiet.ours, quiet.signs]).toEqual([1, []]);
    expect(review([...usual, ...ordinary, ...later], { probes }).signs).toHaveLength(2);
  });

  test('say what could not be seen, and compare with nothing where there is nothing', () => {
    const alone = review(days(FROM, NOW, 500, () => ({ outcome: 'bounced' })));
    expect(alone.signs).toEqual([]);
    expect(alone.blind.join(' ')).toMatch(/before the window.*addresses.*countries.*recipients.*quota/s);
  });

  test('hold for a million records', () => {
    const many = days(FROM, NOW, 333_333);
    expect(review([...usual, ...many]).messages).toBe(many.length);
  });
});

describe('parseTime', () => {
  test.each([
    ['2026-01-02T03:04:05Z', '+00:00', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['2026-01-02 03:04:05', '+00:00', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['2026-01-02 03:04:05', '+02:00', Date.UTC(2026, 0, 2, 1, 4, 5)],
    ['2026-01-02', '+00:00', Date.UTC(2026, 0, 2)],
    ['1767323045', '+00:00', 1_767_323_045_000],
    ['1767323045123', '+00:00', 1_767_323_045_123],
    ['Fri, 02 Jan 2026 03:04:05 GMT', '+00:00', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['yesterday', '+00:00', null],
    ['', '+00:00', null],
  ])('reads %j in %s', (text, zone, time) => {
    expect(parseTime(text, zone)).toBe(time);
  });
});

describe('recipientGroup', () => {
  test.each([
    ['a@B.example', 'b.example'],
    ['+39 333 1234567', '+393'],
    ['someone', 'someone'],
  ])('puts %s into %s', (recipient, group) => {
    expect(recipientGroup(recipient)).toBe(group);
  });
});

describe('an imported log', () => {
  test.each([
    ['commas', 'Timestamp,To,Status,IP\n2026-01-02T00:00:00Z,a@x.example,bounced,203.0.113.1\n'],
    [
      'semicolons and quotes',
      '\uFEFF"Send Time";"Recipient";"Event";"IP Address"\r\n"2026-01-02T00:00:00Z";"a@x.example";"hard bounce; ""gone""";"203.0.113.1"\r\n',
    ],
    [
      'JSON',
      '{"count":1,"results":[{"send_time":"2026-01-02T00:00:00Z","recipient":"a@x.example","status":"FAIL","ip":"203.0.113.1"}]}',
    ],
    [
      'lines of JSON',
      '{"at":"2026-01-02T00:00:00Z","to":["a@x.example"],"event":"reject","source_ip":"203.0.113.1"}\n',
    ],
  ])('is read from %s', (_, text) => {
    const { records } = importLog(text);
    expect(records).toEqual([
      {
        at: Date.UTC(2026, 0, 2),
        count: 1,
        recipient: 'a@x.example',
        outcome: 'bounced',
        ip: '203.0.113.1',
        country: null,
        call: null,
      },
    ]);
  });

  test('counts what it cannot read', () => {
    const log = importLog('time,count\n2026-01-02,5\nnever,3\n');
    expect(log).toMatchObject({ unreadable: 1, cut: false });
    expect(log.records.map(({ count }) => count)).toEqual([5]);
  });

  test.each(['no header here\n1,2\n', '{"a": 1}', '[{"a": 1}]', '{broken'])('refuses %j', (text) => {
    expect(() => importLog(text)).toThrow(expect.objectContaining({ code: 'LOG_UNREADABLE' }));
  });

  test('keeps line breaks inside quotes, and stops where told', () => {
    expect(parseCsv('a,b\n"1\n2",3\n', 10).rows).toEqual([
      ['a', 'b'],
      ['1\n2', '3'],
    ]);
    expect(parseCsv('a\nb\nc\n', 2)).toEqual({ rows: [['a'], ['b']], cut: true });
  });
});
