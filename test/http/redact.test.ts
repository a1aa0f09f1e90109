import { describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { plainWord, redactSecrets } from '../../src/http/redact.ts';

describe('redactSecrets', () => {
  const text = ['p@ss', 'w"ord', '/+='].join('');
  test.each([
    ['plain', text],
    ['percent', encodeURIComponent(text)],
    ['JSON', JSON.stringify(text)],
    ['base64', Buffer.from(text).toString('base64')],
    ['hex', Buffer.from(text).toString('hex')],
  ])('takes out the %s spelling', (_, spelling) => {
    const cleaned = redactSecrets(`before ${spelling} after`, [new Secret(text)]);
    expect(cleaned).toMatch(/^before .*\[redacted\].* after$/);
    expect(cleaned).not.toContain(spelling.slice(2, -2));
  });
  test('leaves a text without the secret alone', () => {
    expect(redactSecrets('invalid_api_key', [new Secret(text)])).toBe('invalid_api_key');
  });
});

describe('plainWord', () => {
  test('keeps no character that moves or turns the terminal', () => {
    expect(plainWord('a\u001b[2Jb\u202ec\r\nd')).toBe('a [2Jb c d');
  });
  test('cuts what is long', () => {
    expect(plainWord('x'.repeat(500))).toHaveLength(201);
  });
});
