/** Reads all commits, or tags, of packs that lie in the kernel's memory. */
import { type Kernel, type KernelMemory, createKernel } from '../kernel/instance.ts';
import { type CommitPlace, CommitReader, type IdPlace } from './entry-reader.ts';
import type { ObjectTable } from './object-table.ts';
import { COMMIT as COMMIT_CODE, TAG as TAG_CODE } from './object/type.ts';
import { COMMIT, TAG } from './pack/entry.ts';
import { KernelWalk, walkedPacks } from './pack/kernel-walk.ts';
import type { ObjectStore } from './pack/object-store.ts';

/** A commit or a tag that was read. One object for a whole sweep. */
export interface SweptText {
  position: number;
  /** Valid during the call. */
  bytes: Uint8Array;
  /** Its message is made of its own lines, as they are: there is no zero byte in it, and it names no encoding. */
  isPlain: boolean;
}

export interface SweptCommit extends SweptText {
  /** Null if it is of another form than the ordinary one, or names an object that is not there: `parseCommitLinks` then tells more. */
  place: CommitPlace | null;
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
  const reader = new CommitReader(kernel, ids);
  const place: CommitPlace = { tree: -1, parents: [], seconds: 0 };
  const swept: SweptCommit = { position: 0, bytes: new Uint8Array(0), place, isPlain: false };
  return yield* sweepTexts(store, kernel, table, { pack: COMMIT, table: COMMIT_CODE }, (position, at, size) => {
    swept.position = position;
    swept.bytes = memory.bytes.subarray(at, at + size);
    swept.place = reader.readPlace(at, size, place) ? place : null;
    swept.isPlain = reader.isPlain(at, size);
    visit(swept);
  });
}

/**
 * The same with tags.
 *
 * @throws as `sweepCommits`
 */
export function* sweepTags(
  store: ObjectStore,
  memory: KernelMemory,
  table: ObjectTable,
  visit: (tag: SweptText) => void,
): Generator<number, Uint32Array, undefined> {
  const kernel = createKernel(memory);
  const swept: SweptText = { position: 0, bytes: new Uint8Array(0), isPlain: false };
  return yield* sweepTexts(store, kernel, table, { pack: TAG, table: TAG_CODE }, (position, at, size) => {
    swept.position = position;
    swept.bytes = memory.bytes.subarray(at, at + size);
    swept.isPlain = kernel.run.isPlainMessage(at, size) === 1;
    visit(swept);
  });
}

/** @param type - as packs and tables number it. @param visit - told where the bytes lie while the call lasts */
function* sweepTexts(
  store: ObjectStore,
  kernel: Kernel,
  table: ObjectTable,
  type: { readonly pack: number; readonly table: number },
  visit: (position: number, at: number, size: number) => void,
): Generator<number, Uint32Array, undefined> {
  const walk = new KernelWalk(kernel);
  const isRead = new Uint8Array(table.length);
  let read = 0;
  let shown = 0;
  for (const from of walkedPacks(store)) {
    const visitor = {
      enter: (object: { readonly entry: number; readonly size: number; build(): number }): void => {
        const at = object.build();
        if (at < 0) return;
        const position = from.rows[object.entry] ?? 0;
        isRead[position] = 1;
        read++;
        visit(position, at, object.size);
      },
      leave: (): void => undefined,
    };
    for (const _ of walk.walk(from, { type: type.pack, visitor, failed: () => undefined })) {
      yield read - shown;
      shown = read;
    }
    yield read - shown;
    shown = read;
  }
  const all = table.ofType(type.table);
  return read === all.length ? new Uint32Array(0) : all.filter((position) => isRead[position] === 0);
}
