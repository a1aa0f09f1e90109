import { describe, expect, test } from 'vitest';

import type { Judge, Reach } from '../../src/detect/judge.ts';
import { TurnedDown } from '../../src/workers/turned-down.ts';
import { Random } from '../helpers/pack-repository.ts';

const LITERAL = { bytes: Buffer.from('key'), exact: false, form: 'plain', text: 0, phase: 0 } as const;
const REACH: Reach = { before: 6, after: 5, gate: 0, leads: [], scans: [], encoded: false };

/** Only asked what literals reach. */
function judgeOf(...reaches: readonly Reach[]): Judge {
  const refuse = (): never => {
    throw new Error('not asked');
  };
  return {
    literals: reaches.map(() => LITERAL),
    reach: (literal) => reaches[literal] ?? REACH,
    judge: refuse,
    form: refuse,
    isPlain: refuse,
    scan: refuse,
  };
}

describe('TurnedDown', () => {
  test('knows a window again if all of it is the same, however many there were', () => {
    const random = new Random(1);
    const known = new Set<string>();
    const turnedDown = new TurnedDown(judgeOf(REACH, REACH));
    const strange: string[] = [];
    const seen = { again: 0, new: 0, forgotten: 0 };
    for (let n = 0; n < 60_000; n++) {
      // Few letters, so that many windows differ in one place alone, and many come again.
      const text = Array.from({ length: 3 + random.next(16) }, () => random.pick(['a', 'b', 'c'])).join('');
      const bytes = Buffer.from(text);
      const end = 3 + random.next(bytes.length - 2);
      const literal = random.next(2);
      const from = Math.max(0, end - 9);
      const window = `${literal} ${end - from} ${text.slice(from, end + 5)}`;
      const isKnown = turnedDown.has(bytes, literal, end);
      if (isKnown && !known.has(window)) strange.push(window);
      if (isKnown) seen.again++;
      else if (known.has(window)) seen.forgotten++;
      else seen.new++;
      if (!isKnown) turnedDown.add(bytes, literal);
      known.add(window);
    }
    expect(strange).toEqual([]);
    // Control: all three happen.
    expect(Math.min(seen.again, seen.new, seen.forgotten)).toBeGreaterThan(100);
  });

  test('keeps none of a literal whose reach has no small bound', () => {
    const turnedDown = new TurnedDown(judgeOf({ ...REACH, encoded: true }, { ...REACH, after: 5000 }, REACH));
    const bytes = Buffer.from('the key is here');
    const answers = [0, 1, 2].map((literal) => {
      turnedDown.has(bytes, literal, 7);
      turnedDown.add(bytes, literal);
      return turnedDown.has(bytes, literal, 7);
    });
    expect(answers).toEqual([false, false, true]);
  });
});
