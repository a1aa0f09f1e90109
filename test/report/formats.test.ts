import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

import { describe, expect, test } from 'vitest';

import type { ReportOptions } from '../../src/report/format.ts';
import { formatNamed, formats } from '../../src/report/formats.ts';
import { sortFindings } from '../../src/report/order.ts';
import { renderBlocked } from '../../src/report/pretty/blocked.ts';
import { finding, occurrence } from '../helpers/findings.ts';
import { report, rule } from '../helpers/report.ts';
import { sampleReport } from '../helpers/sample-report.ts';

const GOLDEN = fileURLToPath(new URL('../../fixtures/reports/', import.meta.url));
const options: ReportOptions = {
  ruleOf: (id) => (id.startsWith('generic') ? undefined : rule({ id })),
  now: new Date('2026-11-20T12:00:00Z'),
};

function written(name: string): string {
  return [...formatNamed(name)(sampleReport(), options)].join('');
}

describe('every format', () => {
  test.each(Object.keys(formats))('%s writes the sample as kept', async (name) => {
    await expect(written(name)).toMatchFileSnapshot(path.join(GOLDEN, `sample.${name}.txt`));
  });

  // gitleaks' own two are lists of findings and nothing else.
  test.each(Object.keys(formats).filter((name) => !['gitleaks', 'gitleaks-csv'].includes(name)))(
    '%s says when coverage is incomplete, even without a finding',
    (name) => {
      const problems = [{ code: 'GIT_SHALLOW', message: 'cut off', mend: 'git fetch --unshallow' }];
      const text = [...formatNamed(name)(report([], { complete: false, problems }), options)].join('');
      expect(text).toContain('GIT_SHALLOW');
      expect(text).toContain('git fetch --unshallow');
    },
  );

  test.each(Object.keys(formats))('%s does not depend on the order found in', (name) => {
    const sample = sampleReport();
    const turned = { ...sample, findings: sample.findings.toReversed() };
    expect([...formatNamed(name)(turned, options)].join('')).toBe(written(name));
  });

  test('an unknown one is refused by code', () => {
    expect(() => formatNamed('constructor')).toThrow(expect.objectContaining({ code: 'REPORT_FORMAT_UNKNOWN' }));
  });
});

test.each(['pretty', 'github', 'junit'])('%s says what a change would let pass, and that it counts', (name) => {
  const pending = { by: 'comment', reason: 'unleak:allow' } as const;
  const text = [...formatNamed(name)(report([finding({ pending })]), options)].join('').replaceAll(/\s+/g, ' ');
  expect(text.toLowerCase()).toContain('a comment of this change would let it pass (unleak:allow)');
  expect(written(name)).not.toContain('would let it pass');
});

test.each(['pretty', 'html', 'junit', 'json', 'jsonl'])('%s says how many places it does not list', (name) => {
  const unlisted = { places: 93_890, removedIn: 0, mend: 'Repeat with --max-places all' };
  const text = [...formatNamed(name)(report([finding({ unlisted })]), options)].join('').replaceAll(/\s+/g, ' ');
  expect(text).toMatch(/93,890 further places are not listed|"places":93890/);
  expect(text).toContain('--max-places all');
});

test.each(['gitlab', 'github', 'markdown', 'sarif'])('%s counts the places that are not listed', (name) => {
  const unlisted = { places: 93_890, removedIn: 0, mend: 'Repeat with --max-places all' };
  const text = [...formatNamed(name)(report([finding({ unlisted })]), options)].join('');
  expect(text).toMatch(/93,?89[01]/);
  expect([...formatNamed(name)(report([finding()]), options)].join('')).not.toMatch(/93,?89[01]/);
});

describe('order', () => {
  test('is exposure, severity, confidence, path, line', () => {
    const at = (path_: string, line: number) => [occurrence({ path: path_, line })];
    const expected = [
      finding({ severity: 'low', occurrences: at('z', 1) }),
      finding({ exposure: 'unknown', severity: 'critical', confidence: 'low' }),
      finding({ exposure: 'local', severity: 'critical' }),
      finding({ exposure: 'local', severity: 'high', confidence: 'high', occurrences: at('z', 9) }),
      finding({ exposure: 'local', severity: 'high', confidence: 'medium', occurrences: at('a', 10) }),
      finding({ exposure: 'local', severity: 'high', confidence: 'medium', occurrences: at('b', 9) }),
      finding({ exposure: 'local', severity: 'high', confidence: 'medium', occurrences: at('b', 10) }),
    ];
    expect(sortFindings(expected.toReversed())).toEqual(expected);
  });
});

