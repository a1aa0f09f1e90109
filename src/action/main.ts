import { isScanError } from '../errors/base.ts';
import { terminalText } from '../report/escape/terminal.ts';
import type { GatherOptions } from './gather.ts';
import { githubFor } from './github-for.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { Masks } from './masks.ts';
import { readPayload } from './payload.ts';
import { type HistoryPlan, type RangePlan, planFor } from './plan.ts';
import { tell } from './present.ts';
import { remoteFor } from './remote.ts';
import type { Runner } from './runner.ts';
import { scanEvent } from './scan.ts';
import { type Scratch, createScratch, removeScratch, removeUnlessReports } from './scratch.ts';
import { fingerprintOptionsFor } from './fingerprint-options.ts';

/** Name under which the run's folder is kept for the step at the job's end. */
const FOLDER = 'folder';

/**
 * One run of the Action, from the event to the verdict.
 *
 * @returns whether the step passes
 */
export async function runAction(runner: Runner, signal: AbortSignal): Promise<boolean> {
  try {
    return await decide(runner, signal);
  } catch (error) {
    if (signal.aborted) runner.print('unleak: interrupted; what was not reached is not covered\n');
    else sayError(runner, error);
    return false;
  }
}

/** What is left of a run is removed when the job ends. */
export function isCleaningUp({ environment }: Runner): boolean {
  return (environment[`STATE_${FOLDER}`] ?? '') !== '';
}

export function cleanUp({ environment }: Runner): void {
  removeScratch(environment, environment[`STATE_${FOLDER}`] ?? '');
}

async function decide(runner: Runner, signal: AbortSignal): Promise<boolean> {
  const inputs = readInputs(runner.environment);
  maskToken(runner, inputs.token);
  const plan = planFor(runner.environment, readPayload(runner.environment));
  if (plan.kind === 'nothing') return sayNothing(runner, plan.why);
  const scratch = createScratch(runner.environment);
  const remove = (): void => removeUnlessReports(scratch);
  // Whatever ends the process, the repository is not left lying about.
  process.once('exit', remove);
  try {
    runner.state(FOLDER, scratch.folder);
    return await judge(runner, inputs, plan, scratch, signal);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

async function judge(
  runner: Runner,
  inputs: Inputs,
  plan: RangePlan | HistoryPlan,
  scratch: Scratch,
  signal: AbortSignal,
): Promise<boolean> {
  const masks = new Masks((value) => runner.mask(value));
  const remote = remoteFor(runner.environment, inputs.token);
  const options: GatherOptions = {
    environment: runner.environment,
    remote,
    folder: scratch.repository,
    listCommits: (base, head) => listCommits(runner, inputs, base, head, signal),
    signal,
  };
  const { scanned, gathered } = await scanEvent(plan, inputs, options, (found) => masks.learn(found));
  const fingerprintOptions = fingerprintOptionsFor(scratch.folder, scanned.settings.config?.fingerprintKey);
  return tell({ runner, inputs, plan, scratch, scanned, gathered, links: remote.url, fingerprintOptions, signal });
}

/** Only a help: without it more is fetched. */
async function listCommits(
  runner: Runner,
  inputs: Inputs,
  base: string,
  head: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]> | null> {
  if (inputs.token === '') return null;
  try {
    const github = await githubFor(runner, inputs, signal);
    return await github.commitsBetween(base, head);
  } catch (error) {
    if (!isScanError(error)) throw error;
    return null;
  }
}

/** Tokens given as an input are secrets of the workflow already; what git is sent is not. */
function maskToken(runner: Runner, token: string): void {
  if (token === '') return;
  runner.mask(token);
  runner.mask(Buffer.from(`x-access-token:${token}`).toString('base64'));
}

function sayNothing(runner: Runner, why: string): boolean {
  runner.print(`unleak: nothing to scan: ${why}\n`);
  for (const [name, value] of [
    ['findings', '0'],
    ['live', '0'],
    ['complete', 'true'],
  ] as const)
    runner.output(name, value);
  return true;
}

function sayError(runner: Runner, error: unknown): void {
  const code = isScanError(error) ? error.code : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  const mend = isScanError(error) ? (error.mend ?? '') : 'Report this with the event and the log.';
  runner.command('error', { title: `unleak: ${code}` }, `${terminalText(message)}\n${mend}`);
  runner.output('complete', 'false');
  runner.summary(`### ❌ unleak could not look\n\nSee the log of the step: \`${code}\`.`);
}
