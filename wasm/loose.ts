// Loose objects for the hook, a few kilobytes each: read before anything in JavaScript could have warmed up.

import { adler32 } from './adler32';
import { OK, TOO_SHORT, setContext } from './context';
import { inflate, inflated, initInflate } from './inflate';

/** Digits of a size; more than a blob in memory has. */
const MOST_DIGITS: u32 = 10;

/** Prepares the instance: CONTEXT_BYTES at `context` are its own from now on. */
export function init(context: usize): void {
  setContext(context);
  initInflate();
}

/**
 * Inflates a loose object's file and checks that it is a whole blob, and nothing else.
 *
 * @param end - of the file; INPUT_SLACK bytes behind it may be read
 * @param room - bytes at `to`, OUTPUT_SLACK not counted
 * @returns where the blob starts, as an offset from `to`, and in the upper half how many bytes it has; 0 if it is none,
 *   or is not as it should be, or does not fit
 */
export function looseBlob(from: usize, end: usize, to: usize, room: usize): u64 {
  const code = inflate(from, end, to, room);
  // That it would be the whole room was a guess.
  if (code != OK && code != TOO_SHORT) return 0;
  const start = headerLength(to, inflated());
  if (start == 0) return 0;
  const size = inflated() - start;
  if (bswap(load<u32>(end - 4)) != adler32(to, inflated())) return 0;
  return size == stated(to, start) ? (<u64>size << 32) | <u64>start : 0;
}

/** Of `blob 1234` and a NUL; 0 if it is something else. */
function headerLength(at: usize, length: usize): usize {
  if (length < 7 || load<u32>(at) != 0x626f6c62 || load<u8>(at, 4) != 0x20) return 0;
  const most = min<usize>(length, 6 + MOST_DIGITS);
  for (let i: usize = 5; i < most; i++) {
    const byte: u32 = load<u8>(at + i);
    if (byte == 0) return i > 5 ? i + 1 : 0;
    if (byte - 0x30 > 9) return 0;
  }
  return 0;
}

function stated(at: usize, length: usize): usize {
  let size: usize = 0;
  for (let i: usize = 5; i < length - 1; i++) size = size * 10 + (load<u8>(at + i) - 0x30);
  return size;
}
