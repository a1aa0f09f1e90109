import { describe, expect, test } from 'vitest';

import { reachCost } from '../../src/detect/reach.ts';

function cost(text: string): number {
  const hit = text.indexOf('HIT');
  const secret = text.indexOf('SECRET');
  return reachCost(text, { start: hit, end: hit + 3 }, { start: secret, end: secret + 6 });
}

describe('reachCost', () => {
  test.each([
    ['nearer', 'HIT SECRET', 'HIT  SECRET'],
    ['on the same line', 'HIT      SECRET', 'HIT\nSECRET'],
    ['before rather than after, over a line break', 'HIT\nSECRET', 'SECRET\nHIT'],
    ['in the same block', 'HIT: { key: SECRET', 'SECRET}, HIT'],
    ['in the same element', '<HIT><key>SECRET', 'SECRET</a><HIT'],
  ])('%s costs less', (_, less, more) => {
    expect(cost(less)).toBeLessThan(cost(more));
  });

  test('is nothing for what overlaps', () => {
    expect(reachCost('abcdef', { start: 0, end: 4 }, { start: 3, end: 6 })).toBe(0);
  });

  test('counts characters where nothing lies between', () => {
    expect(cost('HITSECRET')).toBe(1);
    expect(cost('HIT12345SECRET')).toBe(6);
  });
});
