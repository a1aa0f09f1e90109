import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { notPlaceholder } from '../../../src/detect/checks/placeholder.ts';
import { isPublishedSample } from '../../../src/detect/checks/published-samples.ts';

describe('published samples', () => {
  const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
  const claims = Buffer.from('{"sub":"1234567890","name":"John Doe","iat":1516239022}').toString('base64url');
  const signature = ['SflKxwRJSMeKKF2QT4fwpMeJf36', 'POk6yJV_adQssw5c'].join('');

  test('are known by their hash', () => {
    expect(isPublishedSample([header, claims, signature].join('.'))).toBe(true);
    expect(isPublishedSample([header, claims, signature.slice(1)].join('.'))).toBe(false);
  });

  test('are placeholders', () => {
    expect(notPlaceholder({ secret: [header, claims, signature].join('.') }, undefined)).toBe('a published sample');
  });

  test('keys of the specifications of JSON Web Keys among them', () => {
    const rfc7515 = ['jpsQnnGQmL-YBIffH113', '6cspYG6-0iY7X1fCE9-E9LI'].join('');
    expect(isPublishedSample(rfc7515)).toBe(true);
    expect(isPublishedSample(rfc7515.slice(1))).toBe(false);
  });

  test('what the specifications of OAuth sign in with, and digests of nothing', () => {
    const rfc6749 = ['7Fjfp0ZBr1', 'KtDRbnfVdmIw'].join('');
    expect(isPublishedSample(rfc6749)).toBe(true);
    expect(isPublishedSample(rfc6749.slice(1))).toBe(false);
    for (const hash of ['md5', 'sha1', 'sha256', 'sha512'])
      expect(isPublishedSample(createHash(hash).digest('hex'))).toBe(true);
    expect(isPublishedSample(createHash('md5').update('text').digest('hex'))).toBe(false);
  });

  test('recovery phrases that everybody has', () => {
    const junk = [...Array<string>(11).fill('test'), 'junk'];
    expect(isPublishedSample(junk.join(' '))).toBe(true);
    expect(isPublishedSample([...junk.slice(1), 'junk'].join(' '))).toBe(false);
  });
});
