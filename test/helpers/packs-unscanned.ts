import type { PackScanner } from '../../src/git/pack/stored-scan.ts';
import { KernelMemory } from '../../src/kernel/instance.ts';

/** Has packs held in kernel memory, and leaves every blob in them to be handed out. */
export function leavesAll(): PackScanner {
  return {
    memory: new KernelMemory(256 << 20),
    prepare: () => undefined,
    sweepTrees: null,
    look: null,
    end: () => undefined,
    mayHold: () => true,
    equip: () => null,
    scan: ({ wanted }) =>
      Promise.resolve({
        found: [],
        marked: [],
        unread: wanted,
        sizes: () => new Uint32Array(0),
        objects: 0,
        bytes: 0,
        scanned: 0,
      }),
  };
}
