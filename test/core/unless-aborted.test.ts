import { describe, expect, test } from 'vitest';

import { unlessAborted } from '../../src/core/unless-aborted.ts';

const never = new Promise<number>(() => undefined);

describe('work that is waited for', () => {
  test('gives what it gives, or fails as it fails', async () => {
    const { signal } = new AbortController();
    await expect(unlessAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  });

  test('is waited for until a signal is raised, and not if it was', async () => {
    const controller = new AbortController();
    const waiting = unlessAborted(never, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(unlessAborted(never, controller.signal)).rejects.toThrow('enough');
  });
});
