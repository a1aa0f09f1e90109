// What the kernel offers to JavaScript (src/kernel/). All arguments are addresses and counts; whoever
// calls owns the memory.

import { setContext } from './context';
import { initDelta } from './delta';
import { initInflate } from './inflate';
import { initRuns } from './runs';

export { adler32 } from './adler32';
export { buildAutomaton, markUsed } from './automaton';
export { inflate, inflateConsumed } from './inflate';
export { applySegments, deltaResultSize, gather, parseDelta, resultSize, segmentCount } from './delta';
export { MARKS_BYTES, scan, scanned, setAutomaton } from './scan';
export { findTargets, isPlainMessage, readCommit, setEntryJob } from './entries';
export {
  countChildren,
  divide,
  linkChildren,
  listRoots,
  makePairs,
  placeEntries,
  putHeaviestLast,
  readHeaders,
  setForestJob,
  sortPairs,
  spreadTypes,
  startChildren,
  startWeights,
} from './forest';
export { listMarked, numberHolding, packHolding, setHitJob, spreadHolds, spreadMarks } from './hit-trees';
export { findSameParents, handDown, setHitTrees, setParents } from './commits';
export { countLineFeeds } from './lines';
export { beginSweep, emptyRecords, sweepAmong, sweepOn } from './objects';
export {
  addWeights,
  countBits,
  countUp,
  cutBatches,
  findDescent,
  findOrphan,
  follow,
  followTrees,
  listBytes,
  markEntries,
  markNeeded,
  rootCount,
  setReachJob,
  spreadToRows,
  startBuckets,
  swapWords,
} from './passes';
export { undoEscapes } from './escapes';
export { decodedRun } from './runs';
export { openScreens } from './screen';
export { beginReads, clearStage, countStored, listReads, setStageJob, stageFrom, stageTree, stagedBytes } from './stage';
export { emptyBuffers, forgetDecisions, goOn, mayMatch, scanTree, setJob, setReaches } from './tree';

/** Prepares an instance: CONTEXT_BYTES at `context` are its own from now on. */
export function init(context: usize): void {
  setContext(context);
  initInflate();
  initDelta();
  initRuns();
}
