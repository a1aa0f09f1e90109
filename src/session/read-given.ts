import { type PlainFileOptions, readPlainFile } from '../bytes/plain-file.ts';
import { UsageError } from '../errors/usage.ts';

/**
 * A file that settings stand in, or one that was named on the command line.
 * Null only if there is nothing: what cannot be read must not count as empty.
 *
 * @throws UsageError `USAGE_NOT_A_FILE`, `USAGE_FILE_TOO_LARGE`, `USAGE_NO_SUCH_PATH`
 */
export function readIfThere(file: string, options: PlainFileOptions): Uint8Array | null {
  const found = readPlainFile(file, options);
  switch (found.kind) {
    case 'content':
      return found.bytes;
    case 'absent':
      return null;
    case 'odd':
      throw new UsageError('USAGE_NOT_A_FILE', `${file} is ${found.what}, not a plain file`);
    case 'too-large':
      throw new UsageError('USAGE_FILE_TOO_LARGE', `${file} is larger than ${options.most / 2 ** 20} MiB`);
    case 'unreadable':
      throw new UsageError('USAGE_NO_SUCH_PATH', `${file} cannot be read`, { cause: found.cause });
  }
}

/**
 * A file that was named on the command line, from a pipe too.
 *
 * @param most - bytes
 * @throws UsageError as above, and `USAGE_NO_SUCH_PATH` if there is none
 */
export function readNamed(file: string, most: number): Uint8Array {
  const bytes = readIfThere(file, { most, piped: true });
  if (bytes === null) throw new UsageError('USAGE_NO_SUCH_PATH', `there is no ${file}`);
  return bytes;
}

/** Bytes of the largest configuration or rule file. */
export const SETTINGS_MOST = 2 ** 20;
/** Bytes of the largest list of suppressions. */
export const TRIAGE_MOST = 64 * 2 ** 20;
/** Bytes of the largest stored report or log. */
export const REPORT_MOST = 256 * 2 ** 20;
