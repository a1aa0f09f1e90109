import type { Limits } from '../core/limits.ts';
import type { Rule } from '../core/rule.ts';
import type { Span } from '../core/span.ts';
import { contentMend } from '../errors/content.ts';
import { ALL_SCREENS, HitBuffer, type Literal, type Prefilter } from '../prefilter/literal.ts';
import type { LiteralSet, Target } from '../prefilter/literal-set.ts';
import { ALLOW_MARKERS } from './allow-mark.ts';
import type { Collector } from './collector.ts';
import { decide, type Tools } from './decide.ts';
import type { Decoded } from './decode/decoded.ts';
import { decodeRun } from './decode/runs.ts';
import type { Rejection, Sink } from './item.ts';
import type { TextSteps } from './steps.ts';
import { Window } from './window.ts';

/** What searching text needs; the same for every blob of a run. */
export interface TextScanner extends Tools {
  readonly targets: LiteralSet['targets'];
  readonly prefilter: Prefilter;
  readonly limits: Limits;
  readonly onRejection: (rejection: Rejection) => void;
}

/** Where decoded text lies in what encloses it. */
export interface Nesting {
  /** Layers of encoding undone so far. */
  readonly depth: number;
  readonly chain: readonly string[];
  readonly locate: (span: Span) => Span;
  readonly collector: Collector;
  readonly inner: string;
  /** What rules of other people took on the content so far. */
  readonly steps: TextSteps;
  /** The bytes were searched as UTF-16 too: wide runs whose characters stand on this side of a unit are known. */
  readonly narrowed?: 0 | 1;
}

/** Searches text that stood encoded in `outer`. */
export function scanDecoded(scanner: TextScanner, decoded: Decoded, outer: Nesting): void {
  scanText(
    scanner,
    decoded.bytes,
    { start: 0, end: decoded.bytes.length },
    {
      depth: outer.depth,
      collector: outer.collector,
      inner: outer.inner,
      steps: outer.steps,
      chain: [...outer.chain, decoded.encoding],
      locate: (span) => outer.locate(decoded.locate(span)),
    },
  );
}

export function sinkOf(scanner: TextScanner, { collector, chain, locate, inner }: Nesting): Sink {
  return {
    item(item) {
      const decoded = chain.length === 0 ? item.decoded : [...chain, ...item.decoded];
      // Past the limit only the fact counts; `finish` reports it.
      if (collector.count > scanner.limits.itemsPerBlob) return;
      collector.add({
        ...item,
        span: locate(item.span),
        decoded,
        ...(inner === '' ? {} : { inner }),
      });
    },
    reject(rejection) {
      scanner.onRejection({ ...rejection, span: locate(rejection.span) });
    },
  };
}

/**
 * Searches 8-bit text and judges its hits.
 * @param within - only hits that end in `(start, end]` are judged; the rest of `bytes` is context
 */
export function scanText(scanner: TextScanner, bytes: Uint8Array, within: Span, nesting: Nesting): void {
  const hits = new HitBuffer();
  scanner.prefilter.find(bytes, Math.max(0, within.start - LONGEST_LITERAL), within.end, hits);
  const runs = new Runs();
  const sink = sinkOf(scanner, nesting);
  for (let i = 0; i < hits.count; i++) {
    const end = hits.end(i);
    if (end > within.start) judgeHit(scanner, bytes, hits.literal(i), end, runs, sink, nesting, hits.passed(i));
  }
}

/**
 * Judges one hit: a function of the bytes around it alone. `runs` only saves
 * opening one encoded run twice.
 * @param end - offset in `bytes` just past the hit
 * @param passed - by whose screens it may lead to something
 */
