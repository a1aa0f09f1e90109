/** Reads whole stores as the tests need it, and checks the visitor's contract on the way. */
import assert from 'node:assert/strict';

import type { BlobVisitor, ReadRange, Runs, WalkedBlob } from '../../src/core/visitor.ts';
import type { PackError } from '../../src/errors/pack.ts';
import type { ObjectType } from '../../src/git/pack/entry.ts';
import { hashFormat } from '../../src/git/pack/hash-format.ts';
import { closeObjectStore, openObjectStore, type StoreOptions } from '../../src/git/pack/object-store.ts';
import { walkObjects } from '../../src/git/pack/store-walk.ts';

import type { GitObject } from './pack-repository.ts';

/** Objects by id, and the codes of everything that was reported or left unread. */
export interface Reading {
  readonly objects: Map<string, GitObject>;
  readonly codes: string[];
  /** Ids left unread. */
  readonly unread: string[];
  /** Deltas seen, and junctions where nothing was inserted. */
  readonly deltas: number;
  readonly seams: number;
}

/** Keeps the bytes of what may still get children, to hold every run against them. */
export class CheckingVisitor implements BlobVisitor {
  readonly shown = new Map<number, { id: string; bytes: Buffer }>();
  readonly #open = new Map<number, Buffer>();
  deltas = 0;
  seams = 0;

  enter(blob: WalkedBlob, parent: WalkedBlob | null, runs: Runs, read: ReadRange): void {
    assert(!this.shown.has(blob.index), 'shown twice');
    const bytes = Buffer.from(read(0, blob.size));
    assert.equal(bytes.length, blob.size);
    if (parent) this.#checkRuns(bytes, this.#open.get(parent.index), runs);
    else assert.equal(runs.count, 0);
    this.#checkRanges(bytes, read);
    this.shown.set(blob.index, { id: blob.id, bytes });
    this.#open.set(blob.index, bytes);
  }

  leave(blob: WalkedBlob): void {
    assert(this.#open.delete(blob.index), 'left without having been entered');
  }

  /** Nothing may be left open at the end. */
  get open(): number {
    return this.#open.size;
  }

  #checkRuns(child: Buffer, parent: Buffer | undefined, runs: Runs): void {
    assert(parent, 'the parent was left before');
    this.deltas++;
    let end = 0;
    let parentEnd = -1;
    for (let i = 0; i < runs.count; i++) {
      const [from, start, length] = [runs.parentStart[i]!, runs.childStart[i]!, runs.length[i]!];
      if (
        length <= 0 ||
        start < end ||
        !child.subarray(start, start + length).equals(parent.subarray(from, from + length))
      )
        assert.fail(`run ${i} is wrong`);
      // Maximal: where two runs touch in the child, they do not in the parent.
      if (start === end && from === parentEnd) assert.fail(`run ${i} is not maximal`);
      if (start === end && i > 0) this.seams++;
      end = start + length;
      parentEnd = from + length;
    }
    assert(end <= child.length, 'a run passes the end');
  }

  #checkRanges(bytes: Buffer, read: ReadRange): void {
    for (const [start, end] of [
      [0, 0],
      [bytes.length, bytes.length],
      [bytes.length >> 1, bytes.length],
      [bytes.length >> 2, bytes.length >> 1],
    ])
      if (!bytes.subarray(start, end).equals(read(start!, end!))) assert.fail(`range [${start}, ${end}) is wrong`);
    assert.throws(() => read(0, bytes.length + 1), RangeError);
    assert.throws(() => read(-1, 0), RangeError);
  }
}

const TYPES: readonly ObjectType[] = ['commit', 'tree', 'blob', 'tag'];

export interface ReadOptions extends Partial<Omit<StoreOptions, 'format' | 'report'>> {
  readonly format?: 'sha1' | 'sha256';
}

/** Walks all four types of a store. */
export async function readStore(directory: string, options: ReadOptions = {}): Promise<Reading> {
  const errors: PackError[] = [];
  const { format = 'sha1', ...rest } = options;
  const store = openObjectStore(directory, {
    ...rest,
    format: hashFormat(format),
    report: (error) => errors.push(error),
  });
  const objects = new Map<string, GitObject>();
  const unread = new Map<string, PackError>();
  let deltas = 0;
  let seams = 0;
  for (const type of TYPES) {
    const visitor = new CheckingVisitor();
    for (const { id, error } of await walkObjects(store, visitor, { type })) unread.set(id, error);
    for (const { id, bytes } of visitor.shown.values()) {
      assert(!objects.has(id), `${id} has two types`);
      objects.set(id, { type, bytes });
    }
    assert.equal(visitor.open, 0);
    deltas += visitor.deltas;
    seams += visitor.seams;
  }
  closeObjectStore(store);
  for (const error of [...errors, ...unread.values()]) assert.match(error.mend ?? '', /\w/);
  const codes = [...new Set([...errors, ...unread.values()].map(({ code }) => code))].toSorted();
  return { objects, codes, unread: [...unread.keys()].toSorted(), deltas, seams };
}

/** Compares without printing megabytes when it fails. */
export function expectSameObjects(actual: Map<string, GitObject>, expected: Map<string, GitObject>): void {
  assert.deepEqual([...actual.keys()].toSorted(), [...expected.keys()].toSorted());
  const wrong = [...expected].filter(([id, { type, bytes }]) => {
    const found = actual.get(id);
    return found?.type !== type || !found.bytes.equals(bytes);
  });
  assert.deepEqual(
    wrong.map(([id]) => id),
    [],
  );
}
