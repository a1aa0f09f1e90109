import { accessSync, constants, lstatSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { UsageError } from '../../errors/usage.ts';
import { writeFileSafely } from '../../triage/write-file.ts';
import { OUTPUT } from '../flags/output.ts';
import type { Options } from '../options.ts';
import type { Streams } from '../streams.ts';

/** Where a report goes. */
export interface Delivery {
  /** The file, or null for standard output. */
  readonly file: string | null;
  /** @throws UsageError `USAGE_OUTPUT` */
  deliver(pieces: Iterable<string>): Promise<void>;
}

/**
 * Checks `--output` before any work is done for it.
 *
 * @throws UsageError `USAGE_OUTPUT` for a file that plainly cannot be written
 */
export function deliveryFor(options: Options, streams: Streams): Delivery {
  const file = options.get(OUTPUT);
  if (file === undefined || file === '-' || file === '/dev/stdout') {
    return { file: null, deliver: (pieces) => print(pieces, streams) };
  }
  checkWritable(file);
  return {
    file,
    async deliver(pieces) {
      try {
        if (isDevice(file)) writeFileSync(file, [...pieces].join(''));
        else writeFileSafely(file, pieces, 0o600);
      } catch (cause) {
        throw unwritable(file, cause);
      }
    },
  };
}

/** Characters, at least: a report comes in very many pieces. */
const WRITTEN_AT_ONCE = 1 << 16;

async function print(pieces: Iterable<string>, { out }: Streams): Promise<void> {
  let waiting = '';
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length < WRITTEN_AT_ONCE) continue;
    out.write(waiting);
    await out.drained();
    waiting = '';
  }
  out.write(waiting);
  await out.drained();
}

function checkWritable(file: string): void {
  try {
    const present = lstatSync(file, { throwIfNoEntry: false });
    if (present?.isDirectory() === true || present?.isSymbolicLink() === true)
      throw new UsageError('USAGE_OUTPUT', `${file} is ${present.isDirectory() ? 'a folder' : 'a symbolic link'}`);
    // A regular file is replaced by a new one, so its folder has to be writable.
    accessSync(isDevice(file) ? file : path.dirname(file), constants.W_OK);
  } catch (cause) {
    throw cause instanceof UsageError ? cause : unwritable(file, cause);
  }
}

/** `/dev/null`, a pipe with a name: written to, not replaced. */
function isDevice(file: string): boolean {
  const present = lstatSync(file, { throwIfNoEntry: false });
  return present !== undefined && (present.isCharacterDevice() || present.isFIFO());
}

function unwritable(file: string, cause: unknown): UsageError {
  return new UsageError('USAGE_OUTPUT', `${file} cannot be written`, { cause });
}
