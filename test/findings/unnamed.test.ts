import { describe, expect, test } from 'vitest';

import type { Occurrence } from '../../src/core/finding.ts';
import { pointAt } from '../../src/core/place.ts';
import { nameWhatHasNoPlace } from '../../src/findings/unnamed.ts';
import { isStandIn, standInNamed } from '../../src/core/stand-in.ts';
import { isFingerprint } from '../../src/triage/fingerprint-id.ts';
import { finding, occurrence, someId } from '../helpers/findings.ts';

const inFile = (changes: Partial<Occurrence> = {}): Occurrence =>
  occurrence({ kind: 'file', path: 'conf/dev.ini', line: 4, column: 2, ...changes });

describe('pointAt', () => {
  test.each([
    ['conf/dev.ini', 'conf/dev.ini:4:2'],
    ['../a_b@2+c=d.x', '../a_b@2+c=d.x:4:2'],
    ['/etc/x', '/etc/x:4:2'],
  ])('names a file %s', (path, point) => {
    expect(pointAt(inFile({ path }))).toBe(point);
  });

  test.each([
    ['a shell reads otherwise', inFile({ path: 'a b.ini' })],
    ['a shell would run', inFile({ path: '$(id).ini' })],
    ['begins like an option', inFile({ path: '-x.ini' })],
    ['zsh reads as the place of a command', inFile({ path: '=ls' })],
    ['PowerShell reads as a variable', inFile({ path: '@x.ini' })],
    ['PowerShell reads as two', inFile({ path: 'a,b.ini' })],
    ['ends in a line break', inFile({ path: 'a\n' })],
    ['is masked', inFile({ path: '…k3Zq.txt' })],
    ['lies in an archive', inFile({ path: 'a.zip!b.ini' })],
    ['is not in the work tree', occurrence({ path: 'a.ini' })],
    ['was not found again', inFile({ located: false })],
    ['has no name', inFile({ path: null })],
  ])('names none that %s', (_, place) => {
    expect(pointAt(place)).toBeNull();
  });
});

describe('nameWhatHasNoPlace', () => {
  const ids = new Map<string, string>();
  const maker = {
    make: (standIns: Iterable<string>): Promise<void> => {
      for (const one of standIns) ids.set(one, someId());
      return Promise.resolve();
    },
    idOf: (standIn: string): string => ids.get(standIn) ?? 'never made',
  };
  const given = [
    finding({ fingerprint: standInNamed(0), occurrences: [inFile(), inFile({ path: 'other file' })] }),
    finding({ fingerprint: standInNamed(1), occurrences: [inFile({ path: 'a b' })] }),
    finding({ fingerprint: standInNamed(2), occurrences: [inFile({ line: 9 })] }),
    // Of two at one place only an id tells which is meant, though one of them has another place first.
    finding({ occurrences: [inFile({ line: 1 }), inFile({ line: 9 })] }),
    finding({ fingerprint: standInNamed(3), occurrences: [inFile({ line: 12 })] }),
  ];

  test('leaves those alone that a place leads back to, and gives the others ids', async () => {
    const named = await nameWhatHasNoPlace(given, given, maker);
    expect(named.map(({ fingerprint }) => isFingerprint(fingerprint))).toEqual([false, true, true, true, false]);
    expect(named.map(({ fingerprint }) => isStandIn(fingerprint))).toEqual([true, false, false, false, true]);
    expect(named[3]).toBe(given[3]);
    expect([...ids.keys()]).toEqual([standInNamed(1), standInNamed(2)]);
  });

  test('goes by how places are shown', async () => {
    const masked = given.map((one) => ({ ...one, occurrences: [inFile({ path: '…k3Zq' })] }));
    const named = await nameWhatHasNoPlace(given, masked, maker);
    expect(named.every(({ fingerprint }) => isFingerprint(fingerprint))).toBe(true);
  });
});
