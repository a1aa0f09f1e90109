import { describe, expect, test } from 'vitest';

import type { BlobKind } from '../../src/core/blob.ts';
import type { BlobFinding } from '../../src/core/detector.ts';
import { Secret } from '../../src/core/secret.ts';
import { Concealer } from '../../src/findings/conceal.ts';
import { coverage } from '../helpers/report.ts';
import { finding, occurrence } from '../helpers/findings.ts';
import { makeRule, pattern } from '../helpers/rules.ts';

const RULE = makeRule('acme-token', [pattern(['acm_'], '(?<secret>acm_[0-9a-f]{20})')]);
const token = (seed: string): string => `acm_${Buffer.from(seed.padEnd(10, '.')).toString('hex')}`;

/** A concealer that has seen each text in a blob of this kind, starting at byte 2. */
function having(kind: BlobKind, ...texts: readonly (string | { readonly plain: string; readonly written: string })[]) {
  const concealer = new Concealer();
  for (const one of texts) {
    const { plain, written } = typeof one === 'string' ? { plain: one, written: one } : one;
    const found: BlobFinding = {
      rule: RULE,
      span: { start: 2, end: 2 + Buffer.byteLength(written) },
      secret: new Secret(Buffer.from(plain).toString('latin1')),
      confidence: 'high',
      decoded: [],
      parts: [],
      allowedBy: null,
    };
    const content = Buffer.from(`x ${written} y`);
    concealer.learn({ id: 'b', kind, content }, { findings: [found], loose: [], size: 1, problems: [] });
  }
  return concealer;
}

describe('names in a report', () => {
  const concealer = having('file', token('one'), `${token('one')}-longer`, token('two'));

  test.each([
    ['alone', token('one'), '…2e2e'],
    ['inside', `keys/${token('two')}.pem`, 'keys/…2e2e.pem'],
    ['the longer of two', `a/${token('one')}-longer/b`, 'a/…nger/b'],
    ['twice, and next to each other', `${token('one')}${token('two')}/${token('one')}`, '…2e2e…2e2e/…2e2e'],
    ['not there', 'src/acm_/index.ts', 'src/acm_/index.ts'],
    ['empty', '', ''],
  ])('%s', (_, name, shown) => {
    expect(concealer.clean(name)).toBe(shown);
  });

  test('short secrets are hidden in names only if a name is where they were found', () => {
    expect(having('file', 'hunter22').clean('docs/hunter22.md')).toBe('docs/hunter22.md');
    expect(having('path', 'hunter22').clean('docs/hunter22.md')).toBe('docs/….md');
  });

  test('as they are written: encoded, and in letters beyond ASCII', () => {
    const written = Buffer.from(token('one')).toString('base64url');
    expect(having('path', { plain: token('one'), written }).clean(`a/${written}`)).toBe('a/…2e2e');
    expect(having('commit-message', 'schlüssel-für-alles').clean('by schlüssel-für-alles')).toBe('by …lles');
  });

  test('every name of a finding, and of the coverage', () => {
    const secret = token('one');
    const place = occurrence({
      path: `p/${secret}`,
      author: `A ${secret}`,
      email: `${secret}@example.test`,
      heldBy: [{ ref: `refs/heads/${secret}`, inTip: true }],
    });
    const shown = JSON.stringify([
      concealer.finding(
        finding({
          firstSeen: { commit: '1', author: secret, date: '' },
          parts: [{ rule: 'r', redacted: '…', occurrences: [place] }],
          occurrences: [place],
        }),
      ),
      concealer.coverage(
        coverage({
          skipped: [{ reason: 'ignored', count: 1, examples: [secret], setBy: `${secret}/.gitignore` }],
          configuration: [{ file: `${secret}.toml`, digest: '', disables: [`path:${secret}`] }],
          problems: [{ code: 'X', message: `${secret} cannot be read`, mend: '' }],
        }),
      ),
    ]);
    expect(shown).not.toContain(secret);
    expect(shown.split('…2e2e')).toHaveLength(15);
  });
});
