import type { ByteStream } from '../core/blob.ts';
import type { BlobScan } from '../core/detector.ts';
import type { Span } from '../core/span.ts';
import { contentMend } from '../errors/content.ts';
import { type ArchiveBudget, type ArchiveOpener, archiveProblem } from './archive/archive.ts';
import { blobStep } from './blob-step.ts';
import { Collector } from './collector.ts';
import { narrow } from './decode/wide.ts';
import { type ArchiveFormat, type WideEncoding, factsOf } from './facts.ts';
import { type Piece, pieces } from './stream.ts';
import { TextSteps } from './steps.ts';
import { type Nesting, type TextScanner, scanDecoded, scanText } from './text-scan.ts';

/** A text scanner that can look into archives. */
export interface ContentScanner extends TextScanner {
  readonly openArchive: ArchiveOpener | undefined;
}

/** Scans content that is in memory. */
export function scanBytes(scanner: ContentScanner, bytes: Uint8Array): BlobScan {
  return finish(scanner, collect(scanner, bytes), bytes.length);
}

/** What the decisions about content in memory come to, before any is weighed against another. */
export function collect(scanner: ContentScanner, bytes: Uint8Array): Collector {
  const collector = new Collector();
  scanContent(scanner, bytes, 0, collector, '', budgetOf(scanner));
  return collector;
}

/** From what was collected to what is found. */
export function finish(scanner: ContentScanner, collector: Collector, size: number): BlobScan {
  let { items } = collector;
  if (items.length > scanner.limits.itemsPerBlob) {
    collector.problem({
      code: 'ITEM_LIMIT',
      message: `More than ${scanner.limits.itemsPerBlob} candidates in one blob`,
      mend: contentMend('ITEM_LIMIT'),
    });
    items = items.slice(0, scanner.limits.itemsPerBlob);
  }
  const marks = collector.allowMarks.toSorted((a, b) => a.line.end - b.line.end);
  const { findings, loose } = blobStep(items, marks);
  return { findings, loose, size, problems: [...collector.problems.values()] };
}

/** Whole content: facts first, then its bytes as they are, narrowed, or unpacked. */
function scanContent(
  scanner: ContentScanner,
  bytes: Uint8Array,
  archiveDepth: number,
  collector: Collector,
  inner: string,
  budget: ArchiveBudget,
): void {
  const facts = factsOf(bytes, bytes.length);
  const nesting: Nesting = { depth: 0, chain: [], locate: (span) => span, collector, inner, steps: new TextSteps() };
  if (facts.kind === 'wide') {
    scanDecoded(scanner, narrow(bytes, facts.encoding, facts.bom), nesting);
    // Bytes that only begin as wide text: another program went on in its own way.
    scanText(scanner, bytes, { start: 0, end: bytes.length }, { ...nesting, narrowed: unitOffset(facts.encoding) });
    return;
  }
  scanText(scanner, bytes, { start: 0, end: bytes.length }, nesting);
  if (facts.kind === 'archive') scanArchive(scanner, bytes, facts.format, archiveDepth, collector, inner, budget);
}

/** Where in a code unit of UTF-16 the byte stands that text has. */
function unitOffset(encoding: WideEncoding): 0 | 1 {
  return encoding === 'utf-16be' ? 1 : 0;
}

function budgetOf({ limits }: ContentScanner): ArchiveBudget {
  return { bytes: limits.archiveBytes, entries: limits.archiveEntries };
}

function scanArchive(
  scanner: ContentScanner,
  bytes: Uint8Array,
  format: ArchiveFormat,
  depth: number,
  collector: Collector,
  inner: string,
  budget: ArchiveBudget,
): void {
  if (!scanner.openArchive) return;
  if (depth >= scanner.limits.archiveDepth) {
    collector.problem(
      archiveProblem('ARCHIVE_DEPTH', `Archives are nested deeper than ${scanner.limits.archiveDepth}`),
    );
    return;
  }
  for (const entry of scanner.openArchive(bytes, format, budget)) {
    if ('code' in entry) collector.problem(entry);
    else
      scanContent(
        scanner,
        entry.bytes,
        depth + 1,
        collector,
        inner === '' ? entry.name : `${inner}!${entry.name}`,
        budget,
      );
  }
}

/** Content that is too large to hold, in overlapping pieces; small content whole. */
export async function scanStream(scanner: ContentScanner, stream: ByteStream): Promise<BlobScan> {
  const collector = new Collector();
  const steps = new TextSteps();
  let size = 0;
  for await (const piece of pieces(stream, scanner.limits)) {
    size = piece.base + piece.within.end;
    if (piece.base === 0 && piece.last) scanContent(scanner, piece.bytes, 0, collector, '', budgetOf(scanner));
    else scanPiece(scanner, piece, collector, steps);
  }
  return finish(scanner, collector, size);
}

function scanPiece(
  scanner: ContentScanner,
  { bytes, base, within, facts }: Piece,
  collector: Collector,
  steps: TextSteps,
): void {
  const shift = (span: Span): Span => ({ start: span.start + base, end: span.end + base });
  const nesting: Nesting = { depth: 0, chain: [], locate: shift, collector, inner: '', steps };
  if (facts.kind === 'archive')
    collector.problem(
      archiveProblem('ARCHIVE_TOO_LARGE', `A ${facts.format} archive is too large to be unpacked in memory`),
    );
  if (facts.kind !== 'wide') {
    scanText(scanner, bytes, within, nesting);
    return;
  }
  // Pieces begin and end on multiples of four, so code units are never cut.
  const narrowed = narrow(bytes, facts.encoding, base === 0 ? facts.bom : 0);
  const unit = facts.encoding.startsWith('utf-16') ? 2 : 4;
  const inner = { start: Math.floor(within.start / unit), end: Math.floor(within.end / unit) };
  scanText(scanner, narrowed.bytes, inner, {
    ...nesting,
    chain: [facts.encoding],
    locate: (span) => shift(narrowed.locate(span)),
  });
  scanText(scanner, bytes, within, { ...nesting, narrowed: unitOffset(facts.encoding) });
}
