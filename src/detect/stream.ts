import type { ByteStream } from '../core/blob.ts';
import type { Limits } from '../core/limits.ts';
import type { Span } from '../core/span.ts';
import { type Facts, factsOf } from './facts.ts';

/** A part of streamed content, with enough around it to decide its hits. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Offset of `bytes[0]` in the content. */
  readonly base: number;
  /** Hits that end in here, relative to `bytes`, are this piece's to decide. */
  readonly within: Span;
  readonly last: boolean;
  /** Of the whole content. */
  readonly facts: Facts;
}

/** Context kept on either side: the largest window a rule may declare, and some. */
const MARGIN = 2 * 65_536 + 1024;

/** Cuts a stream into overlapping pieces of at least `limits.streamChunk` bytes. */
export async function* pieces(stream: ByteStream, limits: Limits): AsyncGenerator<Piece> {
  const wanted = Math.max(limits.streamChunk, 4 * MARGIN);
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let base = 0;
  let decided = 0;
  let facts: Facts | undefined;

  const cut = (last: boolean): Piece => {
    const bytes = held.length === 1 && held[0] ? held[0] : Buffer.concat(held, heldBytes);
    facts ??= factsOf(bytes, stream.size ?? Number.POSITIVE_INFINITY);
    // Multiples of four keep wide characters whole.
    const end = last ? bytes.length : (bytes.length - MARGIN) & ~3;
    const piece: Piece = { bytes, base, within: { start: decided - base, end }, last, facts };
    decided = base + end;
    const keepFrom = Math.max(0, (end - MARGIN) & ~3);
    held = [bytes.slice(keepFrom)];
    heldBytes = bytes.length - keepFrom;
    base += keepFrom;
    return piece;
  };

  for await (const chunk of stream.chunks) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes >= wanted + MARGIN) yield cut(false);
  }
  yield cut(true);
}
