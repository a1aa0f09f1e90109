import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { readVariable, withVariable } from '../../src/stores/dotenv.ts';
import { makeFolder } from '../helpers/repository.ts';

function read(text: string, name: string): string | undefined {
  return readVariable(text, name)?.reveal();
}

test('a variable that stands twice is refused with what to do about it', () => {
  const mend = expect.stringMatching(/^Remove all lines of A but one/);
  expect(() => read('A=1\nA=2', 'A')).toThrow(expect.objectContaining({ code: 'STORE_VALUE', mend }));
});

describe('reading', () => {
  test.each([
    ['A=b', 'b'],
    ['  export A = b  # c', 'b'],
    ['A=b#c', 'b#c'],
    ['A=#c', ''],
    ['A=', ''],
    ["A='b # c'", 'b # c'],
    ['A="b\\n\\"c\\" \\$d"', 'b\n"c" $d'],
    ['A=`b\'"`', 'b\'"'],
    ['X="\nA=no\n"\nA=yes', 'yes'],
    ['A="open', '"open'],
    ['# A=no\nA=yes\r\nB=c', 'yes'],
  ])('%j', (text, value) => {
    expect(read(text, 'A')).toBe(value);
  });

  test.each([['A=1\nA=2'], ["A='b'c"]])('%j is not guessed at', (text) => {
    expect(() => read(text, 'A')).toThrow(expect.objectContaining({ code: 'STORE_VALUE' }));
  });

  test('a name that is not there has none', () => {
    expect(read('AB=1\nBA=2\n#A=3', 'A')).toBeUndefined();
  });
});

describe('writing', () => {
  const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });

  test('what is written is what this reader, node and a shell read', () => {
    const file = path.join(makeFolder('env'), 'x.env');
    fc.assert(
      fc.property(printable, (value) => {
        // Refused is only what no spelling makes the same to all.
        const refused = value.includes("'") || value.includes('\\') ? /["$`\\!]/.test(value) : false;
        fc.pre(!refused);
        const text = withVariable('A=1\nB="two"\n', 'B', new Secret(value));
        writeFileSync(file, text);
        const shell = spawnSync('sh', ['-c', `. ${file}; printf %s "$B"`], { encoding: 'utf8', env: {} });
        expect([read(text, 'B'), parseEnv(text)['B'], shell.stdout]).toEqual([value, value, value]);
        expect(read(text, 'A')).toBe('1');
      }),
      { numRuns: 60 },
    );
  });

  test('anything but printable ASCII is refused', () => {
    expect(() => withVariable('', 'A', new Secret('a\nB=1'))).toThrow(expect.objectContaining({ code: 'STORE_VALUE' }));
  });

  test('never throws and always ends on hostile text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(typeof (read(text, 'absentname') ?? '')).toBe('string');
      }),
    );
  });
});
