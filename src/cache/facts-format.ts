/** The form in which facts are kept: a line of JSON that names columns, then these as they are in memory. */
import { endianness } from 'node:os';
import { crc32 } from 'node:zlib';

import type { Column, Facts, KeptFacts } from '../core/facts.ts';

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

/** Reads so many bytes from there on, to memory of their own; fewer where there are no more. */
export type ReadPiece = (at: number, length: number) => Buffer;

/** @returns null unless it is of this name, and as long as it says */
export function openFacts(name: string, size: number, read: ReadPiece): Omit<KeptFacts, 'close'> | null {
  const lengths = read(0, START);
  if (lengths.length < START || !lengths.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const length = lengths.readDoubleLE(LENGTHS);
  const columnsAt = padded(START + length);
  if (!(length >= 0) || columnsAt + lengths.readDoubleLE(LENGTHS + 8) !== size) return null;
  const start = read(0, columnsAt);
  if (start.length < columnsAt || crcOfStart(start) !== start.readUInt32LE(CRC)) return null;
  const heading: unknown = JSON.parse(start.toString('utf8', START, START + length));
  if (!isHeading(heading) || heading.name !== name || heading.order !== endianness()) return null;
  const places = new Map(heading.places.map((place) => [place.name, place]));
  return {
    about: heading.about,
    column: (column) => {
      const place = places.get(column);
      return place === undefined ? null : columnAt(read, columnsAt, place);
    },
  };
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

function columnAt(read: ReadPiece, columnsAt: number, { kind, at, length, crc }: ColumnPlace): Column | null {
  const bytes = read(columnsAt + at, length * KINDS[kind]);
  if (bytes.length !== length * KINDS[kind] || crc32(bytes) !== crc) return null;
  const { buffer, byteOffset } = bytes;
  switch (kind) {
    case 'Uint8Array':
      return new Uint8Array(buffer, byteOffset, length);
    case 'Int32Array':
      return new Int32Array(buffer, byteOffset, length);
    case 'Uint32Array':
      return new Uint32Array(buffer, byteOffset, length);
    case 'Float64Array':
      return new Float64Array(buffer, byteOffset, length);
  }
}
