/**
 * Names of entries as facts hold them. One in which something was found is not
 * to lie in a file: instead of it stands where it can be read again, an entry of
 * a tree.
 */
import { ByteSet } from '../../bytes/byte-set.ts';
import { EntryCursor } from '../../git/object/tree.ts';
import type { TreeDeltas } from '../../git/tree-deltas.ts';

/** A set of names without those that are withheld. */
export interface KeptNames {
  /** One after the other; a name that is withheld has no bytes. */
  readonly bytes: Uint8Array;
  /** Where each starts in `bytes`, and after the last one the end. */
  readonly starts: Uint32Array;
  /** Of each name that is withheld: its number, the position of a tree, and which of its entries has it. */
  readonly withheld: Int32Array;
}

/**
 * @param isClean - by number of a name: 1 for those that may be kept; of the names to be kept, the first ones
 * @param treesOf - those whose entries have the names; asked for where one may not be kept
 * @returns null where a name that may not be kept is in none of the trees
 */
export function withholdNames(names: ByteSet, isClean: Uint8Array, treesOf: () => TreeDeltas): KeptNames | null {
  const count = isClean.length;
  const { bytes, starts } = names.parts;
  if (!isClean.includes(0))
    return {
      bytes: bytes.subarray(0, starts[count]),
      starts: Uint32Array.from(starts.subarray(0, count + 1)),
      withheld: new Int32Array(0),
    };
  const kept = new Uint8Array(starts[count] ?? 0);
  const keptStarts = new Uint32Array(count + 1);
  let end = 0;
  for (let number = 0; number < count; number++) {
    const name = isClean[number] === 1 ? names.view(number) : NO_BYTES;
    kept.set(name, end);
    end += name.length;
    keptStarts[number + 1] = end;
  }
  const withheld = placesOf(isClean, treesOf());
  return withheld && { bytes: kept.subarray(0, end), starts: keptStarts, withheld };
}

const NO_BYTES = new Uint8Array(0);

/** See `KeptNames.withheld`. */
function placesOf(isClean: Uint8Array, trees: TreeDeltas): Int32Array | null {
  const left = new Set<number>();
  for (const [number, clean] of isClean.entries()) if (clean === 0) left.add(number);
  const places: number[] = [];
  for (let i = 0; i < trees.order.length && left.size > 0; i++) {
    const tree = trees.order.at(i);
    const found: number[] = [];
    trees.eachOwn(tree, (edge) => {
      if (left.delete(trees.entries.at(edge) >> 2)) found.push(edge);
    });
    if (found.length === 0) continue;
    const edges = trees.edgesOf(tree);
    for (const edge of found) places.push(trees.entries.at(edge) >> 2, tree, edges.indexOf(edge));
  }
  return left.size === 0 ? Int32Array.from(places) : null;
}

/**
 * The set that `withholdNames` was given.
 *
 * @param readTree - the bytes of the tree at a position; null if it cannot be read
 * @returns null where a name cannot be had again
 */
export function restoreNames(
  { bytes, starts, withheld }: KeptNames,
  idBytes: number,
  readTree: (position: number) => Uint8Array | null,
): ByteSet | null {
  const restored = namesAt(withheld, idBytes, readTree);
  if (restored === null) return null;
  const names = new ByteSet();
  for (let number = 0; number + 1 < starts.length; number++) {
    const name = restored.get(number) ?? bytes.subarray(starts[number], starts[number + 1]);
    if (name.length === 0 || names.add(name, 0, name.length) !== number) return null;
  }
  return names;
}

/** Names that are withheld, by their numbers. Each tree is read once. */
function namesAt(
  withheld: Int32Array,
  idBytes: number,
  readTree: (position: number) => Uint8Array | null,
): Map<number, Uint8Array> | null {
  const wanted = new Map<number, Map<number, number>>();
  for (let at = 0; at + 2 < withheld.length; at += 3) {
    const [number = 0, tree = 0, entry = 0] = withheld.subarray(at, at + 3);
    const entries = wanted.get(tree) ?? new Map<number, number>();
    wanted.set(tree, entries.set(entry, number));
  }
  const found = new Map<number, Uint8Array>();
  const cursor = new EntryCursor(idBytes);
  for (const [tree, entries] of wanted) {
    const bytes = readTree(tree);
    if (bytes === null) return null;
    let at = 0;
    for (let entry = 0; at < bytes.length && cursor.read(bytes, at); entry++) {
      const number = entries.get(entry);
      if (number !== undefined) found.set(number, bytes.slice(cursor.nameStart, cursor.nameEnd));
      at = cursor.end;
    }
  }
  return found.size === withheld.length / 3 ? found : null;
}
