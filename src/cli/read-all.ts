import type { Readable } from 'node:stream';

import { UsageError } from '../errors/usage.ts';

/** More than any push has refs. */
const MOST = 256 * 1024 * 1024;

/**
 * A stream to its end, as UTF-8.
 *
 * @throws UsageError `USAGE_FILE_TOO_LARGE`
 */
export async function readAll(stream: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of stream) {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
    length += bytes.length;
    if (length > MOST) throw new UsageError('USAGE_FILE_TOO_LARGE', 'standard input is larger than 256 MiB');
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString('utf8');
}
