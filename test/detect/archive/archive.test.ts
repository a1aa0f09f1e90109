import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { DEFAULT_LIMITS } from '../../../src/core/limits.ts';
import { openArchive } from '../../../src/detect/archive/open.ts';
import { createEngine } from '../../../src/detect/engine.ts';
import { zip } from '../../helpers/zip.ts';
import { makeRule, pattern } from '../../helpers/rules.ts';

const token = `acm_${Buffer.from('not a real one').toString('hex')}zz`;
const RULES = [makeRule('acme-token', [pattern(['acm_'], '(?<secret>acm_[A-Za-z0-9]{30})')])];
const engine = createEngine(RULES, { openArchive });

function summary(bytes: Uint8Array, limits = DEFAULT_LIMITS): { inner: (string | undefined)[]; problems: string[] } {
  const { findings, problems } = createEngine(RULES, { openArchive, limits }).scan(bytes);
  return { inner: findings.map(({ inner }) => inner), problems: problems.map(({ code }) => code) };
}

describe('archives that git writes', () => {
  let repository = '';
  const git = (...args: string[]): Buffer =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
      maxBuffer: 1 << 26,
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    });
  const deep = `${'long/'.repeat(30)}file.txt`;

  beforeAll(() => {
    repository = mkdtempSync(path.join(tmpdir(), 'unleak-archive-'));
    git('init', '-q');
    writeFileSync(path.join(repository, 'a.txt'), `${'filler\n'.repeat(200)}key ${token}\n`);
    const blob = git('hash-object', '-w', 'a.txt').toString().trim();
    git('update-index', '--add', '--cacheinfo', `100644,${blob},src/a.txt`);
    git('update-index', '--add', '--cacheinfo', `100644,${blob},${deep}`);
    git('commit', '-qm', 'one');
  });
  afterAll(() => rmSync(repository, { recursive: true, force: true }));

  test.each(['zip', 'tar'])('%s', (format) => {
    expect(summary(git('archive', `--format=${format}`, 'HEAD'))).toEqual({
      inner: [deep, 'src/a.txt'].toSorted(),
      problems: [],
    });
  });

  test('tar.gz, and that in a zip', () => {
    const packed = gzipSync(git('archive', '--format=tar', 'HEAD'));
    expect(summary(packed).inner).toEqual([`content!${deep}`, 'content!src/a.txt']);
    const nested = summary(zip('x.tgz', packed));
    expect(nested).toEqual({ inner: [`x.tgz!content!${deep}`, 'x.tgz!content!src/a.txt'], problems: [] });
    expect(summary(zip('y.zip', zip('x.tgz', packed))).problems).toEqual(['ARCHIVE_DEPTH']);
  });

  test('tar with sizes padded by spaces, as older writers leave them', () => {
    const padded = git('archive', '--format=tar', 'HEAD');
    for (let at = 0; at + 512 <= padded.length; at += 512) {
      if (padded.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
      const size = padded.toString('latin1', at + 124, at + 135).replace(/^0+(?=.)/, '');
      padded.write(`${size.padStart(11)} `, at + 124, 'latin1');
    }
    expect(summary(padded)).toEqual({ inner: [deep, 'src/a.txt'], problems: [] });
  });

  test.each(['zip', 'tar'])('%s cut short anywhere: found, or a problem, never neither', (format) => {
    const whole = git('archive', `--format=${format}`, 'HEAD');
    const needed = format === 'zip' ? whole.length : whole.lastIndexOf(Buffer.from(token)) + token.length;
    const missed: number[] = [];
    let damaged = 0;
    for (let length = 600; length < needed; length += 97) {
      const seen = summary(whole.subarray(0, length));
      if (seen.problems.includes('ARCHIVE_DAMAGED')) damaged++;
      else if (seen.inner.length < 2) missed.push(length);
    }
    expect(missed).toEqual([]);
    expect(damaged).toBeGreaterThan(3);
  });
});

describe('hostile archives', () => {
  test.each<[string, Uint8Array, string]>([
    ['encrypted', zip('a', Buffer.from(token), { flags: 1 }), 'ARCHIVE_ENCRYPTED'],
    ['unknown method', zip('a', Buffer.from(token), { method: 97 }), 'ARCHIVE_METHOD'],
    ['a bomb', zip('a', Buffer.alloc(4_000_000)), 'ARCHIVE_BYTES'],
    ['a gzip bomb', gzipSync(Buffer.alloc(4_000_000)), 'ARCHIVE_BYTES'],
    ['a bomb in an archive', zip('a.gz', gzipSync(Buffer.alloc(4_000_000))), 'ARCHIVE_BYTES'],
    [
      'damaged data',
      Buffer.concat([gzipSync(Buffer.from(token)).subarray(0, 30), Buffer.alloc(40, 7)]),
      'ARCHIVE_DAMAGED',
    ],
  ])('%s', (_, bytes, code) => {
    expect(summary(bytes, { ...DEFAULT_LIMITS, archiveBytes: 1_000_000 }).problems).toEqual([code]);
  });

  test('too many entries', () => {
    expect(summary(zip('a', Buffer.from(token)), { ...DEFAULT_LIMITS, archiveEntries: 0 }).problems).toEqual([
      'ARCHIVE_ENTRIES',
    ]);
  });

  test('a stored entry is read; the archive’s own bytes are searched too', () => {
    const { findings } = engine.scan(zip('plain.txt', Buffer.from(`k ${token}`), { method: 0 }));
    expect(findings.map(({ inner, secret }) => [inner, secret.reveal()])).toContainEqual(['plain.txt', token]);
  });
});
