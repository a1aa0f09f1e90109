/** One value in more places than are listed: all of them decide, and the report says how many it leaves out. */
import { beforeAll, describe, expect, test } from 'vitest';

import type { Finding, FindingsReport } from '../../src/core/finding.ts';
import { readReport } from '../../src/report/read.ts';
import { sureKey } from '../helpers/key.ts';
import { type Run, unleak } from '../helpers/product.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';

const PAGES = 12;
let repository: TestRepository;
let first = '';

/** A site whose pages all have the key, with something else on each; a last one on a branch of its own. */
function build(): void {
  repository = makeRepository();
  const page = (number: number): string => `${'\n'.repeat(number)}page ${number} token = "${sureKey(1)}"\n`;
  const pages = (from: number, to: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: to - from }, (_, i) => [`site/p${from + i}.html`, page(from + i)]));
  first = repository.commit('some', pages(0, 4));
  repository.commit('more', pages(4, PAGES - 1));
  repository.git('rm', '-q', '-r', 'site');
  repository.commit('gone');
  repository.git('checkout', '-q', '-b', 'side');
  repository.commit('again', { 'app/last.html': page(PAGES) });
}

function run(...args: string[]): Run {
  return unleak(args, { cwd: repository.folder, environment: repository.environment });
}

function report(...args: string[]): { readonly code: number | null; readonly report: FindingsReport; one: Finding } {
  const { code, out } = run('history', '--format', 'json', ...args);
  const read = readReport(Buffer.from(out));
  const [one] = read.findings;
  if (one === undefined || read.findings.length > 1) throw new Error('one finding is expected');
  return { code, report: read, one };
}

beforeAll(build);

describe('history', () => {
  test.each([['packs'], ['cat-file']])('lists so many, and says how many there are (%s)', (engine) => {
    const all = report('--engine', engine, '--max-places', 'all');
    const some = report('--engine', engine, '--max-places', '5');
    expect(all.one.occurrences).toHaveLength(PAGES);
    expect(all.one.unlisted).toBeUndefined();
    expect(some.one.occurrences).toHaveLength(5);
    expect(some.one.unlisted?.places).toBe(PAGES - 5);
    expect(some.code).toBe(all.code);
    expect(some.report.coverage).toEqual(all.report.coverage);
    const { occurrences, ...decided } = all.one;
    const { occurrences: listed, unlisted: _, ...decidedToo } = some.one;
    expect(decidedToo).toEqual(decided);
    expect(decided.firstSeen?.commit).toBe(first);
    // Each one listed is one of all, with its own line.
    for (const one of listed) expect(occurrences).toContainEqual(one);
    expect(listed.some(({ heldBy }) => heldBy.some(({ ref, inTip }) => inTip && ref === 'refs/heads/side'))).toBe(true);
  });

  test('lists all of a few', () => {
    expect(report().one.unlisted).toBeUndefined();
    expect(report('--max-places', String(PAGES)).one.occurrences).toHaveLength(PAGES);
  });

  test.each([['csv'], ['gitleaks']])('%s has no room for a number, and lists all', (format) => {
    expect(run('history', '--format', format).out.match(/site\/p\d+\.html/g)?.length).toBeGreaterThanOrEqual(PAGES - 1);
  });

  test('the text for people says how many more, and what to do', () => {
    const { code, out } = run('history', '--max-places', '2');
    expect(code).toBe(1);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      `${PAGES - 2} further places are not listed. Repeat with --max-places all`,
    );
    expect(out.replaceAll(/\s+/g, ' ')).toContain('still at the tip of HEAD and side');
  });

  test.each([['0'], ['-1'], ['many'], ['1.5'], ['1e3']])('%j is no number of places', (value) => {
    expect(run('history', `--max-places=${value}`)).toMatchObject({ code: 2, err: expect.stringContaining('or all') });
  });
});

describe('what is not listed decides nevertheless', () => {
  test('a permission for paths holds only if it covers every place', () => {
    repository.write('covers.toml', '[[allow]]\nreason = "site"\npaths = ["site/**"]\n');
    repository.write('covers-all.toml', '[[allow]]\nreason = "all"\npaths = ["site/**", "app/**"]\n');
    expect(run('history', '--max-places', '1', '--config', 'covers.toml').code).toBe(1);
    expect(run('history', '--max-places', '1', '--config', 'covers-all.toml').code).toBe(0);
  });

  test('ignored paths are neither listed nor counted', () => {
    repository.write('ignores.toml', '[paths]\nignore = ["site/p1.html", "app/**"]\n');
    const { one } = report('--max-places', '3', '--config', 'ignores.toml');
    expect(one.occurrences.map(({ path }) => path)).not.toContain('site/p1.html');
    expect(one.occurrences).toHaveLength(3);
    expect(one.occurrences.every(({ located }) => located !== false)).toBe(true);
    expect(one.unlisted?.places).toBe(PAGES - 2 - 3);
  });

  test('entries that name lines hold for all of them', () => {
    const { one } = report('--max-places', 'all');
    const entries = one.occurrences.map(({ commit, path, line }) => `${commit}:${path}:${one.rule}:${line}`);
    repository.write('.gitleaksignore', `${entries.join('\n')}\n`);
    expect(run('history', '--max-places', '1').code).toBe(0);
    repository.write('.gitleaksignore', `${entries.slice(0, -1).join('\n')}\n`);
    expect(run('history', '--max-places', '1').code).toBe(1);
    repository.write('.gitleaksignore', '');
  });
});
