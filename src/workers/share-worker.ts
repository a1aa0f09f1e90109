/** A thread of a scan: helps to read packs, reads a repository's trees, takes batches of delta trees until there are none. */
import { parentPort } from 'node:worker_threads';

import { KernelMemory } from '../kernel/instance.ts';
import { kernelPrefilter } from '../prefilter/kernel-prefilter.ts';
import { literalsOf } from '../prefilter/literal-columns.ts';
import { type ShareOrder, type ShareReport, isHelpOrder, isLookOrder, isShareOrder, isTreeOrder } from './protocol.ts';
import { lookAtBlobs } from './look-share.ts';
import { linearFor, shareJudge } from './share-judge.ts';
import { scanShare } from './scan-share.ts';
import { helpToRead } from './read-helper.ts';
import { readTrees } from './tree-share.ts';

const PROGRESS_MS = 100;

function say(report: ShareReport): void {
  parentPort?.postMessage(report, []);
}

async function work({ plan, region, scratch, room, rules, literals, laid }: ShareOrder): Promise<void> {
  const linear = await linearFor(rules);
  const share = scanShare(
    plan,
    new KernelMemory(region, scratch),
    rules,
    (kernel) => shareJudge(rules, kernelPrefilter(literalsOf(literals), kernel, plan.automaton), linear, laid),
    room,
  );
  let told = performance.now();
  for (let step = share.next(); ; step = share.next()) {
    if (step.done === true) {
      say({ kind: 'done', share: step.value });
      return;
    }
    if (performance.now() - told < PROGRESS_MS) continue;
    told = performance.now();
    say({ kind: 'progress', objects: step.value.objects, bytes: step.value.bytes });
  }
}

async function follow(order: unknown): Promise<void> {
  if (isShareOrder(order)) await work(order);
  if (isTreeOrder(order)) readTrees(order);
  if (isLookOrder(order)) lookAtBlobs(order);
  if (isHelpOrder(order)) helpToRead(order);
}

// One after the other.
let before = Promise.resolve();
parentPort?.on('message', (order: unknown) => {
  before = before.then(() => follow(order));
});