export function judgeHit(
  scanner: TextScanner,
  bytes: Uint8Array,
  index: number,
  end: number,
  runs: Runs,
  sink: Sink,
  nesting: Nesting,
  passed = ALL_SCREENS,
): void {
  const literal = scanner.prefilter.literals[index];
  if (!literal) return;
  const hit = { start: end - literal.bytes.length, end };
  if (literal.form !== 'plain') {
    const known = literal.form === 'wide' && nesting.narrowed !== undefined && (hit.start & 1) === nesting.narrowed;
    if (!known) openRun(scanner, bytes, hit, literal, runs, nesting);
    return;
  }
  const marker = ALLOW_MARKERS[literal.text];
  if (marker !== undefined) {
    if (isPlainText(nesting.chain)) nesting.collector.allow(bytes, hit, marker, nesting.locate);
    return;
  }
  let window: Window | undefined;
  for (const target of scanner.targets[literal.text] ?? []) {
    if (((target.screen ?? ALL_SCREENS) & passed) === 0) continue;
    const { before, after } = target.matcher;
    // Rules of one provider mostly ask for the same window.
    if (!window?.is(before, after)) window = new Window(bytes, hit, before, after);
    if (isCounted(target.rule)) decideCounted(target, window, scanner, sink, nesting, hit);
    else decide(target, window, scanner, sink);
  }
}

/** Whether expressions that other people wrote are asked. */
function isCounted({ untrusted, filters }: Rule): boolean {
  return untrusted === true || filters !== undefined;
}

/** As `decide`, unless the rule has no steps left on this text, which is a gap in the coverage. */
function decideCounted(
  target: Target,
  window: Window,
  scanner: TextScanner,
  sink: Sink,
  { steps, locate, collector }: Nesting,
  hit: Span,
): void {
  const { rule } = target;
  const place = Math.max(0, locate(hit).start);
  if (scanner.regexes.meter.within(steps, rule, place, () => decide(target, window, scanner, sink))) return;
  collector.problem({
    code: 'EXPRESSION_LIMIT',
    message: `The rule "${rule.id}" takes too many steps on one file, so not all of it was searched for what the rule finds`,
    mend: contentMend('EXPRESSION_LIMIT'),
  });
}

/** A comment counts in text as a person wrote it, wide or not, and never in an encoded run. */
function isPlainText(chain: readonly string[]): boolean {
  return chain.every((encoding) => encoding.startsWith('utf-'));
}

/** More than any literal has bytes. */
const LONGEST_LITERAL = 256;

/** Encoded runs of one text that were opened already, with their alignment. */
export class Runs {
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

function openRun(
  scanner: TextScanner,
  bytes: Uint8Array,
  hit: Span,
  literal: Literal,
  runs: Runs,
  outer: Nesting,
): void {
  const { limits } = scanner;
  const isGrouped = literal.form === 'base64' || literal.form === 'hex' || literal.form === 'wide';
  // How escapes are read depends on the run alone, wherever in it the hit stands.
  if (runs.has(literal.form, hit, (decoded) => !isGrouped || groupBegins(decoded, hit.start - literal.phase))) return;
  const run = decodeRun(bytes, hit, literal.form, literal.phase, limits.encodedRun);
  if (run === null) return;
  if ('cut' in run) {
    outer.collector.problem({
      code: 'DECODE_LIMIT',
      message: `An encoded run is longer than ${limits.encodedRun} bytes`,
      mend: contentMend('DECODE_LIMIT'),
    });
    return;
  }
  runs.add(literal.form, run.span, run.decoded);
  if (outer.depth >= limits.decodeDepth) {
    outer.collector.problem({
      code: 'DECODE_DEPTH',
      message: `Text is encoded more than ${limits.decodeDepth} times over`,
      mend: contentMend('DECODE_DEPTH'),
    });
    return;
  }
  scanDecoded(scanner, run.decoded, { ...outer, depth: outer.depth + 1 });
}

/** A group of the encoding begins at `at`, or within a wrapped line break's reach of it. */
function groupBegins(decoded: Decoded, at: number): boolean {
  return decoded.indexOf(at) >= 0;
}
