import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { COMMANDS } from '../../src/cli/commands/table.ts';
import { FORMATS } from '../../src/cli/flags/output.ts';
import { commandHelp, overview } from '../../src/cli/help.ts';
import { formats } from '../../src/report/formats.ts';
import { BUILTIN_RULES } from '../../src/rules/builtin.generated.ts';
import { MESSAGING_PROVIDERS } from '../../src/rules/builtin.generated.ts';

const plain = (_: string, text: string): string => text;

test('--format takes what src/report has', () => {
  expect([...FORMATS].toSorted()).toEqual(Object.keys(formats).toSorted());
});

test('every messaging provider has rules', () => {
  const providers = new Set(BUILTIN_RULES.map(({ provider }) => provider));
  expect([...MESSAGING_PROVIDERS].filter((name) => !providers.has(name))).toEqual([]);
});

describe.each(COMMANDS.map((command) => [command.name, command] as const))('unleak %s', (name, command) => {
  test('can be loaded', async () => {
    expect(await command.load()).toBeInstanceOf(Function);
  });

  test('has options that differ, in name and letter', () => {
    const spellings = command.flags.flatMap((flag) => [flag.name, ...(flag.short === undefined ? [] : [flag.short])]);
    expect(spellings).toEqual([...new Set(spellings)]);
    expect(spellings).not.toContain('help');
  });

  test.each([40, 80, 200])('has help that fits %i columns and names every option', (columns) => {
    const help = commandHelp(command, plain, columns);
    for (const flag of command.flags) expect(help).toContain(`--${flag.name}`);
    // Names and examples are not broken; everything else is.
    const prose = help.split('\n').filter((line) => !/--|unleak /.test(line));
    expect(prose.filter((line) => line.length > columns)).toEqual([]);
  });

  test('is in the overview and in docs/CLI.md', () => {
    expect(overview(COMMANDS, plain, 80)).toContain(`  ${name}`);
    expect(readFileSync(new URL('../../docs/CLI.md', import.meta.url), 'utf8')).toContain(`### \`unleak ${name}\``);
  });
});
