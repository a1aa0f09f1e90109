import { lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { allowEntry, checkTerms } from '../../src/triage/allow.ts';
import { formatEntry, parseEntry } from '../../src/triage/entry.ts';
import { formatBaseline, parseTriageFile, withEntry } from '../../src/triage/triage-file.ts';
import { writeFileSafely } from '../../src/triage/write-file.ts';
import { finding, someId } from '../helpers/findings.ts';

const engine = createEngine(BUILTIN_RULES);
const NOW = new Date('2026-11-20T12:00:00Z');

describe('an entry', () => {
  test('reads back as written', () => {
    const entry = {
      fingerprint: someId(),
      rule: 'example-token',
      key: 'key-01234567',
      owner: 'platform@example.com',
      expires: '2027-01-31',
      reason: 'sample of the docs, rule=x owner=y',
    };
    expect(parseEntry(formatEntry(entry), 'x:1')).toEqual(entry);
  });

  test('stays one printable line whatever its reason and owner hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (reason, owner) => {
        const line = formatEntry({ fingerprint: someId(), key: 'public', reason, owner });
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(parseTriageFile(`${line}\n`, 'x').entries).toHaveLength(1);
      }),
    );
  });

  test('whose reason speaks of a day keeps it a word', () => {
    const entry = { fingerprint: someId(), key: 'public', reason: 'see PR, expires=2027-01-31' };
    expect(parseEntry(formatEntry(entry), 'x:1')).toEqual({ ...entry, reason: 'see PR, expires: 2027-01-31' });
  });

  // A baseline under a key of its own must not read like credentials of the rules that it names.
  test.each(BUILTIN_RULES.map(({ id }) => id))('of %s is no finding itself', (rule) => {
    const entry = { fingerprint: someId(), key: 'key-dea6ba85', owner: 'platform', reason: 'kept until Q3-2027' };
    const text = [1, 2].map(() => formatEntry({ ...entry, rule })).join('\n');
    expect(engine.scan(Buffer.from(`${text}\n`)).findings.map((one) => one.rule.id)).toEqual([]);
  });

  test.each([
    ['a conflict marker', '<<<<<<< HEAD'],
    ['a gitleaks fingerprint', 'src/a.ts:generic-api-key:3'],
    ['an id cut short', someId().slice(1)],
    ['an unknown word', `${someId()} colour=red`],
    ['a day that no calendar has', `${someId()} expires=2026-02-30 reason=x`],
    ['a day behind the reason', `${someId()} reason=x expires=2026-11-20`],
    ['an empty field', `${someId()} owner= reason=x`],
  ])('refuses %s, naming file and line', (_, line) => {
    expect(() => parseTriageFile(`# head\n\n${line}\n`, '.unleak-allow')).toThrow(
      expect.objectContaining({ code: 'TRIAGE_FILE_INVALID', message: expect.stringContaining('.unleak-allow:3') }),
    );
  });
});

describe('the file', () => {
  test('is sorted and keeps its comments, whatever order a merge left', () => {
    const [b, a] = [`b${someId().slice(1)}`, `a${someId().slice(1)}`];
    const merged = parseTriageFile(`# ours\r\n${b} reason=two\r\n${a} reason=one\r\n${b} reason=three\r\n`, 'x');
    const c = `c${someId().slice(1)}`;
    const text = withEntry(merged, { fingerprint: c, key: 'public', reason: 'four' });
    expect(text).toBe(`# ours\n${a} reason=one\n${b} reason=three\n${c} reason=four\n`);
  });

  test('begins with an explanation when it is new', () => {
    const text = withEntry(null, { fingerprint: someId(), key: 'public', reason: 'r' });
    expect(text).toMatch(/^# .*\n# .*\n[a-z2-7]{26} reason=r\n$/);
    expect(parseTriageFile(text, 'x').entries).toHaveLength(1);
  });

  test('of a baseline says nothing of places, people or dates', () => {
    const { fingerprint, rule, fingerprintKey } = finding();
    const text = formatBaseline([{ fingerprint, rule, key: fingerprintKey, reason: '' }]);
    expect(text.split('\n').at(-2)).toBe(`${fingerprint} rule=${rule}`);
  });
});

describe('allowEntry', () => {
  const known = finding();

  test('resolves a prefix and notes the rule and the key', () => {
    const terms = checkTerms({ reason: ' ok ', expires: '2026-11-20' }, NOW);
    const entry = allowEntry(known.fingerprint.slice(0, 8), terms, [known]);
    expect(entry).toEqual({
      fingerprint: known.fingerprint,
      key: 'public',
      rule: known.rule,
      reason: 'ok',
      expires: '2026-11-20',
    });
  });

  test.each([
    ['TRIAGE_REASON_MISSING', { reason: '  ' }],
    ['TRIAGE_REASON_MISSING', { reason: '…' }],
    ['TRIAGE_EXPIRY_INVALID', { expires: '2026-11-19' }],
    ['TRIAGE_EXPIRY_INVALID', { expires: 'tomorrow' }],
  ])('answers %s to %j', (code, changes) => {
    expect(() => checkTerms({ reason: 'ok', ...changes }, NOW)).toThrow(expect.objectContaining({ code }));
  });

  test('takes no id that is none', () => {
    expect(() => allowEntry('abc', { reason: 'ok' }, [known])).toThrow(
      expect.objectContaining({ code: 'TRIAGE_ID_INVALID' }),
    );
  });
});

describe('writeFileSafely', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'unleak-write-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('replaces a file, private to its owner, and leaves nothing beside it', () => {
    const file = path.join(folder, 'report.json');
    writeFileSync(file, 'old', { mode: 0o644 });
    writeFileSafely(file, ['n', 'ew'], 0o600);
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(lstatSync(file).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
    expect(readdirSync(folder)).toEqual(['report.json']);
  });

  test('keeps the old file if the text cannot be made whole', () => {
    const file = path.join(folder, 'report.json');
    function* broken(): Generator<string> {
      yield 'half';
      throw new Error('lost');
    }
    expect(() => writeFileSafely(file, broken(), 0o600)).toThrow(
      expect.objectContaining({ code: 'TRIAGE_WRITE_REFUSED' }),
    );
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['report.json']);
  });

  test('refuses a symbolic link, a folder, and a place that is not there', () => {
    const target = path.join(folder, 'target');
    writeFileSync(target, 'untouched');
    symlinkSync(target, path.join(folder, 'link'));
    for (const name of ['link', '.', 'no/such/folder', 'target/below']) {
      expect(() => writeFileSafely(path.join(folder, name), ['x'], 0o600)).toThrow(
        expect.objectContaining({ code: 'TRIAGE_WRITE_REFUSED' }),
      );
    }
    expect(readFileSync(target, 'utf8')).toBe('untouched');
  });
});
