/** The entries of an archive in which something was found, unpacked once more to see on which line. */
import { openArchive } from '../detect/archive/open.ts';
import { factsOf } from '../detect/facts.ts';
import { type ArchiveBudget } from '../detect/archive/archive.ts';
import { DEFAULT_LIMITS } from '../core/limits.ts';

export interface InnerText {
  /** Path inside of the archive; `!` stands between an archive within it and its entries. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The entries called one of `names`, in the archive's order; more than one may have the same name. */
export function* innerTexts(bytes: Uint8Array, names: ReadonlySet<string>): Generator<InnerText> {
  const { archiveBytes, archiveEntries } = DEFAULT_LIMITS;
  yield* entriesOf(bytes, '', names, 0, { bytes: archiveBytes, entries: archiveEntries });
}

function* entriesOf(
  bytes: Uint8Array,
  outer: string,
  names: ReadonlySet<string>,
  depth: number,
  budget: ArchiveBudget,
): Generator<InnerText> {
  const facts = factsOf(bytes, bytes.length);
  if (facts.kind !== 'archive' || depth >= DEFAULT_LIMITS.archiveDepth) return;
  for (const entry of openArchive(bytes, facts.format, budget)) {
    if ('code' in entry) continue;
    const name = outer === '' ? entry.name : `${outer}!${entry.name}`;
    if (names.has(name)) yield { name, bytes: entry.bytes };
    if (within(name, names)) yield* entriesOf(entry.bytes, name, names, depth + 1, budget);
  }
}

function within(name: string, names: ReadonlySet<string>): boolean {
  for (const one of names) if (one.startsWith(`${name}!`)) return true;
  return false;
}
