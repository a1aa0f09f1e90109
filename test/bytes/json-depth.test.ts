import { describe, expect, test } from 'vitest';

import { nestsDeeper } from '../../src/bytes/json-depth.ts';

/** What a parsed value nests to. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('nestsDeeper', () => {
  test.each(['1', '[]', '{"a":[1,{"b":2}]}', '["[[[[","{{\\"{{","\\\\",[]]', '[[],[[]],[]]', '{"[":"]"}'])(
    '%s: as the parsed value does',
    (text) => {
      const depth = depthOf(JSON.parse(text));
      expect(nestsDeeper(text, depth)).toBe(false);
      expect(nestsDeeper(text, depth - 1)).toBe(depth > 0);
    },
  );

  test('what is no JSON does no harm', () => {
    expect(nestsDeeper(']]]]"\\', 1)).toBe(false);
    expect(nestsDeeper('['.repeat(1_000_000), 100)).toBe(true);
  });
});
