import { describe, expect, test } from 'vitest';

import type { Rule } from '../../src/core/rule.ts';
import { ALLOW_MARKERS } from '../../src/detect/allow-mark.ts';
import { createEngine } from '../../src/detect/engine.ts';
import { createJudge } from '../../src/detect/judge.ts';
import { linearRegex } from '../../src/detect/linear-regex.ts';
import { makeRule, pattern } from '../helpers/rules.ts';

const WINDOW = { before: 1024, after: 4096 };
const dear = (untrusted: boolean): Rule =>
  makeRule('dear', [pattern(['aaaa'], 'a(?<secret>aaa[a-z]{1000}!)', WINDOW)], { untrusted });
const cheap = makeRule('cheap', [pattern(['usr_'], '(?<secret>usr_[0-9]{20})')], { untrusted: true });

const LONG = Buffer.from(`${'a'.repeat(2000)} usr_84620917355028461937;`);
const found = (rules: readonly Rule[], bytes: Uint8Array): unknown => {
  const { findings, problems } = createEngine(rules, { linearRegex }).scan(bytes);
  return { found: findings.map(({ rule }) => rule.id), problems: problems.map(({ code }) => code) };
};

describe('a rule of other people that takes too many steps on a text', () => {
  test('is given up, said so, and no other rule with it', () => {
    expect(found([dear(true), cheap], LONG)).toEqual({ found: ['cheap'], problems: ['EXPRESSION_LIMIT'] });
    // Controls: a text with fewer hits, and the same rule as one of the package's.
    expect(found([dear(true), cheap], LONG.subarray(1900))).toEqual({ found: ['cheap'], problems: [] });
    expect(found([dear(false), cheap], LONG)).toEqual({ found: ['cheap'], problems: [] });
  });

  test('has its steps anew on the next text, and takes as many whatever was searched before', () => {
    const engine = createEngine([dear(true), cheap], { linearRegex });
    const problems = [LONG, LONG.subarray(1900), LONG].map((bytes) => engine.scan(bytes).problems.length);
    expect(problems).toEqual([1, 0, 1]);
  });

  test('is no hit that was turned down where hits are judged one by one', () => {
    const judge = createJudge([dear(true)], { linearRegex });
    const literal = judge.literals.findIndex(({ form, text }) => form === 'plain' && text >= ALLOW_MARKERS.length);
    const judged = Array.from({ length: 1900 }, (_, i) => ({
      end: i + 4,
      judgement: judge.judge(LONG, literal, i + 4),
    }));
    const last = judged.at(-1);
    expect(judged[0]?.judgement).toBeNull();
    if (!last?.judgement) throw new Error('turned down');
    const { problems } = judge.form([{ end: last.end, judgement: last.judgement }], LONG.length);
    expect(problems.map(({ code }) => code)).toEqual(['EXPRESSION_LIMIT']);
    // Control: in another text the same hit has all its steps.
    expect(judge.judge(LONG.slice(), literal, last.end)).toBeNull();
  });
});
