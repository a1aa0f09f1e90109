/** A thread that reads and scans the files it is sent. */
import { parentPort, workerData } from 'node:worker_threads';

import { ALLOW_MARKERS } from '../detect/allow-mark.ts';
import { openArchive } from '../detect/archive/open.ts';
import type { Rule } from '../core/rule.ts';
import { type Ready, createEngine } from '../detect/engine.ts';
import { KernelMemory, createKernel } from '../kernel/instance.ts';
import { kernelPrefilter } from '../prefilter/kernel-prefilter.ts';
import { literalsOf } from '../prefilter/literal-columns.ts';
import { literalTargets } from '../prefilter/literal-set.ts';
import { openScreening } from '../prefilter/screening.ts';
import { type FileListDone, type FileThreadOrder, isFileList, isFileThreadOrder } from './file-protocol.ts';
import { type PostedFile, scanPosted } from './file-share.ts';
import { linearFor } from './share-judge.ts';

async function work({ rules, search }: FileThreadOrder): Promise<void> {
  const linear = await linearFor(rules);
  const detector = createEngine(rules, {
    ready: readyFor(rules, search),
    openArchive,
    ...(linear === null ? {} : { linearRegex: linear }),
  });
  const answer = async (before: Promise<void>, files: readonly PostedFile[]): Promise<void> => {
    await before;
    const done: FileListDone = { kind: 'files-done', report: await scanPosted(files, detector, rules) };
    parentPort?.postMessage(done, []);
  };
  // Lists are scanned one after the other, in the order they come.
  let last = Promise.resolve();
  parentPort?.on('message', (message: unknown) => {
    if (isFileList(message)) last = answer(last, message.files);
  });
}

function readyFor(rules: readonly Rule[], search: FileThreadOrder['search']): Ready {
  const all = literalTargets(rules, ALLOW_MARKERS);
  if (!('automaton' in search)) {
    const { targets, search: laidOut } = openScreening(rules, all, search.laid);
    return { targets, names: laidOut.names, prefilter: laidOut.prefilter };
  }
  const { literals, automaton, region, laid } = search;
  const prefilter = kernelPrefilter(literalsOf(literals), createKernel(new KernelMemory(region)), automaton);
  if (laid === null) return { targets: all, prefilter };
  const { targets, search: laidOut } = openScreening(rules, all, laid);
  return { targets, names: laidOut.names, prefilter: laidOut.screened(prefilter) };
}

const order: unknown = workerData;
// What goes wrong ends the thread, of which whoever started it hears.
if (isFileThreadOrder(order)) void work(order);
