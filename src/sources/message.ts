import { CoverageLog } from '../core/coverage.ts';
import type { Source } from '../core/source.ts';
import { NOWHERE } from './history/placed.ts';

/** The message of a commit that is being made, as one text. */
export function messageSource(message: Uint8Array): Source {
  const coverage = new CoverageLog();
  return {
    name: 'staged',
    coverage,
    async *blobs() {
      coverage.add('bytesCovered', message.length);
      yield { id: '-', kind: 'commit-message', content: message };
    },
    async read() {
      return message;
    },
    async attribute(holdings) {
      const place = { ...NOWHERE, kind: 'commit-message' as const };
      const places = [...holdings].flatMap(([blob, fingerprints]) =>
        [...fingerprints].map((fingerprint) => ({ blob, fingerprint, place })),
      );
      return { places, firstSeen: new Map(), exposure: new Map() };
    },
  };
}
