import { crc32 } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { seededRandom } from '../../src/rules/random.ts';
import { type Expansion, expandTemplate } from '../../src/rules/template.ts';

function expand(template: string, seed = 1): Expansion {
  return expandTemplate(template, seededRandom(seed), 'test');
}

describe('expandTemplate', () => {
  test.each([
    ['${hex:32}', /^[0-9a-f]{32}$/],
    ['${alnum:20}', /^[0-9A-Za-z]{20}$/],
    ['${base64url:43}', /^[\w-]{43}$/],
    ['${base32:16}', /^[A-Z2-7]{16}$/],
    ['${uuid}', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
    ['a ${digits:3} b', /^a \d{3} b$/],
    ['$${HOME}', /^\$\{HOME\}$/],
    ['${to-base64:key:${lower:3}}', /^a2V5O[\w+/=]{3,}$/],
    ['${to-hex:AB}', /^4142$/],
    ['${text:{"a":{}}}', /^\{"a":\{\}\}$/],
    ['${repeat:4 ab}', /^abababab$/],
    ['${lines:130}', /^.{64}\n.{64}\n..$/],
  ])('expands %s', (template, form) => {
    expect(expand(template).text).toMatch(form);
  });

  test('remembers and repeats', () => {
    const { text, values } = expand('${key=hex:8} ${same:key} ${secret=text:sk_${digits:4}}');
    expect(text).toMatch(/^(\w{8}) \1 sk_\d{4}$/);
    expect(values.get('secret')).toBe(text.slice(18));
  });

  test('is the same for the same seed and another for another', () => {
    expect(expand('${alnum:40}', 7).text).toBe(expand('${alnum:40}', 7).text);
    expect(expand('${alnum:40}', 7).text).not.toBe(expand('${alnum:40}', 8).text);
  });

  test('uses every character of an alphabet about equally', () => {
    const counts = new Map<string, number>();
    for (const char of expand('${base62:20000}').text) counts.set(char, (counts.get(char) ?? 0) + 1);
    expect(counts.size).toBe(62);
    expect(Math.min(...counts.values())).toBeGreaterThan(200);
    expect(Math.max(...counts.values())).toBeLessThan(450);
  });

  test('ends a token with the checksum of its random part', () => {
    const { text } = expand('ghp_${base62:30}${crc32-base62}');
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const value = Array.from(text.slice(-6)).reduce((sum, char) => sum * 62 + alphabet.indexOf(char), 0);
    expect(value).toBe(crc32(text.slice(4, 34)));
  });

  test.each([
    ['${hexx:32}', 'did you mean "hex"?'],
    ['${hex:many}', 'not a length'],
    ['${hex:99999}', 'not a length'],
    ['${hex:32', 'not closed'],
    ['${same:later} ${later=hex:4}', 'before its value'],
    ['${HOME}', 'not a call'],
    ['${repeat:x}', 'repeat takes'],
    [`${'${text:'.repeat(12)}x${'}'.repeat(12)}`, 'too deeply'],
  ])('refuses %s', (template, why) => {
    expect(() => expand(template)).toThrow(
      expect.objectContaining({ code: 'RULE_TEMPLATE', message: expect.stringContaining(why) }),
    );
  });
});
