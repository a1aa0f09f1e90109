import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { assignedValues, NOTATIONS, OPENER_SOURCE } from '../../src/detect/assignment.ts';
import { type NotationTable, notationTable, withoutLookAround } from '../../src/rules/notation-table.ts';

const table = notationTable(
  NOTATIONS.map(([, source]) => source),
  OPENER_SOURCE,
);

/** Where a value may begin in a text that follows a name. */
function beginsIn({ rows, begins }: NotationTable, text: string): number[] {
  const found: number[] = [];
  for (let at = 0, row = 1; row !== 0 && at <= text.length; at++) {
    if (begins[row] === true) found.push(at);
    row = rows[row]?.[text.charCodeAt(at)] ?? 0;
  }
  return found;
}

const PIECES = [
  '=¦:¦ ¦\t¦\n¦\r\n¦"¦\'¦`¦,¦(¦)¦[¦]¦{¦}¦<¦>¦|¦?¦-¦.¦=>¦:=¦||¦??¦->¦+=¦: string =¦\n  ¦",¦", \'¦</key>\n<string>¦ is ¦ was ¦&nbsp;',
  'value¦default¦content: ¦<code>¦</b>¦new Client(¦await get(¦Bearer ¦Basic ¦!!str ¦|\n  ¦;s:12:¦ value="¦" {\n default = "¦${¦:-¦ or ',
  '**¦b"¦x¦Value9¦\\"¦&¦%22¦é¦--¦_',
].flatMap((list) => list.split('¦'));

const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 9 }).map((pieces) => pieces.join(''));

describe('the table of notations', () => {
  test('reaches every place at which a value begins, and not just any', () => {
    let values = 0;
    let places = 0;
    let others = 0;
    fc.assert(
      fc.property(text, fc.constantFrom('', '--', '"', '["'), (one, before) => {
        const name = `${before}name`;
        const begins = new Set(beginsIn(table, one));
        places += begins.size;
        others += one.length + 1 - begins.size;
        for (const { start } of assignedValues(name + one, name.length)) {
          values++;
          expect({ one, start: start - name.length, begins: [...begins] }).toMatchObject({
            begins: expect.toSatisfy((list: number[]) => list.includes(start - name.length)),
          });
        }
      }),
      { numRuns: 20_000, seed: 3 },
    );
    expect(values).toBeGreaterThan(2000);
    expect(places).toBeGreaterThan(values);
    expect(others).toBeGreaterThan(places);
  });

  test.each([
    ['="', [2]],
    [': "x"', [3]],
    ['; x', []],
    ['word = 1', []],
    [' is 7', [1, 4]],
  ])('%s: a value may begin at %j', (one, expected) => {
    const begins = beginsIn(table, one);
    expect(expected.filter((at) => !begins.includes(at))).toEqual([]);
    expect(begins.length === 0).toBe(expected.length === 0);
  });

  test('notices a notation that is left out', () => {
    const fewer = notationTable([' (?:=)'], OPENER_SOURCE);
    expect(beginsIn(fewer, ': x')).toEqual([]);
    expect(beginsIn(table, ': x')).toContain(2);
  });

  test.each([
    ['a(?=b)c', 'ac'],
    [String.raw`(?<!\)[ ]{0,2})=>`, '=>'],
    ['(?<=[)(]{2})x(?![)])y', 'xy'],
    ['(a|[(])b', '(?:a|[(])b'],
    ['(?:a(?=(b|c)))d', '(?:a)d'],
  ])('%s without look-around is %s', (source, expected) => {
    expect(withoutLookAround(source)).toBe(expected);
  });
});
