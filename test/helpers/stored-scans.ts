/** What scans of stored blobs find, and what scans of the same blobs as wholes find. */
import type { BlobScan } from '../../src/core/detector.ts';
import { type ObjectStore, rowId } from '../../src/git/pack/object-store.ts';
import type { StoredScanResult } from '../../src/git/pack/stored-scan.ts';
import type { allObjects } from './pack-repository.ts';

export function allRows({ table: { count } }: ObjectStore): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row);
}

function plain({ findings, loose, problems, size }: BlobScan): unknown {
  const part = ({ rule, span, secret, decoded, inner }: BlobScan['loose'][number]): unknown => ({
    rule: rule.id,
    span,
    secret: secret.reveal(),
    decoded,
    inner,
  });
  return {
    findings: findings.map((finding) => ({
      ...Object(part(finding)),
      confidence: finding.confidence,
      allowedBy: finding.allowedBy,
      parts: finding.parts.map(part),
    })),
    loose: loose.map(part),
    problems,
    size,
  };
}

/** What scanning every blob whole, as git prints it, finds. */
export function wholeScans(
  engine: { scan(bytes: Uint8Array): BlobScan },
  store: ObjectStore,
  objects: ReturnType<typeof allObjects>,
): [number, unknown][] {
  return Array.from({ length: store.table.count }, (_, row): [number, BlobScan] => [
    row,
    engine.scan(objects.get(rowId(store, row))?.bytes ?? Buffer.alloc(0)),
  ])
    .filter(([, { findings, loose, problems }]) => findings.length + loose.length + problems.length > 0)
    .map(([row, scan]) => [row, plain(scan)]);
}

export const found = (result: StoredScanResult): [number, unknown][] =>
  result.found.map(({ row, scan }) => [row, plain(scan)]);
