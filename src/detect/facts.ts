import { FACTS_PREFIX } from '../core/limits.ts';

/** How a blob's bytes are to be read; a function of its size and first 8 KiB alone. */
export type Facts =
  | { readonly kind: 'bytes' }
  | { readonly kind: 'wide'; readonly encoding: WideEncoding; readonly bom: number }
  | { readonly kind: 'archive'; readonly format: ArchiveFormat };

export type WideEncoding = 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be';
export type ArchiveFormat = 'zip' | 'gzip' | 'tar';

const BYTES: Facts = { kind: 'bytes' };

/**
 * @param head - the blob's first bytes, at least `min(size, 8192)` of them
 * @param size - bytes in all; Infinity where unknown
 */
export function factsOf(head: Uint8Array, size: number): Facts {
  const prefix = head.subarray(0, FACTS_PREFIX);
  const marked = byMark(prefix) ?? archiveOf(prefix, size);
  // Wide text without a mark has zero bytes: its line ends and blanks, if nothing else.
  if (marked !== null || !prefix.includes(0)) return marked ?? BYTES;
  return byStatistics(prefix) ?? byUnits(prefix) ?? BYTES;
}

function byMark(head: Uint8Array): Facts | null {
  const [a, b, c, d] = head;
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return { kind: 'wide', encoding: 'utf-32le', bom: 4 };
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return { kind: 'wide', encoding: 'utf-32be', bom: 4 };
  if (a === 0xff && b === 0xfe) return { kind: 'wide', encoding: 'utf-16le', bom: 2 };
  if (a === 0xfe && b === 0xff) return { kind: 'wide', encoding: 'utf-16be', bom: 2 };
  return null;
}

function archiveOf(head: Uint8Array, size: number): Facts | null {
  const [a, b, c, d] = head;
  if (a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6)))
    return { kind: 'archive', format: 'zip' };
  if (a === 0x1f && b === 0x8b && c === 8 && size >= 18) return { kind: 'archive', format: 'gzip' };
  if (size >= 512 && isUstar(head)) return { kind: 'archive', format: 'tar' };
  return null;
}

function isUstar(head: Uint8Array): boolean {
  return head[257] === 0x75 && head[258] === 0x73 && head[259] === 0x74 && head[260] === 0x61 && head[261] === 0x72;
}

/** Enough characters for the zero pattern to mean something. */
const STATISTICS_MIN = 8;

/** Wide text without a mark: zero bytes on one side of printable ones, nearly throughout. */
function byStatistics(head: Uint8Array): Facts | null {
  const zero = [0, 0, 0, 0];
  const printable = [0, 0, 0, 0];
  const length = head.length & ~3;
  for (let i = 0; i < length; i++) {
    const byte = head[i] ?? 0;
    const lane = i & 3;
    if (byte === 0) zero[lane] = (zero[lane] ?? 0) + 1;
    else if ((byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13)
      printable[lane] = (printable[lane] ?? 0) + 1;
  }
  const groups = length / 4;
  if (groups * 2 < STATISTICS_MIN) return null;
  const [z0 = 0, z1 = 0, z2 = 0, z3 = 0] = zero;
  const [p0 = 0, p1 = 0, p2 = 0, p3 = 0] = printable;
  const most = groups * 0.7;
  if (p0 >= most && z1 >= most && z2 >= most && z3 >= most) return { kind: 'wide', encoding: 'utf-32le', bom: 0 };
  if (p3 >= most && z0 >= most && z1 >= most && z2 >= most) return { kind: 'wide', encoding: 'utf-32be', bom: 0 };
  if (p0 >= most && p2 >= most && z1 >= most && z3 >= most) return { kind: 'wide', encoding: 'utf-16le', bom: 0 };
  if (p1 >= most && p3 >= most && z0 >= most && z2 >= most) return { kind: 'wide', encoding: 'utf-16be', bom: 0 };
  return null;
}

/** Fewer code units than this prove nothing. */
const UNITS_MIN = 16;

/**
 * UTF-16 without a mark whose text is mostly not Latin: not one unit that no
 * text holds, spaces or other ASCII on one side alone, and too many control
 * bytes for it to be 8-bit text with a few zero bytes in it.
 */
function byUnits(head: Uint8Array): Facts | null {
  const length = head.length & ~1;
  if (length < UNITS_MIN * 2) return null;
  const zeros = [0, 0];
  let controls = 0;
  for (let i = 0; i < length; i++) {
    const byte = head[i] ?? 0;
    if (byte === 0) zeros[i & 1] = (zeros[i & 1] ?? 0) + 1;
    else if (isControl(byte)) controls++;
  }
  const [even = 0, odd = 0] = zeros;
  if (Math.max(even, odd) < 2 || Math.min(even, odd) * 20 > Math.max(even, odd) || controls * 64 < length) return null;
  const highFirst = even > odd;
  if (!isTextThroughout(head.subarray(0, length), highFirst)) return null;
  return { kind: 'wide', encoding: highFirst ? 'utf-16be' : 'utf-16le', bom: 0 };
}

function isTextThroughout(units: Uint8Array, highFirst: boolean): boolean {
  let expectsLow = false;
  for (let i = 0; i < units.length; i += 2) {
    const unit = ((units[highFirst ? i : i + 1] ?? 0) << 8) | (units[highFirst ? i + 1 : i] ?? 0);
    const isLow = unit >= 0xdc00 && unit < 0xe000;
    if (isLow !== expectsLow || isControl(unit) || isNoCharacter(unit)) return false;
    expectsLow = unit >= 0xd800 && unit < 0xdc00;
  }
  return true;
}

/** Apart from tab, line ends and form feed. */
function isControl(unit: number): boolean {
  return unit < 0x20 ? unit !== 9 && unit !== 10 && unit !== 12 && unit !== 13 : unit === 0x7f;
}

/** Private use, and what Unicode never assigns. */
function isNoCharacter(unit: number): boolean {
  return (unit >= 0xe000 && unit < 0xf900) || (unit >= 0xfdd0 && unit < 0xfdf0) || unit >= 0xfffe;
}
