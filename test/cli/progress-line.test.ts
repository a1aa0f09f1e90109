import { describe, expect, test } from 'vitest';

import { Pace, progressLine, progressText } from '../../src/cli/progress-line.ts';
import type { Output } from '../../src/cli/streams.ts';

function output(isTerminal: boolean): Output & { readonly written: string[] } {
  const written: string[] = [];
  return {
    written,
    isTerminal,
    color: false,
    columns: 60,
    write: (text) => void written.push(text),
    drained: () => Promise.resolve(),
  };
}

describe('the progress line', () => {
  test('says objects, bytes, pace and what is left', () => {
    expect(progressText({ objects: 12_345, bytes: 1.2e9, total: 50_000 }, 4000, 12_000)).toBe(
      '12,345 of 50,000 objects · 1.2 GB · 300 MB/s · 0:04, about 0:12 left',
    );
    expect(progressText({ objects: 7, bytes: 70 }, 1000, null)).toBe('7 objects · 70 B · 70 B/s · 0:01');
    expect(progressText({ objects: 9, bytes: 90, total: 9 }, 1000, 0)).toContain('putting it together');
  });

  test('estimates by the pace of late, not by a slow start', () => {
    const pace = new Pace();
    pace.add(0, 0);
    for (let at = 20_000; at <= 26_000; at += 100) pace.add(at, (at - 20_000) / 10);
    expect(pace.leftMs({ objects: 600, bytes: 0, total: 1600 })).toBeCloseTo(10_000, -2);
  });

  test('estimates nothing before it can', () => {
    const pace = new Pace();
    expect(pace.leftMs({ objects: 0, bytes: 0, total: 10 })).toBeNull();
    pace.add(0, 0);
    pace.add(1000, 5);
    expect(pace.leftMs({ objects: 5, bytes: 0, total: 10 })).toBeNull();
    pace.add(3000, 5);
    expect(pace.leftMs({ objects: 5, bytes: 0 })).toBeNull();
  });

  test('is one line of the terminal’s width, shown only where it takes long, and taken away', () => {
    const err = output(true);
    let clock = 0;
    const line = progressLine(err, true, () => clock);
    line.onProgress({ objects: 1, bytes: 1, total: 2 });
    expect(err.written).toEqual([]);
    clock = 1000;
    line.onProgress({ objects: 123_456_789, bytes: 123_456_789_000, total: 223_456_789 });
    expect(err.written[0]?.replace('\r\u001B[K', '')).toHaveLength(59);
    line.end();
    expect(err.written.at(-1)).toBe('\r\u001B[K');
  });

  test.each([
    [false, true],
    [true, false],
  ])('is not there off a terminal or unwanted (%s, %s)', (isTerminal, wanted) => {
    const err = output(isTerminal);
    let clock = 0;
    const line = progressLine(err, wanted, () => (clock += 1000));
    line.onProgress({ objects: 1, bytes: 1, total: 2 });
    line.end();
    expect(err.written).toEqual([]);
  });
});
