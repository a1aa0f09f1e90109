import { type BlobVisitor, NO_RUNS, type WalkedBlob } from '../../core/visitor.ts';
import { PackError } from '../../errors/pack.ts';

import { THIN, WHOLE } from './delta-tree.ts';
import { type ObjectType, typeNumber } from './entry.ts';
import type { StoredObject } from './loose.ts';
import { ARENA_LIMIT, NOT_TAKEN, type ObjectStore, rowId, type StoredPack } from './object-store.ts';
import { Workspace } from './object-builder.ts';
import { StoreReader } from './store-reader.ts';
import { DeltaWalk } from './walk.ts';

/** An object that could not be shown. */
export interface Unread {
  readonly row: number;
  readonly id: string;
  readonly error: PackError;
}

export interface WalkRequest {
  readonly type: ObjectType;
  /** Rows of the store's table to show; default: all. Others of the type are only used to build these. */
  readonly wanted?: (row: number) => boolean;
  readonly signal?: AbortSignal;
  /** Reads what a walk cannot; default: a new one. */
  readonly reader?: StoreReader;
}

/** How long other work may have to wait for the walk, about. */
const TURN_MS = 50;

class WalkedObject implements WalkedBlob {
  readonly index: number;
  readonly size: number;
  readonly #store: ObjectStore;

  constructor(store: ObjectStore, index: number, size: number) {
    this.#store = store;
    this.index = index;
    this.size = size;
  }

  get id(): string {
    return rowId(this.#store, this.index);
  }
}

/**
 * Shows a visitor every object of one type, each once: `WalkedBlob.index` is
 * its row in the store's table. Objects whose type nobody can tell belong to
 * every type: they are in every list of the unread.
 *
 * @returns what could not be shown; codes `PACK_OBJECT_TOO_LARGE` are for
 *   `git cat-file`, which needs no arena
 */
export async function walkObjects(store: ObjectStore, visitor: BlobVisitor, request: WalkRequest): Promise<Unread[]> {
  const unread: Unread[] = [];
  let turnEnds = performance.now() + TURN_MS;
  let steps = 0;
  for (const _ of walkSteps(store, visitor, request, (one) => unread.push(one))) {
    if ((++steps & 63) !== 0 || performance.now() < turnEnds) continue;
    // Other work of the process has its turn: an interrupt, a progress line.
    await new Promise((resolve) => setImmediate(resolve));
    request.signal?.throwIfAborted();
    turnEnds = performance.now() + TURN_MS;
  }
  return unread;
}

/** As `walkObjects`, one step (of at most one object) at a time. */
export function walkSteps(
  store: ObjectStore,
  visitor: BlobVisitor,
  request: WalkRequest,
  onUnread: (unread: Unread) => void,
): Generator<void, void, undefined> {
  return new StoreWalk(store, visitor, request, onUnread).run();
}

class StoreWalk {
  readonly #store: ObjectStore;
  readonly #visitor: BlobVisitor;
  readonly #request: WalkRequest;
  readonly #type: number;
  readonly #reader: StoreReader;
  readonly #onUnread: (unread: Unread) => void;
  /** Rows to be read by id, with what went wrong before. */
  readonly #others: { row: number; error: PackError | null }[] = [];

  constructor(store: ObjectStore, visitor: BlobVisitor, request: WalkRequest, onUnread: (unread: Unread) => void) {
    this.#store = store;
    this.#visitor = visitor;
    this.#request = request;
    this.#type = typeNumber(request.type);
    this.#reader = request.reader ?? new StoreReader(store);
    this.#onUnread = onUnread;
  }

  *run(): Generator<void, void, undefined> {
    yield* this.#packs();
    yield* this.#rest();
  }

  *#packs(): Generator<void, void, undefined> {
    const workspace = new Workspace(this.#store.options.arenaLimit ?? ARENA_LIMIT);
    for (const stored of this.#store.packs) {
      const { pack, forest, rows } = stored;
      const walk = new DeltaWalk(pack, forest, this.#visitor, {
        workspace,
        wanted: this.#wantedEntries(stored),
        verifyObjects: this.#store.options.verifyObjects === true,
        indexOf: (entry) => rows[entry] ?? 0,
        failed: (entry, error) => this.#others.push({ row: rows[entry] ?? 0, error }),
      });
      for (let entry = 0; entry < forest.count; entry++) {
        if (forest.bases[entry] !== WHOLE || forest.types[entry] !== this.#type) continue;
        walk.begin(entry);
        yield;
        while (walk.step()) yield;
      }
    }
  }

  /** Everything that no walk reaches, one by one. */
  *#rest(): Generator<void, void, undefined> {
    this.#addLoose();
    for (const { row, error } of this.#others) {
      this.#showByRow(row, error);
      yield;
    }
  }

  #isWanted(row: number): boolean {
    return row !== NOT_TAKEN && (this.#request.wanted?.(row) ?? true);
  }

  #wantedEntries({ forest, rows }: StoredPack): Uint8Array {
    const wanted = new Uint8Array(forest.count);
    for (let entry = 0; entry < forest.count; entry++) {
      const type = forest.types[entry] ?? 0;
      if (type === this.#type) wanted[entry] = this.#isWanted(rows[entry] ?? NOT_TAKEN) ? 1 : 0;
      else if ((type === THIN || type === 0) && this.#isWanted(rows[entry] ?? NOT_TAKEN))
        this.#others.push({ row: rows[entry] ?? 0, error: null });
    }
    return wanted;
  }

  #addLoose(): void {
    const { table, packs } = this.#store;
    for (let row = 0; row < table.count; row++)
      if ((table.listOf[row] ?? 0) >= packs.length && this.#isWanted(row)) this.#others.push({ row, error: null });
  }

  #showByRow(row: number, error: PackError | null): void {
    try {
      const object = this.#readRow(row, error);
      if (object.type === this.#request.type) this.#show(row, object);
    } catch (reason) {
      if (!(reason instanceof PackError)) throw reason;
      this.#onUnread({ row, id: rowId(this.#store, row), error: reason });
    }
  }

  /** Reads another copy where the one that was preferred failed. */
  #readRow(row: number, error: PackError | null): StoredObject {
    const { ids, idSize } = this.#store.table;
    // Another copy is as large.
    if (error?.code === 'PACK_OBJECT_TOO_LARGE') throw error;
    const id = ids.subarray(row * idSize, (row + 1) * idSize);
    const object = this.#reader.readOther(id, error ? row : null);
    if (object) return object;
    throw error ?? new PackError('OBJECT_MISSING', `${rowId(this.#store, row)} is listed and in no place`);
  }

  #show(row: number, { bytes }: StoredObject): void {
    const blob = new WalkedObject(this.#store, row, bytes.length);
    this.#visitor.enter(blob, null, NO_RUNS, (start, end) => {
      if (start >= 0 && start <= end && end <= bytes.length) return bytes.subarray(start, end);
      throw new RangeError(`[${start}, ${end}) is not in a blob of ${bytes.length} bytes`);
    });
    this.#visitor.leave(blob);
  }
}
