import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Entry } from '../../../src/respond/journal/entry.ts';
import {
  createIncident,
  currentUser,
  incidentIds,
  incidentsFolder,
  readIncident,
  resumeIncident,
} from '../../../src/respond/journal/store.ts';

let root = '';
const now = () => new Date('2026-11-21T10:00:00Z');
beforeEach(() => {
  root = path.join(mkdtempSync(path.join(tmpdir(), 'unleak-journal-')), 'incidents');
});
afterEach(() => {
  rmSync(path.dirname(root), { recursive: true, force: true });
});

const { user, uid } = currentUser();
const opened: Entry = { type: 'opened', version: '0', user, uid, repository: null, mode: 'respond', keys: [] };
const step: Entry = {
  type: 'step',
  key: 'k',
  step: 'revoke',
  status: 'waiting',
  code: null,
  reason: 'r',
  facts: {},
};
const resuming = { now, user, uid, takeOver: false };

function opening(...entries: Entry[]): { id: string; file: string } {
  const incident = createIncident(root, now);
  for (const entry of [opened, ...entries]) incident.journal.append(entry);
  incident.close();
  return { id: incident.id, file: path.join(incident.folder, 'journal.jsonl') };
}

describe('the journal', () => {
  test('is for its user alone, and is read back as written', () => {
    const { id, file } = opening(step);
    expect(statSync(root).mode & 0o777).toBe(0o700);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readIncident(root, id).map(({ type, seq }) => [type, seq])).toEqual([
      ['opened', 1],
      ['step', 2],
    ]);
    expect(incidentIds(root)).toEqual([id]);
  });

  test.each([
    ['a changed word', (text: string) => text.replace('"waiting"', '"done"'), 'was changed'],
    ['a line taken out', (text: string) => text.split('\n').slice(1).join('\n'), 'does not follow'],
    ['lines exchanged', (text: string) => text.trimEnd().split('\n').toReversed().join('\n') + '\n', 'does not follow'],
    ['a line that is no JSON', (text: string) => `${text}{}\n`, 'is no entry'],
    ['an end cut off and glued', (text: string) => `${text.slice(0, -10)}\n`, 'is no entry'],
  ])('notices %s', (_, damage, why) => {
    const { id, file } = opening(step);
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    expect(() => readIncident(root, id)).toThrow(expect.objectContaining({ code: 'JOURNAL_DAMAGED' }));
    expect(() => readIncident(root, id)).toThrow(why);
    expect(() => resumeIncident(root, id, resuming)).toThrow(expect.objectContaining({ code: 'JOURNAL_DAMAGED' }));
  });

  test('drops a last line that a crash cut short, and goes on behind the one before', () => {
    const { id, file } = opening(step);
    const before = readFileSync(file, 'utf8');
    appendFileSync(file, '{"seq":3,"at":"20');
    const incident = resumeIncident(root, id, resuming);
    incident.journal.append(step);
    incident.close();
    expect(readFileSync(file, 'utf8').startsWith(before)).toBe(true);
    expect(readIncident(root, id).map(({ type }) => type)).toEqual(['opened', 'step', 'resumed', 'step']);
  });

  test('is held by one run at a time', () => {
    const incident = createIncident(root, now);
    incident.journal.append(opened);
    expect(() => resumeIncident(root, incident.id, resuming)).toThrow(
      expect.objectContaining({ code: 'INCIDENT_LOCKED' }),
    );
    incident.close();
    const again = resumeIncident(root, incident.id, resuming);
    expect(again.journal.entries).toHaveLength(2);
    again.close();
  });

  test('takes over the lock of a process that is gone, not that of another machine', () => {
    const { id, file } = opening();
    const lock = path.join(path.dirname(file), 'lock');
    const gone = spawnSync(process.execPath, ['-e', '0']).pid;
    writeFileSync(lock, JSON.stringify({ pid: gone, host: hostname(), started: null }));
    resumeIncident(root, id, resuming).close();
    writeFileSync(lock, JSON.stringify({ pid: gone, host: `not-${hostname()}`, started: null }));
    expect(() => resumeIncident(root, id, resuming)).toThrow(expect.objectContaining({ code: 'INCIDENT_LOCKED' }));
  });

  test('that another run has taken over is neither written to nor released', () => {
    const { id, file } = opening();
    const lock = path.join(path.dirname(file), 'lock');
    const incident = resumeIncident(root, id, resuming);
    const before = readFileSync(file, 'utf8');
    const theirs = JSON.stringify({ pid: process.pid, host: hostname(), started: null, token: 'another' });
    writeFileSync(lock, theirs);
    expect(() => incident.journal.append(step)).toThrow(expect.objectContaining({ code: 'INCIDENT_LOCKED' }));
    incident.close();
    expect([readFileSync(file, 'utf8'), readFileSync(lock, 'utf8')]).toEqual([before, theirs]);
  });

  test('leaves no lock behind, nor anything of one', () => {
    const { id, file } = opening();
    const lock = path.join(path.dirname(file), 'lock');
    const gone = spawnSync(process.execPath, ['-e', '0']).pid;
    writeFileSync(lock, JSON.stringify({ pid: gone, host: hostname(), started: null }));
    const incident = resumeIncident(root, id, resuming);
    expect(readdirSync(path.dirname(file)).filter((name) => name.startsWith('lock'))).toEqual(['lock']);
    incident.close();
    expect(readdirSync(path.dirname(file)).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  test.each(['', '{"pid":', '{}'])('whose lock says %j is left to a person, who is told which file', (text) => {
    const { id, file } = opening();
    const lock = path.join(path.dirname(file), 'lock');
    writeFileSync(lock, text);
    const refusal = { code: 'INCIDENT_LOCKED', mend: expect.stringContaining(`delete ${lock} `) };
    expect(() => resumeIncident(root, id, resuming)).toThrow(expect.objectContaining(refusal));
  });

  test('takes over the lock of a process id that was given out again', () => {
    const { id, file } = opening();
    const lock = path.join(path.dirname(file), 'lock');
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), started: '1' }));
    const incident = resumeIncident(root, id, resuming);
    expect(incident.id).toBe(id);
    incident.close();
  });

  test("needs --take-over for another user's incident, and records it", () => {
    const { id } = opening();
    const other = { ...resuming, user: 'somebody-else' };
    expect(() => resumeIncident(root, id, other)).toThrow(expect.objectContaining({ code: 'INCIDENT_OTHER_USER' }));
    resumeIncident(root, id, { ...other, takeOver: true }).close();
    expect(readIncident(root, id).map(({ type }) => type)).toEqual(['opened', 'taken-over', 'resumed']);
    resumeIncident(root, id, other).close();
    expect(() => resumeIncident(root, id, resuming)).toThrow(expect.objectContaining({ code: 'INCIDENT_OTHER_USER' }));
  });

  test.each(['../../etc', '20261121-zzzzzzzz', '', '20261121-00000000'])('knows no incident %j', (id) => {
    opening();
    expect(() => resumeIncident(root, id, resuming)).toThrow(expect.objectContaining({ code: 'INCIDENT_UNKNOWN' }));
  });

  test('refuses a folder open to others, a symbolic link, and a file others may write', () => {
    const { id, file } = opening();
    chmodSync(file, 0o666);
    expect(() => resumeIncident(root, id, resuming)).toThrow(
      expect.objectContaining({ code: 'INCIDENT_STATE_UNSAFE' }),
    );
    chmodSync(root, 0o755);
    expect(() => createIncident(root, now)).toThrow(expect.objectContaining({ code: 'INCIDENT_STATE_UNSAFE' }));
    const linked = `${root}-link`;
    symlinkSync(root, linked);
    expect(() => createIncident(linked, now)).toThrow(expect.objectContaining({ code: 'INCIDENT_STATE_UNSAFE' }));
  });

  test('is kept where the XDG variable says, if it is absolute', () => {
    expect(incidentsFolder({ XDG_STATE_HOME: '/var/state' })).toBe('/var/state/unleak/incidents');
    expect(incidentsFolder({ XDG_STATE_HOME: 'relative' })).toContain('/.local/state/unleak/incidents');
  });
});
