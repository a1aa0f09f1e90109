import { randomBytes } from 'node:crypto';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { FOCUS_MASK, type MaskSpan, maskLine, OTHER_MASK } from '../../src/report/snippet.ts';

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Where a text stands in the bytes of a line. */
function spanOf(line: string, text: string): MaskSpan {
  const start = bytes(line.slice(0, line.indexOf(text))).length;
  return { start, end: start + bytes(text).length };
}

const key = randomBytes(16).toString('hex');
const other = randomBytes(10).toString('hex');

describe('maskLine', () => {
  test('masks the secret it is shown for, every other one, and every copy', () => {
    const line = `  send("${key}", ${other}) // ${key} ${other}é`;
    const text = maskLine(bytes(line), [
      { ...spanOf(line, key), focus: true, lastFour: key.slice(-4) },
      spanOf(line, other),
    ]);
    expect(text).toBe(`send("${FOCUS_MASK}${key.slice(-4)}", ${OTHER_MASK}) // ${OTHER_MASK} ${OTHER_MASK}é`);
  });

  test('gives masks of one width for secrets of any length', () => {
    const shown = [1, 5, 50, 5000].map((length) =>
      maskLine(bytes(`k=${'x'.repeat(length)};`), [{ start: 2, end: 2 + length }]),
    );
    expect(new Set(shown)).toEqual(new Set([`k=${FOCUS_MASK};`]));
  });

  test('shows nothing of a line that no span touches', () => {
    expect(maskLine(bytes('something'), [])).toBe('');
    expect(maskLine(bytes('something'), [{ start: 20, end: 30 }])).toBe('');
    expect(maskLine(bytes('something'), [{ start: 3, end: 3 }])).toBe('');
  });

  test('masks a secret that began before the line or goes on after it, without its end', () => {
    const line = bytes('abcdefgh');
    expect(maskLine(line, [{ start: -5, end: 3, lastFour: 'zzzz' }])).toBe(`${FOCUS_MASK}defgh`);
    expect(maskLine(line, [{ start: 5, end: 99, lastFour: 'zzzz' }])).toBe(`abcde${FOCUS_MASK}`);
  });

  test('shows no last four where two secrets overlap', () => {
    const text = maskLine(bytes(`--${key}${other}--`), [
      { start: 2, end: 34, focus: true, lastFour: key.slice(-4) },
      { start: 20, end: 54 },
    ]);
    expect(text).toBe(`--${FOCUS_MASK}--`);
  });

  test('cuts a long line around the secret', () => {
    const line = `${'a'.repeat(10_000)}${key}${'b'.repeat(10_000)}`;
    const text = maskLine(bytes(line), [spanOf(line, key)], { width: 60 });
    expect(text).toHaveLength(60);
    expect(text).toMatch(new RegExp(`^…a+${FOCUS_MASK}b+…$`));
  });

  test('never cuts a character in two', () => {
    for (let pad = 0; pad < 8; pad++) {
      const line = `${'x'.repeat(pad)}${'😀'.repeat(3000)}${key}${'😀'.repeat(3000)}`;
      const text = maskLine(bytes(line), [spanOf(line, key)], { width: 41 });
      expect(text).not.toMatch(/\p{Cs}|\ufffd/u);
    }
  });

  test('reads UTF-16', () => {
    const line = `naïve = "${key}"`;
    const start = line.indexOf(key) * 2;
    const text = maskLine(Buffer.from(line, 'utf16le'), [{ start, end: start + key.length * 2 }], {
      encoding: 'utf-16le',
    });
    expect(text).toBe(`naïve = "${FOCUS_MASK}"`);
  });

  test('shows no four bytes of any masked span, wherever spans lie (property)', () => {
    const span = fc.record({ start: fc.integer({ min: -3, max: 30 }), length: fc.integer({ min: 1, max: 12 }) });
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 5 }), (spans) => {
        // Every byte of the line is another letter, so whatever is shown tells where it stood.
        const line = Array.from({ length: 26 }, (_, i) => String.fromCodePoint(97 + i)).join('');
        const given = spans.map(({ start, length }) => ({ start, end: start + length }));
        const text = maskLine(bytes(line), given);
        for (const { start, end } of given) {
          for (const letter of line.slice(Math.max(0, start), Math.max(0, end))) expect(text).not.toContain(letter);
        }
      }),
    );
  });

  test('masks each of thousands of secrets on one line, and copies of those far away', () => {
    const secrets = Array.from({ length: 3000 }, (_, i) => randomBytes(3 + (i % 9)).toString('hex'));
    // The last one stands once more beside the first, where nobody found it.
    const line = bytes(`${secrets.at(-1)}|${secrets.join('|')}|`);
    let at = (secrets.at(-1)?.length ?? 0) + 1;
    const spans = secrets.map((secret): MaskSpan => {
      const start = at;
      at += secret.length + 1;
      return { start, end: start + secret.length, lastFour: secret.slice(-4) };
    });
    const shown = (focus: number): string =>
      maskLine(
        line,
        spans.map((span, i) => ({ ...span, focus: i === focus })),
      );
    expect(shown(0).startsWith(`${OTHER_MASK}|${FOCUS_MASK}${secrets[0]?.slice(-4)}|${OTHER_MASK}|`)).toBe(true);
    for (const focus of [0, 1, 1500, 2999]) {
      const text = shown(focus);
      expect(text).toContain(`|${FOCUS_MASK}${secrets[focus]?.slice(-4)}|`);
      expect(text.replaceAll(/[|*•…]/g, '')).toBe(secrets[focus]?.slice(-4));
    }
  });
});
