import { described } from '../errors/described.ts';
import { terminalText } from '../report/escape/terminal.ts';

/** An error on one line, then what to do. Anything unforeseen is `INTERNAL`. */
export function errorText(error: unknown): string {
  const { code, message, mend } = described(error);
  const more = mend === '' ? '' : `  mend: ${terminalText(mend)}\n`;
  return `unleak: error[${code}]: ${terminalText(message)}\n${more}`;
}
