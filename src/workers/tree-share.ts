/** Reads all trees of a repository, in a thread of its own. */
import { parentPort } from 'node:worker_threads';

import { ObjectTable } from '../git/object-table.ts';
import { sweepTrees } from '../git/tree-sweep.ts';
import { KernelMemory } from '../kernel/instance.ts';
import type { TreeOrder, TreeReport } from './protocol.ts';

const PROGRESS_MS = 100;

export function readTrees({ packs, ids, region, scratch, table }: TreeOrder): void {
  const sweep = sweepTrees(packs, ids, new KernelMemory(region, scratch), ObjectTable.shared(table));
  let objects = 0;
  let told = performance.now();
  for (let step = sweep.next(); ; step = sweep.next()) {
    if (step.done === true) {
      say({ kind: 'trees-done', swept: step.value }, [step.value.names.starts.buffer]);
      return;
    }
    objects += step.value;
    if (performance.now() - told < PROGRESS_MS) continue;
    told = performance.now();
    say({ kind: 'trees-read', objects }, []);
    objects = 0;
  }
}

function say(report: TreeReport, moved: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(report, moved);
}
