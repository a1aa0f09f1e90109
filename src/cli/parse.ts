import yargs from 'yargs-parser';

import { UsageError } from '../errors/usage.ts';
import type { Command } from './commands/command.ts';
import type { Flag } from './flags/flag.ts';
import { Options } from './options.ts';
import { closest } from './suggest.ts';

export interface Parsed {
  readonly positionals: readonly string[];
  readonly options: Options;
}

/**
 * Reads a command's arguments (without the command's own words).
 *
 * @throws UsageError `USAGE_ARGUMENTS` for an unknown option, a missing value, too few or too many arguments
 */
export function parseArguments(command: Command, args: readonly string[]): Parsed {
  const typed = parseWithYargs(command.flags, args);
  const known = new Set(command.flags.flatMap((flag) => [flag.name, flag.short ?? flag.name]));
  const given = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(typed)) {
    if (name === '_' || name === '--' || name === '$0') continue;
    if (!known.has(name)) throw unknownOption(command, name);
    if (value !== undefined && value !== false) given.set(name, [value].flat().map(String));
  }
  for (const flag of command.flags) checkGiven(flag, given.get(flag.name));
  const positionals = [...listOf(typed['_']), ...listOf(typed['--'])];
  checkPositionals(command, positionals);
  return { positionals, options: new Options(given) };
}

/** By the parser of yargs alone: the rest of it, which writes help of its own, takes longer to load than the parser to run. */
function parseWithYargs(flags: readonly Flag[], args: readonly string[]): Record<string, unknown> {
  const [switches, valued] = [flags.filter(({ value }) => value === undefined), flags.filter(({ value }) => value)];
  const { argv, error } = yargs.detailed([...args], {
    boolean: switches.map(({ name }) => name),
    array: valued.map(({ name }) => ({ key: name, string: true })),
    narg: Object.fromEntries(valued.map(({ name }) => [name, 1])),
    alias: Object.fromEntries(flags.flatMap(({ name, short }) => (short === undefined ? [] : [[name, [short]]]))),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
    },
  });
  if (error !== null) throw new UsageError('USAGE_ARGUMENTS', inOurWords(error.message, flags));
  return argv;
}

function inOurWords(message: string, flags: readonly Flag[]): string {
  const name = /^Not enough arguments following: (\S+)$/.exec(message)?.[1];
  const flag = flags.find((one) => one.name === name || one.short === name);
  return flag === undefined ? message : needsValue(flag);
}

function needsValue({ name, value }: Flag): string {
  return `--${name} needs a value: --${name} ${value ?? ''}`;
}

/** A value that begins with dashes is a forgotten value: `--output --quiet`. */
function checkGiven(flag: Flag, values: readonly string[] | undefined): void {
  if (flag.value !== undefined && values?.some((value) => value === '' || value.startsWith('--')))
    throw new UsageError('USAGE_ARGUMENTS', needsValue(flag));
  flag.read(values);
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function unknownOption(command: Command, name: string): UsageError {
  const typed = name.length === 1 ? `-${name}` : `--${name}`;
  const near = closest(
    name,
    command.flags.map((flag) => flag.name),
  );
  return new UsageError(
    'USAGE_ARGUMENTS',
    `unleak ${command.name} has no option ${typed}`,
    near === undefined ? {} : { mend: `Did you mean --${near}?` },
  );
}

function checkPositionals(command: Command, positionals: readonly string[]): void {
  const usage = `unleak ${command.name} ${command.takes}`.trim();
  if (positionals.length < command.least)
    throw new UsageError('USAGE_ARGUMENTS', `unleak ${command.name} needs an argument`, { mend: `Usage: ${usage}` });
  const extra = positionals[command.most];
  if (extra !== undefined)
    throw new UsageError('USAGE_ARGUMENTS', `unleak ${command.name} does not take ${JSON.stringify(extra)}`, {
      mend: `Usage: ${usage}`,
    });
}
