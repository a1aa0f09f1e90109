import type { Readable } from 'node:stream';

import { CoverageLog } from '../core/coverage.ts';
import { placeOf } from '../core/place.ts';
import type { Source } from '../core/source.ts';
import { SourceError } from '../errors/source.ts';

/** Past this, what was read can no longer be shown by line: it is not kept. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Standard input, or any other stream, as one text. Read once; kept up to 64 MiB to show lines. */
export function stdinSource(input: Readable): Source {
  const coverage = new CoverageLog();
  const kept: Buffer[] = [];
  let size = 0;

  async function* chunks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const chunk of input) {
      signal.throwIfAborted();
      if (!(chunk instanceof Uint8Array) && typeof chunk !== 'string')
        throw new SourceError('NO_SUCH_PATH', 'Standard input gave something that is not bytes');
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size <= KEPT_BYTES) kept.push(bytes);
      else kept.length = 0;
      coverage.add('bytesCovered', bytes.length);
      yield bytes;
    }
    coverage.add('files');
  }

  return {
    name: 'stdin',
    coverage,
    async *blobs(signal) {
      yield { id: '-', kind: 'stdin', content: { chunks: chunks(signal) } };
    },
    async read() {
      return size <= KEPT_BYTES ? Buffer.concat(kept) : null;
    },
    async attribute(holdings) {
      const place = placeOf({ kind: 'stdin' });
      const places = [...holdings].flatMap(([blob, fingerprints]) =>
        [...fingerprints].map((fingerprint) => ({ blob, fingerprint, place })),
      );
      return { places, firstSeen: new Map(), exposure: new Map() };
    },
  };
}
