import { latin1 } from '../../bytes/latin1.ts';
import type { Problem } from '../../core/coverage.ts';
import { type ArchiveBudget, type ArchiveEntry, archiveProblem, takeEntry, tooManyBytes } from './archive.ts';
import { inflate } from './inflate.ts';

/** See APPNOTE.TXT (PKWARE) 4.3 for the records and 4.4 for their fields. */
const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_LENGTH = 22;
const COMMENT_MAX = 65_535;
const ENCRYPTED = 1;
const UTF8_NAME = 0x800;

interface Central {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly compressed: number;
  readonly local: number;
  readonly next: number;
}

/** The files of a zip archive, by its central directory. */
export function* openZip(bytes: Uint8Array, budget: ArchiveBudget): Generator<ArchiveEntry | Problem> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const directory = findDirectory(view);
  if (!directory) {
    yield archiveProblem('ARCHIVE_DAMAGED', 'A zip archive has no readable directory');
    return;
  }
  let at = directory.offset;
  for (let i = 0; i < directory.entries; i++) {
    const empty = takeEntry(budget);
    const entry = empty ? null : readCentral(view, bytes, at);
    if (empty ?? !entry) {
      yield empty ?? archiveProblem('ARCHIVE_DAMAGED', 'The directory of a zip archive is damaged');
      return;
    }
    if (!entry) return;
    at = entry.next;
    if (entry.name.endsWith('/')) continue;
    const opened = openEntry(view, bytes, entry, budget);
    if (opened) yield opened;
  }
}

function findDirectory(view: DataView): { readonly offset: number; readonly entries: number } | null {
  const lowest = Math.max(0, view.byteLength - END_LENGTH - COMMENT_MAX);
  for (let at = view.byteLength - END_LENGTH; at >= lowest; at--) {
    if (view.getUint32(at, true) !== END) continue;
    const entries = view.getUint16(at + 10, true);
    const offset = view.getUint32(at + 16, true);
    if (entries !== 0xffff && offset !== 0xffffffff) return { offset, entries };
    return findDirectory64(view, at);
  }
  return null;
}

function findDirectory64(view: DataView, end: number): { readonly offset: number; readonly entries: number } | null {
  const locator = end - 20;
  if (locator < 0 || view.getUint32(locator, true) !== END64_LOCATOR) return null;
  const at = Number(view.getBigUint64(locator + 8, true));
  if (at + 56 > view.byteLength || view.getUint32(at, true) !== END64) return null;
  return { entries: Number(view.getBigUint64(at + 32, true)), offset: Number(view.getBigUint64(at + 48, true)) };
}

function readCentral(view: DataView, bytes: Uint8Array, at: number): Central | null {
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL) return null;
  const flags = view.getUint16(at + 8, true);
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const nameEnd = at + 46 + nameLength;
  const next = nameEnd + extraLength + view.getUint16(at + 32, true);
  if (next > view.byteLength) return null;
  const sizes = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  const [, compressed = 0, local = 0] = widen(sizes, view, nameEnd, nameEnd + extraLength);
  const name =
    flags & UTF8_NAME
      ? Buffer.from(bytes.subarray(at + 46, nameEnd)).toString('utf8')
      : latin1(bytes, at + 46, nameEnd);
  return { name, flags, method: view.getUint16(at + 10, true), compressed, local, next };
}

/** zip64: fields that are all ones stand in the extra field of id 1, in this order. */
function widen(fields: readonly number[], view: DataView, start: number, end: number): number[] {
  for (let at = start; at + 4 <= end;) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let value = at + 4;
      return fields.map((field) => {
        if (field !== 0xffffffff || value + 8 > Math.min(end, at + 4 + length)) return field;
        value += 8;
        return Number(view.getBigUint64(value - 8, true));
      });
    }
    at += 4 + length;
  }
  return [...fields];
}

function openEntry(view: DataView, bytes: Uint8Array, entry: Central, budget: ArchiveBudget): ArchiveEntry | Problem {
  if (entry.flags & ENCRYPTED) return archiveProblem('ARCHIVE_ENCRYPTED', 'An entry of a zip archive is encrypted');
  const { local } = entry;
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== LOCAL)
    return archiveProblem('ARCHIVE_DAMAGED', 'An entry of a zip archive is missing');
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const end = start + entry.compressed;
  if (end > bytes.length) return archiveProblem('ARCHIVE_DAMAGED', 'An entry of a zip archive is cut short');
  const packed = bytes.subarray(start, end);
  if (entry.method === 8) {
    const opened = inflate(packed, 'raw', budget);
    return opened instanceof Uint8Array ? { name: entry.name, bytes: opened } : opened;
  }
  if (entry.method !== 0)
    return archiveProblem('ARCHIVE_METHOD', `A zip archive uses compression method ${entry.method}`);
  if (packed.length > budget.bytes) return tooManyBytes();
  budget.bytes -= packed.length;
  return { name: entry.name, bytes: packed };
}
