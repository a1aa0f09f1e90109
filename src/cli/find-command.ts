import { UsageError } from '../errors/usage.ts';
import type { Command } from './commands/command.ts';
import { COMMANDS } from './commands/table.ts';
import { closest } from './suggest.ts';

/** @throws UsageError `USAGE_ARGUMENTS` if the first words name no command */
export function findCommand(args: readonly string[]): Command {
  const [first = '', second = ''] = args;
  const found = COMMANDS.find(({ name }) => name === first || name === `${first} ${second}`);
  if (found) return found;
  const family = familyOf(first);
  if (family.length > 0) throw notInFamily(first, second, family);
  if (first.startsWith('-'))
    throw new UsageError('USAGE_ARGUMENTS', `${JSON.stringify(first)} comes before the command`, {
      mend: 'Write the command first: unleak <command> [options].',
    });
  const near = alone(first) ?? closest(first, COMMANDS.map(firstWord));
  throw new UsageError('USAGE_ARGUMENTS', `there is no command ${JSON.stringify(first)}`, {
    mend: near === undefined ? 'unleak --help lists them.' : `Did you mean \`unleak ${near}\`?`,
  });
}

/** Commands of two words that begin with this one: `hook install`, `hook remove`, … */
export function familyOf(word: string): readonly Command[] {
  return COMMANDS.filter(({ name }) => name.startsWith(`${word} `));
}

function notInFamily(first: string, second: string, family: readonly Command[]): UsageError {
  const choices = family.map(secondWord);
  const near = second.startsWith('-') ? undefined : closest(second, choices);
  return new UsageError('USAGE_ARGUMENTS', `unleak ${first} needs one of: ${choices.join(', ')}`, {
    mend:
      near === undefined
        ? `unleak ${first} --help says what each of them does.`
        : `Did you mean \`unleak ${first} ${near}\`?`,
  });
}

/** The one command whose second word this is, if it can stand without an argument: `install` for `hook install`. */
function alone(word: string): string | undefined {
  const [only, ...others] = COMMANDS.filter((command) => secondWord(command) === word && command.least === 0);
  return others.length === 0 ? only?.name : undefined;
}

function firstWord({ name }: Command): string {
  return name.split(' ')[0] ?? name;
}

function secondWord({ name }: Command): string {
  return name.split(' ')[1] ?? '';
}
