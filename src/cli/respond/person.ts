import { plainWord } from '../../http/redact.ts';
import type { Person } from '../../respond/services.ts';
import type { Streams } from '../streams.ts';
import { type Terminal, terminalOf } from './terminal.ts';

/** Lines of our own with words of others in them: line by line, no control characters. */
function safe(text: string): string {
  return text
    .split('\n')
    .map((line) => `${/^ */.exec(line)?.[0] ?? ''}${plainWord(line, 1000)}`)
    .join('\n');
}

/** The terminal to ask at: none where `--yes` asks for no question, or where questions would not be seen. */
export function askable(streams: Streams, mute: boolean): Terminal | null {
  return !mute && streams.err.isTerminal ? terminalOf() : null;
}

/** The person at this terminal; nobody without one. */
export function personAt(streams: Streams, terminal: Terminal | null): Person {
  return {
    present: terminal !== null,
    tell(text) {
      streams.err.write(safe(text));
    },
    async confirm(question) {
      const answer = await terminal?.line(`${question} [y/N]`);
      return /^y(?:es)?$/i.test(answer?.trim() ?? '');
    },
    async type(question) {
      return (await terminal?.line(question))?.trim() ?? null;
    },
  };
}
