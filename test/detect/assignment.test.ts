import { expect, test } from 'vitest';

import { assignedValues, NOTATIONS } from '../../src/detect/assignment.ts';
import { seededRandom } from '../../src/rules/random.ts';

const CHARACTERS = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
// oxfmt-ignore
const PIECES = [
  '=', ':', '"', "'", '`', ' ', '\t', '\n', '\r\n', ',', '(', ')', ']', '}', '<', '>', '|', '*', '_', '?', '\\', ';',
  'value', 'default', 'text', 'content', 'stringValue', 'or ', 'is ', 'unwrap_or(', '??', '||', '->', '=>', '{ ',
  '</key>', '<string>', 's:4:', '.trim()', ': string', 'abc123', '--name', '<![CDATA[', '+ ', '- ',
  'ParameterValue', 'Value', '<-', '": {"value": ', ':\n  Type: S\n  Default: ', ':\n  NoEcho: true\n',
];

test('no notation begins with a character that it does not name, or lacks its signs', () => {
  const random = seededRandom(7);
  const pick = <T>(from: readonly T[]): T | undefined => from[random.below(from.length)];
  const matched = NOTATIONS.map(() => 0);
  const wrong: string[] = [];
  for (let round = 0; round < 20_000; round++) {
    const pieces = Array.from({ length: 1 + random.below(6) }, () => pick(PIECES) ?? '').join('');
    const text = `${round % 2 === 0 ? '--name' : 'x'}${round % 3 === 0 ? (pick(CHARACTERS) ?? '') : ''}${pieces}`;
    const at = text.startsWith('--name') ? 6 : 1;
    for (const [index, [starts, source, signs = [''], within = 0]] of NOTATIONS.entries()) {
      const expression = new RegExp(source, 'y');
      expression.lastIndex = at;
      if (!expression.test(text)) continue;
      matched[index] = (matched[index] ?? 0) + 1;
      const near = text.slice(at, at + within);
      const begins = starts.includes(text[at] ?? 'nothing');
      if (!begins || !signs.some((sign) => near.includes(sign))) wrong.push(`${source} in ${JSON.stringify(text)}`);
    }
  }
  expect(wrong).toEqual([]);
  // The pieces make some of nearly every notation (control).
  expect(matched.filter((count) => count > 0).length).toBeGreaterThan(NOTATIONS.length - 5);
});

test.each([
  ['name = v1', 'v1'],
  ['name: "v 1"', 'v 1'],
  ["name', 'v1')", 'v1'],
  ['name("v1")', 'v1'],
  ['name is v1.', 'v1'],
  ['name=v1%0Aother', 'v1'],
  ['name=v1!!!!!', 'v1!!'],
  ['name = \'"v1"\'', 'v1'],
  ["name = '\"v1'", 'v1'],
  ['name = "v1\\n"', 'v1'],
  ['name = "v1 \\r\\n "', 'v1'],
  ['name = "v1\\\\n"', 'v1\\\\n'],
  ['name:&nbsp;<code class="x">v1</code>', 'v1'],
  ['name:</b> <tt>v1', 'v1'],
  ['name = []byte("v1")', 'v1'],
  ['name: &\'static [u8] = b"v1"', 'v1'],
  ['name" android:value="v1"/>', 'v1'],
  ['name: <key>', undefined],
  ['name', undefined],
])('%.20s', (text, value) => {
  const [first] = assignedValues(text, 4);
  expect(first?.text).toBe(value);
});

test('a sign of comments within an unquoted value is read both ways, as a part of it first', () => {
  const read = (text: string): string[] => [...assignedValues(text, 4)].map((value) => value.text);
  expect(read('name=v1#v2 # v3')).toEqual(['v1#v2', 'v1']);
  expect(read('name=v1 #v2')).toEqual(['v1']);
  expect(read('name="v1"#v2')).toEqual(['v1']);
});

test('a value is read as far as the limit', () => {
  const [first] = assignedValues(`name=${'v'.repeat(5000)}`, 4);
  expect(first?.text).toHaveLength(4096);
});
