import { describe, expect, test } from 'vitest';

import type { Command } from '../../src/cli/commands/command.ts';
import { choiceFlag, countFlag, listFlag, sizeFlag, switchFlag, textFlag } from '../../src/cli/flags/flag.ts';
import { parseArguments } from '../../src/cli/parse.ts';
import { UsageError } from '../../src/errors/usage.ts';

const about = { group: 'Other', summary: 'x' } as const;
const LOUD = switchFlag({ ...about, name: 'loud', short: 'l' });
const NAME = textFlag({ ...about, name: 'name', short: 'n', value: 'NAME' });
const TAGS = listFlag({ ...about, name: 'tag', value: 'TAG' });
const COLOUR = choiceFlag({ ...about, name: 'colour', value: 'C', choices: ['red', 'blue'], fallback: 'red' });
const COUNT = countFlag({ ...about, name: 'count', value: 'N', least: 1, most: 9 });
const SIZE = sizeFlag({ ...about, name: 'size', value: 'SIZE' });

const command: Command = {
  name: 'try',
  takes: '[a] [b]',
  least: 0,
  most: 2,
  summary: 'x',
  details: '',
  flags: [LOUD, NAME, TAGS, COLOUR, COUNT, SIZE],
  examples: [],
  load: () => Promise.reject(new Error('not run here')),
};

const parse = (...args: string[]) => parseArguments(command, args);

/** The error that the arguments end in; a plain one if they do not. */
function refusal(args: readonly string[]): UsageError | (Error & { mend?: string }) {
  try {
    parse(...args);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  return new Error('nothing was refused');
}

describe('parseArguments', () => {
  test('gives what flags have when nothing is typed', () => {
    const { options, positionals } = parse();
    expect(positionals).toEqual([]);
    expect([LOUD, NAME, TAGS, COLOUR, COUNT, SIZE].map((flag) => options.get<unknown>(flag))).toEqual([
      false,
      undefined,
      [],
      'red',
      undefined,
      undefined,
    ]);
    expect(options.has(LOUD)).toBe(false);
  });

  test.each([
    [['--loud'], LOUD, true],
    [['-l'], LOUD, true],
    [['--name', 'x'], NAME, 'x'],
    [['--name=x'], NAME, 'x'],
    [['-n', 'x'], NAME, 'x'],
    [['--name', 'x', '--name', 'y'], NAME, 'y'],
    [['--name', '1e3'], NAME, '1e3'],
    [['--name=-'], NAME, '-'],
    [['--tag', 'a,b', '--tag', 'c'], TAGS, ['a', 'b', 'c']],
    [['--colour', 'blue'], COLOUR, 'blue'],
    [['--count', '7'], COUNT, 7],
    [['--size', '20M'], SIZE, 20 * 1024 * 1024],
    [['--size', '3'], SIZE, 3],
    [['--size', '2KiB'], SIZE, 2048],
    [['--size', '1gb'], SIZE, 1024 ** 3],
  ])('%j', (args, flag, value) => {
    expect(parse(...args).options.get<unknown>(flag)).toEqual(value);
  });

  test.each([
    [
      ['1e3', '-'],
      ['1e3', '-'],
    ],
    [
      ['--', '--loud', '-x'],
      ['--loud', '-x'],
    ],
    [
      ['a', '--name', 'n', 'b'],
      ['a', 'b'],
    ],
    [
      ['a', '--tag', 't', 'b'],
      ['a', 'b'],
    ],
  ])('%j has the arguments %j', (args, positionals) => {
    expect(parse(...args).positionals).toEqual(positionals);
  });

  test.each([
    [['--nope'], 'no option --nope'],
    [['-z'], 'no option -z'],
    [['--no-loud'], 'no option --no-loud'],
    [['--name.x', '1'], 'no option --name.x'],
    [['--name'], 'needs a value'],
    [['--name', '--loud'], 'needs a value'],
    [['-n'], 'needs a value'],
    [['--name='], 'needs a value'],
    [['--colour', 'green'], 'red, blue'],
    [['--count', '0'], '1 to 9'],
    [['--count', '10'], '1 to 9'],
    [['--count', '1.5'], '1 to 9'],
    [['--size', '0'], '500k'],
    [['--size', 'big'], '500k'],
    [['a', 'b', 'c'], 'does not take "c"'],
  ])('refuses %j', (args, said) => {
    const error = refusal(args);
    expect(error).toMatchObject({ code: 'USAGE_ARGUMENTS' });
    expect(`${error.message} ${error.mend}`).toContain(said);
  });

  test('suggests the option that was meant', () => {
    expect(() => parse('--colur', 'red')).toThrow(expect.objectContaining({ mend: 'Did you mean --colour?' }));
  });
});
