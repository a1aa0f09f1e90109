import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { sha256Base32, sha256Base32Checksum } from '../../../src/detect/checks/sha256-base32.ts';

describe('sha256-base32', () => {
  // 40 bits are eight groups of five and ten hexadecimal digits: one number in two bases.
  test('is the beginning of the hash, in base 32', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const hash = createHash('sha256').update('some token').digest('hex');
    const value = Array.from(sha256Base32Checksum('some token')).reduce((sum, c) => sum * 32 + alphabet.indexOf(c), 0);
    expect(value).toBe(Number.parseInt(hash.slice(0, 10), 16));
  });

  test('passes a token that carries its checksum, and no other', () => {
    const body = 'prefix_abc';
    const tail = '12345678';
    expect(sha256Base32({ secret: body + sha256Base32Checksum(body) + tail }, 16)).toBeNull();
    expect(sha256Base32({ secret: body + sha256Base32Checksum('other') + tail }, 16)).toContain('checksum');
  });
});