describe('pretty', () => {
  test('colours only when told to', () => {
    const plain = [...formatNamed('pretty')(sampleReport(), options)].join('');
    const colored = [...formatNamed('pretty')(sampleReport(), { ...options, color: true })].join('');
    expect(plain).not.toContain('\u001b');
    expect(stripVTControlCharacters(colored)).toBe(plain);
    expect(colored).not.toBe(plain);
  });

  test('calls a complete run without findings clean, and no other', () => {
    const clean = (changes: Parameters<typeof report>[1]) =>
      [...formatNamed('pretty')(report([], changes), options)].join('');
    expect(clean({})).toContain('no secrets found');
    expect(clean({ complete: false })).not.toContain('no secrets found');
  });

  test('keeps to the width of the terminal, except in what is to be pasted', () => {
    for (const width of [80, 120]) {
      const lines = [...formatNamed('pretty')(sampleReport(), { ...options, width })].join('').split('\n');
      const wide = lines.filter((line) => line.length > width && !line.includes('unleak allow'));
      expect(wide).toEqual([]);
    }
  });
});

describe('renderBlocked', () => {
  const text = [...renderBlocked(sampleReport(), { ...options, command: 'npx unleak' })];

  test('says what to do as kept', async () => {
    await expect(text.join('')).toMatchFileSnapshot(path.join(GOLDEN, 'sample.blocked.txt'));
  });

  test('takes at most 12 lines a finding, at any width', () => {
    const long = finding({
      title: 'A title that goes on and on '.repeat(10),
      occurrences: [occurrence({ path: `${'deep/'.repeat(60)}a.ts`, snippet: 'x = ••••••••k3Zq '.repeat(30) })],
    });
    for (const width of [20, 60, 80, 200]) {
      const [, block = ''] = renderBlocked(report([long]), { ...options, width });
      expect(block.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
      expect(block).toContain(`unleak allow ${long.fingerprint} --reason "…"`);
    }
  });

  test('marks as much as is masked: the last four only where they are shown', () => {
    const marks = (snippet: string): string[] => {
      const one = finding({ occurrences: [occurrence({ snippet })] });
      return [...renderBlocked(report([one]), options)].join('').match(/\^+/g) ?? [];
    };
    expect(marks('a = ••••••••k3Zq;')).toEqual(['^'.repeat(12)]);
    expect(marks('a = ••••••••; b()')).toEqual(['^'.repeat(8)]);
    expect(marks('a = nothing masked')).toEqual([]);
  });

  test('stops nobody for doubtful findings, and says nothing when there is nothing', () => {
    const doubtful = [...renderBlocked(report([finding({ confidence: 'medium' })]), options)].join('');
    expect(doubtful).toContain('not stopping you');
    expect(doubtful).not.toContain('stopped');
    expect([...renderBlocked(report([finding({ suppressed: { by: 'config', reason: 'r' } })]), options)]).toEqual([]);
  });

  test.each([
    ['a.mjs', 'process.env.EXAMPLE_TOKEN'],
    ['a.PY', 'os.environ["EXAMPLE_TOKEN"]'],
    ['a.php', "getenv('EXAMPLE_TOKEN')"],
    ['a.go', 'os.Getenv("EXAMPLE_TOKEN")'],
    ['a.rb', 'ENV.fetch("EXAMPLE_TOKEN")'],
    ['A.java', 'System.getenv("EXAMPLE_TOKEN")'],
    ['A.cs', 'Environment.GetEnvironmentVariable("EXAMPLE_TOKEN")'],
    ['a.sh', '"${EXAMPLE_TOKEN:?}"'],
    ['docker-compose.yml', '${EXAMPLE_TOKEN}'],
    ['.github/workflows/ci.yml', '${{ secrets.EXAMPLE_TOKEN }}'],
    ['.gitlab-ci.yml', '$EXAMPLE_TOKEN'],
    ['.env', '.gitignore'],
    ['.env.production', '.gitignore'],
    ['.env.example', 'EXAMPLE_TOKEN='],
    ['main.tf', 'var.example_token'],
    ['Dockerfile', '--mount=type=secret'],
    ['a.constructor', 'environment variable'],
    ['noextension', 'environment variable'],
  ])('names the way out in the language of %s', (name, expected) => {
    const one = finding({ occurrences: [occurrence({ path: name })] });
    expect([...renderBlocked(report([one]), options)].join('')).toContain(expected);
  });
});
