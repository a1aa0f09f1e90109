/** A thread of a scan: reads a repository's trees, takes batches of delta trees until there are none, and computes packs' checksums when there is nothing else to do. */
import { parentPort } from 'node:worker_threads';

import { KernelMemory } from '../kernel/instance.ts';
import { kernelPrefilter } from '../prefilter/kernel-prefilter.ts';
import { literalsOf } from '../prefilter/literal-columns.ts';
import {
  type HelpReport,
  type ShareOrder,
  type ShareReport,
  isHelpOrder,
  isLookOrder,
  isShareOrder,
  isTreeOrder,
} from './protocol.ts';
import { lookAtBlobs } from './look-share.ts';
import { linearFor, shareJudge } from './share-judge.ts';
import { scanShare } from './scan-share.ts';
import { Hashes } from './read-helper.ts';
import { readTrees } from './tree-share.ts';

const PROGRESS_MS = 100;

function say(report: ShareReport | HelpReport): void {
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
}

const hashes = new Hashes(say);
/** Orders that are not done. */
let waiting = 0;
let isHashing = false;

/** Goes on with hashes until there is an order, which comes in between two pieces. */
function hashOn(): void {
  if (isHashing || waiting > 0 || hashes.isIdle) return;
  isHashing = true;
  setImmediate(() => {
    isHashing = false;
    if (waiting === 0) hashes.step();
    hashOn();
  });
}

// One after the other.
let before = Promise.resolve();
parentPort?.on('message', (order: unknown) => {
  if (isHelpOrder(order)) hashes.take(order);
  else {
    waiting++;
    before = before
      .then(() => follow(order))
      .finally(() => {
        waiting--;
        hashOn();
      });
  }
  hashOn();
});
