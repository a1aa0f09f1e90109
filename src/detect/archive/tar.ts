import { latin1 } from '../../bytes/latin1.ts';
import type { Problem } from '../../core/coverage.ts';
import { type ArchiveBudget, type ArchiveEntry, archiveProblem, takeEntry, tooManyBytes } from './archive.ts';

/** POSIX.1-2017 pax, "ustar Interchange Format"; `L` is GNU's long name. */
const BLOCK = 512;

interface Header {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/** The regular files of a tar archive. */
export function* openTar(bytes: Uint8Array, budget: ArchiveBudget): Generator<ArchiveEntry | Problem> {
  let longName: string | null = null;
  for (let at = 0; at + BLOCK <= bytes.length;) {
    if (isZero(bytes, at)) return;
    const header = readHeader(bytes, at);
    const start = at + BLOCK;
    if (!header || start + header.size > bytes.length) {
      yield archiveProblem('ARCHIVE_DAMAGED', 'A tar archive is damaged or cut short');
      return;
    }
    const empty = takeEntry(budget);
    if (empty) {
      yield empty;
      return;
    }
    const body = bytes.subarray(start, start + header.size);
    at = start + Math.ceil(header.size / BLOCK) * BLOCK;
    if (header.type === 'L') longName = latin1(body).replace(/\0.*$/s, '');
    else if (header.type === 'x') longName = paxPath(body) ?? longName;
    else {
      if (header.type === '0' || header.type === '\0' || header.type === '7')
        yield* file(longName ?? header.name, body, budget);
      longName = null;
    }
  }
  // A whole archive ends with blocks of zeros.
  yield archiveProblem('ARCHIVE_DAMAGED', 'A tar archive is cut short');
}

function* file(name: string, body: Uint8Array, budget: ArchiveBudget): Generator<ArchiveEntry | Problem> {
  if (body.length > budget.bytes) {
    yield tooManyBytes();
    return;
  }
  budget.bytes -= body.length;
  yield { name, bytes: body };
}

function readHeader(bytes: Uint8Array, at: number): Header | null {
  const size = readSize(bytes, at + 124);
  if (size === null) return null;
  const field = (from: number, length: number): string =>
    latin1(bytes, at + from, at + from + length).replace(/\0.*$/s, '');
  const prefix = field(345, 155);
  const name = field(0, 100);
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, type: String.fromCharCode(bytes[at + 156] ?? 0) };
}

/** Octal digits, padded with spaces in front by some; base 256 where the first bit is set. */
function readSize(bytes: Uint8Array, at: number): number | null {
  if ((bytes[at] ?? 0) & 0x80) {
    let value = 0;
    for (let i = 1; i < 12; i++) value = value * 256 + (bytes[at + i] ?? 0);
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = /^ *([0-7]+)(?:[\0 ]|$)/.exec(latin1(bytes, at, at + 12))?.[1];
  return digits === undefined ? null : Number.parseInt(digits, 8);
}

function paxPath(body: Uint8Array): string | null {
  return (
    /(?:^|\n)\d+ path=([^\n]*)\n/.exec(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'))?.[1] ??
    null
  );
}

function isZero(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < BLOCK; i++) if (bytes[at + i] !== 0) return false;
  return true;
}
