import { describe, expect, test } from 'vitest';

import type { Finding } from '../../src/core/finding.ts';
import { Secret } from '../../src/core/secret.ts';
import { applySuppressions } from '../../src/triage/apply.ts';
import { parseGitleaksBaseline, parseGitleaksIgnore, type PlaceEntry } from '../../src/triage/gitleaks.ts';
import { parseBaseline } from '../../src/triage/triage-file.ts';
import { finding, occurrence } from '../helpers/findings.ts';

const COMMIT = '1'.repeat(40);

function allowed(one: Finding, places: readonly PlaceEntry[]): boolean {
  const outcome = applySuppressions([one], { places }, new Date(), 'public');
  return outcome.findings[0]?.suppressed !== null;
}

describe('parseGitleaksIgnore', () => {
  test('reads fingerprints with and without a commit', () => {
    const text = `# ours\r\n\r\nsrc\\a.ts:example-token:3\n${COMMIT}:C:/odd:name.ts:example-token:12\n`;
    expect(parseGitleaksIgnore(text, '.gitleaksignore')).toEqual([
      { commit: null, path: 'src/a.ts', rule: 'example-token', line: 3, origin: '.gitleaksignore:3' },
      { commit: COMMIT, path: 'C:/odd:name.ts', rule: 'example-token', line: 12, origin: '.gitleaksignore:4' },
    ]);
  });

  test('names the line of what is none', () => {
    expect(() => parseGitleaksIgnore('a:b:1\nnonsense', '.gitleaksignore')).toThrow(/\.gitleaksignore:2 /);
  });
});

describe('parseGitleaksBaseline', () => {
  const secret = `${'ab'.repeat(12)}k3Zq`;
  const record = { RuleID: 'example-token', File: 'src/a.ts', StartLine: 3, Commit: COMMIT, Secret: secret };

  test('keeps a secret that it holds, where nothing prints it', () => {
    const [whole, ...redacted] = parseGitleaksBaseline(
      JSON.stringify([
        record,
        ...['REDACTED', `${secret.slice(0, 9)}...`, ''].map((text) => ({ ...record, Secret: text })),
      ]),
      'b',
    );
    const place = { commit: COMMIT, path: 'src/a.ts', rule: 'example-token', line: 3 };
    expect(whole).toMatchObject({ ...place, origin: 'b, record 1' });
    expect(whole?.secret?.reveal()).toBe(secret);
    expect(JSON.stringify(whole)).not.toContain(secret);
    expect(redacted).toEqual([2, 3, 4].map((number) => ({ ...place, origin: `b, record ${number}` })));
    expect(parseGitleaksBaseline('null', 'b')).toEqual([]);
    expect(() => parseGitleaksBaseline('['.repeat(99) + ']'.repeat(99), 'b')).toThrow(/not valid JSON/);
    expect(() => parseGitleaksBaseline('['.repeat(9) + ']'.repeat(9), 'b')).toThrow(/record 1, lacks/);
  });

  test.each(['{}', '[1]', `[{"Secret":"${secret}"}]`, `["${secret}`])('refuses %s without quoting it', (text) => {
    expect(() => parseGitleaksBaseline(text, 'b.json')).toThrow(
      expect.objectContaining({ code: 'TRIAGE_FILE_INVALID', message: expect.not.stringContaining(secret) }),
    );
  });
});

describe('parseBaseline', () => {
  test('tells ours from theirs', () => {
    const place = { RuleID: 'r', File: 'f', StartLine: 1 };
    expect(parseBaseline(`\n${JSON.stringify([place])}`, 'b').places).toHaveLength(1);
    expect(parseBaseline('null\n', 'b')).toEqual({ entries: [], places: [], hashes: [], remarks: [] });
    expect(parseBaseline('{"results": {}}', 'b')).toEqual({ entries: [], places: [], hashes: [], remarks: [] });
    expect(parseBaseline(`# ours\n${'a'.repeat(26)} rule=r\n`, 'b').entries).toHaveLength(1);
  });
});

describe('places of gitleaks', () => {
  const place: PlaceEntry = { commit: null, path: 'src/a.ts', rule: 'example-token', line: 3, origin: 'f:1' };

  test('let a finding stay if there is one for every place that holds it', () => {
    const moved = occurrence({ path: 'src/b.ts' });
    expect(allowed(finding(), [place])).toBe(true);
    expect(allowed(finding({ occurrences: [occurrence(), moved] }), [place])).toBe(false);
    expect(allowed(finding({ occurrences: [occurrence(), moved] }), [place, { ...place, path: 'src/b.ts' }])).toBe(
      true,
    );
    expect(allowed(finding({ occurrences: [] }), [place])).toBe(false);
  });

  test.each([
    ['another rule', { rule: 'other-token' }, false],
    ['another line', { line: 4 }, false],
    ['another commit', { commit: '2'.repeat(40) }, false],
    ['this commit', { commit: COMMIT }, true],
  ])('of %s: %s', (_, changes, held) => {
    expect(allowed(finding(), [{ ...place, ...changes }])).toBe(held);
  });

  test.each([
    ['the same', 'k3', 'k3', true],
    ['another with the same end', 'x-ends-alike', 'y-ends-alike', false],
    ['another of one letter more', 'short', 'shortt', false],
    ['the same with what stands around it', 'user:long-password', 'long-password', true],
    ['a part of it', 'long-password', 'prefix_long-password', true],
    ['a word in it', 'word', 'a-word-in-it', false],
  ])('with a secret: %s', (_, theirs, ours, held) => {
    const secretsOf = (): readonly Secret[] => [new Secret(ours)];
    const context = { means: () => true, hashesOf: () => new Set<string>(), secretsOf };
    const places = [{ ...place, secret: new Secret(theirs) }];
    const [one] = applySuppressions([finding()], { places }, new Date(), 'public', context).findings;
    expect(one?.suppressed !== null).toBe(held);
  });

  test('of a rule that is called otherwise hold for its counterpart, and of no rule for none', () => {
    const means = (theirs: string, ours: string): boolean => theirs === 'their-token' && ours === 'example-token';
    const context = { means, hashesOf: () => new Set<string>(), secretsOf: () => [] };
    const suppressed = (changes: Partial<PlaceEntry>) =>
      applySuppressions([finding()], { places: [{ ...place, ...changes }] }, new Date(), 'public', context).findings[0]
        ?.suppressed;
    expect(suppressed({ rule: 'their-token' })).toEqual({ by: 'ignore-file', reason: 'in f', file: 'f' });
    expect(suppressed({ rule: 'their-token', line: 4 })).toBeNull();
    expect(suppressed({ rule: 'nobodys-token' })).toBeNull();
  });

  test('that say what another one said are not called unused', () => {
    const same = { ...place, origin: 'f:2' };
    const outcome = applySuppressions([finding()], { places: [place, same] }, new Date(), 'public');
    expect(outcome.unusedPlaces).toEqual([]);
    expect([...outcome.byOldEntries.values()]).toEqual([{ entries: [place], shadowed: [same], whole: true }]);
  });

  test('that meet nothing are reported', () => {
    const unused = { ...place, line: 99 };
    const outcome = applySuppressions([finding()], { places: [place, unused] }, new Date(), 'public');
    expect(outcome.unusedPlaces).toEqual([unused]);
  });
});
