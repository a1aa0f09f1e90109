import { expect, test } from 'vitest';

import { linearRegex } from '../../src/detect/linear-regex.ts';

test('a pattern that the engine has no room for is a mistake of the rule', () => {
  expect(() => linearRegex('(?<secret>acm_(?:a|aa|a{1,20}){1,200}!)', false)).toThrow(
    expect.objectContaining({ code: 'RULE_PATTERN', message: expect.stringContaining('repeat') }),
  );
  // Control: nested as deep, repeated less.
  const regex = linearRegex('(?<secret>acm_(?:a|aa|a{1,20}){1,20}!)', false);
  expect(regex.at(`acm_${'a'.repeat(300)}!`, 0)?.end).toBe(305);
  expect(regex.at(`acm_${'a'.repeat(300)}`, 0)).toBeNull();
});
