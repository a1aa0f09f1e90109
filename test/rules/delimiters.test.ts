import { describe, expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { BUILTIN_SAMPLES } from '../../src/rules/builtin-samples.generated.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { seedOf, seededRandom } from '../../src/rules/random.ts';
import { expandTemplate } from '../../src/rules/template.ts';

/** What may stand before and behind a key. A key ends where its alphabet ends. */
const CONTEXTS: readonly (readonly [name: string, before: string, after: string])[] = [
  ['nothing', '', ''],
  ['line breaks', '\n', '\n'],
  ['CRLF', '\r\n', '\r\n'],
  ['spaces', ' ', ' '],
  ['tabs', '\t', '\t'],
  ['double quotes', '"', '"'],
  ['single quotes', "'", "'"],
  ['backticks', '`', '`'],
  ['commas', ',', ','],
  ['semicolons', ';', ';'],
  ['parentheses', '(', ')'],
  ['brackets', '[', ']'],
  ['braces', '{', '}'],
  ['tags', '<key>', '</key>'],
  ['ampersands', '?key=', '&x=1'],
  ['a fragment', 'key=', '#top'],
  ['bars', '|', '|'],
  ['escaped line breaks', String.raw`"key\n`, String.raw`\nnext"`],
  ['escaped quotes', String.raw`{\"key\":\"`, String.raw`\"}`],
  ['unicode escapes', String.raw`\u0022`, String.raw`\u0022`],
  ['percent-encoded line breaks', 'body=%0A', '%0Anext'],
  ['percent-encoded quotes', '%22', '%22'],
  ['a sentence', 'The key is ', '. Keep it.'],
  ['export', 'export X=', '\n'],
  ['a Dockerfile', 'ENV X ', '\n'],
  ['a header', 'Authorization: Bearer ', '\r\n'],
  ['user information', 'https://', '@host.test/'],
  ['PHP', "define('X', '", "');"],
  ['a code span', 'Use `', '` here.'],
  ['HCL', 'x = "', '"\n'],
];

const engine = createEngine(BUILTIN_RULES);

/** Rules that know a key by its own form, wherever it stands. */
const byForm = BUILTIN_RULES.filter(
  ({ matchers, role, parts }) =>
    role === 'secret' &&
    parts.every(({ absence }) => absence === 'ignored') &&
    matchers.some(
      ({ find, near, confidence }) =>
        find.kind === 'pattern' &&
        find.anchor === 'hit' &&
        near.length === 0 &&
        confidence !== 'low' &&
        find.source.startsWith('(?<secret>'),
    ),
).filter(({ matchers }) =>
  matchers.every(({ find }) => find.kind === 'pattern' && find.source.startsWith('(?<secret>')),
);

describe.each(byForm.map(({ id }) => id))('%s', (id) => {
  const template = BUILTIN_SAMPLES.find(({ rule }) => rule === id)?.examples[0] ?? '';
  const secret = expandTemplate(template, seededRandom(seedOf(id)), id).values.get('secret') ?? '';

  test('ends at every delimiter', () => {
    expect(secret).not.toBe('');
    const missed = CONTEXTS.filter(([, before, after]) => {
      const { findings } = engine.scan(Buffer.from(before + secret + after));
      return !findings.some((finding) => finding.rule.id === id && finding.secret.reveal() === secret);
    });
    expect(missed.map(([name]) => name)).toEqual([]);
  });

  test('is not found inside a longer token', () => {
    const { findings } = engine.scan(Buffer.from(`X=${secret}abcdef0123456789`));
    expect(findings.filter((finding) => finding.rule.id === id && finding.secret.reveal() === secret)).toEqual([]);
  });
});

test('most rules know a key by its form', () => {
  expect(byForm.length).toBeGreaterThan(60);
});
