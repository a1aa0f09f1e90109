import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { BlobScan } from '../../src/core/detector.ts';
import { createEngine, prepareLiterals } from '../../src/detect/engine.ts';
import { ENCODED_MARGIN, type Holding, type Judge, createJudge } from '../../src/detect/judge.ts';
import { HitBuffer } from '../../src/prefilter/literal.ts';
import { javascriptPrefilter } from '../../src/prefilter/scan-js.ts';
import { assigned, makeRule, pattern } from '../helpers/rules.ts';

const token = `acm_${'a1b2c3d4e5'.repeat(2)}f6g7h8i9j0`;
const RULES = [
  makeRule('acme-token', [pattern(['acm_'], '(?<secret>acm_[a-z0-9]{30})', {}, { boundary: 'a-z0-9_' })]),
  makeRule(
    'beta-secret',
    [
      assigned(['beta'], '.*beta.*secret', '[a-z0-9]{10,40}', {
        before: 40,
        after: 60,
        near: [{ any: ['example'], within: 30, not: true }],
      }),
    ],
    { parts: [{ rule: 'beta-id', within: 200, absence: 'lowers', sameLength: false }] },
  ),
  makeRule('beta-id', [assigned(['beta'], '.*beta.*id', '[a-z0-9]{5,9}', { before: 40, after: 60 })], {
    role: 'identifier',
  }),
];
const prepared = prepareLiterals(RULES);

function plain({ findings, loose, problems }: BlobScan): unknown {
  return {
    findings: findings.map(({ rule, span, secret, confidence, decoded, parts, allowedBy }) => ({
      rule: rule.id,
      span,
      secret: secret.reveal(),
      confidence,
      decoded,
      parts: parts.map(({ span: at }) => at),
      allowedBy,
    })),
    loose: loose.map(({ rule, span }) => [rule.id, span]),
    problems,
  };
}

/** Judges every hit on a copy of what its reach names, and nothing more. */
function byHits(judge: Judge, bytes: Uint8Array, shrink = 0, { literals, automaton } = prepared): BlobScan {
  const hits = new HitBuffer();
  javascriptPrefilter(literals, automaton).find(bytes, 0, bytes.length, hits);
  const holdings: Holding[] = [];
  for (let i = 0; i < hits.count; i++) {
    const index = hits.literal(i);
    const end = hits.end(i);
    const { before, after, encoded } = judge.reach(index);
    const start = end - (judge.literals[index]?.bytes.length ?? 0);
    // An encoded run is at most the whole text here.
    const from = encoded ? 0 : Math.max(0, start - before);
    const to = encoded ? bytes.length : Math.min(bytes.length, end + Math.max(0, after - shrink));
    const judgement = judge.judge(bytes.slice(from, to), index, end - from);
    if (judgement) holdings.push({ judgement, end });
  }
  return judge.form(holdings, bytes.length);
}

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      token,
      `beta_secret = "q7w8e9r1t2y3"`,
      'beta_id=abc12',
      ' example ',
      '\n',
      ' ',
      '# unleak:allow',
      Buffer.from(`x ${token} y`).toString('base64'),
      Buffer.from(token).toString('hex'),
      [...`x ${token} y # unleak:allow\n`].join('\0'),
      `${'words '.repeat(20)}\0`,
    ),
    fc.stringMatching(/^[a-z =;\n]{0,60}$/),
  ),
  { maxLength: 25 },
);

describe('judging hit by hit', () => {
  const engine = createEngine(RULES, { prepared });
  const judge = createJudge(RULES, { prepared });

  test('comes to what scanning the whole blob does', () => {
    let findings = 0;
    fc.assert(
      fc.property(pieces, (parts) => {
        const bytes = Buffer.from(parts.join(''));
        fc.pre(judge.isPlain(bytes, bytes.length));
        const whole = engine.scan(bytes);
        findings += whole.findings.length;
        expect(plain(byHits(judge, bytes))).toEqual(plain(whole));
      }),
      { numRuns: 500 },
    );
    expect(findings).toBeGreaterThan(100);
  });

  test('a window one step too small is noticed (control)', () => {
    const bytes = Buffer.from(`beta_secret = ${' '.repeat(18)}"q7w8e9r1t2y3"`);
    expect(plain(byHits(judge, bytes))).toEqual(plain(engine.scan(bytes)));
    expect(plain(byHits(judge, bytes, 40))).not.toEqual(plain(engine.scan(bytes)));
  });

  test.each(['before', 'after'] as const)(
    'a match at the edge of its window ends only where its alphabet does, %s',
    (side) => {
      const near = makeRule('near', [
        pattern(
          ['acme'],
          '(?<secret>[a-z0-9]{20})',
          { before: 40, after: 40 },
          { anchor: 'window', boundary: 'a-z0-9' },
        ),
      ]);
      const options = { prepared: prepareLiterals([near]) };
      const key = 'a1b2c3d4e5f6g7h8i9j0';
      const gap = ' '.repeat(20);
      const text = (beyond: string): Buffer =>
        Buffer.from(side === 'after' ? `acme${gap}${key}${beyond}` : `${beyond}${key}${gap}acme`);
      // The character beyond is outside the window and still says whether the token goes on.
      const found = (beyond: string): number => createEngine([near], options).scan(text(beyond)).findings.length;
      expect(['x', 'x1', ' ', '"', ''].map(found)).toEqual([0, 0, 1, 1, 1]);
      const edges = createJudge([near], options);
      for (const beyond of ['x', ' ', '']) {
        const bytes = text(beyond);
        expect(byHits(edges, bytes, 0, options.prepared).findings).toHaveLength(found(beyond));
      }
      // Without that character (control) the decision would be another.
      const cut = text('x').subarray(side === 'after' ? 0 : 1, side === 'after' ? -1 : undefined);
      expect(byHits(edges, cut, 0, options.prepared).findings).toHaveLength(1);
    },
  );

  test('says what reaches it needs', () => {
    const reaches = judge.literals.map((_, index) => judge.reach(index));
    expect(reaches.some(({ encoded, before }) => encoded && before === ENCODED_MARGIN)).toBe(true);
    expect(reaches.every(({ before, after }) => before >= 8 && after >= 8 && before <= 65_536 && after <= 65_536)).toBe(
      true,
    );
  });

  test('tells plain text from what must be looked at whole', () => {
    expect(judge.isPlain(Buffer.from('text'), 4)).toBe(true);
    expect(judge.isPlain(Buffer.from('\ufefftext', 'utf16le'), 10)).toBe(false);
  });
});
