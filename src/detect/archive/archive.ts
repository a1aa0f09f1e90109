import type { Problem } from '../../core/coverage.ts';
import { type ContentProblemCode, contentMend } from '../../errors/content.ts';
import type { ArchiveFormat } from '../facts.ts';

/** One file of an archive, unpacked. */
export interface ArchiveEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What may still be unpacked from one outermost archive, everything nested in it included. */
export interface ArchiveBudget {
  bytes: number;
  entries: number;
}

/**
 * Opens an archive. Entries come one at a time, in the archive's order; what
 * cannot be read comes as a problem, and the rest goes on.
 */
export type ArchiveOpener = (
  bytes: Uint8Array,
  format: ArchiveFormat,
  budget: ArchiveBudget,
) => Iterable<ArchiveEntry | Problem>;

export type ArchiveProblemCode = Extract<ContentProblemCode, `ARCHIVE_${string}`>;

export function archiveProblem(code: ArchiveProblemCode, message: string): Problem {
  return { code, message, mend: contentMend(code) };
}

/** Takes one entry from the budget; a problem if there is none left. */
export function takeEntry(budget: ArchiveBudget): Problem | null {
  return budget.entries-- > 0 ? null : archiveProblem('ARCHIVE_ENTRIES', 'An archive has more entries than are read');
}

export function tooManyBytes(): Problem {
  return archiveProblem('ARCHIVE_BYTES', 'An archive expands to more bytes than are read');
}
