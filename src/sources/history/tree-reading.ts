/** What is done alike with trees that are read one by one. */
import type { ByteSet } from '../../bytes/byte-set.ts';
import type { CoverageLog } from '../../core/coverage.ts';
import { KIND_GITLINK, type TreeDeltas, TreeWriter } from '../../git/tree-deltas.ts';
import { type HistoryStore, report } from './store.ts';

/** Piece of work on trees. */
export interface TreesRead {
  readonly objects: number;
  readonly bytes: number;
}

/** Reads trees as wholes. @param malformed - positions of those that break off are added */
export async function* readTrees(
  { reader, table }: HistoryStore,
  deltas: TreeDeltas,
  positions: Uint32Array,
  coverage: CoverageLog,
  malformed: Set<number>,
  signal: AbortSignal,
): AsyncGenerator<TreesRead, void, undefined> {
  const writer = new TreeWriter(deltas);
  for await (const items of reader.read(positions, signal)) {
    let bytes = 0;
    for (const item of items) {
      const position = positions[item.at] ?? 0;
      if (item.kind === 'object' && item.content instanceof Uint8Array) {
        bytes += item.size;
        if (!writer.readWhole(position, item.content, 0, item.content.length)) malformed.add(position);
      } else report(coverage, 'GIT_OBJECT_CORRUPT', `Tree ${table.hex(position)} cannot be read`);
    }
    yield { objects: items.length, bytes };
  }
}

/** Numbers of the names of gitlinks. */
export function gitlinksOf({ entries }: TreeDeltas): Set<number> {
  const names = new Set<number>();
  for (let edge = 0; edge < entries.length; edge++) {
    const entry = entries.at(edge);
    if ((entry & 3) === KIND_GITLINK) names.add(entry >> 2);
  }
  return names;
}

/** Says what is wrong with trees, and what they name that is not theirs. */
export function tellTrees(
  { table }: HistoryStore,
  names: ByteSet,
  gitlinks: Iterable<number>,
  malformed: ReadonlySet<number>,
  coverage: CoverageLog,
): void {
  for (const position of malformed)
    report(coverage, 'GIT_OBJECT_MALFORMED', `Tree ${table.hex(position)} is malformed`);
  const told = [...gitlinks].map((name) => names.get(name)?.toString('utf8') ?? '');
  // In an order that does not depend on that of reading.
  for (const name of told.toSorted()) coverage.skip('gitlink', name);
}
