import { expect, test } from 'vitest';

import { countBelow } from '../../src/bytes/count-below.ts';

test('counts the numbers below a limit, as filtering does', () => {
  const numbers = Uint32Array.of(0, 2, 2, 5, 2 ** 32 - 1);
  for (const limit of [0, 1, 2, 3, 5, 6, 2 ** 32 - 1, 2 ** 33])
    for (let count = 0; count <= numbers.length; count++)
      expect(countBelow(numbers, limit, count)).toBe(numbers.subarray(0, count).filter((one) => one < limit).length);
  expect(countBelow(numbers, 5)).toBe(3);
});
