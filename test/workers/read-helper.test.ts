import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import type { HelpReport } from '../../src/workers/protocol.ts';
import { Hashes, fileHelper, hashAhead } from '../../src/workers/read-helper.ts';
import { WorkThread } from '../../src/workers/work-thread.ts';

const WORKER = new URL('../helpers/source-worker.mjs', import.meta.url);
const thread = new WorkThread(WORKER);
afterAll(() => thread.end());
const folder = mkdtempSync(path.join(tmpdir(), 'unleak-read-'));
const content = randomBytes((9 << 20) - 77);
writeFileSync(path.join(folder, 'pack'), content);
const fd = openSync(path.join(folder, 'pack'), 'r');
afterAll(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

describe('a thread that helps to read', () => {
  test.each(['sha1', 'sha256'])('computes the hash of what it is told (%s)', { timeout: 60_000 }, async (algorithm) => {
    for (const hashed of [content.length - 20, 1 << 20, 1]) {
      const digest = createHash(algorithm).update(content.subarray(0, hashed)).digest();
      expect(await fileHelper(thread)({ fd, algorithm, hashed })?.digest()).toEqual(new Uint8Array(digest));
    }
  });

  test('may have begun before it is asked', { timeout: 60_000 }, async () => {
    const file = path.join(folder, 'pack');
    const ask = { fd, algorithm: 'sha1', hashed: content.length - 20 };
    const digest = new Uint8Array(createHash('sha1').update(content.subarray(0, -20)).digest());
    const other = new WorkThread(WORKER);
    hashAhead(WORKER, file, 'sha1', 20);
    // Of another length, or another file, it is another hash: what was begun waits for its own.
    const whole = new Uint8Array(createHash('sha1').update(content).digest());
    expect(await fileHelper(thread)({ ...ask, hashed: content.length })?.digest()).toEqual(whole);
    writeFileSync(
      path.join(folder, 'other'),
      content.map((byte) => byte ^ 1),
    );
    const second = openSync(path.join(folder, 'other'), 'r');
    expect(await fileHelper(thread)({ ...ask, fd: second })?.digest()).not.toEqual(digest);
    closeSync(second);
    expect(other.isRunning).toBe(false);
    const early = fileHelper(other)(ask);
    expect(other.isRunning).toBe(true);
    expect(await early?.digest()).toEqual(digest);
    // And once only.
    expect(await fileHelper(other)(ask)?.digest()).toEqual(digest);
    other.end();
  });

  test('has none of a file that is shorter than was said, or not open', { timeout: 60_000 }, async () => {
    const ask = { fd, algorithm: 'sha1', hashed: content.length + 1 };
    expect(await fileHelper(thread)(ask)?.digest()).toBeNull();
    const closed = openSync(path.join(folder, 'pack'), 'r');
    closeSync(closed);
    expect(await fileHelper(thread)({ ...ask, fd: closed, hashed: 5 })?.digest()).toBeNull();
  });

  test('hashes a piece at a time, and tells again whoever asks again', () => {
    const told: HelpReport[] = [];
    const hashes = new Hashes((report) => void told.push(report));
    const hashed = content.length - 20;
    const order = { kind: 'help-order', id: 7, fd, algorithm: 'sha1', hashed } as const;
    hashes.take(order);
    hashes.take(order);
    hashes.take({ ...order, id: 8, hashed: 1 });
    expect([hashes.isIdle, told]).toEqual([false, []]);
    let steps = 0;
    for (; !hashes.isIdle; steps++) hashes.step();
    expect(told.map(({ id }) => id)).toEqual([7, 8]);
    expect(told[0]?.digest).toEqual(new Uint8Array(createHash('sha1').update(content.subarray(0, hashed)).digest()));
    hashes.take(order);
    expect(told.at(-1)).toEqual(told[0]);
    // It is larger than a piece, so there was room for other work in between.
    expect(steps).toBe(4);
  });
});
