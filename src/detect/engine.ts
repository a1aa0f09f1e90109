import type { ByteStream } from '../core/blob.ts';
import type { Problem } from '../core/coverage.ts';
import type { BlobScan, Detector } from '../core/detector.ts';
import { DEFAULT_LIMITS, type Limits } from '../core/limits.ts';
import type { Rule } from '../core/rule.ts';
import type { Span } from '../core/span.ts';
import { type Automaton, buildAutomaton } from '../prefilter/automaton.ts';
import { HitBuffer, type Literal, type Prefilter } from '../prefilter/literal.ts';
import { type LiteralSet, literalSet, literalTargets } from '../prefilter/literal-set.ts';
import type { PreparedLiterals } from '../prefilter/prepared.ts';
import { javascriptPrefilter } from '../prefilter/scan-js.ts';
import { ALLOW_MARKERS, allowMark } from './allow-mark.ts';
import { type ArchiveBudget, type ArchiveOpener, archiveProblem } from './archive/archive.ts';
import { blobStep } from './blob-step.ts';
import { decide } from './decide.ts';
import type { Decoded } from './decode/decoded.ts';
import { decodeRun } from './decode/runs.ts';
import { narrow } from './decode/wide.ts';
import { type ArchiveFormat, factsOf } from './facts.ts';
import type { AllowMark, Item, Rejection, Sink } from './item.ts';
import { RegexCache, type RegexFactory } from './regex.ts';
import { pieces } from './stream.ts';
import { Window } from './window.ts';

export interface EngineOptions {
  readonly limits?: Limits;
  /** Needed only where a rule is `untrusted`. */
  readonly linearRegex?: RegexFactory;
  /** Made at build time for exactly these rules; else built here. */
  readonly prepared?: PreparedLiterals;
  /** Another prefilter over the same literals, such as the WebAssembly one. */
  readonly prefilter?: (literals: readonly Literal[], automaton: Automaton) => Prefilter;
  readonly openArchive?: ArchiveOpener;
  /** Told of every decision that turned a candidate down. */
  readonly onRejection?: (rejection: Rejection) => void;
}

/** The detection engine over one set of rules. */
export function createEngine(rules: readonly Rule[], options: EngineOptions = {}): Detector {
  const { literals, automaton } = options.prepared ?? prepareLiterals(rules);
  const prefilter = (options.prefilter ?? javascriptPrefilter)(literals, automaton);
  const engine: Engine = {
    targets: literalTargets(rules, ALLOW_MARKERS),
    prefilter,
    limits: options.limits ?? DEFAULT_LIMITS,
    regexes: new RegexCache(options.linearRegex),
    openArchive: options.openArchive,
    onRejection: options.onRejection ?? (() => undefined),
  };
  return {
    rules,
    scan: (bytes) => scanBytes(engine, bytes),
    scanStream: (stream) => scanStream(engine, stream),
  };
}

/** The part of an engine that depends on the rules alone and is dear to make. */
export function prepareLiterals(rules: readonly Rule[]): PreparedLiterals {
  const { literals } = literalSet(rules, ALLOW_MARKERS);
  return { literals, automaton: buildAutomaton(literals) };
}

interface Engine {
  readonly targets: LiteralSet['targets'];
  readonly prefilter: Prefilter;
  readonly limits: Limits;
  readonly regexes: RegexCache;
  readonly openArchive: ArchiveOpener | undefined;
  readonly onRejection: (rejection: Rejection) => void;
}

/** What one blob has come to so far. */
class Collector {
  readonly items: Item[] = [];
  readonly allowMarks: AllowMark[] = [];
  readonly problems = new Map<string, Problem>();

  /** Marks come in order; a second one on a line adds nothing. */
  allow(bytes: Uint8Array, hit: Span, marker: string, locate: (span: Span) => Span): void {
    const last = this.allowMarks.at(-1);
    if (last && locate(hit).start < last.line.end) return;
    const mark = allowMark(bytes, hit, marker);
    this.allowMarks.push({ ...mark, line: locate(mark.line) });
  }

  problem(problem: Problem): void {
    if (!this.problems.has(problem.code + problem.message)) this.problems.set(problem.code + problem.message, problem);
  }
}

function scanBytes(engine: Engine, bytes: Uint8Array): BlobScan {
  const collector = new Collector();
  scanContent(engine, bytes, 0, collector, '', budgetOf(engine));
  return finish(engine, collector, bytes.length);
}

