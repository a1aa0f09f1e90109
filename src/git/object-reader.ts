import { type BatchItem, readObjects } from './cat-file.ts';
import type { ObjectTable } from './object-table.ts';
import type { Repository } from './repository.ts';

/**
 * Reads objects of a table in bulk. `cat-file` answers for every repository;
 * a reader of packs may stand in for it.
 */
export interface ObjectReader {
  /**
   * One item for each position, in any order; `item.at` counts in
   * `positions`. Content is valid until the next list is asked for.
   */
  read(positions: Uint32Array, signal: AbortSignal): AsyncIterable<readonly BatchItem[]>;
}

/** The reader that asks git. */
export function catFileReader(
  repository: Repository,
  table: ObjectTable,
  onMessage: (line: string) => void,
): ObjectReader {
  return {
    read: (positions, signal) =>
      readObjects(
        repository.invocation,
        {
          length: positions.length,
          idLength: table.idLength,
          hex: (at) => table.hex(positions[at] ?? 0),
        },
        { signal, onMessage },
      ),
  };
}
