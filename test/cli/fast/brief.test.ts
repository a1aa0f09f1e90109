import { Script } from 'node:vm';

import { afterEach, expect, test, vi } from 'vitest';

import { briefly } from '../../../src/cli/fast/brief.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

let made = 1000;
/** Another one each time, of the same length: V8 would remember what it has compiled. */
const source = (): string => `(function(){return ${made++}})`;
/** V8 takes no code that was compiled under other settings. */
const stored = new Script(source()).createCachedData();
const isTaken = (): boolean => new Script(source(), { cachedData: stored }).cachedDataRejected === false;
/** Where the engine is known to have these settings. */
const isTried = ['20', '22'].includes(process.versions.node.split('.')[0] ?? '');

test('the engine is set otherwise while the work is done, and as before afterwards', () => {
  expect(isTaken()).toBe(true);
  expect(briefly(isTaken)).toBe(!isTried);
  expect(isTaken()).toBe(true);
});

test('what the work throws is thrown, and the engine is as before', () => {
  const failed = new RangeError('the work');
  expect(() =>
    briefly(() => {
      throw failed;
    }),
  ).toThrow(failed);
  expect(isTaken()).toBe(true);
});

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('No such module: v8');
    },
  ],
  ['gives nothing', () => undefined],
  ['gives another thing', () => ({ setFlagsFromString: 'text' })],
])('the work is done where Node’s inner part %s, and no warning is left switched off', (_, binding) => {
  const known = process.noDeprecation;
  const asked = vi.fn<() => unknown>(binding);
  vi.spyOn(process as unknown as { binding: () => unknown }, 'binding').mockImplementation(asked);
  expect(briefly(() => [isTaken(), 'done'])).toEqual([true, 'done']);
  expect(asked).toHaveBeenCalledTimes(isTried ? 1 : 0);
  expect(process.noDeprecation).toBe(known);
});
