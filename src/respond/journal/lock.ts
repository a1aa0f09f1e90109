import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
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

function create(file: string): boolean {
  try {
    const handle = openSync(file, 'wx', 0o600);
    const { pid } = process;
    writeSync(handle, JSON.stringify({ pid, host: hostname(), started: bootedProcess(pid) }));
    fsyncSync(handle);
    closeSync(handle);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Takes the lock of an incident. A lock that a killed run left behind is
 * replaced; one of a living process, or of another machine, is respected.
 *
 * @returns gives it back
 * @throws RespondError `INCIDENT_LOCKED`
 */
export function takeLock(file: string): () => void {
  if (!create(file)) {
    const text = readFileSync(file, 'utf8');
    if (!isAbandoned(text)) {
      const lock = parseJson(text);
      const who = `process ${textAt(lock, 'pid') ?? '?'} on ${textAt(lock, 'host') ?? '?'}`;
      throw new RespondError('INCIDENT_LOCKED', `Another run holds this incident (${who})`, { facts: { file } });
    }
    rmSync(file, { force: true });
    if (!create(file)) throw new RespondError('INCIDENT_LOCKED', 'Another run has just taken this incident');
  }
  return () => {
    rmSync(file, { force: true });
  };
}
