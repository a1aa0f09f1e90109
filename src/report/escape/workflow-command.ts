import { terminalText } from './terminal.ts';

/**
 * The message of a workflow command such as `::error::message`. Line breaks in
 * it are ours; a runner would take a raw one as the end of the command and the
 * next line as another command.
 */
export function commandMessage(text: string): string {
  return text
    .split('\n')
    .map((line) => terminalText(line))
    .join('\n')
    .replaceAll('%', '%25')
    .replaceAll('\n', '%0A');
}

/** The value of a workflow command's property such as `file=…`. */
export function commandProperty(text: string): string {
  return terminalText(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/**
 * Lines for people, in which a workflow runner that keeps the log finds no
 * command: it takes `::` for one at the start of a line, behind any blanks, and
 * the older `##[` wherever it stands.
 */
export function withoutCommands(text: string): string {
  return text.replaceAll(/^(?=\s*::)/gm, '\\').replaceAll('##[', '##\\[');
}
