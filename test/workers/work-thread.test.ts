import { afterEach, describe, expect, test } from 'vitest';

import { KernelMemory } from '../../src/kernel/instance.ts';
import type { Order } from '../../src/workers/protocol.ts';
import { WorkThread, startAhead } from '../../src/workers/work-thread.ts';

const WORKER = new URL('../helpers/source-worker.mjs', import.meta.url);
const thread = new WorkThread(WORKER);
afterEach(() => thread.end());

/** An order that lacks what it is to be done with. */
const VAIN: Order = JSON.parse('{"kind":"tree-order"}');

/** To read the trees of no pack. */
function noTrees(): Order {
  const memory = new KernelMemory(512 << 20);
  const table = { idLength: 40, length: 0, sorted: 0, starts: null };
  const columns = { ids: new Uint8Array(0), types: new Uint8Array(1), cells: new Int32Array(2) };
  const ids = { address: memory.reserve(20), count: 0, idBytes: 20, buckets: memory.reserve(12), shift: 31 };
  return {
    kind: 'tree-order',
    number: 1,
    packs: [],
    ids,
    region: memory.region(300 << 20),
    scratch: [],
    table: { ...table, ...columns },
  };
}

function isDone(report: unknown): { readonly report: unknown } | undefined {
  return JSON.stringify(report).includes('trees-done') ? { report } : undefined;
}

describe('a thread for one order after the other', () => {
  test('answers each, and starts again after its end', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 2; round++) {
      await expect(thread.ask(noTrees(), { hear: isDone })).resolves.toHaveProperty('report');
      await expect(thread.ask(noTrees(), { hear: isDone })).resolves.toHaveProperty('report');
      thread.end();
    }
  });

  test('may be started before there is an order', { timeout: 60_000 }, async () => {
    startAhead(WORKER);
    const own = new WorkThread(WORKER);
    // It has begun to load its code, and answers like any other; the next one is started anew.
    for (let round = 0; round < 2; round++) {
      await expect(own.ask(noTrees(), { hear: isDone })).resolves.toHaveProperty('report');
      own.end();
    }
  });

  test('whoever waits hears of its end, and of what it fails at', { timeout: 60_000 }, async () => {
    const waiting = thread.ask(noTrees(), { hear: () => undefined });
    thread.end();
    await expect(waiting).rejects.toThrow('ended with');
    await expect(thread.ask(VAIN, { hear: isDone })).rejects.toThrow('idLength');
    await expect(thread.ask(noTrees(), { hear: isDone })).resolves.toHaveProperty('report');
  });
});
