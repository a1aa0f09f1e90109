import { inflateSync } from 'node:zlib';

import { type InflateTask, inflate } from './inflate.ts';

/** Below this, calling zlib takes longer than inflating does. */
const WORTH_A_CALL = 2048;
/** But the first so many: our code is slower yet. */
const COLD = 256;
let small = 0;
/** Of zlib. */
const LEAST_CHUNK = 64;

/** Where compressed bytes are read, as in `InflateTask`. */
export type InflateInput = Pick<InflateTask, 'input' | 'view' | 'start' | 'end'>;

/**
 * As `inflate`, by zlib where that is quicker: our code, which then runs for the first time, made an audit of
 * babel/babel 0.15 s longer. Whatever zlib objects to is left to `inflate`, which says why.
 *
 * @param size - what it must inflate to, bytes
 * @throws as `inflate`
 */
export function inflateOnce(input: InflateInput, size: number): Uint8Array {
  const bytes = size < WORTH_A_CALL && small++ >= COLD ? null : inflateByZlib(input, size);
  if (bytes !== null) return bytes;
  const output = new Uint8Array(size);
  inflate({ ...input, output, outputStart: 0, outputEnd: size });
  return output;
}

function inflateByZlib({ input, start, end }: InflateInput, size: number): Uint8Array | null {
  let result: unknown;
  try {
    const room = Math.max(LEAST_CHUNK, size);
    result = inflateSync(input.subarray(start, end), { info: true, maxOutputLength: room, chunkSize: room });
  } catch {
    return null;
  }
  if (!isInflated(result)) return null;
  // zlib takes no offence at what follows a stream.
  const { buffer, engine } = result;
  return buffer.length === size && engine.bytesWritten === end - start ? buffer : null;
}

interface Inflated {
  readonly buffer: Uint8Array;
  /** `bytesWritten`: how much of the input was used. */
  readonly engine: { readonly bytesWritten: number };
}

/** What `info` makes of the result; Node's types do not know it. */
function isInflated(value: unknown): value is Inflated {
  if (typeof value !== 'object' || value === null || !('buffer' in value) || !('engine' in value)) return false;
  const { buffer, engine } = value;
  return (
    buffer instanceof Uint8Array &&
    typeof engine === 'object' &&
    engine !== null &&
    'bytesWritten' in engine &&
    typeof engine.bytesWritten === 'number'
  );
}
