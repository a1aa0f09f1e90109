import { closeSync, fsyncSync, ftruncateSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { constants } from 'node:fs';

import { RespondError } from '../../errors/respond.ts';
import { link, readChain } from './chain.ts';
import type { Entry, Recorded } from './entry.ts';

/** An incident's record. What `append` returned from is on the disk. */
export interface Journal {
  readonly entries: readonly Recorded[];
  append(entry: Entry): Recorded;
  close(): void;
}

function writeAll(handle: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
}

function openFile(file: string): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_APPEND } = constants;
  const handle = openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_APPEND, 0o600);
  const { mode, uid } = fstatSync(handle);
  // Another user's incident may be taken over where the folder lets us in; a file open to others is not evidence.
  if ((mode & 0o022) !== 0)
    throw new RespondError('INCIDENT_STATE_UNSAFE', `${file} is writable by others`, { facts: { file, uid } });
  return handle;
}

/**
 * Opens the journal of an incident, checking all of it first.
 *
 * @param beforeAppend - throws where this run may not write to it any more
 * @throws RespondError `JOURNAL_DAMAGED`, `JOURNAL_WRITE`, `INCIDENT_STATE_UNSAFE`
 */
export function openJournal(file: string, now: () => Date, beforeAppend: () => void): Journal {
  const handle = openFile(file);
  const { entries: past, length } = readChain(readFileSync(file, 'utf8'));
  ftruncateSync(handle, length);
  const entries: Recorded[] = [...past];
  return {
    entries,
    append(entry) {
      beforeAppend();
      const recorded = link(entry, entries.at(-1) ?? null, now());
      try {
        writeAll(handle, `${JSON.stringify(recorded)}\n`);
        fsyncSync(handle);
      } catch (error) {
        throw new RespondError('JOURNAL_WRITE', `The journal cannot be written`, { facts: { file }, cause: error });
      }
      entries.push(recorded);
      return recorded;
    },
    close() {
      closeSync(handle);
    },
  };
}
