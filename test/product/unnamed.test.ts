/**
 * Short values have ids that take long to make. A report that people read does without them where a place leads back to the secret; whatever else
 * may look at an id has it.
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import type { FindingsReport } from '../../src/core/finding.ts';
import { Secret } from '../../src/core/secret.ts';
import { FORMATS } from '../../src/cli/flags/output.ts';
import { fingerprinter } from '../../src/triage/fingerprint.ts';
import { unleak } from '../helpers/product.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';

const password = (n: number): string => ['Harvest', '20', 'Moon!', String(n)].join('');
const line = (n: number): string => `[db]\npassword = "${password(n)}"\n`;
const idOf = (n: number): string => fingerprinter().of('generic-password', new Secret(password(n)));
const ALLOW = /unleak(?:\.cjs)? allow (.+?) --reason/g;

let repository: TestRepository;
const run = (...args: string[]) => unleak(args, { cwd: repository.folder });
const told = (text: string): string[] => [...text.matchAll(ALLOW)].map(([, name]) => name ?? '');

beforeAll(() => {
  repository = makeRepository();
  repository.commit('one', { 'conf/dev.ini': line(1), 'a b.ini': line(2), 'copy.ini': line(1) });
});

describe('a report for people', () => {
  test('names a short value by its place, or where a shell would not read that as one, by its id', () => {
    const { code: status, out: stdout } = run('scan');
    expect(status).toBe(1);
    expect(told(stdout).toSorted()).toEqual([idOf(2), 'conf/dev.ini:2:13'].toSorted());
    expect(stdout).not.toContain('stand-in');
  });

  test('whose advice is followed finds it no more', () => {
    for (const name of told(run('scan').out)) {
      const { code: status, err: stderr } = run('allow', name, '--reason', 'a sample');
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringMatching(/^unleak: [a-z2-7]{26}.* is allowed/),
      });
    }
    const allowed = path.join(repository.folder, '.unleak-allow');
    const text = readFileSync(allowed, 'utf8');
    expect(text).toContain(`${idOf(1)} rule=generic-password`);
    expect(text).toContain(idOf(2));
    expect(run('scan').code).toBe(0);
    // Where something is written down, ids are compared, and so shown.
    rmSync(path.join(repository.folder, 'a b.ini'));
    run('allow', idOf(1), '--reason', 'a sample', '--expires', '2999-01-01');
    rmSync(allowed);
    expect(run('scan').code).toBe(1);
  });

  test('gives ids where an entry may be of them', () => {
    run('allow', idOf(7), '--reason', 'of something else');
    expect(told(run('scan').out)).toEqual([idOf(1)]);
    rmSync(path.join(repository.folder, '.unleak-allow'));
    expect(told(run('scan').out)).toEqual(['conf/dev.ini:2:13']);
  });

  test('tells nobody how to let it stay who trusts nothing that is written down there', () => {
    const { code: status, out: stdout } = run('scan', '--ignore-repo-config');
    expect(status).toBe(1);
    expect(stdout).toContain('conf/dev.ini:2:13');
    expect(told(stdout)).toEqual([]);
    expect(stdout).not.toContain('stand-in');
  });

  test.each([
    [['--only', 'generic-password']],
    [['--max-file-size', '1MB']],
    [['--policy']],
    [['--only', 'generic', '--output', '/dev/stdout']],
  ])('has the id with %j', (more) => {
    expect(told(run('scan', ...more).out)).toEqual([idOf(1)]);
  });
});

describe('every other format', () => {
  test.each(FORMATS.filter((name) => name !== 'pretty'))('%s has no stand-in', (format) => {
    for (const more of [[], ['--ignore-repo-config']]) {
      const { code: status, out: stdout } = run('scan', '--format', format, ...more);
      expect(status).toBe(1);
      expect(stdout).toContain('dev.ini');
      expect(stdout).not.toContain('stand-in');
    }
  });

  test('of ours has the id', () => {
    const report = JSON.parse(run('scan', '--format', 'json').out) as FindingsReport;
    expect(report.findings.map(({ fingerprint }) => fingerprint)).toEqual([idOf(1)]);
  });
});

describe('unleak allow', () => {
  test('takes the beginning of an id that one finding has', () => {
    const { code: status, err: stderr } = run('allow', idOf(1).slice(0, 8), '--reason', 'a sample');
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining(idOf(1)) });
    rmSync(path.join(repository.folder, '.unleak-allow'));
  });

  test('allows the one that a report showed, though another file’s name begins with the place', () => {
    const others = { 'conf/dev.ini:2': `${'\n'.repeat(12)}password = "${password(4)}"\n` };
    const other = makeRepository();
    other.commit('one', { 'conf/dev.ini': line(1), ...others });
    const { err: stderr } = unleak(['allow', 'conf/dev.ini:2:13', '--reason', 'a sample'], { cwd: other.folder });
    expect(stderr).toContain(idOf(1));
  });

  test('allows one of thousands, and none of those that share an id', () => {
    const count = 2010;
    const many = makeRepository();
    const lines = Array.from({ length: count }, (_, n) => `password = "${password(n)}"\n`);
    many.commit('one', { 'all.ini': lines.join('') });
    for (let i = 0; i < 2; i++) {
      const { err: stderr } = unleak(['allow', `all.ini:${count - i}:13`, '--reason', 'a'], { cwd: many.folder });
      expect(stderr).toContain(idOf(count - 1 - i));
    }
  });

  test.each([
    [['abcdefgh'], 'TRIAGE_ID_UNKNOWN'],
    [['conf/dev.ini:1'], 'TRIAGE_PLACE_EMPTY'],
    [['conf/none.ini:2:13'], 'TRIAGE_ID_INVALID'],
  ])('answers %j with %s', (args, code) => {
    const { code: status, err: stderr } = run('allow', ...args, '--reason', 'a sample');
    expect(status).toBe(2);
    expect(stderr).toContain(`error[${code}]`);
  });

  test('repeats nothing that is neither: it may be the secret itself, pasted by mistake', () => {
    expect(run('allow', `${password(3)}:2:13`, '--reason', 'a sample').err).not.toContain(password(3));
  });

  test('looks for nothing before reason and expiry are right', () => {
    const { code: status, err: stderr } = run('allow', 'conf/dev.ini:1', '--reason', '…');
    expect(status).toBe(2);
    expect(stderr).toContain('error[TRIAGE_REASON_MISSING]');
  });
});
