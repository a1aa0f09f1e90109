import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { fileHelper } from '../../src/workers/read-helper.ts';
import { WorkThread } from '../../src/workers/work-thread.ts';

const WORKER = new URL('../helpers/source-worker.mjs', import.meta.url);
const thread = new WorkThread(WORKER);
afterAll(() => thread.end());
const folder = mkdtempSync(path.join(tmpdir(), 'unleak-read-'));
const content = randomBytes((3 << 20) - 77);
writeFileSync(path.join(folder, 'pack'), content);
const fd = openSync(path.join(folder, 'pack'), 'r');
afterAll(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

describe('a thread that helps to read', () => {
  test.each(['sha1', 'sha256'])('computes the hash of what it is told (%s)', { timeout: 60_000 }, (algorithm) => {
    for (const hashed of [content.length - 20, 1 << 20, 1]) {
      const digest = createHash(algorithm).update(content.subarray(0, hashed)).digest();
      expect(fileHelper(thread)({ fd, algorithm, hashed })?.digest()).toEqual(new Uint8Array(digest));
    }
  });

  test('has none of a file that is shorter than was said, or not open', { timeout: 60_000 }, () => {
    const ask = { fd, algorithm: 'sha1', hashed: content.length + 1 };
    expect(fileHelper(thread)(ask)?.digest()).toBeNull();
    const closed = openSync(path.join(folder, 'pack'), 'r');
    closeSync(closed);
    expect(fileHelper(thread)({ ...ask, fd: closed, hashed: 5 })?.digest()).toBeNull();
  });
});
