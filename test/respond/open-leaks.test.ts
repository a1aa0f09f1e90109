import { expect, test } from 'vitest';

import type { Recorded } from '../../src/respond/journal/entry.ts';
import { gatherKeys } from '../../src/respond/keys/gather.ts';
import type { KeySources } from '../../src/respond/keys/sources.ts';

const record = { fingerprint: 'f'.repeat(26), rule: 'gitlab-pat', provider: 'gitlab', title: 'token', redacted: '…' };

/** An incident as its journal tells it: begun, and perhaps ended by a revocation. */
function incident(
  id: string,
  at: string,
  mode: 'respond' | 'rotate',
  revoked: boolean,
  about: Readonly<Record<string, unknown>> = {},
): KeySources['incidents'][0] {
  const key = { ...record, firstSeen: null, lastFour: null, ...about };
  const opened = { type: 'opened', at, mode, keys: [key] };
  const listed = { type: 'listed', at, key: key.fingerprint, id: 'listed', present: true };
  const step = { type: 'step', at, key: key.fingerprint, step: 'revoke', status: revoked ? 'done' : 'waiting' };
  return { id, entries: [opened, ...('listed' in about ? [listed] : []), step] as unknown as Recorded[] };
}

async function leaked(...incidents: KeySources['incidents']): Promise<(string | null)[]> {
  const sources = { providers: [], stores: [], commands: [], incidents } as unknown as KeySources;
  return (await gatherKeys(sources)).keys.map(({ leakedIn }) => leakedIn);
}

const MORNING = '2026-11-21T08:00:00.000Z';
const EVENING = '2026-11-21T18:00:00.000Z';

test('a rotation that was only planned leaves a leak open; one that ended it does not', async () => {
  const leak = incident('20261121-b', MORNING, 'respond', false);
  expect(await leaked(leak, incident('20261121-c', EVENING, 'rotate', false))).toEqual(['20261121-b']);
  expect(await leaked(leak, incident('20261121-c', EVENING, 'rotate', true))).toEqual([]);
});

test('a rotation knows a leak by what scans call the value, or by its id in the provider’s list, and no other', async () => {
  const leak = incident('20261121-b', MORNING, 'respond', false, { listed: true });
  const ended = (about: Readonly<Record<string, unknown>>) =>
    incident('20261121-c', EVENING, 'rotate', true, { fingerprint: 'g'.repeat(26), ...about });
  expect(await leaked(leak, ended({ also: [record.fingerprint] }))).toEqual([]);
  expect(await leaked(leak, ended({ listed: true }))).toEqual([]);
  expect(await leaked(leak, ended({ listed: true, provider: 'github' }))).toEqual(['20261121-b']);
  expect(await leaked(leak, ended({ also: ['h'.repeat(26)] }))).toEqual(['20261121-b']);
});

test('of two incidents of a day the later one counts, whatever their ids', async () => {
  const open = incident('20261121-a', EVENING, 'respond', false);
  const ended = incident('20261121-z', MORNING, 'respond', true);
  expect(await leaked(open, ended)).toEqual(['20261121-a']);
  expect(
    await leaked(incident('20261121-z', MORNING, 'respond', false), incident('20261121-a', EVENING, 'respond', true)),
  ).toEqual([]);
});
