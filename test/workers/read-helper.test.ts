import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { type HelpRequest, HELPED_CHUNK } from '../../src/git/pack/pack-bytes.ts';
import { KernelMemory } from '../../src/kernel/instance.ts';
import { fileHelper } from '../../src/workers/read-helper.ts';
import { WorkThread } from '../../src/workers/work-thread.ts';

const WORKER = new URL('../helpers/source-worker.mjs', import.meta.url);
const thread = new WorkThread(WORKER);
afterAll(() => thread.end());
const folder = mkdtempSync(path.join(tmpdir(), 'unleak-read-'));
const file = path.join(folder, 'pack');
const content = randomBytes(3 * HELPED_CHUNK - 77);
writeFileSync(file, content);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function request(length: number): HelpRequest {
  const kernel = new KernelMemory(64 << 20);
  return { file, kernel, address: kernel.reserve(length), length, algorithm: 'sha1', hashed: content.length - 20 };
}

describe('a thread that helps to read', () => {
  test('reads what is left to it, and hashes all', { timeout: 60_000 }, () => {
    const asked = request(content.length);
    const help = fileHelper(thread)(asked);
    const own = help?.take() ?? -1;
    expect(own).toBeGreaterThanOrEqual(0);
    const { bytes } = asked.kernel;
    const [from, to] = [own * HELPED_CHUNK, Math.min(content.length, (own + 1) * HELPED_CHUNK)];
    bytes.set(content.subarray(from, to), asked.address + from);
    help?.finish();
    expect(help?.end(true)).toBe(true);
    expect(help?.take()).toBe(-1);
    expect(Buffer.compare(bytes.subarray(asked.address, asked.address + content.length), content)).toBe(0);
    const digest = createHash('sha1')
      .update(content.subarray(0, content.length - 20))
      .digest();
    expect(help?.digest()).toEqual(new Uint8Array(digest));
  });

  test('gives up on a file that is shorter than was said', { timeout: 60_000 }, () => {
    expect(fileHelper(thread)(request(content.length + HELPED_CHUNK))?.end(true)).toBe(false);
  });

  test('stops when the other one gives up', () => {
    const help = fileHelper(thread)(request(content.length));
    expect(help?.end(false)).toBe(false);
    expect(help?.digest()).toBeNull();
  });
});
