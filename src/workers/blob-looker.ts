import { walkedPacks } from '../git/pack/kernel-sweep.ts';
import type { BlobLooker } from '../git/pack/stored-scan.ts';
import type { KernelMemory } from '../kernel/instance.ts';
import { lookBytes } from './look-share.ts';
import { type LookOrder, isLookReport } from './protocol.ts';
import type { WorkThread } from './work-thread.ts';

/** Has a thread read blobs again, while this one finds out where they occur. */
export function blobLooker(memory: KernelMemory, thread: WorkThread): BlobLooker {
  return async (store, blobs) => {
    const packs = walkedPacks(store);
    const rows = store.table.count;
    const region = memory.region(lookBytes(packs, rows));
    const order: LookOrder = {
      kind: 'look-order',
      packs,
      region,
      scratch: thread.scratchIn(memory),
      rows,
      blobs,
    };
    return new Map(await thread.ask(order, { hear: (report) => (isLookReport(report) ? report.blobs : undefined) }));
  };
}
