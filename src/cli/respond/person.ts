import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

import { plainWord } from '../../http/redact.ts';
import type { Person } from '../../respond/services.ts';
import type { Streams } from '../streams.ts';

/** Lines of our own with words of others in them: line by line, no control characters. */
function safe(text: string): string {
  return text
    .split('\n')
    .map((line) => `${/^ */.exec(line)?.[0] ?? ''}${plainWord(line, 1000)}`)
    .join('\n');
}

async function ask(streams: Streams, question: string, hidden: boolean): Promise<string> {
  streams.err.write(safe(question));
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = hidden ? nowhere : process.stderr;
  const lines = createInterface({ input: streams.stdin, output, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    if (hidden) streams.err.write('\n');
  }
}

/** The person at this terminal; nobody where standard input is none, or where `--yes` asks for no question. */
export function personAt(streams: Streams, mute: boolean): Person {
  const present = !mute && 'isTTY' in streams.stdin && streams.stdin.isTTY === true && streams.err.isTerminal;
  return {
    present,
    tell(text) {
      streams.err.write(safe(text));
    },
    async confirm(question) {
      if (!present) return false;
      const answer = await ask(streams, `${question} [y/N] `, false);
      return /^y(?:es)?$/i.test(answer.trim());
    },
    async type(question) {
      return present ? (await ask(streams, question, false)).trim() : null;
    },
  };
}
