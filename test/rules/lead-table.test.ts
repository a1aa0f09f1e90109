import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { leadOf, mayLead } from '../../src/detect/lead.ts';
import { leadTable } from '../../src/rules/lead-table.ts';
import { readPattern } from '../../src/rules/pattern.ts';
import { seededRandom } from '../../src/rules/random.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { adversarialTexts } from '../../src/rules/trial/adversary.ts';

function may(pattern: string, text: string): boolean {
  const table = leadTable(readPattern(pattern, 'a test').node);
  const bytes = Buffer.from(text, 'latin1');
  return table === null || mayLead(leadOf(table), bytes, 0, bytes.length);
}

const PATTERNS = BUILTIN_RULES.flatMap(({ id, matchers }) =>
  matchers.flatMap(({ find, literals }) =>
    find.kind === 'pattern' && find.anchor === 'hit' && find.lead !== undefined
      ? [{ id, find, lead: find.lead, opening: literals[0] ?? '' }]
      : [],
  ),
);

describe('leadTable', () => {
  test.each([
    ['re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}', 're_12345678_x', false],
    ['re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}', 're_commit', false],
    ['re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}', 're_com%6dit', true],
    ['re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}', `re_12345678_${'a'.repeat(24)}`, true],
    ['-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY-----', '-----BEGIN PGP SIGNATURE-----', false],
    ['-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY-----', '-----BEGIN RSA PRIVATE KEY-----', true],
    ['-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY-----', '-----BEGIN\\u0020RSA', true],
    ['a{2,4}b', 'aaab', true],
    ['a{2,4}b', 'ab', false],
    ['ab', 'a', false],
    ['ab', 'a&#98;', true],
    [String.raw`a\s{1,3}b`, 'a\u00a0b', true],
    [String.raw`ab\b`, 'ab', true],
  ])('%s on %j: %s', (pattern, text, expected) => {
    expect(may(pattern, text)).toBe(expected);
  });

  test('tells nothing of an expression that may match nothing', () => {
    expect(leadTable(readPattern('a?', 'a test').node)).toBeNull();
  });

  test('rules out nothing that a built-in expression matches', () => {
    let matches = 0;
    let ruledOut = 0;
    for (const { id, find, lead, opening } of PATTERNS) {
      const { node } = readPattern(find.source, id, find.ignoreCase);
      const regex = new RegExp(find.source, find.ignoreCase ? 'iy' : 'y');
      for (const text of adversarialTexts(node, opening, 400, seededRandom(7))) {
        const bytes = Buffer.from(text, 'latin1');
        const open = mayLead(leadOf(lead), bytes, 0, bytes.length);
        regex.lastIndex = 0;
        const matched = regex.test(text);
        if (matched) matches++;
        if (!open) ruledOut++;
        expect(open || !matched, `${id}: ${text}`).toBe(true);
      }
    }
    // Controls: both ways were taken.
    expect(matches).toBeGreaterThan(20);
    expect(ruledOut).toBeGreaterThan(100);
  });

  test('rules out nothing that matches when escapes are undone', () => {
    const sample = fc.record({
      text: fc.stringMatching(/^key-[0-9a-f]{6}_[A-Z]{3}$/),
      at: fc.nat({ max: 12 }),
      escape: fc.constantFrom(
        (code: number) => `%${code.toString(16)}`,
        (code: number) => `\\x${code.toString(16)}`,
        (code: number) => `&#${code};`,
      ),
      rest: fc.string({ maxLength: 5 }),
    });
    fc.assert(
      fc.property(sample, ({ text, at, escape, rest }) => {
        const place = 4 + (at % (text.length - 4));
        const written = text.slice(0, place) + escape(text.charCodeAt(place)) + text.slice(place + 1) + rest;
        expect(may('key-[0-9a-f]{6}_[A-Z]{3}', written)).toBe(true);
      }),
    );
  });
});
