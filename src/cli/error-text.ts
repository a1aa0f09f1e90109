import { isScanError } from '../errors/base.ts';
import { limitError } from '../errors/system.ts';
import { terminalText } from '../report/escape/terminal.ts';

/** An error on one line, then what to do. Anything unforeseen is `INTERNAL`. */
export function errorText(thrown: unknown): string {
  const error = limitError(thrown);
  if (!isScanError(error)) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return `unleak: error[INTERNAL]: ${terminalText(what)}\n  mend: report this with the command that you ran\n`;
  }
  const mend = error.mend === undefined ? '' : `  mend: ${terminalText(error.mend)}\n`;
  return `unleak: error[${error.code}]: ${terminalText(error.message)}\n${mend}`;
}
