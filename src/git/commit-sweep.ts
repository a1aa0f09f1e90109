/** Reads all commits of packs that lie in the kernel's memory. */
import { type KernelMemory, createKernel } from '../kernel/instance.ts';
import type { ObjectTable } from './object-table.ts';
import { COMMIT as COMMIT_CODE } from './object/type.ts';
import { COMMIT } from './pack/entry.ts';
import { KernelWalk, walkedPacks } from './pack/kernel-walk.ts';
import { type ObjectStore, entriesOfType } from './pack/object-store.ts';

/** What places a commit in a history, as positions in a table. One object for a whole sweep. */
export interface CommitPlace {
  tree: number;
  readonly parents: number[];
  /** Seconds since 1970. */
  seconds: number;
}

/** @param commit - its bytes, valid during the call */
export type CommitVisitor = (position: number, commit: Uint8Array) => void;

/**
 * Shows all commits of a store that lie in packs in the kernel's memory.
 *
 * @param table - of the store's rows
 * @returns after yielding, now and then, how many were shown since: positions of the others, ascending
 * @throws KernelError `KERNEL_UNAVAILABLE`, `KERNEL_MEMORY`
 */
export function* sweepCommits(
  store: ObjectStore,
  memory: KernelMemory,
  table: ObjectTable,
  visit: CommitVisitor,
): Generator<number, Uint32Array, undefined> {
  const walk = new KernelWalk(createKernel(memory));
  const isRead = new Uint8Array(table.length);
  for (const from of walkedPacks(store)) {
    const wanted = entriesOfType(from, COMMIT);
    const bytes = new Uint8Array(memory.memory.buffer);
    let shown = 0;
    const visitor = {
      enter: (commit: { readonly entry: number; readonly size: number; build(): number }): void => {
        const at = commit.build();
        const position = from.rows[commit.entry] ?? 0;
        if (at < 0) return;
        isRead[position] = 1;
        shown++;
        visit(position, bytes.subarray(at, at + commit.size));
      },
      leave: (): void => undefined,
    };
    for (const _ of walk.walk(from, { wanted, visitor, failed: () => undefined })) {
      yield shown;
      shown = 0;
    }
    yield shown;
  }
  return table.ofType(COMMIT_CODE).filter((position) => isRead[position] === 0);
}

const NEWLINE = 10;
const SPACE = 0x20;
const GREATER = 0x3e;
const TREE_LINE = Buffer.from('tree ');
const PARENT_LINE = Buffer.from('parent ');
const AUTHOR_LINE = Buffer.from('author ');
const COMMITTER_LINE = Buffer.from('committer ');

/**
 * Reads the links of a commit of the ordinary form without making an object.
 *
 * @returns false if it is of another form, or names an object that the table
 *   does not have: `parseCommitLinks` then tells more
 */
export function readPlace(commit: Uint8Array, table: ObjectTable, place: CommitPlace): boolean {
  const { idLength } = table;
  place.parents.length = 0;
  place.tree = linked(commit, 0, TREE_LINE, table);
  let at = TREE_LINE.length + idLength + 1;
  for (; startsWith(commit, at, PARENT_LINE); at += PARENT_LINE.length + idLength + 1) {
    const parent = linked(commit, at, PARENT_LINE, table);
    if (parent < 0) return false;
    place.parents.push(parent);
  }
  if (place.tree < 0 || !startsWith(commit, at, AUTHOR_LINE)) return false;
  at = commit.indexOf(NEWLINE, at) + 1;
  if (at === 0 || !startsWith(commit, at, COMMITTER_LINE)) return false;
  const end = commit.indexOf(NEWLINE, at);
  if (end < 0 || commit[end + 1] === SPACE) return false;
  place.seconds = secondsIn(commit, at, end);
  return true;
}

function startsWith(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

/** Position of the object that a line names, or −1. */
function linked(commit: Uint8Array, at: number, word: Uint8Array, table: ObjectTable): number {
  const end = at + word.length + table.idLength;
  return startsWith(commit, at, word) && commit[end] === NEWLINE ? table.findHexAt(commit, at + word.length) : -1;
}

/** The first number that follows `> `; 0 if there is none, as git takes it. */
function secondsIn(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to - 2; at++) {
    if (bytes[at] !== GREATER || bytes[at + 1] !== SPACE) continue;
    let seconds = 0;
    let digits = 0;
    for (let i = at + 2; i < to && digits < 15; i++, digits++) {
      const digit = (bytes[i] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      seconds = seconds * 10 + digit;
    }
    if (digits > 0) return seconds;
  }
  return 0;
}
