import type { Detector } from '../core/detector.ts';
import { DEFAULT_LIMITS, type Limits } from '../core/limits.ts';
import type { Rule } from '../core/rule.ts';
import { type Automaton, buildAutomaton } from '../prefilter/automaton.ts';
import type { Literal, Prefilter } from '../prefilter/literal.ts';
import { type LiteralSet, literalSet, literalTargets } from '../prefilter/literal-set.ts';
import type { NameSearch } from '../prefilter/packed-wasm.ts';
import { javascriptPrefilter } from '../prefilter/scan-js.ts';
import { ALLOW_MARKERS } from './allow-mark.ts';
import type { ArchiveOpener } from './archive/archive.ts';
import { type ContentScanner, scanBytes, scanStream } from './content-scan.ts';
import type { Rejection } from './item.ts';
import { RegexCache, type RegexFactory } from './regex.ts';

/** Literals and the automaton over them. */
interface PreparedLiterals {
  readonly literals: readonly Literal[];
  readonly automaton: Automaton;
}

export interface EngineOptions {
  readonly limits?: Limits;
  /** Needed only where a rule is `untrusted`. */
  readonly linearRegex?: RegexFactory;
  /** Made before for exactly these rules; else built here. */
  readonly prepared?: PreparedLiterals;
  /** What `prepared` leads to, where even that would take too long: the hook's way (`cli/fast/rule-pack.ts`). */
  readonly ready?: Ready;
  /** Another prefilter over the same literals, such as the WebAssembly one. */
  readonly prefilter?: (literals: readonly Literal[], automaton: Automaton) => Prefilter;
  readonly openArchive?: ArchiveOpener;
  /** Told of every decision that turned a candidate down. */
  readonly onRejection?: (rejection: Rejection) => void;
}

/** The detection engine over one set of rules. */
export function createEngine(rules: readonly Rule[], options: EngineOptions = {}): Detector {
  const engine = contentScanner(rules, options);
  return {
    rules,
    scan: (bytes) => scanBytes(engine, bytes),
    scanStream: (stream) => scanStream(engine, stream),
  };
}

/** Everything an engine holds, for those who drive it hit by hit (`judge.ts`). */
export function contentScanner(rules: readonly Rule[], options: EngineOptions): ContentScanner {
  const { targets, prefilter, names } = options.ready ?? makeReady(rules, options);
  return {
    targets,
    prefilter,
    names,
    limits: options.limits ?? DEFAULT_LIMITS,
    regexes: new RegexCache(options.linearRegex),
    openArchive: options.openArchive,
    onRejection: options.onRejection ?? (() => undefined),
  };
}

/** A prefilter, and whom its hits wake. */
export interface Ready {
  readonly targets: LiteralSet['targets'];
  readonly prefilter: Prefilter;
  /** For rules whose names have tables. */
  readonly names?: NameSearch;
}

function makeReady(rules: readonly Rule[], options: EngineOptions): Ready {
  const { literals, automaton } = options.prepared ?? prepareLiterals(rules);
  const prefilter = (options.prefilter ?? javascriptPrefilter)(literals, automaton);
  return { targets: literalTargets(rules, ALLOW_MARKERS), prefilter };
}

/** The part of an engine that depends on the rules alone and is dear to make. */
export function prepareLiterals(rules: readonly Rule[]): PreparedLiterals {
  const { literals } = literalSet(rules, ALLOW_MARKERS);
  return { literals, automaton: buildAutomaton(literals) };
}
