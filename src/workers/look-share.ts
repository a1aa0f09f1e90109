/** Reads blobs again, in a thread of its own, and tells where spans of them stand. */
import { parentPort } from 'node:worker_threads';

import { locateIn } from '../detect/locate.ts';
import { KernelError } from '../errors/kernel.ts';
import { BLOB } from '../git/pack/entry.ts';
import {
  GO_ON,
  KernelSweep,
  OTHER,
  SETTLED,
  SHOW_ALL,
  SWEPT,
  type WalkedPack,
  sweepBytes,
  sweptPacksBytes,
} from '../git/pack/kernel-sweep.ts';
import type { LocatedSpans, SpansOfRow } from '../git/pack/stored-scan.ts';
import { KernelMemory, createKernel } from '../kernel/instance.ts';
import { TREE_SCAN_ROOM } from '../kernel/tree-scanner.ts';
import type { LookOrder, LookReport } from './protocol.ts';

/** Room for blobs being built: as much as a scan has, whose pages it may use again. */
const ARENA = TREE_SCAN_ROOM.arena;
/** Of the kernel itself. */
const TABLES = 1 << 20;

/** Kernel memory that it takes; what it does not touch costs nothing. */
export function lookBytes(packs: readonly WalkedPack[], rows: number): number {
  return sweptPacksBytes(packs) + sweepBytes(ARENA) + TABLES + rows;
}

export function lookAtBlobs({ packs, region, scratch, rows, blobs }: LookOrder): void {
  const found: LookReport['blobs'][number][] = [];
  try {
    for (const one of locatedIn(packs, new KernelMemory(region, scratch), rows, blobs)) found.push(one);
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
  const meant = { rows: memory.bytes.subarray(address, address + rows), address };
  for (const row of spansOf.keys()) meant.rows[row] = 1;
  const kernel = createKernel(memory);
  const sweep = new KernelSweep(kernel, { kind: SHOW_ALL, arena: ARENA });
  for (const pack of packs) {
    sweep.begin(pack, BLOB, meant);
    for (let event = sweep.next(GO_ON); event !== SWEPT; event = sweep.next(event === OTHER ? SETTLED : GO_ON)) {
      if (event !== OTHER) continue;
      const { entry, at, size } = sweep.object;
      const row = pack.rows[entry] ?? -1;
      const spans = spansOf.get(row);
      if (!spans) continue;
      const countLines = (from: number, to: number): number => kernel.run.countLineFeeds(at + from, at + to);
      yield [row, locateIn(memory.bytes.subarray(at, at + size), spans, countLines)];
    }
  }
}
