import { walkedPacks } from '../git/pack/kernel-sweep.ts';
import type { ObjectStore } from '../git/pack/object-store.ts';
import type { TreeSweeper } from '../git/pack/stored-scan.ts';
import type { ObjectTable } from '../git/object-table.ts';
import { TREE } from '../git/object/type.ts';
import { type SweptTrees, idPlace, treeSweepBytes } from '../git/tree-sweep.ts';
import type { KernelMemory } from '../kernel/instance.ts';
import { type TreeOrder, isTreeReport } from './protocol.ts';
import type { WorkThread } from './work-thread.ts';

/** Fewer are read before a thread has started. */
const FEW_TREES = 1000;

/** Orders so far. */
let orders = 0;

/** A sweep that a thread has been told to do. */
interface Begun {
  readonly store: ObjectStore;
  readonly swept: Promise<SweptTrees | null>;
  /** Has somebody told how many trees were read, so far and from now on. */
  readonly listen: (onProgress: (objects: number) => void) => void;
}

/** Has a thread read a store's trees, unless they are few. */
export function treeSweeper(memory: KernelMemory, thread: WorkThread): TreeSweeper {
  let ahead: Begun | null = null;
  return {
    begin(store, table) {
      ahead = beginSweep(memory, thread, store, table);
    },
    sweep(store, table, onProgress, signal) {
      const begun = ahead?.store === store ? ahead : beginSweep(memory, thread, store, table);
      ahead = null;
      if (begun === null) return null;
      begun.listen(onProgress);
      const stop = (): void => thread.end();
      signal.addEventListener('abort', stop, { once: true });
      return begun.swept
        .catch((error: unknown) => {
          throw signal.aborted ? signal.reason : error;
        })
        .finally(() => signal.removeEventListener('abort', stop));
    },
  };
}

function beginSweep(memory: KernelMemory, thread: WorkThread, store: ObjectStore, table: ObjectTable): Begun | null {
  const ids = idPlace(store, table);
  if (ids === null || table.countOfType(TREE) < FEW_TREES) return null;
  const packs = walkedPacks(store);
  // What was begun with before may still be read, of another store.
  const number = ++orders;
  const order: TreeOrder = {
    kind: 'tree-order',
    number,
    packs,
    ids,
    region: memory.region(treeSweepBytes(packs, ids, memory.left)),
    scratch: thread.scratchIn(memory),
    table: table.share(),
  };
  let untold = 0;
  let tell = (objects: number): void => void (untold += objects);
  const hear = (report: unknown): { readonly swept: SweptTrees | null } | undefined => {
    if (!isTreeReport(report) || report.number !== number) return undefined;
    if (report.kind === 'trees-done') return report;
    tell(report.objects);
    return undefined;
  };
  const swept = thread.ask(order, { hear }).then((report) => report.swept);
  // Whoever asks for it hears of its failure; until then nobody does.
  swept.catch(() => undefined);
  const listen = (onProgress: (objects: number) => void): void => {
    tell = onProgress;
    if (untold > 0) onProgress(untold);
  };
  return { store, swept, listen };
}
