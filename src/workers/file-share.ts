import type { BlobScan, Detector } from '../core/detector.ts';
import type { Rule } from '../core/rule.ts';
import { type FileContent, readFile } from '../sources/files/read-file.ts';
import { type PlainScan, PlainScans } from './plain-scan.ts';

/** A file as it is posted to a thread. */
export interface PostedFile {
  readonly index: number;
  readonly location: string | Uint8Array;
  readonly maxSize: number;
}

/** As `FileOutcome`, to be posted back. */
export type PlainOutcome =
  | {
      readonly kind: 'scanned';
      readonly state: string;
      readonly size: number;
      readonly scan: PlainScan;
      readonly changed: boolean;
    }
  | Exclude<FileContent, { readonly kind: 'content' }>;

/** What came of a list of files. */
export interface FileReport {
  readonly clean: number;
  readonly cleanBytes: number;
  readonly told: readonly { readonly index: number; readonly outcome: PlainOutcome }[];
}

/** Reads and scans files; those in which there is nothing are only counted. */
export async function scanPosted(
  files: readonly PostedFile[],
  detector: Detector,
  rules: readonly Rule[],
): Promise<FileReport> {
  let clean = 0;
  let cleanBytes = 0;
  const scans = new PlainScans(rules);
  const told: { index: number; outcome: PlainOutcome }[] = [];
  for (const { index, location, maxSize } of files) {
    const outcome = await scanOne({ location, maxSize }, detector, scans);
    if (outcome.kind === 'scanned' && !isWorthTelling(outcome)) {
      clean++;
      cleanBytes += outcome.size;
    } else told.push({ index, outcome });
  }
  return { clean, cleanBytes, told };
}

async function scanOne(
  { location, maxSize }: Omit<PostedFile, 'index'>,
  detector: Detector,
  scans: PlainScans,
): Promise<PlainOutcome> {
  let changed = false;
  const place = typeof location === 'string' ? location : Buffer.from(location);
  const found = readFile(place, maxSize, () => {
    changed = true;
  });
  if (found.kind !== 'content') return found;
  const { content, size, state } = found;
  const scan: BlobScan = content instanceof Uint8Array ? detector.scan(content) : await detector.scanStream(content);
  return { kind: 'scanned', state, size, scan: scans.plain(scan), changed };
}

function isWorthTelling({ scan, changed }: Extract<PlainOutcome, { kind: 'scanned' }>): boolean {
  return changed || scan.findings.length + scan.loose.length + scan.problems.length > 0;
}
