/** Reads all trees of a repository, in a thread of its own. */
import { parentPort } from 'node:worker_threads';

import { KernelError } from '../errors/kernel.ts';
import { ObjectTable } from '../git/object-table.ts';
import { type SweptTrees, sweepTrees } from '../git/tree-sweep.ts';
import { KernelMemory } from '../kernel/instance.ts';
import type { TreeOrder, TreeReport } from './protocol.ts';

const PROGRESS_MS = 100;

export function readTrees(order: TreeOrder): void {
  const { number } = order;
  try {
    const swept = readAll(order);
    say({ kind: 'trees-done', number, swept }, [swept.names.starts.buffer]);
  } catch (error) {
    // Whoever asked reads them in another way.
    if (!(error instanceof KernelError)) throw error;
    say({ kind: 'trees-done', number, swept: null }, []);
  }
}

function readAll({ number, packs, ids, region, scratch, table }: TreeOrder): SweptTrees {
  const sweep = sweepTrees(packs, ids, new KernelMemory(region, scratch), ObjectTable.shared(table));
  let objects = 0;
  let told = performance.now();
  for (let step = sweep.next(); ; step = sweep.next()) {
    if (step.done === true) return step.value;
    objects += step.value;
    if (performance.now() - told < PROGRESS_MS) continue;
    told = performance.now();
    say({ kind: 'trees-read', number, objects }, []);
    objects = 0;
  }
}

function say(report: TreeReport, moved: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(report, moved);
}
