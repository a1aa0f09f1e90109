import { describe, expect, test } from 'vitest';

import type { Span } from '../../src/core/span.ts';
import { locate } from '../../src/detect/locate.ts';
import { SHA1 } from '../../src/git/pack/hash-format.ts';
import { type ObjectStore, openObjectStore, rowId } from '../../src/git/pack/object-store.ts';
import { KernelMemory } from '../../src/kernel/instance.ts';
import { blobLooker } from '../../src/workers/blob-looker.ts';
import { WorkThread } from '../../src/workers/work-thread.ts';
import { Random, allObjects, objectsFolder, packAll, storeBlobs } from '../helpers/pack-repository.ts';
import { makeRepository } from '../helpers/repository.ts';

const WORKER = new URL('../helpers/source-worker.mjs', import.meta.url);

/** Versions of a text, in UTF-8 and UTF-16. */
function contents(random: Random): Buffer[] {
  let lines = Array.from({ length: 200 }, (_, i) => `${i}: ${'wörd '.repeat(random.next(9))}`);
  return Array.from({ length: 40 }, (_, i) => {
    lines = lines.toSpliced(random.next(lines.length), random.next(3), `new line ${i}`);
    return Buffer.from(lines.join(i % 3 === 0 ? '\r\n' : '\n'), i % 8 === 0 ? 'utf16le' : 'utf8');
  });
}

function opened(
  seed: number,
  heldPack: number,
): { store: ObjectStore; memory: KernelMemory; objects: ReturnType<typeof allObjects> } {
  const repository = makeRepository();
  storeBlobs(repository, contents(new Random(seed)));
  packAll(repository, '--window=30', '--depth=40');
  const memory = new KernelMemory(1 << 30);
  const store = openObjectStore(objectsFolder(repository), {
    format: SHA1,
    kernel: memory,
    heldPack,
    report: (error) => {
      throw error;
    },
  });
  return { store, memory, objects: allObjects(repository) };
}

function spansIn(random: Random, size: number): Span[] {
  return Array.from({ length: 3 }, () => random.next(size)).map((start) => ({
    start,
    end: start + 1 + random.next(40),
  }));
}

describe('looking at blobs again in another thread', () => {
  test.each([1e9, 0])(
    'tells where spans stand as it is told without, and of those alone that were asked for (held up to %i)',
    async (held) => {
      const { store, memory, objects } = opened(5, held);
      const random = new Random(6);
      const blobs = [...objects].flatMap(([id, { type, bytes }]) => (type === 'blob' ? [{ id, bytes }] : []));
      const rows = new Map(Array.from({ length: store.table.count }, (_, row) => [rowId(store, row), row]));
      const asked = blobs
        .filter((_, i) => i % 3 !== 0)
        .map(({ id, bytes }) => ({ row: rows.get(id) ?? -1, bytes, spans: spansIn(random, bytes.length) }));
      const used = memory.region(300 << 20);
      memory.bytes.fill(0xa5, used.start, used.start + (20 << 20));
      const thread = new WorkThread(WORKER, [used]);
      const look = blobLooker(memory, thread);
      const answers = await look(
        store,
        asked.map(({ row, spans }) => ({ row, spans })),
      ).finally(() => thread.end());
      expect([...answers.keys()].toSorted((a, b) => a - b)).toEqual(
        asked.map(({ row }) => row).toSorted((a, b) => a - b),
      );
      for (const { row, bytes, spans } of asked) {
        const located = await locate(Uint8Array.from(bytes), spans);
        expect(answers.get(row)).toEqual(located);
        // Control: it matters which spans.
        expect(answers.get(row)).not.toEqual(await locate(Uint8Array.from(bytes), spans.toReversed()));
      }
    },
  );
});