function finish(engine: Engine, collector: Collector, size: number): BlobScan {
  if (collector.items.length > engine.limits.itemsPerBlob) {
    collector.problem({
      code: 'ITEM_LIMIT',
      message: `More than ${engine.limits.itemsPerBlob} candidates in one blob`,
      mend: 'Look at the blob yourself: it is not an ordinary file. Exclude its path if it is test data.',
    });
    collector.items.length = engine.limits.itemsPerBlob;
  }
  const { findings, loose } = blobStep(collector.items, collector.allowMarks);
  return { findings, loose, size, problems: [...collector.problems.values()] };
}

/** Whole content: facts first, then its bytes as they are, narrowed, or unpacked. */
function scanContent(
  engine: Engine,
  bytes: Uint8Array,
  archiveDepth: number,
  collector: Collector,
  inner: string,
  budget: ArchiveBudget,
): void {
  const facts = factsOf(bytes, bytes.length);
  const sink = sinkOf(engine, collector, [], (span) => span, inner);
  if (facts.kind === 'wide') {
    const narrowed = narrow(bytes, facts.encoding, facts.bom);
    scanDecoded(engine, narrowed, { depth: 0, chain: [], locate: (span) => span, collector, inner });
    return;
  }
  scanPlain(engine, bytes, { start: 0, end: bytes.length }, 0, sink, collector);
  if (facts.kind === 'archive') scanArchive(engine, bytes, facts.format, archiveDepth, collector, inner, budget);
}

function budgetOf({ limits }: Engine): ArchiveBudget {
  return { bytes: limits.archiveBytes, entries: limits.archiveEntries };
}

function scanArchive(
  engine: Engine,
  bytes: Uint8Array,
  format: ArchiveFormat,
  depth: number,
  collector: Collector,
  inner: string,
  budget: ArchiveBudget,
): void {
  if (!engine.openArchive) return;
  if (depth >= engine.limits.archiveDepth) {
    collector.problem(archiveProblem('ARCHIVE_DEPTH', `Archives are nested deeper than ${engine.limits.archiveDepth}`));
    return;
  }
  for (const entry of engine.openArchive(bytes, format, budget)) {
    if ('code' in entry) collector.problem(entry);
    else
      scanContent(
        engine,
        entry.bytes,
        depth + 1,
        collector,
        inner === '' ? entry.name : `${inner}!${entry.name}`,
        budget,
      );
  }
}

/** Where decoded text lies in what encloses it. */
interface Nesting {
  /** Layers of encoding undone so far. */
  readonly depth: number;
  readonly chain: readonly string[];
  readonly locate: (span: Span) => Span;
  readonly collector: Collector;
  readonly inner: string;
}

function scanDecoded(engine: Engine, decoded: Decoded, outer: Nesting): void {
  const chain = [...outer.chain, decoded.encoding];
  const locate = (span: Span): Span => outer.locate(decoded.locate(span));
  const sink = sinkOf(engine, outer.collector, chain, locate, outer.inner);
  scanPlain(engine, decoded.bytes, { start: 0, end: decoded.bytes.length }, outer.depth, sink, outer.collector, {
    ...outer,
    chain,
    locate,
  });
}

function sinkOf(
  engine: Engine,
  collector: Collector,
  chain: readonly string[],
  locate: (span: Span) => Span,
  inner: string,
): Sink {
  return {
    item(item) {
      const decoded = chain.length === 0 ? item.decoded : [...chain, ...item.decoded];
      // Past the limit only the fact counts; `finish` reports it.
      if (collector.items.length > engine.limits.itemsPerBlob) return;
      collector.items.push({
        ...item,
        span: inner === '' ? locate(item.span) : { start: 0, end: 0 },
        decoded,
        ...(inner === '' ? {} : { inner }),
      });
    },
    reject(rejection) {
      engine.onRejection({ ...rejection, span: locate(rejection.span) });
    },
  };
}

/**
 * Searches 8-bit text and decides its hits.
 * @param within - only hits that end in `(start, end]` are decided; the rest of `bytes` is context
 */
function scanPlain(
  engine: Engine,
  bytes: Uint8Array,
  within: Span,
  depth: number,
  sink: Sink,
  collector: Collector,
  nesting?: Nesting,
): void {
  const { prefilter, targets, regexes } = engine;
  const hits = new HitBuffer();
  prefilter.find(bytes, Math.max(0, within.start - LONGEST_LITERAL), within.end, hits);
  const runs = new Runs();
  const outer: Nesting = nesting ?? { depth, chain: [], locate: (span) => span, collector, inner: '' };
  for (let i = 0; i < hits.count; i++) {
    const literal = prefilter.literals[hits.literal(i)];
    const end = hits.end(i);
    if (!literal || end <= within.start) continue;
    const hit = { start: end - literal.bytes.length, end };
    if (literal.form !== 'plain') {
      openRun(engine, bytes, hit, literal, runs, outer);
      continue;
    }
    const marker = ALLOW_MARKERS[literal.text];
    if (marker !== undefined) {
      if (isPlainText(outer.chain)) collector.allow(bytes, hit, marker, outer.locate);
      continue;
    }
    for (const target of targets[literal.text] ?? []) {
      decide(target, new Window(bytes, hit, target.matcher.before, target.matcher.after), regexes, sink);
    }
  }
}

