/** Reads the event that started the run. Titles and names in it are anybody's; ids and refs are checked before use. */
import { readFileSync } from 'node:fs';

import { ActionError } from '../errors/action.ts';
import { type Environment, required } from './runner.ts';

/** The event's JSON, read by path; a missing or ill-shaped field is an error. */
export interface Payload {
  /** @returns undefined if it is not there */
  at(...path: readonly string[]): unknown;
  text(...path: readonly string[]): string | null;
  count(...path: readonly string[]): number | null;
  /** A commit's full id. All zeros, which say that there is none, are null. @throws ActionError `ACTION_PAYLOAD` */
  id(...path: readonly string[]): string | null;
  /** A branch's name. @throws ActionError `ACTION_PAYLOAD` */
  branch(...path: readonly string[]): string;
}

const MAX_BYTES = 32 * 1024 * 1024;
const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** @throws ActionError `ACTION_ENVIRONMENT`, `ACTION_PAYLOAD` */
export function readPayload(environment: Environment): Payload {
  const file = required(environment, 'GITHUB_EVENT_PATH');
  let event: unknown;
  try {
    const bytes = readFileSync(file);
    if (bytes.length > MAX_BYTES) throw new Error('too large');
    event = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ActionError('ACTION_PAYLOAD', 'The event file cannot be read', { cause });
  }
  return payloadOf(event);
}

export function payloadOf(event: unknown): Payload {
  const at = (...path: readonly string[]): unknown => path.reduce<unknown>(field, event);
  const text = (...path: readonly string[]): string | null => {
    const value = at(...path);
    return typeof value === 'string' ? value : null;
  };
  return {
    at,
    text,
    count(...path) {
      const value = at(...path);
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
    },
    id(...path) {
      const value = text(...path);
      if (value === null || !OBJECT_ID.test(value)) throw wrong(path, 'is no commit id');
      return /^0+$/.test(value) ? null : value;
    },
    branch(...path) {
      const value = text(...path);
      if (value === null || !isBranch(value)) throw wrong(path, 'is no branch name');
      return value;
    },
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** What git takes as a branch, so that none is read as an option or a pattern of a refspec. @see git-check-ref-format(1) */
export function isBranch(name: string): boolean {
  if (name === '' || name.length > 1024 || name === '@' || /^[-/]|[/.]$|\/\/|\.\.|@\{/.test(name)) return false;
  if (/[\p{Cc} ~^:?*[\\]/u.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

function wrong(path: readonly string[], what: string): ActionError {
  return new ActionError('ACTION_PAYLOAD', `${path.join('.')} of the event ${what}`);
}
