import { randomBytes } from 'node:crypto';

import { expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import type { TriageEntry } from '../../src/triage/entry.ts';
import { fingerprinter } from '../../src/triage/fingerprint.ts';
import { rekeying } from '../../src/triage/rekey.ts';

function secret(): Secret {
  return new Secret(randomBytes(30).toString('base64url'));
}

test('rekeying renames what a scan sees again, and leaves the rest as it was', () => {
  const [from, to] = [fingerprinter(), fingerprinter('a key of our own')];
  const [seen, gone, foreign] = [secret(), secret(), secret()];
  const entry = (one: Secret, key = 'public'): TriageEntry => ({
    fingerprint: from.of('f', one),
    key,
    owner: 'us',
    reason: 'r',
  });
  const change = rekeying(from, to);
  expect(change.fingerprinter.of('f', seen)).toBe(to.of('f', seen));
  change.fingerprinter.of('f', foreign);

  const { entries, left } = change.rekey([entry(seen), entry(gone), entry(foreign, 'key-00000000')]);
  expect(entries).toEqual([
    { ...entry(seen), fingerprint: to.of('f', seen), key: to.keyId },
    entry(gone),
    entry(foreign, 'key-00000000'),
  ]);
  expect(left).toEqual([entry(gone)]);
});
