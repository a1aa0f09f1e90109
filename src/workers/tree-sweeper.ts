import { Worker } from 'node:worker_threads';

import { walkedPacks } from '../git/pack/kernel-walk.ts';
import type { TreeSweeper } from '../git/pack/stored-scan.ts';
import { type SweptTrees, idPlace, treeSweepBytes } from '../git/tree-sweep.ts';
import type { KernelMemory } from '../kernel/instance.ts';
import { THREAD_LIMITS, type TreeOrder, isTreeReport } from './protocol.ts';

/** Has a thread read a store's trees. @param script - `share-worker.ts` */
export function treeSweeper(memory: KernelMemory, script: URL): TreeSweeper {
  return (store, table, onProgress, signal) => {
    const ids = idPlace(store, table);
    if (ids === null) return null;
    const packs = walkedPacks(store);
    const order: TreeOrder = {
      kind: 'tree-order',
      packs,
      ids,
      region: memory.region(treeSweepBytes(packs, ids, memory.left)),
      table: table.share(),
    };
    const worker = new Worker(script, { workerData: order, name: 'unleak trees', resourceLimits: THREAD_LIMITS });
    const stop = (): void => void worker.terminate();
    signal.addEventListener('abort', stop, { once: true });
    return new Promise<SweptTrees>((resolve, reject) => {
      worker.on('message', (report: unknown) => {
        if (!isTreeReport(report)) return;
        if (report.kind === 'trees-done') resolve(report.swept);
        else onProgress(report.objects);
      });
      worker.on('error', reject);
      worker.on('exit', (code) =>
        reject(signal.aborted ? signal.reason : new Error(`the thread that reads trees ended with ${code}`)),
      );
    }).finally(() => signal.removeEventListener('abort', stop));
  };
}
