import { expect, test } from 'vitest';

import type { Blob } from '../../src/core/blob.ts';
import { CoverageLog } from '../../src/core/coverage.ts';
import { placeOf } from '../../src/core/place.ts';
import type { Source } from '../../src/core/source.ts';
import { combinedSource } from '../../src/sources/combined.ts';
import { signal } from '../helpers/source.ts';

/** More than a call takes arguments. */
const MANY = 300_000;

/** One blob that stands in very many places. */
function everywhere(path: string): Source {
  const place = placeOf({ kind: 'file', path });
  return {
    name: 'scan',
    coverage: new CoverageLog(),
    async *blobs(): AsyncGenerator<Blob> {
      yield { id: 'same', kind: 'file', content: Buffer.from('x') };
    },
    read: async () => null,
    attribute: async (holdings) => ({
      places: [...holdings].flatMap(([blob, held]) =>
        [...held].flatMap((fingerprint) => Array.from({ length: MANY }, () => ({ blob, fingerprint, place }))),
      ),
      firstSeen: new Map(),
      exposure: new Map([['f', 'local']]),
    }),
    files: async () => Array.from({ length: MANY }, () => ({ place, exposure: 'local' })),
  };
}

test('places of several sources stay apart, however many there are', async () => {
  const both = combinedSource('hunt', [everywhere('a'), everywhere('b')]);
  const ids: string[] = [];
  for await (const { id } of both.blobs(signal)) ids.push(id);
  expect(new Set(ids).size).toBe(2);
  const { places } = await both.attribute(new Map(ids.map((id) => [id, new Set(['f'])])), signal);
  expect(places).toHaveLength(2 * MANY);
  expect(places[0]).toMatchObject({ blob: ids[0], place: { path: 'a' } });
  expect(places[MANY]).toMatchObject({ blob: ids[1], place: { path: 'b' } });
  expect(await both.files?.(() => true, signal)).toHaveLength(2 * MANY);
});
