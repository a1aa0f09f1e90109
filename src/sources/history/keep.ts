import type { CoverageLog, Problem } from '../../core/coverage.ts';
import type { HistoryMemory } from '../../core/facts.ts';
import { BLOB } from '../../git/object/type.ts';
import { makeFacts } from './facts.ts';
import { KnownTrees } from './known-trees.ts';
import { type KnownHits, type KnownPart, keepHits, makeMarks } from './marks.ts';
import { PackedTrees } from './packed-trees.ts';
import type { Quiet } from './quiet.ts';
import type { Remembered } from './remembered.ts';
import type { HistoryState } from './state.ts';

/** What an audit has learned besides its state. */
export interface Learned {
  readonly coverage: CoverageLog;
  readonly quiet: Quiet;
  readonly blobs: Remembered;
  /** How many of the graph's commits, the first ones, are all that packs hold; −1 where that is not known. */
  readonly packedCommits: number;
}

/** Keeps what the next audit need not learn again. Only after a run that came to its end, and met no damage. */
export function keepLearned(state: HistoryState, memory: HistoryMemory, learned: Learned): void {
  if (learned.coverage.hasProblem(isDamage)) return;
  const { trees } = state;
  if (trees instanceof PackedTrees) keepAll(state, memory, learned, trees);
  else if (trees instanceof KnownTrees && trees.hasLearned)
    keepMarks(state, memory, state.store.known?.history.id ?? '', trees.part, trees.absentReached());
}

function keepAll(
  state: HistoryState,
  { facts, ...memory }: HistoryMemory,
  { quiet, blobs, packedCommits }: Learned,
  trees: PackedTrees,
): void {
  const { packs, table, seals, shallow } = state.store;
  const { packed } = trees;
  if (packs === null || packs.packs.length === 0 || seals === null || packed === null || packedCommits < 0) return;
  const made = makeFacts({
    store: packs,
    table,
    seals,
    isClean: (position) => (table.type(position) === BLOB ? blobs.isClean(position) : quiet.hasMessage(position)),
    blobSize: (position) => blobs.size(position),
    cleanRefs: quiet.refs,
    cleanNames: quiet.names(packed.names),
    shallow,
    links: state.reach.links(packedCommits),
    order: state.places?.order ?? new Int32Array(0),
    trees: packed.trees,
  });
  if (made === null) return;
  facts.save(made.facts);
  // Of what is loose, facts say nothing.
  const { listOf } = packs.table;
  const isKnown = (position: number): boolean => (listOf[position] ?? packs.packs.length) < packs.packs.length;
  blobs.saveTo(memory.later, (position) => !isKnown(position));
  const part: KnownPart = { positions: table.length, names: packed.names, isKnown };
  keepMarks(state, { ...memory, facts }, made.id, part, packed.absentReached());
}

function keepMarks(
  { reach, found }: HistoryState,
  { marks }: HistoryMemory,
  facts: string,
  part: KnownPart,
  absent: Int32Array,
): void {
  const hits = found ? keepHits(found.trees, found.hits, part) : NO_HITS;
  marks.save(
    makeMarks(facts, { starts: reach.starts, reached: reach.reachedFromStarts(part.positions), absent, hits }),
  );
}

const NONE = new Int32Array(0);
const NO_HITS: KnownHits = {
  blobs: NONE,
  names: NONE,
  trees: NONE,
  starts: Int32Array.of(0),
  keys: new Float64Array(0),
  targets: NONE,
};

/** Problems of the store itself, and not of what is merely absent or of what a blob holds. */
function isDamage({ code }: Problem): boolean {
  return /^(?:GIT|PACK|MIDX|LOOSE|OBJECT|ALTERNATE|KERNEL)_/.test(code) && !ABSENCES.has(code);
}

const ABSENCES: ReadonlySet<string> = new Set([
  'GIT_SHALLOW',
  'GIT_OBJECT_MISSING',
  'GIT_PROMISED_ABSENT',
  'GIT_REF_BROKEN',
]);
