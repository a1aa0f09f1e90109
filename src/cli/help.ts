import type { Command } from './commands/command.ts';
import type { Flag, FlagGroup } from './flags/flag.ts';

const GROUPS: readonly FlagGroup[] = ['What is read', 'What counts', 'Responding', 'Providers', 'Output', 'Other'];
const HELP_FLAG: Flag = {
  name: 'help',
  short: 'h',
  group: 'Other',
  summary: 'this text',
  read: () => undefined,
};

/** Paints a heading or a name; off a terminal it does nothing. */
export type Paint = (style: 'bold' | 'dim' | 'cyan', text: string) => string;

/** `unleak --help`. */
export function overview(commands: readonly Command[], paint: Paint, columns: number): string {
  return [
    `${paint('bold', 'unleak')} finds leaked keys in files, commits and whole histories.`,
    '',
    `${paint('bold', 'Usage')}: unleak <command> [options]`,
    '',
    paint('bold', 'Commands'),
    ...table(commands.map(commandRow), paint, columns),
    '',
    `Options of a command: ${paint('cyan', 'unleak <command> --help')}`,
    '',
    paint('bold', 'Exit codes'),
    ...table(EXIT_ROWS, paint, columns),
    '',
  ].join('\n');
}

/** `unleak hook --help`: the commands that begin with one word. */
export function familyHelp(word: string, commands: readonly Command[], paint: Paint, columns: number): string {
  return [
    `${paint('bold', 'Usage')}: unleak ${word} <command> [options]`,
    '',
    paint('bold', 'Commands'),
    ...table(commands.map(commandRow), paint, columns),
    '',
    `Options of a command: ${paint('cyan', `unleak ${word} <command> --help`)}`,
    '',
  ].join('\n');
}

function commandRow({ name, takes, summary }: Command): Row {
  return [`${name} ${takes}`.trim(), summary];
}

export const EXIT_ROWS: readonly Row[] = [
  ['0', 'nothing found, and everything was covered'],
  ['1', 'findings'],
  ['2', 'wrong option, path, configuration, rule set or output file'],
  ['3', 'nothing found, but something could not be covered'],
  ['4', '`respond` and `rotate`: waiting for a person'],
  ['130', 'interrupted'],
];

/** `unleak <command> --help`. */
export function commandHelp(command: Command, paint: Paint, columns: number): string {
  const usage = ['unleak', command.name, command.takes].filter((part) => part !== '').join(' ');
  const lines = [`${paint('bold', 'Usage')}: ${usage}${command.flags.length > 0 ? ' [options]' : ''}`, ''];
  lines.push(...wrap(sentence(command.summary), columns, ''));
  if (command.details !== '') lines.push('', ...wrap(command.details, columns, ''));
  for (const [group, flags] of byGroup([...command.flags, HELP_FLAG]))
    lines.push('', paint('bold', group), ...table(flags.map(flagRow), paint, columns));
  if (command.examples.length > 0)
    lines.push('', paint('bold', 'Examples'), ...table(command.examples, paint, columns, 40));
  return `${lines.join('\n')}\n`;
}

/** Flags in the order of the groups, empty groups left out. */
export function byGroup(flags: readonly Flag[]): [FlagGroup, Flag[]][] {
  return GROUPS.map((group): [FlagGroup, Flag[]] => [group, flags.filter((flag) => flag.group === group)]).filter(
    ([, members]) => members.length > 0,
  );
}

/** `-f, --format NAME` */
export function flagSpelling(flag: Flag): string {
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  return `${short}--${flag.name}${flag.value === undefined ? '' : ` ${flag.value}`}`;
}

/** The summary, and the choices where there are any. */
export function flagText(flag: Flag): string {
  return flag.choices ? `${flag.summary}: ${flag.choices.join(', ')}` : flag.summary;
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

type Row = readonly [name: string, text: string];

function flagRow(flag: Flag): Row {
  const spelling = flagSpelling(flag);
  return [flag.short === undefined ? `    ${spelling}` : spelling, flagText(flag)];
}

/** Past this width, or a third of the terminal, a name stands on a line of its own. */
const NAME_WIDTH = 26;

function table(rows: readonly Row[], paint: Paint, columns: number, widest = NAME_WIDTH): string[] {
  const width = Math.min(widest, Math.floor(columns / 2.5), Math.max(...rows.map(([name]) => name.length)));
  return rows.flatMap(([name, text]) => {
    const indent = ' '.repeat(width + 4);
    const body = wrap(text, columns, indent);
    const head = `  ${paint('cyan', name)}`;
    if (name.length > width) return [head, ...body];
    return [`${head}${' '.repeat(width - name.length + 2)}${(body[0] ?? '').trimStart()}`.trimEnd(), ...body.slice(1)];
  });
}

/** Breaks text at spaces so that no line is longer than the terminal (or 100 columns). */
function wrap(text: string, columns: number, indent: string): string[] {
  const room = Math.max(20, Math.min(columns, 100) - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(indent + line);
  return lines;
}
