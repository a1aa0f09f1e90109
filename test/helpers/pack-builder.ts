/** Packs that git would not write, made byte by byte. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

import { makeFolder } from './repository.ts';

const TYPES = { commit: 1, tree: 2, blob: 3, tag: 4 };

export type Instruction =
  | { readonly copy: readonly [from: number, length: number] }
  | { readonly insert: string | Uint8Array };

/** Little-endian groups of seven bits. */
export function encodeSize(size: number): number[] {
  const groups: number[] = [];
  let rest = size;
  for (; rest >= 128; rest = Math.floor(rest / 128)) groups.push(128 + (rest % 128));
  return [...groups, rest];
}

function encodeCopy(from: number, length: number): number[] {
  const bytes = [from, from >>> 8, from >>> 16, from >>> 24, length, length >>> 8, length >>> 16].map((n) => n & 255);
  const present = bytes.map((byte, i) => (byte === 0 ? 0 : 1 << i));
  return [0x80 | present.reduce((a, b) => a | b, 0), ...bytes.filter((byte) => byte !== 0)];
}

/** A delta; insertions may be longer than one instruction can hold. */
export function encodeDelta(parentSize: number, childSize: number, instructions: readonly Instruction[]): Uint8Array {
  const body = instructions.flatMap((instruction) => {
    if ('copy' in instruction) return encodeCopy(...instruction.copy);
    const bytes = [...Buffer.from(instruction.insert)];
    const pieces: number[] = [];
    for (let at = 0; at < bytes.length; at += 127)
      pieces.push(Math.min(127, bytes.length - at), ...bytes.slice(at, at + 127));
    return pieces;
  });
  return Uint8Array.from([...encodeSize(parentSize), ...encodeSize(childSize), ...body]);
}

/** What a delta makes, straight from the format's description. */
export function naiveApply(parent: Uint8Array, instructions: readonly Instruction[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      instructions.map((instruction) =>
        'copy' in instruction
          ? parent.slice(instruction.copy[0], instruction.copy[0] + instruction.copy[1])
          : Buffer.from(instruction.insert),
      ),
    ),
  );
}

/** One entry of a pack to be made. Offsets of others are known only while it is written, hence the functions. */
export interface EntrySpec {
  /** In hexadecimal; default: the hash of `object`, or else of something unique. */
  readonly id?: string;
  /** The object, for its id. */
  readonly object?: { readonly type: keyof typeof TYPES; readonly bytes: Uint8Array };
  /** Everything before the compressed data, given the offsets of this and of all earlier entries. */
  readonly header: (offset: number, offsets: readonly number[]) => readonly number[];
  readonly compressed: Uint8Array;
}

export function entryHeader(type: number, size: number): number[] {
  const first = (type << 4) | (size % 16);
  const rest = Math.floor(size / 16);
  return rest === 0 ? [first] : [0x80 | first, ...encodeSize(rest)];
}

export function encodeDistance(distance: number): number[] {
  const groups = [distance % 128];
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128))
    groups.unshift(128 + (--rest % 128));
  return groups;
}

export function whole(type: keyof typeof TYPES, content: string | Uint8Array): EntrySpec {
  const bytes = new Uint8Array(Buffer.from(content));
  return {
    object: { type, bytes },
    header: () => entryHeader(TYPES[type], bytes.length),
    compressed: deflateSync(bytes),
  };
}

/** @param base - number of an earlier entry, or a distance in bytes */
export function ofsDelta(
  base: number | { readonly distance: number },
  delta: Uint8Array,
  object?: EntrySpec['object'],
): EntrySpec {
  return {
    ...(object ? { object } : {}),
    header: (offset, offsets) => [
      ...entryHeader(6, delta.length),
      ...encodeDistance(typeof base === 'number' ? offset - (offsets[base] ?? 0) : base.distance),
    ],
    compressed: deflateSync(delta),
  };
}

export function refDelta(baseId: string, delta: Uint8Array, object?: EntrySpec['object']): EntrySpec {
  return {
    ...(object ? { object } : {}),
    header: () => [...entryHeader(7, delta.length), ...Buffer.from(baseId, 'hex')],
    compressed: deflateSync(delta),
  };
}

export function hashObject(type: string, bytes: Uint8Array, hash = 'sha1'): string {
  return createHash(hash).update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');
}

