import { describe, expect, test } from 'vitest';

import { notPlaceholder } from '../../../src/detect/checks/placeholder.ts';

describe('a value that begins with @', () => {
  test.each(['@secrets/prod.key', '@Value("x")', '@file', '@{reference(1)}'])(
    'refers to another place: %s',
    (secret) => {
      expect(notPlaceholder({ secret }, undefined)).toBe('a reference, not a value');
    },
  );

  test('is a password where other signs follow', () => {
    for (const secret of ['Q7!xZ', 'fT2*k9'].map((part) => `@${part}${part}`))
      expect(notPlaceholder({ secret }, undefined)).toBeNull();
  });
});
