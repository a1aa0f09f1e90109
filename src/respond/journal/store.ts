import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';

import { RespondError } from '../../errors/respond.ts';
import { readChain } from './chain.ts';
import type { Recorded } from './entry.ts';
import { type Journal, openJournal } from './journal.ts';
import { takeLock } from './lock.ts';

const JOURNAL = 'journal.jsonl';
const ID = /^\d{8}-[0-9a-f]{8}$/;

export interface Incident {
  readonly id: string;
  /** Folder of the incident: journal, drafts, evidence. */
  readonly folder: string;
  readonly journal: Journal;
  /** Gives lock and file back. */
  close(): void;
}

/** `$XDG_STATE_HOME/unleak/incidents`, or the folder that stands in for it. */
export function incidentsFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const state = environment['XDG_STATE_HOME'];
  const base = state !== undefined && path.isAbsolute(state) ? state : path.join(homedir(), '.local', 'state');
  return path.join(base, 'unleak', 'incidents');
}

/** Makes a folder for this user alone, and refuses one that is anything else. */
function privateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  const unsafe = !lstatSync(folder).isDirectory() || (mode & 0o077) !== 0;
  if (unsafe || (process.getuid !== undefined && uid !== process.getuid()))
    throw new RespondError('INCIDENT_STATE_UNSAFE', `${folder} is not a folder of yours alone`, { facts: { folder } });
}

/** A file's name is only on the disk when its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function open(id: string, folder: string, now: () => Date): Incident {
  const lock = takeLock(path.join(folder, 'lock'));
  try {
    const journal = openJournal(path.join(folder, JOURNAL), now, () => {
      lock.check();
    });
    syncFolder(folder);
    const close = (): void => {
      journal.close();
      lock.release();
    };
    return { id, folder, journal, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A new incident, with a name that sorts by day. */
export function createIncident(root: string, now: () => Date): Incident {
  privateFolder(root);
  const id = `${now().toISOString().slice(0, 10).replaceAll('-', '')}-${randomBytes(4).toString('hex')}`;
  const folder = path.join(root, id);
  mkdirSync(folder, { mode: 0o700 });
  syncFolder(root);
  return open(id, folder, now);
}

export interface Resuming {
  readonly now: () => Date;
  readonly user: string;
  readonly uid: number;
  readonly takeOver: boolean;
}

/** Whoever last took the incident, else whoever opened it. */
export function ownerOf(entries: readonly Recorded[]): { user: string; uid: number } | null {
  const opened = entries.find((entry) => entry.type === 'opened');
  if (!opened) return null;
  const taken = entries.findLast((entry) => entry.type === 'taken-over');
  return { user: taken?.by ?? opened.user, uid: taken ? -1 : opened.uid };
}

/**
 * Opens an incident again. Another user's needs `takeOver`, which is recorded.
 *
 * @throws RespondError `INCIDENT_UNKNOWN`, `INCIDENT_OTHER_USER`, `INCIDENT_LOCKED`, `JOURNAL_DAMAGED`
 */
export function resumeIncident(root: string, id: string, resuming: Resuming): Incident {
  const folder = path.join(root, id);
  const known = ID.test(id) && lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!known) throw new RespondError('INCIDENT_UNKNOWN', `No incident ${JSON.stringify(id.slice(0, 40))}`);
  const incident = open(id, folder, resuming.now);
  try {
    greet(incident, resuming);
  } catch (error) {
    incident.close();
    throw error;
  }
  return incident;
}

function greet(incident: Incident, { user, takeOver }: Resuming): void {
  const owner = ownerOf(incident.journal.entries);
  if (owner === null) throw new RespondError('JOURNAL_DAMAGED', 'The journal has no beginning');
  if (owner.user !== user) {
    if (!takeOver)
      throw new RespondError('INCIDENT_OTHER_USER', `The incident belongs to ${owner.user}`, {
        facts: { owner: owner.user },
      });
    incident.journal.append({ type: 'taken-over', from: owner.user, by: user });
  }
  incident.journal.append({ type: 'resumed', by: user });
}

/** Reads an incident without locking it: for lists and evidence. */
export function readIncident(root: string, id: string): readonly Recorded[] {
  if (!ID.test(id)) throw new RespondError('INCIDENT_UNKNOWN', `No incident ${JSON.stringify(id.slice(0, 40))}`);
  return readChain(readFileSync(path.join(root, id, JOURNAL), 'utf8')).entries;
}

/** Ids of all incidents, newest first. */
export function incidentIds(root: string): string[] {
  if (!lstatSync(root, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(root)
    .filter((name) => ID.test(name))
    .toSorted()
    .toReversed();
}

/** Name and number of the person at the keyboard. */
export function currentUser(): { user: string; uid: number } {
  const { username, uid } = userInfo();
  return { user: username, uid };
}
