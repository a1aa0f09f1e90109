/** The person's own terminal, whatever standard input and output are joined to. */
import { closeSync, openSync } from 'node:fs';
import { ReadStream, WriteStream, isatty } from 'node:tty';

import { Secret } from '../../core/secret.ts';
import { plainWord } from '../../http/redact.ts';

const ENTER = ['\r', '\n'];
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ERASE = ['\u007f', '\b'];
/** No credential is longer; a pasted file is none. */
const LONGEST = 16_384;

export interface Terminal {
  /** A line as typed, without its end; null at the end of input. */
  line(question: string): Promise<string | null>;
  /** The same, without showing what is typed; null for nothing. */
  secret(question: string): Promise<Secret | null>;
}

/** Where typing is read: the controlling terminal, or on systems without such a file the input itself. */
function openInput(): number | null {
  try {
    return openSync('/dev/tty', 'r+');
  } catch {
    return isatty(0) ? 0 : null;
  }
}

function safe(question: string): string {
  return question
    .split('\n')
    .map((line) => `${/^ */.exec(line)?.[0] ?? ''}${plainWord(line, 1000)}`)
    .join('\n');
}

interface Typing {
  text: string;
  ended: 'enter' | 'end' | 'interrupt' | null;
}

function type(typing: Typing, char: string): void {
  if (ENTER.includes(char)) typing.ended = 'enter';
  else if (char === CTRL_C) typing.ended = 'interrupt';
  else if (char === CTRL_D && typing.text === '') typing.ended = 'end';
  else if (ERASE.includes(char)) typing.text = [...typing.text].slice(0, -1).join('');
  else if (char >= ' ' && typing.text.length < LONGEST) typing.text += char;
}

/** Reads keys one by one in raw mode, where nothing is echoed but what `show` writes. */
function read(handle: number, question: string, shown: boolean): Promise<Typing> {
  const input = handle === 0 ? process.stdin : new ReadStream(handle);
  const output = new WriteStream(handle === 0 ? 2 : handle);
  return new Promise((resolve) => {
    const typing: Typing = { text: '', ended: null };
    input.setRawMode(true);
    output.write(`${safe(question)} `);
    const finish = (): void => {
      input.setRawMode(false);
      output.write('\n');
      input.removeAllListeners('data');
      if (handle === 0) input.pause();
      else input.destroy();
      resolve(typing);
    };
    input.on('data', (chunk: Buffer) => {
      for (const char of chunk.toString('utf8')) {
        const before = typing.text;
        type(typing, char);
        if (shown && typing.text.length > before.length) output.write(char);
        if (shown && typing.text.length < before.length) output.write('\b \b');
        if (typing.ended !== null) return finish();
      }
    });
    input.on('error', () => {
      typing.ended = 'end';
      resolve(typing);
    });
  });
}

async function ask(question: string, shown: boolean): Promise<string | null> {
  const handle = openInput();
  if (handle === null) return null;
  const { text, ended } = await read(handle, question, shown);
  if (ended === 'interrupt') process.kill(process.pid, 'SIGINT');
  return ended === 'enter' ? text : null;
}

/** The terminal of this process; null where nobody can be asked. */
export function terminalOf(): Terminal | null {
  const handle = openInput();
  if (handle === null) return null;
  if (handle !== 0) closeSync(handle);
  return {
    line: (question) => ask(question, true),
    async secret(question) {
      const text = (await ask(question, false))?.trim() ?? '';
      return text === '' ? null : new Secret(text);
    },
  };
}
