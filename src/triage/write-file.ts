import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

import { TriageError } from '../errors/triage.ts';

/** Pieces are gathered to about this many characters before each write. */
const BATCH = 64 * 1024;

/**
 * Writes a file whole or not at all: a temporary file beside it, created
 * exclusively, then a rename. A symbolic link is refused, not followed.
 *
 * @param mode - 0o600 for reports, which name findings; 0o644 for files that are committed
 * @throws TriageError `TRIAGE_WRITE_REFUSED`
 */
export function writeFileSafely(file: string, pieces: Iterable<string>, mode: 0o600 | 0o644): void {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    refuseOddTarget(file);
    writePieces(temporary, pieces, mode);
    renameOrRemove(temporary, file);
  } catch (error) {
    if (error instanceof TriageError) throw error;
    throw new TriageError('TRIAGE_WRITE_REFUSED', `cannot write ${file}`, {
      mend: 'See that its folder exists, that you may write to it, and that the disk has room.',
      facts: { file },
      cause: error,
    });
  }
}

function renameOrRemove(temporary: string, file: string): void {
  try {
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function refuseOddTarget(file: string): void {
  const present = lstatSync(file, { throwIfNoEntry: false });
  if (present === undefined || present.isFile()) return;
  const what = present.isSymbolicLink() ? 'a symbolic link' : 'not a plain file';
  throw new TriageError('TRIAGE_WRITE_REFUSED', `${file} is ${what}`, { facts: { file } });
}

function writePieces(file: string, pieces: Iterable<string>, mode: number): void {
  const handle = openSync(file, 'wx', mode);
  try {
    // The umask may have taken bits away from a file that others are to read.
    fchmodSync(handle, mode);
    let batch = '';
    for (const piece of pieces) {
      batch += piece;
      if (batch.length < BATCH) continue;
      writeAll(handle, batch);
      batch = '';
    }
    writeAll(handle, batch);
    fsyncSync(handle);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

function writeAll(handle: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
}