export interface BuiltPack {
  readonly pack: Buffer;
  readonly idx: Buffer;
  readonly ids: readonly string[];
  readonly offsets: readonly number[];
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}

export interface BuildOptions {
  /** Objects the header states; default: as many as there are. */
  readonly count?: number;
  /** Changes the pack after the index was made; its trailer is computed afterwards. */
  readonly change?: (pack: Buffer) => void;
}

/** A SHA-1 pack and an index that fits it. */
export function buildPack(specs: readonly EntrySpec[], options: BuildOptions = {}): BuiltPack {
  const offsets: number[] = [];
  const pieces: Buffer[] = [Buffer.from('PACK'), u32(2), u32(options.count ?? specs.length)];
  let at = 12;
  const crcs = specs.map((spec) => {
    const entry = Buffer.concat([Buffer.from(spec.header(at, offsets)), spec.compressed]);
    offsets.push(at);
    pieces.push(entry);
    at += entry.length;
    return crc32(entry);
  });
  const ids = specs.map(
    (spec, i) =>
      spec.id ??
      (spec.object ? hashObject(spec.object.type, spec.object.bytes) : sha1(Buffer.from(`entry ${i}`)).toString('hex')),
  );
  const body = Buffer.concat(pieces);
  options.change?.(body);
  const pack = Buffer.concat([body, sha1(body)]);
  return { pack, idx: buildIndex(ids, offsets, crcs, pack.subarray(-20)), ids, offsets };
}

export function buildIndex(
  ids: readonly string[],
  offsets: readonly number[],
  crcs: readonly number[],
  packChecksum: Buffer,
): Buffer {
  const order = [...ids.keys()].toSorted((a, b) => (ids[a]! < ids[b]! ? -1 : ids[a]! > ids[b]! ? 1 : 0));
  const fanOut = Array.from({ length: 256 }, (_, first) =>
    u32(ids.filter((id) => Number.parseInt(id.slice(0, 2), 16) <= first).length),
  );
  const body = Buffer.concat([
    Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]),
    ...fanOut,
    ...order.map((i) => Buffer.from(ids[i]!, 'hex')),
    ...order.map((i) => u32(crcs[i]!)),
    ...order.map((i) => u32(offsets[i]!)),
    packChecksum,
  ]);
  return Buffer.concat([body, sha1(body)]);
}

/** A multi-pack-index. @param places - of each object, whose ids ascend: its pack and offset there */
export function buildMidx(
  names: readonly string[],
  ids: readonly string[],
  places: readonly [number, number][],
): Buffer {
  const fanOut = new Uint32Array(256);
  for (const id of ids) fanOut[Number.parseInt(id.slice(0, 2), 16)]!++;
  let sum = 0;
  const chunks: readonly [string, Buffer][] = [
    ['PNAM', Buffer.from(names.map((name) => `${name}\0`).join(''))],
    ['OIDF', Buffer.concat([...fanOut].map((count) => u32((sum += count))))],
    ['OIDL', Buffer.from(ids.join(''), 'hex')],
    ['OOFF', Buffer.concat(places.flatMap(([pack, offset]) => [u32(pack), u32(offset)]))],
  ];
  let at = 12 + 12 * (chunks.length + 1);
  const table = [...chunks, ['\0\0\0\0', Buffer.alloc(0)] as const].map(([name, { length }]) => {
    const row = Buffer.concat([Buffer.from(name), u32(0), u32(at)]);
    at += length;
    return row;
  });
  const head = Buffer.concat([Buffer.from('MIDX'), Buffer.from([1, 1, chunks.length, 0]), u32(names.length)]);
  const body = Buffer.concat([head, ...table, ...chunks.map(([, bytes]) => bytes)]);
  return Buffer.concat([body, sha1(body)]);
}

/** An objects directory with these packs in it. */
export function objectsWith(...packs: readonly { readonly pack: Uint8Array; readonly idx: Uint8Array }[]): string {
  const directory = makeFolder('objects');
  mkdirSync(path.join(directory, 'pack'));
  for (const [i, { pack, idx }] of packs.entries()) {
    writeFileSync(path.join(directory, 'pack', `pack-${i}.pack`), pack);
    writeFileSync(path.join(directory, 'pack', `pack-${i}.idx`), idx);
  }
  return directory;
}
