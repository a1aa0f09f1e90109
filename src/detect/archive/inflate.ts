import type { Problem } from '../../core/coverage.ts';
import { type ArchiveBudget, archiveProblem, tooManyBytes } from './archive.ts';

/** Loaded when the first archive is met: most runs meet none. */
const zlib = () => process.getBuiltinModule('node:zlib');

/** Inflates within the budget and takes from it. `raw`: without a gzip or zlib wrapper. */
export function inflate(bytes: Uint8Array, wrapper: 'raw' | 'gzip', budget: ArchiveBudget): Uint8Array | Problem {
  if (budget.bytes <= 0) return tooManyBytes();
  try {
    const options = { maxOutputLength: budget.bytes };
    const out = wrapper === 'raw' ? zlib().inflateRawSync(bytes, options) : zlib().gunzipSync(bytes, options);
    budget.bytes -= out.length;
    return out;
  } catch (error) {
    if (error instanceof RangeError) {
      budget.bytes = 0;
      return tooManyBytes();
    }
    return archiveProblem('ARCHIVE_DAMAGED', 'Compressed data of an archive is damaged');
  }
}
