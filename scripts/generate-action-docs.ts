/** Writes the tables of docs/ACTION.md from action.yml. */
import { readFileSync, writeFileSync } from 'node:fs';

import { parse } from 'yaml';

interface Described {
  readonly description: string;
  readonly default?: string;
}

interface ActionFile {
  readonly inputs: Readonly<Record<string, Described>>;
  readonly outputs: Readonly<Record<string, Described>>;
}

const page = new URL('../docs/ACTION.md', import.meta.url);
const action = parse(readFileSync(new URL('../action.yml', import.meta.url), 'utf8')) as ActionFile;

const tables = {
  inputs: [
    '| input | default | |',
    '| --- | --- | --- |',
    ...Object.entries(action.inputs).map(
      ([name, { description, default: value = '' }]) =>
        `| \`${name}\` | ${value === '' ? '' : `\`${value}\``} | ${cell(description)} |`,
    ),
  ],
  outputs: [
    '| output | |',
    '| --- | --- |',
    ...Object.entries(action.outputs).map(([name, { description }]) => `| \`${name}\` | ${cell(description)} |`),
  ],
};

let text = readFileSync(page, 'utf8');
for (const [name, lines] of Object.entries(tables)) {
  const begin = `<!-- ${name} of action.yml -->`;
  const end = `<!-- end of ${name} -->`;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/ACTION.md has no place for the ${name}`);
  text = `${text.slice(0, from)}${begin}\n\n${lines.join('\n')}\n\n${text.slice(to)}`;
}
writeFileSync(page, text);

function cell(description: string): string {
  return description.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}
