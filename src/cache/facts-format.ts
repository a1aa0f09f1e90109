/** The form in which facts are kept: a line of JSON that names columns, then these as they are in memory. */
import { endianness } from 'node:os';
import { crc32 } from 'node:zlib';

import type { Column, Facts } from '../core/facts.ts';

/** Name and version, then lengths of the heading and of all that follows it, then a CRC-32 of what comes before it. */
const MAGIC = Buffer.from('unleak facts 1\n', 'latin1');
const LENGTHS = MAGIC.length;
const CRC = LENGTHS + 16;
const START = CRC + 4;
/** Columns begin at multiples of it. */
const ALIGNMENT = 8;

/** Bytes of a number. */
const KINDS = { Uint8Array: 1, Int32Array: 4, Uint32Array: 4, Float64Array: 8 };
type Kind = keyof typeof KINDS;

interface ColumnPlace {
  readonly name: string;
  readonly kind: Kind;
  /** Of the columns' first byte. */
  readonly at: number;
  readonly length: number;
  readonly crc: number;
}

/** In pieces, so that nothing is copied. @param name - under which they are kept; they come back under no other */
export function encodeFacts(name: string, { about, columns }: Facts): Uint8Array[] {
  const places: ColumnPlace[] = [];
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const [column, values] of Object.entries(columns)) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    places.push({ name: column, kind: kindOf(values), at, length: values.length, crc: crc32(bytes) });
    const padding = padded(bytes.length) - bytes.length;
    pieces.push(bytes, new Uint8Array(padding));
    at += bytes.length + padding;
  }
  const heading = Buffer.from(JSON.stringify({ name, order: endianness(), about, places }), 'utf8');
  const start = Buffer.alloc(padded(START + heading.length));
  MAGIC.copy(start);
  start.writeDoubleLE(heading.length, LENGTHS);
  start.writeDoubleLE(at, LENGTHS + 8);
  heading.copy(start, START);
  start.writeUInt32LE(crcOfStart(start), CRC);
  return [start, ...pieces];
}

function kindOf(values: Column): Kind {
  if (values instanceof Uint8Array) return 'Uint8Array';
  if (values instanceof Int32Array) return 'Int32Array';
  return values instanceof Uint32Array ? 'Uint32Array' : 'Float64Array';
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** Of all before the columns, but the place where it is written. */
function crcOfStart(start: Uint8Array): number {
  return crc32(start.subarray(START), crc32(start.subarray(0, CRC)));
}

/**
 * @param file - its memory is the columns' from now on
 * @returns null unless it is whole, and of this name
 */
export function decodeFacts(name: string, file: Buffer): Facts | null {
  if (file.length < START || !file.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const length = file.readDoubleLE(LENGTHS);
  const columnsAt = padded(START + length);
  if (!(length >= 0) || columnsAt + file.readDoubleLE(LENGTHS + 8) !== file.length) return null;
  if (crcOfStart(file.subarray(0, columnsAt)) !== file.readUInt32LE(CRC)) return null;
  const heading: unknown = JSON.parse(file.toString('utf8', START, START + length));
  if (!isHeading(heading) || heading.name !== name || heading.order !== endianness()) return null;
  const columns: Record<string, Column> = {};
  for (const place of heading.places) {
    const column = columnAt(file, columnsAt, place);
    if (column === null) return null;
    columns[place.name] = column;
  }
  return { about: heading.about, columns };
}

interface Heading {
  readonly name: string;
  readonly order: string;
  readonly about: string;
  readonly places: readonly ColumnPlace[];
}

/** The checksum has said that we wrote it: this is for the compiler. */
function isHeading(value: unknown): value is Heading {
  return typeof value === 'object' && value !== null && 'places' in value && Array.isArray(value.places);
}

function columnAt(file: Buffer, columnsAt: number, { kind, at, length, crc }: ColumnPlace): Column | null {
  const size = KINDS[kind];
  const bytes = file.subarray(columnsAt + at, columnsAt + at + length * size);
  if (bytes.length !== length * size || crc32(bytes) !== crc) return null;
  const { buffer, byteOffset } = bytes;
  switch (kind) {
    case 'Uint8Array':
      return bytes;
    case 'Int32Array':
      return new Int32Array(buffer, byteOffset, length);
    case 'Uint32Array':
      return new Uint32Array(buffer, byteOffset, length);
    case 'Float64Array':
      return new Float64Array(buffer, byteOffset, length);
  }
}
