/** Where the value of a replacement goes: it is shown once by its provider, and never by us. */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

import { Secret } from '../core/secret.ts';
import { RespondError } from '../errors/respond.ts';
import type { ChildAnswer } from './child.ts';
import { parseJson } from '../http/body.ts';
import { valueAt } from '../providers/path.ts';
import type { Destination, HandOver, HandOverAbout, KeyParts } from './services.ts';

/** One JSON object: what it is, and its parts by name. */
function document(parts: KeyParts, about: HandOverAbout): Secret {
  const values = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, value.reveal()]));
  return new Secret(`${JSON.stringify({ ...about, ...values })}\n`);
}

function refused(name: string, cause: unknown): RespondError {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
  return new RespondError('HANDOVER_FAILED', `Could not hand the new key over to ${name}${code}`);
}

/** @throws RespondError `HANDOVER_FAILED` where no new file can be made */
function requireNewFile(name: string, file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }))
    throw new RespondError('HANDOVER_FAILED', `${name} is there already, and is not overwritten`);
  try {
    accessSync(path.dirname(path.resolve(file)), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw refused(name, error);
  }
}

const LARGEST = 64 * 1024;

/** The parts that a document of ours holds; null if the file is not there, or is another one. */
function partsIn(file: string): KeyParts | null {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return null;
  }
  try {
    if (fstatSync(handle).size > LARGEST) return null;
    const value = parseJson(readFileSync(handle, 'utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const names = Object.keys(value).filter((name) => !['provider', 'label', 'id'].includes(name));
    return Object.fromEntries(
      names.flatMap((name) => {
        const text = valueAt(value, name);
        return typeof text === 'string' ? [[name, new Secret(text)] as const] : [];
      }),
    );
  } finally {
    closeSync(handle);
  }
}

/** A place that takes a value once. */
function onceAt(name: string, target: string, handOver: HandOver): Destination {
  return { kind: 'once', name, target, handOver };
}

/** A new file that only this user can read. An existing one is not overwritten. */
export function fileHandOver(file: string): Destination {
  const name = `file ${file}`;
  return onceAt(name, `file:${file}`, {
    check: async () => requireNewFile(name, file),
    readBack: async () => partsIn(file),
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
  });
}

/** Standard output, for a pipe into a secret store's own tool; never a terminal, which would show the key. */
export function pipeHandOver(write: (text: string) => void, isTerminal: boolean): Destination {
  const refuse = (): void => {
    if (isTerminal)
      throw new RespondError('HANDOVER_FAILED', 'Standard output is a terminal now, which would show the key');
  };
  return onceAt('standard output', 'stdout', {
    check: async () => refuse(),
    async deliver(parts, about) {
      refuse();
      write(document(parts, about).reveal());
    },
  });
}

/** A command that reads the JSON object on standard input, such as a secret store's client. */
export function commandHandOver(
  name: string,
  target: string,
  command: readonly string[],
  child: (command: readonly string[], input: Secret | null) => Promise<ChildAnswer>,
): Destination {
  return onceAt(name, target, {
    async deliver(parts, about) {
      const answer = await child(command, document(parts, about));
      if (answer.code !== 0) throw refused(name, null);
    },
  });
}
