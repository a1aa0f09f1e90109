import { describe, expect, it } from 'vitest';

import { areRandomLetters, languageBits, likeRandom } from '../../../src/detect/checks/random.ts';
import { mixedOrRandom } from '../../../src/detect/checks/shape.ts';
import { seededRandom } from '../../../src/rules/random.ts';

const ALPHABETS = {
  base62: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  'small letters and digits': 'abcdefghijklmnopqrstuvwxyz0123456789',
  'capitals and digits': 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  'URL-safe base64': 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  letters: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
};

function drawn(alphabet: string, length: number, count: number): string[] {
  const random = seededRandom(length);
  const one = (): string => Array.from({ length }, () => alphabet[random.below(alphabet.length)] ?? '').join('');
  return Array.from({ length: count }, one);
}

const LANGUAGE = [
  'SessionAccessTokenProviderFactory',
  'users.password.reset_instructions.subject',
  'MAX_CONNECTIONS_PER_SERVER_2',
  'node_modules/secret-store/dist/index.js',
  'continuous-integration-deploy-token-v2',
  'getAccessTokenFromRequest2',
  'application/vnd.api+json',
];

describe('random', () => {
  it.each(Object.entries(ALPHABETS))('passes keys of %s', (_, alphabet) => {
    for (const length of [16, 20, 32, 64]) {
      const turnedDown = drawn(alphabet, length, 1000).filter((secret) => likeRandom({ secret }, undefined) !== null);
      expect(turnedDown.length).toBeLessThanOrEqual(3);
    }
  });

  it.each(LANGUAGE)('turns down %s', (secret) => {
    expect(likeRandom({ secret }, undefined)).toBe('reads like words');
  });

  it.each([
    ['letters', 12, 20],
    ['letters', 20, 5],
    ['letters', 32, 2],
    ['base62', 20, 2],
  ] as const)('may lack digits: %s, %d of them', (alphabet, length, most) => {
    const turnedDown = drawn(ALPHABETS[alphabet], length, 1000).filter(
      (secret) => mixedOrRandom({ secret }, undefined) !== null,
    );
    expect(turnedDown.length).toBeLessThanOrEqual(most);
  });

  it.each([
    ...LANGUAGE.map((text) => text.replaceAll(/[0-9]/g, '')),
    'jelszavaselfelejtettem',
    'Donaudampfschifffahrtsgesellschaft',
    'HTTPSConnectionPoolXMLParser',
    'getElementsByTagNameNS',
    'abstract-svg-url-mgr.cfg',
    '12345678901234567890',
  ])('without a digit, %s is a name', (secret) => {
    expect(areRandomLetters(secret)).toBe(false);
    expect(mixedOrRandom({ secret }, undefined)).not.toBeNull();
  });

  it('does not judge hexadecimal digits', () => {
    expect(likeRandom({ secret: 'deadbeefcafe' }, undefined)).toBeNull();
  });

  it('asks for more the lower its parameter is', () => {
    const [secret = ''] = drawn(ALPHABETS.base62, 20, 1);
    const each = languageBits(secret) / secret.length;
    expect(likeRandom({ secret }, each + 0.1)).toBeNull();
    expect(likeRandom({ secret }, each - 0.1)).not.toBeNull();
  });

  it('is far apart for words and for draws', () => {
    const words = LANGUAGE.map((text) => languageBits(text) / text.length);
    const draws = drawn(ALPHABETS.base62, 32, 500).map((text) => languageBits(text) / text.length);
    expect(Math.min(...words)).toBeGreaterThan(Math.max(...draws));
  });
});
