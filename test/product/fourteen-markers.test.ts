/** A key in each of fourteen places, and the built command: all are found, each with its kind, path, commit and author. */
import { describe, expect, test } from 'vitest';

import type { Finding, FindingsReport } from '../../src/core/finding.ts';
import { seedOf } from '../../src/rules/random.ts';
import { plantFourteenMarkers } from '../helpers/fourteen-markers.ts';
import { sureKey } from '../helpers/key.ts';
import { unleak } from '../helpers/product.ts';
import { makeRepository } from '../helpers/repository.ts';

const keyOf = (where: string): string => sureKey(seedOf(where));

describe.each(['loose', 'packed'] as const)('unleak history on a %s repository', (layout) => {
  const repository = makeRepository();
  const markers = plantFourteenMarkers(repository, layout, keyOf);
  const run = unleak(['history', '--format', 'json', '--show-secrets'], { cwd: repository.folder });
  const { findings, coverage } = JSON.parse(run.out) as FindingsReport;
  const bySecret = new Map<string, Finding>(findings.map((finding) => [finding.secret ?? '', finding]));

  test('finds 14 of 14, and nothing else', () => {
    expect(markers).toHaveLength(14);
    expect([...bySecret.keys()].toSorted()).toEqual(markers.map(({ text }) => text).toSorted());
    expect([run.code, run.err, coverage.complete, coverage.problems]).toEqual([1, '', true, []]);
  });

  test.each(markers)(
    '$where: rule, kind, path, commit, author',
    ({ text, kind, path, commit, author, reach, utf16 }) => {
      const finding = bySecret.get(text);
      expect(finding).toMatchObject({
        rule: 'github-pat-classic',
        confidence: 'high',
        lastFour: text.slice(-4),
        firstSeen: commit === null ? null : { commit, author },
      });
      expect(finding?.occurrences[0]).toMatchObject({ kind, path, commit, author, reach });
      expect(finding?.occurrences[0]?.decoded).toEqual(utf16 === true ? ['utf-16le'] : []);
    },
  );

  test('patches alone show four of them, and the files in the folder four others (control)', () => {
    const patches = repository.gitBytes(['log', '-p', '-U0', '--full-history', '--all', '--diff-filter=tuxdb']);
    expect(markers.filter(({ text }) => patches.includes(`+${text}`))).toHaveLength(4);
    const scan = unleak(['scan', '--format', 'json', '--show-secrets'], { cwd: repository.folder });
    const files = (JSON.parse(scan.out) as FindingsReport).findings.map(({ secret }) => secret);
    expect(markers.filter(({ text }) => files.includes(text)).map(({ where }) => where)).toEqual([
      'merge',
      'no-diff',
      'utf16',
      'staged',
    ]);
  });
});
