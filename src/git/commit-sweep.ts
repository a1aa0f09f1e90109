/** Reads all commits of packs that lie in the kernel's memory. */
import { type KernelMemory, createKernel } from '../kernel/instance.ts';
import { type CommitPlace, CommitReader, type IdPlace } from './entry-reader.ts';
import type { ObjectTable } from './object-table.ts';
import { COMMIT as COMMIT_CODE } from './object/type.ts';
import { COMMIT } from './pack/entry.ts';
import { KernelWalk, walkedPacks } from './pack/kernel-walk.ts';
import type { ObjectStore } from './pack/object-store.ts';

/** A commit that was read. One object for a whole sweep. */
export interface SweptCommit {
  position: number;
  /** Valid during the call. */
  bytes: Uint8Array;
  /** Null if it is of another form than the ordinary one, or names an object that is not there: `parseCommitLinks` then tells more. */
  place: CommitPlace | null;
  /** Its message is made of its own lines, as they are: there is no zero byte in it, and it names no encoding. */
  isPlain: boolean;
}

/**
 * Shows all commits of a store that lie in packs in the kernel's memory.
 *
 * @param ids - the store's
 * @param table - of the store's rows
 * @returns after yielding, now and then, how many were shown since: positions of the others, ascending
 * @throws KernelError `KERNEL_UNAVAILABLE`, `KERNEL_MEMORY`
 */
export function* sweepCommits(
  store: ObjectStore,
  ids: IdPlace,
  memory: KernelMemory,
  table: ObjectTable,
  visit: (commit: SweptCommit) => void,
): Generator<number, Uint32Array, undefined> {
  const kernel = createKernel(memory);
  const walk = new KernelWalk(kernel);
  const reader = new CommitReader(kernel, ids);
  const isRead = new Uint8Array(table.length);
  let read = 0;
  const place: CommitPlace = { tree: -1, parents: [], seconds: 0 };
  const swept: SweptCommit = { position: 0, bytes: new Uint8Array(0), place, isPlain: false };
  for (const from of walkedPacks(store)) {
    let shown = 0;
    const visitor = {
      enter: (commit: { readonly entry: number; readonly size: number; build(): number }): void => {
        const at = commit.build();
        const position = from.rows[commit.entry] ?? 0;
        if (at < 0) return;
        isRead[position] = 1;
        read++;
        shown++;
        swept.position = position;
        swept.bytes = memory.bytes.subarray(at, at + commit.size);
        swept.place = reader.readPlace(at, commit.size, place) ? place : null;
        swept.isPlain = reader.isPlain(at, commit.size);
        visit(swept);
      },
      leave: (): void => undefined,
    };
    for (const _ of walk.walk(from, { type: COMMIT, visitor, failed: () => undefined })) {
      yield shown;
      shown = 0;
    }
    yield shown;
  }
  const commits = table.ofType(COMMIT_CODE);
  return read === commits.length ? new Uint32Array(0) : commits.filter((position) => isRead[position] === 0);
}
