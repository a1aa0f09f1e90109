/** Reads all trees of a repository, in a thread of its own. */
import { parentPort } from 'node:worker_threads';

import { ByteSet } from '../bytes/byte-set.ts';
import { ObjectTable } from '../git/object-table.ts';
import { TreeDeltas } from '../git/tree-deltas.ts';
import { sweepTrees, treeRoom } from '../git/tree-sweep.ts';
import { KernelMemory } from '../kernel/instance.ts';
import type { TreeOrder, TreeReport } from './protocol.ts';

const PROGRESS_MS = 100;

export function readTrees({ packs, ids, region, table }: TreeOrder): void {
  const deltas = new TreeDeltas(ObjectTable.shared(table), new ByteSet(), undefined, treeRoom(packs, ids.idBytes));
  const sweep = sweepTrees(packs, ids, new KernelMemory(region), deltas);
  let objects = 0;
  let told = performance.now();
  for (let step = sweep.next(); ; step = sweep.next()) {
    if (step.done === true) {
      const { parts, names } = { parts: deltas.parts, names: deltas.names.parts };
      const { absent: _, ...numbers } = parts;
      const moved = [...Object.values(numbers), names.starts, names.hashes, names.cells].map(({ buffer }) => buffer);
      say({ kind: 'trees-done', swept: { parts, names, malformed: step.value } }, moved);
      return;
    }
    objects += step.value;
    if (performance.now() - told < PROGRESS_MS) continue;
    told = performance.now();
    say({ kind: 'trees-read', objects }, []);
    objects = 0;
  }
}

function say(report: TreeReport, moved: readonly ArrayBufferLike[]): void {
  parentPort?.postMessage(
    report,
    moved.filter((buffer) => buffer instanceof ArrayBuffer),
  );
}
