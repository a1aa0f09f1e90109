import { readSize } from '../../bytes/varint.ts';
import type { Runs } from '../../core/visitor.ts';
import { PackError } from '../../errors/pack.ts';

/** Runs of one delta (see `Runs`), in arrays that grow. */
class GrowingRuns implements Runs {
  count = 0;
  childStart = new Int32Array(1024);
  parentStart = new Int32Array(1024);
  length = new Int32Array(1024);
}

function twiceAsLong(array: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(array.length * 2);
  copy.set(array);
  return copy;
}

/**
 * A delta's instructions, decoded. Segment `i` makes the bytes
 * `[childStart[i], childStart[i + 1])` of the child; `source[i]` is the offset
 * in the parent that they are copied from, or, for inserted bytes, the
 * complement (`~`) of where they stand in the delta.
 *
 * One object is used for delta after delta; its arrays grow as needed.
 */
export class Delta {
  childSize = 0;
  count = 0;
  childStart = new Int32Array(1025);
  source = new Int32Array(1025);
  readonly runs: GrowingRuns = new GrowingRuns();

  /** Doubles the room for segments and runs. */
  grow(): void {
    const { runs } = this;
    this.childStart = twiceAsLong(this.childStart);
    this.source = twiceAsLong(this.source);
    runs.childStart = twiceAsLong(runs.childStart);
    runs.parentStart = twiceAsLong(runs.parentStart);
    runs.length = twiceAsLong(runs.length);
  }
}

/** Offsets and sizes of one walk fit 31 bits; larger objects are not walked. */
export const LARGEST_WALKED = 2 ** 31 - 1;

function outOfBounds(why: string): never {
  throw new PackError('PACK_DELTA_OUT_OF_BOUNDS', `A delta ${why}`);
}

function malformed(why: string): never {
  throw new PackError('PACK_DELTA_MALFORMED', `A delta ${why}`);
}

/** Sizes at a delta's start. */
export interface DeltaSizes {
  readonly parentSize: number;
  readonly childSize: number;
  /** Where the instructions start. */
  readonly next: number;
}

/**
 * Reads the two sizes a delta starts with.
 *
 * @throws PackError `PACK_TRUNCATED`, `PACK_NUMBER_TOO_LARGE`
 */
export function readDeltaSizes(bytes: Uint8Array, start: number, end: number): DeltaSizes {
  const parent = readSize(bytes, start, end);
  const child = readSize(bytes, parent.next, end);
  return { parentSize: parent.value, childSize: child.value, next: child.next };
}

/**
 * Decodes a delta's instructions to segments and runs, and checks that every
 * copy lies in the parent and that all add up to the child's size.
 *
 * @param bytes - holds the inflated delta in `[start, end)`
 * @param parentSize - bytes of the object it applies to; at most `LARGEST_WALKED`
 * @param into - overwritten
 * @throws PackError `PACK_DELTA_MALFORMED` if the sizes disagree or an instruction is reserved
 * @throws PackError `PACK_DELTA_OUT_OF_BOUNDS` if a copy reaches past the parent, or the result past its size
 * @throws PackError `PACK_TRUNCATED`, `PACK_NUMBER_TOO_LARGE`, `PACK_OBJECT_TOO_LARGE`
 * @see gitformat-pack(5), "Deltified representation"
 */
export function decodeDelta(bytes: Uint8Array, start: number, end: number, parentSize: number, into: Delta): void {
  const sizes = readDeltaSizes(bytes, start, end);
  if (sizes.parentSize !== parentSize) malformed(`is for ${sizes.parentSize} bytes, its base has ${parentSize}`);
  if (sizes.childSize > LARGEST_WALKED) refuseLarge(bytes, sizes.next, end, sizes.childSize);
  into.childSize = sizes.childSize;
  decodeInstructions(bytes, start, sizes.next, end, parentSize, into);
}

/**
 * Whether a delta can make as much as it states. What is too large for us is
 * left to git, which would allocate whatever is stated.
 */
function refuseLarge(bytes: Uint8Array, start: number, end: number, childSize: number): never {
  let child = 0;
  for (let at = start; at < end;) {
    const op = bytes[at++] ?? 0;
    if (op === 0) malformed('has the reserved instruction');
    if (op < 0x80) {
      child += op;
      at += op;
      continue;
    }
    for (let bit = 1; bit < 16; bit <<= 1) if ((op & bit) !== 0) at++;
    let length = 0;
    for (let shift = 0; shift < 3; shift++) if ((op & (16 << shift)) !== 0) length |= (bytes[at++] ?? 0) << (8 * shift);
    child += length === 0 ? 0x1_00_00 : length;
  }
  if (child !== childSize) malformed(`makes ${child} bytes instead of ${childSize}`);
  throw new PackError('PACK_OBJECT_TOO_LARGE', `A delta makes ${childSize} bytes`, { facts: { childSize } });
}

