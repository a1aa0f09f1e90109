import type { Problem } from '../core/coverage.ts';
import type { BlobScan } from '../core/detector.ts';
import { FACTS_PREFIX, LINE_REACH } from '../core/limits.ts';
import type { Matcher, Rule } from '../core/rule.ts';
import type { Literal } from '../prefilter/literal.ts';
import type { LiteralSet } from '../prefilter/literal-set.ts';
import { ALLOW_MARKERS } from './allow-mark.ts';
import { Collector } from './collector.ts';
import { finish, scanBytes } from './content-scan.ts';
import { type EngineOptions, contentScanner } from './engine.ts';
import { factsOf } from './facts.ts';
import type { AllowMark, Item } from './item.ts';
import { type Lead, leadOf } from './lead.ts';
import { TextSteps } from './steps.ts';
import { Runs, judgeHit, sinkOf } from './text-scan.ts';

/** What a decision about a hit may depend on, in bytes before its start and after its end. */
export interface Reach {
  readonly before: number;
  readonly after: number;
  /** A run of this many token characters must follow in `after`, else the decision is *none* (0: no such gate). */
  readonly gate: number;
  /** Of these at least one must leave a match open, else the decision is *none* (empty: nothing is ruled out). */
  readonly leads: readonly Lead[];
  /** Or of these, anywhere in the reach. */
  readonly scans: readonly Lead[];
  /** The literal is an encoded form: the reach is the encoded run around it, and `ENCODED_MARGIN` on either side. */
  readonly encoded: boolean;
}

/** How far beyond a run's ends it depends on what follows: a line break, an indent, the start of another line. */
export const ENCODED_MARGIN = 256;

/** What a hit came to. Spans count from the hit's end and may be negative. */
export interface Judgement {
  readonly items: readonly Item[];
  readonly allowMarks: readonly AllowMark[];
  readonly problems: readonly Problem[];
}

/** A judged hit of a blob. */
export interface Holding {
  readonly judgement: Judgement;
  /** Offset in the blob just past the hit. */
  readonly end: number;
}

/**
 * The engine taken apart, for those who know a blob's hits without searching
 * it: judge each once, and whoever holds the same bytes around the same hit
 * holds the same judgement.
 */
export interface Judge {
  readonly literals: readonly Literal[];
  reach(literal: number): Reach;
  /**
   * @param bytes - all that `reach` names, as far as the blob has it
   * @param end - offset in `bytes` just past the hit
   * @returns null for *none* and *rejected*
   */
  judge(bytes: Uint8Array, literal: number, end: number): Judgement | null;
  /** A blob's findings from its holdings; equal to `scan` of the whole blob. */
  form(holdings: Iterable<Holding>, size: number): BlobScan;
  /** True for plain 8-bit text, the only kind whose hits may be judged one by one. */
  isPlain(head: Uint8Array, size: number): boolean;
  /** A blob as a whole, of whatever kind. */
  scan(bytes: Uint8Array): BlobScan;
}

/** A judge over the same rules and options as `createEngine`. */
export function createJudge(rules: readonly Rule[], options: EngineOptions = {}): Judge {
  const scanner = contentScanner(rules, options);
  const { literals } = scanner.prefilter;
  const reaches: Reach[] = [];
  let last: Uint8Array | null = null;
  let steps = new TextSteps();
  return {
    literals,
    reach(index) {
      const literal = literals[index];
      if (literal === undefined) return NO_REACH;
      return (reaches[index] ??= reachOf(literal, scanner.targets));
    },
    judge(bytes, literal, end) {
      const collector = new Collector();
      const nesting = {
        depth: 0,
        chain: [],
        locate: (span: { start: number; end: number }) => ({ start: span.start - end, end: span.end - end }),
        collector,
        inner: '',
        steps: (steps = bytes === last ? steps : new TextSteps()),
      };
      last = bytes;
      judgeHit(scanner, bytes, literal, end, new Runs(), sinkOf(scanner, nesting), nesting);
      const { items, allowMarks, problems } = collector;
      return items.length + allowMarks.length + problems.size === 0
        ? null
        : { items, allowMarks, problems: [...problems.values()] };
    },
    form(holdings, size) {
      const collector = new Collector();
      for (const { judgement, end } of holdings) {
        for (const item of judgement.items)
          collector.add({ ...item, span: { start: item.span.start + end, end: item.span.end + end } });
        for (const mark of judgement.allowMarks)
          collector.allowMarks.push({ ...mark, line: { start: mark.line.start + end, end: mark.line.end + end } });
        for (const problem of judgement.problems) collector.problem(problem);
      }
      return finish(scanner, collector, size);
    },
    isPlain: (head, size) => factsOf(head.subarray(0, FACTS_PREFIX), size).kind === 'bytes',
    scan: (bytes) => scanBytes(scanner, bytes),
  };
}

const NO_REACH: Reach = { before: 0, after: 0, gate: 0, leads: [], scans: [], encoded: false };

function reachOf(literal: Literal, targets: LiteralSet['targets']): Reach {
  if (literal.form !== 'plain') return { ...NO_REACH, before: ENCODED_MARGIN, after: ENCODED_MARGIN, encoded: true };
  if (literal.text < ALLOW_MARKERS.length) return { ...NO_REACH, before: LINE_REACH, after: LINE_REACH };
  const matchers = (targets[literal.text] ?? []).map(({ matcher }) => matcher);
  return {
    before: BESIDE + Math.max(WINDOW_EDGE, ...matchers.map(({ before }) => before)),
    after: BESIDE + Math.max(WINDOW_EDGE, ...matchers.map(({ after }) => after)),
    gate: matchers.length === 0 ? 0 : Math.min(...matchers.map(({ gate }) => gate)),
    ...leadsOf(matchers),
    encoded: false,
  };
}

/** None at all unless every matcher has one. */
function leadsOf(matchers: readonly Matcher[]): Pick<Reach, 'leads' | 'scans'> {
  const tables: { readonly lead: string; readonly anchor: string }[] = [];
  for (const { find } of matchers)
    if (find.kind === 'pattern' && find.lead !== undefined) tables.push({ lead: find.lead, anchor: find.anchor });
  if (tables.length < matchers.length) return { leads: [], scans: [] };
  const at = (wanted: 'hit' | 'window'): Lead[] =>
    [...new Set(tables.filter(({ anchor }) => anchor === wanted).map(({ lead }) => lead))].map(leadOf);
  return { leads: at('hit'), scans: at('window') };
}

/** A window is never smaller; see `Window`. */
const WINDOW_EDGE = 8;
/** Bytes next to a window that a decision depends on too; see `View.beside`. */
const BESIDE = 1;
