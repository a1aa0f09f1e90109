import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';

import { RespondError } from '../../errors/respond.ts';
import { parseJson } from '../../http/body.ts';
import { textAt } from '../../providers/path.ts';

function bootedProcess(pid: number): string | null {
  try {
    // Field 22 is the start time in clock ticks since boot: a process id that was given out again differs.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** True if the process that wrote the lock is certainly gone: same machine, and no such process or another one. */
function isAbandoned(text: string): boolean {
  const lock = parseJson(text);
  if (textAt(lock, 'host') !== hostname()) return false;
  const pid = Number(textAt(lock, 'pid'));
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (!isRunning(pid)) return true;
  const started = textAt(lock, 'started');
  const now = bootedProcess(pid);
  return started !== null && now !== null && started !== now;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** A lock of this process, different from every other one. */
function ownText(): string {
  const { pid } = process;
  return JSON.stringify({ pid, host: hostname(), started: bootedProcess(pid), token: randomBytes(8).toString('hex') });
}

/** The lock appears whole or not at all: nobody can find one that tells nothing of its holder. */
function create(file: string, text: string): boolean {
  const temporary = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** What the lock says; null without one. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Who is meant by a lock, and what a person can do about one that does not tell. */
function locked(file: string, text: string): RespondError {
  const lock = parseJson(text);
  const [pid, host] = [textAt(lock, 'pid'), textAt(lock, 'host')];
  if (pid === null || host === null)
    return new RespondError('INCIDENT_LOCKED', 'The lock of this incident does not tell whose it is', {
      facts: { file },
      mend: `If no run of it lives any more, delete ${file} and repeat.`,
    });
  return new RespondError('INCIDENT_LOCKED', `Another run holds this incident (process ${pid} on ${host})`, {
    facts: { file },
  });
}

/**
 * Takes an abandoned lock away. Only one of several runs that found it can move
 * it; what another one has put there meanwhile goes back where it was.
 */
function clear(file: string, abandoned: string): void {
  const aside = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    if (textOf(aside) !== abandoned) linkSync(aside, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

export interface Lock {
  /** @throws RespondError `INCIDENT_LOCKED` if somebody has taken the incident over */
  check(): void;
  /** Gives it back, if it is still ours. */
  release(): void;
}

/**
 * Takes the lock of an incident. A lock that a killed run left behind is
 * replaced; one of a living process, or of another machine, is respected.
 *
 * @throws RespondError `INCIDENT_LOCKED`
 */
export function takeLock(file: string): Lock {
  const own = ownText();
  if (!create(file, own)) {
    const text = textOf(file);
    if (text !== null) {
      if (!isAbandoned(text)) throw locked(file, text);
      clear(file, text);
    }
    if (!create(file, own)) throw new RespondError('INCIDENT_LOCKED', 'Another run has just taken this incident');
  }
  return {
    check() {
      if (textOf(file) !== own) throw new RespondError('INCIDENT_LOCKED', 'Another run has taken this incident over');
    },
    release() {
      if (textOf(file) === own) rmSync(file, { force: true });
    },
  };
}
