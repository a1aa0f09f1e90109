/** Reads blobs again, in a thread of its own, and tells where spans of them stand. */
import { parentPort } from 'node:worker_threads';

import { locateIn } from '../detect/locate.ts';
import { KernelError } from '../errors/kernel.ts';
import { BLOB } from '../git/pack/entry.ts';
import { type KernelVisitor, KernelWalk, type WalkedPack } from '../git/pack/kernel-walk.ts';
import type { LocatedSpans, SpansOfRow } from '../git/pack/stored-scan.ts';
import { KernelMemory, createKernel } from '../kernel/instance.ts';
import type { LookOrder, LookReport } from './protocol.ts';

/** Room for blobs being built. */
const ARENA = 96 << 20;
const TABLES = 1 << 20;

/** Kernel memory that it takes; what it does not touch costs nothing. */
export function lookBytes(packs: readonly WalkedPack[], rows: number): number {
  return ARENA + TABLES + packs.reduce((sum, { forest }) => sum + forest.count + 64, rows);
}

export function lookAtBlobs({ packs, region, rows, blobs }: LookOrder): void {
  const found: LookReport['blobs'][number][] = [];
  try {
    for (const one of locatedIn(packs, new KernelMemory(region), rows, blobs)) found.push(one);
  } catch (error) {
    // What is left is read by whoever asked.
    if (!(error instanceof KernelError)) throw error;
  }
  const report: LookReport = { kind: 'looked', blobs: found };
  parentPort?.postMessage(report, []);
}

/**
 * @param rows - how many there are
 * @throws KernelError `KERNEL_UNAVAILABLE`, `KERNEL_MEMORY`
 */
export function* locatedIn(
  packs: readonly WalkedPack[],
  memory: KernelMemory,
  rows: number,
  blobs: readonly SpansOfRow[],
): Generator<readonly [row: number, located: LocatedSpans]> {
  const spansOf = new Map(blobs.map(({ row, spans }) => [row, spans]));
  const address = memory.reserve(rows);
  const meant = { rows: memory.bytes.subarray(address, address + rows).fill(0), address };
  for (const row of spansOf.keys()) meant.rows[row] = 1;
  const walk = new KernelWalk(createKernel(memory), ARENA);
  for (const pack of packs) {
    let done: (readonly [row: number, located: LocatedSpans])[] = [];
    const visitor: KernelVisitor = {
      enter(object) {
        const row = pack.rows[object.entry] ?? -1;
        const spans = spansOf.get(row);
        const at = spans ? object.build() : -1;
        if (spans && at >= 0) done.push([row, locateIn(memory.bytes.subarray(at, at + object.size), spans)]);
      },
      leave: () => undefined,
    };
    for (const _ of walk.walk(pack, { type: BLOB, meant, visitor, failed: () => undefined })) {
      yield* done;
      done = [];
    }
    yield* done;
  }
}
