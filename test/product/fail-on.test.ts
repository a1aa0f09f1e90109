/** `--fail-on` goes by confidence, and by nothing else. */
import { tmpdir } from 'node:os';

import { describe, expect, test } from 'vitest';

import { seedOf, seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';
import { unleak } from '../helpers/product.ts';

/** One finding each, of this confidence and severity. */
const TEXTS = {
  high: 'ADDY=${secret=text:AKCp${alnum:69}}',
  'high, of low severity': 'OPENWEATHER_API_KEY=${secret=hex:32}',
  medium: 'INTERNAL_API_KEY=${secret=alnum:40}',
  low: 'session_key = "${secret=hex:32}"',
} as const;

function scan(template: string, ...options: string[]): { code: number | null; shown: unknown[] } {
  const { text } = expandTemplate(template, seededRandom(seedOf(template)), 'test');
  const run = unleak(['scan', '-', '--format', 'json', ...options], { cwd: tmpdir(), input: `${text}\n` });
  const report: { findings: { confidence: string; severity: string }[] } = JSON.parse(run.out);
  return { code: run.code, shown: report.findings.map(({ confidence, severity }) => [confidence, severity]) };
}

describe('--fail-on', () => {
  test.each([
    ['high', 'high', 1],
    ['high', 'medium', 1],
    ['high', 'low', 1],
    ['medium', 'high', 0],
    ['medium', 'medium', 1],
    ['medium', 'low', 1],
    ['low', 'high', 0],
    ['low', 'medium', 0],
    ['low', 'low', 1],
  ] as const)('a finding of %s confidence under --fail-on %s: exit code %d', (confidence, level, code) => {
    const run = scan(TEXTS[confidence], '--fail-on', level);
    expect(run.shown).toEqual([[confidence, expect.any(String)]]);
    expect(run.code).toBe(code);
  });

  test('a scan fails at any confidence unless told otherwise', () => {
    expect(scan(TEXTS.low).code).toBe(1);
  });

  test('severity does not count', () => {
    const run = scan(TEXTS['high, of low severity'], '--fail-on', 'high');
    expect(run).toEqual({ code: 1, shown: [['high', 'low']] });
  });
});