/** A comment counts in text as a person wrote it, wide or not, and never in an encoded run. */
function isPlainText(chain: readonly string[]): boolean {
  return chain.every((encoding) => encoding.startsWith('utf-'));
}

/** More than any literal has bytes. */
const LONGEST_LITERAL = 256;

/** Encoded runs of one text that were opened already, with their alignment. */
class Runs {
  readonly #opened: { readonly span: Span; readonly form: string; readonly decoded: Decoded }[] = [];

  has(form: string, hit: Span, aligned: (decoded: Decoded) => boolean): boolean {
    // Hits come in order, so the run is among the last few.
    for (let i = this.#opened.length - 1; i >= Math.max(0, this.#opened.length - RUNS_LOOKED_AT); i--) {
      const run = this.#opened[i];
      if (run && run.form === form && hit.start >= run.span.start && hit.end <= run.span.end && aligned(run.decoded))
        return true;
    }
    return false;
  }

  add(form: string, span: Span, decoded: Decoded): void {
    this.#opened.push({ form, span, decoded });
  }
}

const RUNS_LOOKED_AT = 8;

function openRun(engine: Engine, bytes: Uint8Array, hit: Span, literal: Literal, runs: Runs, outer: Nesting): void {
  const { limits } = engine;
  if (runs.has(literal.form, hit, (decoded) => groupBegins(decoded, hit.start - literal.phase))) return;
  const run = decodeRun(bytes, hit, literal.form, literal.phase, limits.encodedRun);
  if (run === null) return;
  if ('cut' in run) {
    outer.collector.problem({
      code: 'DECODE_LIMIT',
      message: `An encoded run is longer than ${limits.encodedRun} bytes`,
      mend: 'Decode the file and scan the result, or exclude its path.',
    });
    return;
  }
  runs.add(literal.form, run.span, run.decoded);
  if (outer.depth >= limits.decodeDepth) {
    outer.collector.problem({
      code: 'DECODE_DEPTH',
      message: `Text is encoded more than ${limits.decodeDepth} times over`,
      mend: 'Decode the file and scan the result, or exclude its path.',
    });
    return;
  }
  scanDecoded(engine, run.decoded, { ...outer, depth: outer.depth + 1 });
}

/** A group of the encoding begins at `at`, or within a wrapped line break's reach of it. */
function groupBegins(decoded: Decoded, at: number): boolean {
  return decoded.indexOf(at) >= 0;
}

/** Content that is too large to hold, in overlapping pieces; small content whole. */
async function scanStream(engine: Engine, stream: ByteStream): Promise<BlobScan> {
  const collector = new Collector();
  let size = 0;
  for await (const piece of pieces(stream, engine.limits)) {
    size = piece.base + piece.within.end;
    if (piece.base === 0 && piece.last) {
      scanContent(engine, piece.bytes, 0, collector, '', budgetOf(engine));
      continue;
    }
    const shift = (span: Span): Span => ({ start: span.start + piece.base, end: span.end + piece.base });
    const { facts } = piece;
    if (facts.kind === 'archive')
      collector.problem(
        archiveProblem('ARCHIVE_TOO_LARGE', `A ${facts.format} archive is too large to be unpacked in memory`),
      );
    if (facts.kind === 'wide') {
      // Pieces begin and end on multiples of four, so code units are never cut.
      const narrowed = narrow(piece.bytes, facts.encoding, piece.base === 0 ? facts.bom : 0);
      const unit = facts.encoding.startsWith('utf-16') ? 2 : 4;
      const inner = { start: Math.floor(piece.within.start / unit), end: Math.floor(piece.within.end / unit) };
      const locate = (span: Span): Span => shift(narrowed.locate(span));
      const sink = sinkOf(engine, collector, [facts.encoding], locate, '');
      scanPlain(engine, narrowed.bytes, inner, 0, sink, collector, {
        depth: 0,
        chain: [facts.encoding],
        locate,
        collector,
        inner: '',
      });
      continue;
    }
    scanPlain(engine, piece.bytes, piece.within, 0, sinkOf(engine, collector, [], shift, ''), collector, {
      depth: 0,
      chain: [],
      locate: shift,
      collector,
      inner: '',
    });
  }
  return finish(engine, collector, size);
}
