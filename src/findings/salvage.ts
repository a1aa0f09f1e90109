/** What can be reported of a scan that broke off: what was found, and in which blobs. */
import type { BlobKind } from '../core/blob.ts';
import type { BlobScan } from '../core/detector.ts';
import type { Finding } from '../core/finding.ts';
import { placeOf } from '../core/place.ts';
import type { Source } from '../core/source.ts';
import type { Fingerprinter } from '../triage/fingerprint.ts';
import { type ReportedSecrets, assemble } from './assemble.ts';
import { Collected } from './collect.ts';

/** What came of a blob. */
export interface Taken {
  readonly id: string;
  readonly kind: BlobKind;
  readonly result: BlobScan;
}

/** Findings at places of which only the blob is known, or the file. What cannot be read again has no line. */
export async function salvage(
  source: Source,
  taken: readonly Taken[],
  fingerprinter: Fingerprinter,
  reported: ReportedSecrets,
  signal: AbortSignal,
): Promise<Finding[]> {
  const collected = new Collected(({ rule: { family }, secret }) => fingerprinter.of(family, secret));
  for (const { id, result } of taken) collected.add({ id }, result);
  const places = taken.flatMap((one) =>
    (collected.findings.get(one.id) ?? []).map(({ fingerprint }) => ({
      blob: one.id,
      fingerprint,
      place: placeOf({ kind: one.kind, ...whereabouts(one) }),
    })),
  );
  const readable: Pick<Source, 'read'> = { read: async (...asked) => source.read(...asked).catch(() => null) };
  const attribution = { places: uniquePlaces(places), firstSeen: new Map(), exposure: new Map() };
  return assemble(readable, collected, attribution, reported, signal);
}

/** Files are named by their paths, stored objects by their ids. */
function whereabouts({ id, kind }: Taken): { readonly path?: string; readonly blob?: string } {
  if (kind === 'file') return { path: id };
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id) ? { blob: id } : {};
}

function uniquePlaces<P extends { readonly blob: string; readonly fingerprint: string }>(places: readonly P[]): P[] {
  return [...new Map(places.map((one) => [`${one.fingerprint}\0${one.blob}`, one])).values()];
}
