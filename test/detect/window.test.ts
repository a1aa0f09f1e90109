import { describe, expect, it } from 'vitest';

import { Window } from '../../src/detect/window.ts';

function has(text: string, length: number, withDigit: boolean): boolean {
  return new Window(Buffer.from(`key${text}`), { start: 0, end: 3 }, 0, 64).hasTokenAfter(length, withDigit);
}

describe('a gate', () => {
  it.each([
    ['="abcdefgh"', true, false],
    ['="abcdefg4"', true, true],
    ['="4", abcdefgh', true, false],
    ['="abcdefghi4"', true, true],
    ['="abc4", "abc4"', false, false],
    // Letters that follow each other as in no word.
    [`="${['qWz', 'xKvB', 'jqF'].join('')}"`, true, true],
    [`="${['zqx', 'jkvwq', 'xz'].join('')}"`, true, true],
    [`="${['ZQX', 'JKVWQ', 'XZ'].join('')}"`, true, true],
    ['="getTokenFromRequest"', true, false],
    ['="org.example.XMLHttpRequest"', true, false],
    ['="MAX_RETRIES_PER_HOST"', true, false],
    [`="${['qWz', 'xKv'].join('')}", "${['Bjq', 'FxZ'].join('')}"`, false, false],
  ])('of eight token characters before %s', (text, passes, withDigit) => {
    expect(has(text, 8, false)).toBe(passes);
    expect(has(text, 8, true)).toBe(withDigit);
  });
});
