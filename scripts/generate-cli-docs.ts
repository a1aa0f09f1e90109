/** Writes docs/CLI.md from the tables of commands and flags. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Command } from '../src/cli/commands/command.ts';
import { COMMANDS } from '../src/cli/commands/table.ts';
import { byGroup, EXIT_ROWS, flagSpelling, flagText, sentence } from '../src/cli/help.ts';

const file = fileURLToPath(new URL('../docs/CLI.md', import.meta.url));
mkdirSync(fileURLToPath(new URL('../docs', import.meta.url)), { recursive: true });
writeFileSync(file, page());

function page(): string {
  const list = COMMANDS.map(({ name, summary }) => `- [\`unleak ${name}\`](#${anchor(name)}): ${summary}`);
  return [
    '# Command line',
    '',
    'Written by `npm run generate` from `src/cli/commands/table.ts` and `src/cli/flags/`; `unleak <command> --help` says the same.',
    '',
    'Findings go to standard output, everything else to standard error.',
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...EXIT_ROWS.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    'What the codes in brackets mean, such as `error[NO_SUCH_PATH]`, is in [ERRORS.md](ERRORS.md).',
    '',
    '## Commands',
    '',
    ...list,
    ...COMMANDS.flatMap(section),
    '',
  ].join('\n');
}

function anchor(name: string): string {
  return `unleak-${name.replaceAll(' ', '-')}`;
}

function section({ name, takes, summary, details, flags, examples }: Command): string[] {
  const usage = `unleak ${name} ${takes}`.trim();
  const lines = ['', `### \`unleak ${name}\``, '', sentence(summary)];
  if (details !== '') lines.push('', details);
  lines.push('', '```console', `$ ${usage}${flags.length > 0 ? ' [options]' : ''}`, '```');
  if (flags.length > 0) lines.push('', '| option | |', '| --- | --- |');
  for (const [, group] of byGroup(flags)) {
    for (const flag of group) lines.push(`| \`${flagSpelling(flag)}\` | ${flagText(flag).replaceAll('|', '\\|')} |`);
  }
  if (examples.length > 0) {
    const width = Math.max(...examples.map(([command]) => command.length));
    const shown = examples.map(([command, what]) => (what === '' ? command : `${command.padEnd(width)}  # ${what}`));
    lines.push('', '```sh', ...shown, '```');
  }
  return lines;
}
