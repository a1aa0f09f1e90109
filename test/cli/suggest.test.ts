import { expect, test } from 'vitest';

import { closest } from '../../src/cli/suggest.ts';

test.each([
  ['hitsory', 'history'],
  ['scna', 'scan'],
  ['scab', 'scan'],
  ['ncsa', undefined],
  ['scann', 'scan'],
  ['stagd', 'staged'],
  ['frobnicate', undefined],
  ['', undefined],
])('%s means %s', (word, meant) => {
  expect(closest(word, ['scan', 'staged', 'history'])).toBe(meant);
});
