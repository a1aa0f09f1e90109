/** What lets one finding stay must not let another one pass. */
import { describe, expect, test } from 'vitest';

import type { Finding } from '../../src/core/finding.ts';
import { Secret } from '../../src/core/secret.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { type Suppressions, applySuppressions } from '../../src/triage/apply.ts';
import { fingerprinter } from '../../src/triage/fingerprint.ts';
import { resolveFingerprint } from '../../src/triage/fingerprint-id.ts';
import { parseGitleaksBaseline, parseGitleaksIgnore } from '../../src/triage/gitleaks.ts';
import { inlineSuppression } from '../../src/triage/inline.ts';
import { parseTriageFile } from '../../src/triage/triage-file.ts';
import { finding, occurrence } from '../helpers/findings.ts';
import { makeRule, pattern } from '../helpers/rules.ts';

const NOW = new Date('2026-06-15T12:00:00Z');
const engine = createEngine([makeRule('acme-token', [pattern(['acm_'], '(?<secret>acm_[a-z0-9]{30})')])]);
const token = (letter: string): string => `acm_${letter}1b2c3d4e5f6g7h8i9j0k1l2m3n4x${letter}`;

/** Which of the tokens a comment allows. */
function allowed(text: string): boolean[] {
  return engine.scan(Buffer.from(text, 'latin1')).findings.map(({ allowedBy }) => allowedBy !== null);
}

function open(findings: readonly Finding[], suppressions: Suppressions): boolean[] {
  return applySuppressions(findings, suppressions, NOW, 'public').findings.map(({ suppressed }) => suppressed === null);
}

describe('a comment allows its own line', () => {
  test.each([
    ['\n', [true, false, false]],
    ['\r\n', [true, false, false]],
    ['\r', [true, false, false]],
    [' ', [true, true, true]],
  ])('lines parted by %j', (end, expected) => {
    expect(allowed([`${token('a')} # unleak:allow`, token('b'), token('c')].join(end))).toEqual(expected);
  });

  test.each([
    ['the line before', `# unleak:allow\n${token('a')}\n`],
    ['the line after', `${token('a')}\n# unleak:allow\n`],
    ['the same line, but out of sight', `${token('a')} ${'x'.repeat(5000)} # unleak:allow`],
    [
      'a name that only begins so',
      `${token('a')} # unleak:allowed-is-nothing-here`.replace('unleak:allow', 'unleak:allo'),
    ],
    ['inside an encoded run', `${token('a')} ${Buffer.from('x unleak:allow x').toString('base64')}`],
  ])('and not %s', (_, text) => {
    expect(allowed(text)).toEqual([false]);
  });

  test('and not a copy of the secret elsewhere', () => {
    expect(inlineSuppression(['unleak:allow', null])).toBeNull();
    expect(inlineSuppression(['unleak:allow', 'unleak:allow'])).not.toBeNull();
    expect(inlineSuppression([])).toBeNull();
  });
});

describe('an entry allows one secret of one family', () => {
  const maker = fingerprinter();
  const id = (family: string, text: string): string => maker.of(family, new Secret(text));
  const [one, other, related] = [id('acme', token('a')), id('acme', token('b')), id('acme-v2', token('a'))];
  const findings = [one, other, related].map((fingerprint) => finding({ fingerprint, rule: 'acme-token' }));
  const entries = (text: string): Suppressions => ({ entries: parseTriageFile(text, 'f').entries });

  test('not its like, whatever rule the line names', () => {
    expect(open(findings, entries(`${one} rule=acme-token reason=x`))).toEqual([false, true, true]);
    expect(open(findings, { baseline: parseTriageFile(`${one} rule=everything`, 'f').entries })).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('not by a part of an id, nor an id of another key, nor after its day', () => {
    expect(() => parseTriageFile(one.slice(0, 12), 'f')).toThrow(
      expect.objectContaining({ code: 'TRIAGE_FILE_INVALID' }),
    );
    expect(() => resolveFingerprint(one.slice(0, 8), [one, one.slice(0, 8) + other.slice(8)])).toThrow(
      expect.objectContaining({ code: 'TRIAGE_ID_AMBIGUOUS' }),
    );
    expect(open(findings, entries(`${one} key=key-12345678 reason=x`))).toEqual([true, true, true]);
    expect(open(findings, entries(`${one} expires=2026-06-14 reason=x`))).toEqual([true, true, true]);
    // Control: its last day.
    expect(open(findings, entries(`${one} expires=2026-06-15 reason=x`))).toEqual([false, true, true]);
  });
});

describe('a place allows that place', () => {
  const here = occurrence({ path: 'a.ts', line: 3 });
  const at = (...occurrences: ReturnType<typeof occurrence>[]) =>
    finding({ rule: 'acme-token', lastFour: 'k3Zq', occurrences });
  const ignore = (text: string): Suppressions => ({ places: parseGitleaksIgnore(text, 'f') });

  test('not another rule, line, path or copy', () => {
    const places = ignore('a.ts:acme-token:3');
    expect(open([at(here)], places)).toEqual([false]);
    expect(open([at(here, { ...here, path: 'b.ts' })], places)).toEqual([true]);
    expect(open([at({ ...here, line: 4 })], places)).toEqual([true]);
    expect(open([finding({ rule: 'acme-key', occurrences: [here] })], places)).toEqual([true]);
    expect(open([at({ ...here, path: null })], places)).toEqual([true]);
    expect(open([at()], places)).toEqual([true]);
  });

  test('nor another secret, where a baseline tells', () => {
    const record = { RuleID: 'acme-token', File: 'a.ts', StartLine: 3, Commit: '', Secret: `${'x'.repeat(20)}QQQQ` };
    expect(open([at(here)], { places: parseGitleaksBaseline(JSON.stringify([record]), 'f') })).toEqual([true]);
  });
});

test('a permission of the configuration is for its rules or providers, under its paths', () => {
  const rules = (names: readonly string[] | null): Suppressions => ({
    rules: [{ label: 'allow 1', reason: 'x', rules: names, matchesPath: (path) => path.startsWith('docs/') }],
  });
  const inDocs = occurrence({ path: 'docs/a.md' });
  const one = finding({ rule: 'acme-token', provider: 'acme', occurrences: [inDocs] });
  expect(open([one], rules(['acme-token']))).toEqual([false]);
  expect(open([one], rules(['acme']))).toEqual([false]);
  expect(open([one], rules(null))).toEqual([false]);
  expect(open([one], rules(['acme-tok']))).toEqual([true]);
  expect(open([{ ...one, occurrences: [inDocs, occurrence({ path: 'src/a.ts' })] }], rules(null))).toEqual([true]);
  expect(open([{ ...one, occurrences: [] }], rules(null))).toEqual([true]);
});
