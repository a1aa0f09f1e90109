import { describe, expect, test } from 'vitest';

import { headlineIndex, placeOf } from '../../src/core/place.ts';
import { asListed, chooseListed } from '../../src/findings/listed.ts';
import { finding, occurrence } from '../helpers/findings.ts';

const at = (path: string | null, ...refs: string[]) =>
  placeOf({ kind: 'blob', path, heldBy: refs.map((ref) => ({ ref: ref.replace('*', ''), inTip: ref.endsWith('*') })) });

describe('which places are listed', () => {
  test('all, where they are not too many', () => {
    expect(chooseListed([at('a'), at('b')], 2)).toBeNull();
    expect(chooseListed([], 1)).toBeNull();
  });

  test('of one, the one that is shown first', () => {
    const places = [at(null), at('a', 'x'), at('b', 'main*'), at('c', 'main*')];
    expect([...(chooseListed(places, 1) ?? [])]).toEqual([2]);
    expect(headlineIndex(places)).toBe(2);
  });

  test('the oldest, and whatever shows a further ref, those first where it is in the tip', () => {
    const places = [...Array.from({ length: 50 }, () => at('old', 'old')), at('y', 'held'), at('z', 'HEAD*'), at('z')];
    const sorted = (most: number) => [...(chooseListed(places, most) ?? [])].toSorted((a, b) => a - b);
    expect(sorted(4)).toEqual([0, 1, 2, 51]);
    expect(sorted(6)).toEqual([0, 1, 2, 3, 50, 51]);
  });

  test('refs without end leave room for the oldest', () => {
    const places = Array.from({ length: 1000 }, (_, i) => at(`p${i}`, ...(i < 100 ? [] : [`ref${i}*`])));
    const chosen = [...(chooseListed(places, 20) ?? [])];
    expect(chosen).toHaveLength(20);
    expect(chosen.filter((index) => index < 100)).toHaveLength(11);
  });

  test('the number of refs stays right', () => {
    const most = { ...at('many', 'a'), heldByCount: 900 };
    expect(chooseListed([...Array.from({ length: 9 }, () => at('p', 'a')), most], 3)?.has(9)).toBe(true);
  });
});

describe('the finding that is reported', () => {
  const hidden = { unlisted: true, located: false, line: 1 } as const;

  test('counts what it leaves out, and what removed it there', () => {
    const occurrences = [
      occurrence({ removedIn: ['a', 'b'] }),
      occurrence({ ...hidden, removedIn: ['b', 'c'] }),
      occurrence({ ...hidden, removedIn: ['c', 'd'] }),
    ];
    const listed = asListed(finding({ occurrences }));
    expect(listed.occurrences).toEqual(occurrences.slice(0, 1));
    expect(listed.unlisted).toEqual({ places: 2, removedIn: 2, mend: expect.stringContaining('--max-places all') });
  });

  test('is left alone where all is listed', () => {
    const whole = finding();
    expect(asListed(whole)).toBe(whole);
  });
});
