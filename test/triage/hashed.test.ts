import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import type { Finding } from '../../src/core/finding.ts';
import { Secret } from '../../src/core/secret.ts';
import { applySuppressions } from '../../src/triage/apply.ts';
import { fingerprinter } from '../../src/triage/fingerprint.ts';
import { hashing, type OldEntries, parseBetterleaksIgnore, parseSecretsBaseline } from '../../src/triage/hashed.ts';
import { finding, occurrence } from '../helpers/findings.ts';

const TEXT = ['k7Q2x', 'M9r4v', 'T1z8w', 'B3n6y', 'D5s0h'].join('');
const sha = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

/** Whether what a file allows covers a secret at some paths. */
function allowed(old: OldEntries, text: string, ...paths: string[]): boolean {
  const { fingerprinter: maker, ...known } = hashing(fingerprinter(), old);
  const one: Finding = finding({
    fingerprint: maker.of('f', new Secret(text)),
    occurrences: paths.map((path) => occurrence({ path })),
  });
  const outcome = applySuppressions([one], old, new Date(), 'public', { means: () => true, ...known });
  return outcome.findings[0]?.suppressed !== null;
}

describe('.betterleaksignore', () => {
  test('holds SHA-256 of secrets, beside fingerprints of gitleaks', () => {
    const old = parseBetterleaksIgnore(`# mine\n${sha('sha256', TEXT).toUpperCase()}\na.ts:r:3\n`, 'f');
    expect(old.hashes).toEqual([{ algorithm: 'sha256', hash: sha('sha256', TEXT), path: null, origin: 'f:2' }]);
    expect(old.places).toEqual([{ commit: null, path: 'a.ts', rule: 'r', line: 3, origin: 'f:3' }]);
  });

  test('allows that secret everywhere, and no other', () => {
    const old = parseBetterleaksIgnore(sha('sha256', TEXT), 'f');
    expect(allowed(old, TEXT, 'a.ts', 'b.ts')).toBe(true);
    expect(allowed(old, `${TEXT}x`, 'a.ts')).toBe(false);
  });

  test.each(['zz', sha('sha1', TEXT), `sha256:${sha('sha256', TEXT)}`])('refuses %s by line', (line) => {
    expect(() => parseBetterleaksIgnore(`\n${line}`, 'f')).toThrow(/f:2 /);
  });
});

describe('.secrets.baseline', () => {
  const entry = (text: string, more: object = {}) => ({
    type: 'Secret Keyword',
    filename: 'src/a.ts',
    hashed_secret: sha('sha1', text),
    is_verified: false,
    line_number: 7,
    ...more,
  });
  const baseline = (results: object, more: object = {}): string =>
    JSON.stringify({ version: '1.5.0', plugins_used: [{ name: 'AWSKeyDetector' }], results, ...more });
  const read = (results: object, more?: object): OldEntries => parseSecretsBaseline(baseline(results, more), 'b');

  test('allows a secret in its file, whatever the line', () => {
    const old = read({ 'src/a.ts': [entry(TEXT)] });
    expect(old.hashes[0]?.origin).toBe('b: Secret Keyword in src/a.ts:7');
    expect(allowed(old, TEXT, 'src/a.ts')).toBe(true);
    expect(allowed(old, TEXT, 'src/b.ts')).toBe(false);
    expect(allowed(old, TEXT, 'src/a.ts', 'src/b.ts')).toBe(false);
    expect(allowed(old, `${TEXT}x`, 'src/a.ts')).toBe(false);
    expect(allowed(read({ 'src\\a.ts': [entry(TEXT)] }), TEXT, 'src/a.ts')).toBe(true);
  });

  test('knows a private key by its first line alone', () => {
    const header = ['BEGIN RSA', 'PRIVATE KEY'].join(' ');
    const old = read({ 'k.pem': [entry(header, { type: 'Private Key' })] });
    expect(allowed(old, `-----${header}-----\n${TEXT}\n`, 'k.pem')).toBe(true);
    expect(allowed(old, `-----${header.replace('RSA', 'EC')}-----\n${TEXT}\n`, 'k.pem')).toBe(false);
  });

  test('keeps open what a person audited as real, and says so', () => {
    const old = read({ 'src/a.ts': [entry(TEXT, { is_secret: true })] });
    expect(allowed(old, TEXT, 'src/a.ts')).toBe(false);
    expect(old.remarks).toEqual([expect.stringContaining('1 entry was audited as real')]);
    expect(allowed(read({ 'src/a.ts': [entry(TEXT, { is_secret: false })] }), TEXT, 'src/a.ts')).toBe(true);
  });

  test('names filters and plugins of people, which have no effect', () => {
    const { remarks } = read(
      {},
      {
        plugins_used: [{ name: 'AWSKeyDetector' }, { name: 'Ours', path: 'file://ours.py' }],
        filters_used: [
          { path: 'detect_secrets.filters.allowlist.is_line_allowlisted' },
          { path: 'detect_secrets.filters.regex.should_exclude_file', pattern: ['^vendor/'] },
        ],
      },
    );
    expect(remarks).toEqual([
      expect.stringContaining('should_exclude_file'),
      expect.stringContaining('file://ours.py'),
    ]);
  });

  test.each([
    '{}',
    '{"results": []}',
    '[]',
    '{"results": {"a": [{}]}}',
    '{"results": {"a": [{"hashed_secret": 1}]}}',
    '{',
    `{"a":${'['.repeat(99)}${']'.repeat(99)}}`,
  ])('refuses %j', (text) => {
    expect(() => parseSecretsBaseline(text, 'b')).toThrow(expect.objectContaining({ code: 'TRIAGE_FILE_INVALID' }));
  });
});
