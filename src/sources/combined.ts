import { CoverageLog, type SourceName } from '../core/coverage.ts';
import type { AttributedPlace, Attribution, FilePlace, Source } from '../core/source.ts';

type Exposure = 'local' | 'remote' | 'unknown';

/** A copy elsewhere is what counts; where only one source can tell, it is believed. */
const WORSE: readonly Exposure[] = ['unknown', 'local', 'remote'];

interface Owned {
  readonly source: Source;
  /** There. */
  readonly id: string;
}

/** Several sources as one, one after the other: a history and the files beside it. */
export function combinedSource(name: SourceName, sources: readonly Source[]): Source {
  const coverage = new CoverageLog(sources.map((source) => source.coverage));
  const owners = new Map<string, Owned>();
  /** Ids stay as they are unless another source has the same. */
  const own = (source: Source, id: string): string => {
    let unique = id;
    while ((owners.get(unique)?.source ?? source) !== source) unique += ' ';
    owners.set(unique, { source, id });
    return unique;
  };
  return {
    name,
    coverage,
    async *blobs(signal) {
      for (const source of sources)
        for await (const blob of source.blobs(signal)) yield { ...blob, id: own(source, blob.id) };
    },
    *scanned() {
      for (const source of sources)
        for (const blob of source.scanned?.() ?? []) yield { ...blob, id: own(source, blob.id) };
    },
    isSound: () => sources.every((source) => source.isSound?.() !== false),
    async read(id, signal) {
      const owned = owners.get(id);
      return owned === undefined ? null : owned.source.read(owned.id, signal);
    },
    async attribute(holdings, signal) {
      const places: AttributedPlace[] = [];
      const firstSeen = new Map<string, { commit: string; author: string; date: string }>();
      const exposure = new Map<string, Exposure>();
      for (const source of sources) {
        const names = new Map<string, string>();
        const held = new Map<string, ReadonlySet<string>>();
        for (const [id, fingerprints] of holdings) {
          const owned = owners.get(id);
          if (owned?.source !== source) continue;
          names.set(owned.id, id);
          held.set(owned.id, fingerprints);
        }
        const found = await source.attribute(held, signal);
        // One by one: a call takes no more than some ten thousands of arguments.
        for (const place of found.places) places.push({ ...place, blob: names.get(place.blob) ?? place.blob });
        for (const [fingerprint, seen] of found.firstSeen)
          if (!firstSeen.has(fingerprint)) firstSeen.set(fingerprint, seen);
        for (const [fingerprint, how] of found.exposure)
          exposure.set(fingerprint, worse(how, exposure.get(fingerprint) ?? 'unknown'));
      }
      return { places, firstSeen, exposure } satisfies Attribution;
    },
    async files(wanted, signal) {
      const found: FilePlace[] = [];
      for (const source of sources) for (const file of (await source.files?.(wanted, signal)) ?? []) found.push(file);
      return found;
    },
  };
}

function worse(a: Exposure, b: Exposure): Exposure {
  return WORSE.indexOf(a) > WORSE.indexOf(b) ? a : b;
}
