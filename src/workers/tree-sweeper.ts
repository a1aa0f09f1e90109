import { walkedPacks } from '../git/pack/kernel-sweep.ts';
import type { TreeSweeper } from '../git/pack/stored-scan.ts';
import { TREE } from '../git/object/type.ts';
import { idPlace, treeSweepBytes } from '../git/tree-sweep.ts';
import type { KernelMemory } from '../kernel/instance.ts';
import { type TreeOrder, isTreeReport } from './protocol.ts';
import type { WorkThread } from './work-thread.ts';

/** Fewer are read before a thread has started. */
const FEW_TREES = 1000;

/** Has a thread read a store's trees, unless they are few. */
export function treeSweeper(memory: KernelMemory, thread: WorkThread): TreeSweeper {
  return (store, table, onProgress, signal) => {
    const ids = idPlace(store, table);
    if (ids === null || table.countOfType(TREE) < FEW_TREES) return null;
    const packs = walkedPacks(store);
    const order: TreeOrder = {
      kind: 'tree-order',
      packs,
      ids,
      region: memory.region(treeSweepBytes(packs, ids, memory.left)),
      scratch: thread.scratchIn(memory),
      table: table.share(),
    };
    const stop = (): void => thread.end();
    signal.addEventListener('abort', stop, { once: true });
    return thread
      .ask(order, {
        hear: (report) => {
          if (!isTreeReport(report)) return undefined;
          if (report.kind === 'trees-done') return report.swept;
          onProgress(report.objects);
          return undefined;
        },
      })
      .catch((error: unknown) => {
        throw signal.aborted ? signal.reason : error;
      })
      .finally(() => signal.removeEventListener('abort', stop));
  };
}
