import type { CoverageLog } from '../../core/coverage.ts';
import type { ScannedBlob } from '../../core/source.ts';
import { isScanError } from '../../errors/base.ts';
import type { StoredScan, StoredScanResult } from '../../git/pack/stored-scan.ts';
import { POINTER, lfsObject } from '../lfs.ts';
import type { Remembered } from './remembered.ts';
import type { HistoryStore } from './store.ts';

/** Blobs that are scanned in their packs, while the rest of a history is being read. */
export class StoredBlobs {
  /** Those with anything to say of them, when all is done. */
  found: readonly ScannedBlob[] = [];
  /** Objects of LFS that blobs point at. */
  pointed: readonly string[] = [];
  readonly #store: HistoryStore;
  readonly #remembered: Remembered;
  readonly #positions: Uint32Array;
  readonly #result: Promise<StoredScanResult | null>;
  #beIdle: () => void = () => undefined;

  /** Begins at once. @param isAll - nothing was left out of what is remembered as fresh: they are all blobs */
  constructor(
    store: HistoryStore,
    scan: StoredScan | undefined,
    remembered: Remembered,
    isAll: boolean,
    onProgress: (objects: number, bytes: number) => void,
    signal: AbortSignal,
  ) {
    this.#store = store;
    this.#remembered = remembered;
    const positions = remembered.fresh;
    this.#positions = positions;
    const idle = new Promise<void>((resolve) => void (this.#beIdle = resolve));
    this.#result =
      scan === undefined || store.packs === null || positions.length === 0
        ? Promise.resolve(null)
        : scan({
            store: store.packs,
            wanted: positions,
            isAll,
            marker: POINTER,
            idle,
            onProgress,
            signal,
          }).catch(withoutKernel);
    // Whoever waits for the result hears of its failure; until then nobody does.
    this.#result.catch(() => undefined);
  }

  /** Lets this thread take part in what is left of it; whatever else it is asked for comes in between. */
  join(): void {
    this.#beIdle();
  }

  /** Takes part, and waits for the end. @returns positions of the blobs that are still to be read */
  async finish(coverage: CoverageLog): Promise<Uint32Array> {
    this.join();
    const result = await this.#result;
    this.#remembered.cover(coverage);
    // What was answered twice or not at all was not answered: then each blob is read by itself.
    if (result === null || result.objects + result.unread.length !== this.#positions.length) return this.#positions;
    const { table } = this.#store;
    coverage.add('blobs', result.objects);
    coverage.add('bytesCovered', result.bytes);
    coverage.add('bytesScanned', result.scanned);
    this.pointed = result.marked.flatMap(({ content }) => lfsObject(content) ?? []);
    this.found = result.found.map(({ row, scan }) => ({ id: table.hex(row), kind: 'blob', scan }));
    this.#remember(result);
    return result.unread;
  }

  /** What was decided, and of what there is nothing to say. */
  #remember({ unread, found, marked, sizes }: StoredScanResult): void {
    if (!this.#remembered.isKept) return;
    const told = new Set([...unread, ...found.map(({ row }) => row), ...marked.map(({ row }) => row)]);
    const bytes = sizes();
    for (const position of this.#positions)
      if (!told.has(position)) this.#remembered.add(position, bytes[position] ?? 0);
  }
}

/** Where there is no kernel, or no memory for it, blobs are read one by one. */
function withoutKernel(error: unknown): null {
  if (isScanError(error)) return null;
  throw error;
}
