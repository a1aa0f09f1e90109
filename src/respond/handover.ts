/** Where the value of a replacement goes: it is shown once by its provider, and never by us. */
import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';

import { Secret } from '../core/secret.ts';
import { RespondError } from '../errors/respond.ts';
import type { ChildAnswer } from './child.ts';
import type { HandOver, HandOverAbout } from './services.ts';

/** One JSON object: what it is, and its parts by name. */
function document(parts: Readonly<Record<string, Secret>>, about: HandOverAbout): Secret {
  const values = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, value.reveal()]));
  return new Secret(`${JSON.stringify({ ...about, ...values })}\n`);
}

function refused(name: string, cause: unknown): RespondError {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
  return new RespondError('HANDOVER_FAILED', `Could not hand the new key over to ${name}${code}`);
}

/** A new file that only this user can read. An existing one is not overwritten. */
export function fileHandOver(file: string): HandOver {
  const name = `file ${file}`;
  return {
    name,
    async deliver(parts, about) {
      try {
        const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
        const handle = openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
        writeSync(handle, document(parts, about).reveal());
        fsyncSync(handle);
        closeSync(handle);
      } catch (error) {
        throw refused(name, error);
      }
    },
  };
}

/** Standard output, for a pipe into a secret store's own tool. */
export function pipeHandOver(write: (text: string) => void): HandOver {
  return {
    name: 'standard output',
    async deliver(parts, about) {
      write(document(parts, about).reveal());
    },
  };
}

/** A command that reads the JSON object on standard input, such as a secret store's client. */
export function commandHandOver(
  name: string,
  command: readonly string[],
  child: (command: readonly string[], input: Secret | null) => Promise<ChildAnswer>,
): HandOver {
  return {
    name,
    async deliver(parts, about) {
      const answer = await child(command, document(parts, about));
      if (answer.code !== 0) throw refused(name, null);
    },
  };
}
