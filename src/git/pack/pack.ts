import { createHash, type Hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { compareBytes } from '../../bytes/compare.ts';
import { KernelError } from '../../errors/kernel.ts';
import { PackError } from '../../errors/pack.ts';
import { type Kernel, type KernelMemory, bareKernel } from '../../kernel/instance.ts';

import type { HashFormat } from './hash-format.ts';
import { HEADER_SIZE, readPackHeader } from './header.ts';
import { type PackIndex, readPackIndex } from './index-file.ts';
import {
  beginToHold,
  holdBytes,
  type HelpedHash,
  type Holding,
  type MemoryBudget,
  type PackBytes,
} from './pack-bytes.ts';
import type { Report } from './report.ts';

/** A pack and its index, both checked against their checksums and each other. */
export interface Pack {
  /** Path of the `.pack`. */
  readonly name: string;
  readonly format: HashFormat;
  readonly index: PackIndex;
  readonly bytes: PackBytes;
  /** Where the trailer starts: entries end here at the latest. */
  readonly entriesEnd: number;
  /** False if the bytes differ from the trailer: each entry's CRC must then be looked at. Computes it now if nobody has. */
  isIntact(): boolean;
  /** The same, from the thread that computes it, if there is one. */
  confirmed(): Promise<boolean>;
}

export interface OpenPackOptions {
  readonly format: HashFormat;
  /** For the bytes of packs. */
  readonly memory: MemoryBudget;
  /** Told of damage that leaves the rest of the pack readable. */
  readonly report: Report;
}

interface Hashed {
  readonly bytes: PackBytes;
  /** Null while another thread computes it. */
  readonly checksum: Uint8Array | null;
  /** Computes it here. */
  readonly compute: () => Uint8Array;
  /** Waits for it. */
  readonly computed: () => Promise<Uint8Array>;
  readonly trailer: Uint8Array;
}

/** A pack that is being read, and what its trailer should be computed on the way. */
interface Hashing extends Holding {
  readonly file: string;
  readonly hash: Hash;
  /** The thread that computes it instead, if there is one. */
  readonly helping: readonly HelpedHash[];
}

function beginToHash(file: string, { format, memory }: OpenPackOptions): Hashing {
  const hash = createHash(format.name);
  const helping: HelpedHash[] = [];
  const holding = beginToHold(file, {
    memory,
    hash: { algorithm: format.name, trailer: format.size },
    onHelp: (help) => void helping.push(help),
    onChunk: (chunk, at, length) => hash.update(chunk.subarray(0, Math.max(0, length - format.size - at))),
  });
  return { ...holding, file, hash, helping };
}

function finishHashing({ file, hash, helping, finish }: Hashing, { format }: OpenPackOptions): Hashed {
  const bytes = finish();
  if (bytes.length < HEADER_SIZE + format.size) {
    bytes.close();
    throw new PackError('PACK_TRUNCATED', `${file} is too short to be a pack`);
  }
  const { bytes: held, base } = bytes.window(bytes.length - format.size, bytes.length);
  const trailer = held.slice(bytes.length - format.size - base, bytes.length - base);
  const [help] = helping;
  const checksum = help ? null : new Uint8Array(hash.digest());
  const compute = (): Uint8Array => checksum ?? digestOf(bytes, format);
  const computed = async (): Promise<Uint8Array> => (await help?.digest()) ?? compute();
  return { bytes, checksum, compute, computed, trailer };
}

/** Of all that its trailer is a hash of. */
function digestOf(held: PackBytes, { name, size }: HashFormat): Uint8Array {
  const hash = createHash(name);
  const hashed = held.length - size;
  for (let at = 0; at < hashed; at += HASHED_AT_ONCE) {
    const end = Math.min(hashed, at + HASHED_AT_ONCE);
    const { bytes, base } = held.window(at, end);
    hash.update(bytes.subarray(at - base, end - base));
  }
  return new Uint8Array(hash.digest());
}

const HASHED_AT_ONCE = 1 << 20;

/**
 * Opens a pack with its index.
 *
 * @param stem - path without `.pack` and `.idx`
 * @throws PackError if the index or the pack's header is unusable
 * @throws the file system's error if a file cannot be opened or read
 */
export function openPack(stem: string, options: OpenPackOptions): Pack {
  const hashing = beginToHash(`${stem}.pack`, options);
  let index: PackIndex;
  try {
    index = openIndex(`${stem}.idx`, options.format, options.memory.kernel);
    if (hashing.isHelped) options.memory.meanwhile?.();
  } catch (error) {
    hashing.abandon();
    throw error;
  }
  return endJoining(stem, index, hashing, options);
}

/**
 * Opens a pack whose index is at hand.
 *
 * @throws as `openPack`
 */
export function joinPack(stem: string, index: PackIndex, options: OpenPackOptions): Pack {
  return endJoining(stem, index, beginToHash(`${stem}.pack`, options), options);
}

function endJoining(stem: string, index: PackIndex, hashing: Hashing, options: OpenPackOptions): Pack {
  const { format, report } = options;
  const name = hashing.file;
  const { bytes, checksum, compute, computed, trailer } = finishHashing(hashing, options);
  const { bytes: held, base } = bytes.window(0, HEADER_SIZE);
  const stated = readPackHeader(held.subarray(-base, HEADER_SIZE), name);
  if (stated !== index.count)
    report(
      new PackError('PACK_COUNT_MISMATCH', `${name} holds ${stated} objects, its index lists ${index.count}`, {
        facts: { stated, listed: index.count },
      }),
    );
  if (index.packChecksum && compareBytes(trailer, 0, index.packChecksum, 0, format.size) !== 0)
    report(new PackError('PACK_INDEX_INVALID', `${stem}.idx is the index of another pack`));
  let intact: boolean | null = null;
  const isTrailer = (sum: Uint8Array): boolean => {
    if (intact !== null) return intact;
    intact = compareBytes(trailer, 0, sum, 0, format.size) === 0;
    if (!intact) report(new PackError('PACK_CHECKSUM', `${name} differs from its own checksum`));
    return intact;
  };
  const isIntact = (): boolean => intact ?? isTrailer(compute());
  const confirmed = async (): Promise<boolean> => intact ?? isTrailer(await computed());
  if (checksum !== null) isIntact();
  return { name, format, index, bytes, entriesEnd: bytes.length - format.size, isIntact, confirmed };
}

/** An index of more bytes than this would list 50 million objects. */
const INDEX_LIMIT = 1.5e9;

/** An index goes to the kernel's memory if it takes at most this part of what is left there. */
const INDEX_SHARE = 1 / 16;

/** Reads and checks an index file. @param kernel - where it is to be held, if there is room */
export function openIndex(file: string, format: HashFormat, kernel?: KernelMemory): PackIndex {
  const hasRoom = kernel !== undefined && statSync(file).size < kernel.left * INDEX_SHARE;
  const memory = { left: INDEX_LIMIT, kernel: hasRoom ? kernel : undefined };
  const held = holdBytes(file, { memory, onChunk: () => undefined });
  if (!held.resident) {
    held.close();
    throw new PackError('PACK_INDEX_INVALID', `${file} is larger than any index`);
  }
  const { bytes } = held.window(0, held.length);
  const read = (run: Kernel | null): PackIndex => readPackIndex(bytes.subarray(0, held.length), format, file, run);
  if (!kernel || held.address === null) return read(null);
  try {
    return read(bareKernel(kernel));
  } catch (error) {
    if (error instanceof KernelError) return read(null);
    throw error;
  }
}

/**
 * Whether an entry's stored bytes have the CRC that the index states. True
 * where the index, being of version 1, states none.
 */
export function hasStatedCrc(pack: Pack, position: number, start: number, end: number): boolean {
  const { crcAt } = pack.index;
  if (crcAt === null) return true;
  const { bytes, base } = pack.bytes.window(start, end);
  return crc32(bytes.subarray(start - base, end - base)) === crcAt(position);
}