/** One loop over all instructions, everything in local variables: it runs for every delta of a pack. */
function decodeInstructions(
  bytes: Uint8Array,
  origin: number,
  start: number,
  end: number,
  parentSize: number,
  into: Delta,
): void {
  const { childSize } = into;
  let { childStart, source } = into;
  let { childStart: runStart, parentStart: runParent, length: runLength } = into.runs;
  let count = 0;
  let runs = 0;
  let child = 0;
  /** Offset in the parent where a copy would carry on the last run; −1 after an insertion. */
  let follows = -1;
  for (let at = start; at < end;) {
    if (count + 1 >= source.length) {
      into.grow();
      ({ childStart, source } = into);
      ({ childStart: runStart, parentStart: runParent, length: runLength } = into.runs);
    }
    const op = bytes[at++] ?? 0;
    childStart[count] = child;
    if (op >= 0x80) {
      let from = 0;
      let length = 0;
      if ((op & 1) !== 0) from = bytes[at++] ?? 0;
      if ((op & 2) !== 0) from |= (bytes[at++] ?? 0) << 8;
      if ((op & 4) !== 0) from |= (bytes[at++] ?? 0) << 16;
      if ((op & 8) !== 0) from += (bytes[at++] ?? 0) * 0x1_00_00_00;
      if ((op & 16) !== 0) length = bytes[at++] ?? 0;
      if ((op & 32) !== 0) length |= (bytes[at++] ?? 0) << 8;
      if ((op & 64) !== 0) length |= (bytes[at++] ?? 0) << 16;
      if (length === 0) length = 0x1_00_00;
      if (at > end) outOfBounds('ends inside an instruction');
      if (from + length > parentSize) outOfBounds('copies from past the end of its base');
      if (length > childSize - child) outOfBounds('makes more bytes than it states');
      source[count++] = from;
      if (from === follows) {
        runLength[runs - 1]! += length;
      } else {
        runStart[runs] = child;
        runParent[runs] = from;
        runLength[runs++] = length;
      }
      child += length;
      follows = from + length;
    } else {
      if (op === 0) malformed('has the reserved instruction');
      if (op > end - at) outOfBounds('ends inside an insertion');
      if (op > childSize - child) outOfBounds('makes more bytes than it states');
      source[count++] = ~(at - origin);
      at += op;
      child += op;
      follows = -1;
    }
  }
  if (child !== childSize) malformed(`makes ${child} bytes instead of ${childSize}`);
  childStart[count] = child;
  into.count = count;
  into.runs.count = runs;
}

/** Below this a loop is quicker than a call. */
const SHORT = 32;

/**
 * Writes part of a delta's result.
 *
 * @param delta - as decoded by `decodeDelta`
 * @param deltaBytes - array that holds the inflated delta from `deltaAt` on
 * @param parent - array that holds the parent from `parentAt` on
 * @param start - first byte of the result that is wanted
 * @param end - half-open end of it
 * @param output - where it goes, from `outputAt` on; may be the same array as the others, where nothing overlaps
 */
export function applyDelta(
  delta: Delta,
  deltaBytes: Uint8Array,
  deltaAt: number,
  parent: Uint8Array,
  parentAt: number,
  start: number,
  end: number,
  output: Uint8Array,
  outputAt: number,
): void {
  const { childStart, source, count } = delta;
  const shift = outputAt - start;
  for (let i = start === 0 ? 0 : segmentAt(delta, start); i < count; i++) {
    let child = childStart[i] ?? 0;
    if (child >= end) break;
    const stop = Math.min(childStart[i + 1] ?? 0, end);
    const from = source[i] ?? 0;
    const skip = Math.max(0, start - child);
    child += skip;
    const bytes = from < 0 ? deltaBytes : parent;
    let read = (from < 0 ? deltaAt + ~from : parentAt + from) + skip;
    if (stop - child > SHORT) {
      if (bytes === output) output.copyWithin(child + shift, read, read + stop - child);
      else output.set(bytes.subarray(read, read + stop - child), child + shift);
    } else {
      for (; child < stop; child++) output[child + shift] = bytes[read++] ?? 0;
    }
  }
}

/** The segment that makes byte `offset` of the child. */
export function segmentAt({ childStart, count }: Delta, offset: number): number {
  let low = 0;
  let high = count;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((childStart[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
