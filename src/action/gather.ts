import { setTimeout } from 'node:timers/promises';

import type { Problem } from '../core/coverage.ts';
import { ActionError, actionMend } from '../errors/action.ts';
import { isScanError } from '../errors/base.ts';
import { type CommitSelection, lookUp } from '../git/commit-range.ts';
import { type Repository, openRepository } from '../git/repository.ts';
import { runGit } from '../git/run.ts';
import { type Borrowed, borrowableFrom, createBareStore } from './bare-store.ts';
import type { HistoryPlan, RangePlan } from './plan.ts';
import { type Remote, mayPass, missingWant } from './remote.ts';
import type { Environment } from './runner.ts';

/** Everything that is to be scanned, in a bare repository of our own. */
export interface Gathered {
  readonly repository: Repository;
  /** What could not be had. The scan is incomplete then, whatever it finds. */
  readonly problems: readonly Problem[];
  /** The commit whose configuration holds; null for none. */
  readonly trusted: string | null;
}

export interface GatherOptions {
  readonly environment: Environment;
  readonly remote: Remote;
  /** An empty folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

const HEAD = 'refs/unleak/head';
const BASE = 'refs/unleak/base';
/** Where GitHub does not say how many commits there are. */
const FIRST_DEPTH = 50;
const DEEPER = ['--deepen=200', '--deepen=2000', '--unshallow'];

/**
 * Fetches what a range needs: its head and base, the branches left out and the
 * one whose configuration holds, as deep as their histories must be known.
 *
 * @throws ActionError `ACTION_FETCH` if the head itself cannot be had
 */
export async function gatherRange(plan: RangePlan, options: GatherOptions): Promise<Gathered> {
  const store = await openStore(plan.head, options, true);
  const wants = new Wants(plan);
  const failure = await fetchAll(store, wants, depthFor(plan, store), options);
  await deepen(plan, store, wants, options);
  const repository = await openRepository(options.folder, { signal: options.signal });
  const [head] = await lookUp(repository, [plan.head], options.signal);
  if (head === null || head === undefined) throw failure ?? unavailable(`commit ${plan.head}`);
  const problems = failure === null ? [] : [await unfetched(failure, repository, plan, options.signal)].flat();
  return { repository, problems, trusted: await trustedCommit(repository, plan, options.signal) };
}

/** As deep as the range is long, where GitHub says; all of it where nothing is left out. */
function depthFor({ base, exclude, commits }: RangePlan, { whole }: Store): string[] {
  if (whole || (base === null && exclude.length === 0)) return [];
  return [`--depth=${Math.max(commits ?? FIRST_DEPTH, 1) + 2}`];
}

/** Fetches all branches, tags and notes. @throws ActionError `ACTION_FETCH` */
export async function gatherHistory(plan: HistoryPlan, options: GatherOptions): Promise<Gathered> {
  // A shallow checkout lends nothing: its boundary would cut ours.
  const store = await openStore(plan.head, options, false);
  const refspecs = ['refs/heads/*:refs/remotes/origin/*', 'refs/tags/*:refs/tags/*', 'refs/notes/*:refs/notes/*'];
  try {
    await options.remote.fetch(store.repository.invocation, [options.remote.url, ...refspecs], options.signal);
  } catch (cause) {
    if (!isScanError(cause)) throw cause;
    throw unavailable('the repository', cause);
  }
  const repository = await openRepository(options.folder, { signal: options.signal });
  return { repository, problems: [], trusted: await trustedCommit(repository, plan, options.signal) };
}

interface Store {
  readonly repository: Repository;
  /** A checkout lends us its whole history, so that only what is new is fetched. */
  readonly whole: boolean;
}

async function openStore(head: string, options: GatherOptions, mayBeShallow: boolean): Promise<Store> {
  const idLength = head.length;
  const lent = borrowableFrom(options.environment['GITHUB_WORKSPACE'], idLength);
  const borrowed: Borrowed | null = lent?.shallow === null || mayBeShallow ? lent : null;
  createBareStore(options.folder, idLength, borrowed);
  const repository = await openRepository(options.folder, { signal: options.signal });
  return { repository, whole: borrowed !== null && borrowed.shallow === null };
}

/** Refspecs of a range, some of which the server may not have. */
class Wants {
  readonly #head: string;
  readonly #others: Map<string, string>;

  constructor({ head, base, exclude, trusted }: RangePlan) {
    this.#head = head;
    const branches = new Set([...exclude, ...(trusted.branch === null ? [] : [trusted.branch])]);
    this.#others = new Map([...branches].map((name) => [`refs/heads/${name}`, remoteRef(name)]));
    if (base !== null) this.#others.set(base, BASE);
  }

  get refspecs(): string[] {
    return [`${this.#head}:${HEAD}`, ...[...this.#others].map(([from, to]) => `${from}:${to}`)];
  }

  /** Gives up one that is not there; false if it is none that can be done without. */
  drop(name: string): boolean {
    return this.#others.delete(name);
  }
}

function remoteRef(branch: string): string {
  return `refs/remotes/origin/${branch}`;
}

/** @returns what went wrong, after all that can be done without was given up */
async function fetchAll(
  { repository }: Store,
  wants: Wants,
  depth: readonly string[],
  { remote, signal }: GatherOptions,
): Promise<ActionError | null> {
  for (let pauses = [1000, 4000]; ;) {
    try {
      await remote.fetch(repository.invocation, [...depth, remote.url, ...wants.refspecs], signal);
      return null;
    } catch (error) {
      if (!isScanError(error)) throw error;
      const missing = missingWant(error);
      if (missing !== null && wants.drop(missing)) continue;
      const [pause, ...rest] = pauses;
      if (pause === undefined || !mayPass(error)) return unavailable('the commits', error);
      await setTimeout(pause, undefined, { signal });
      pauses = rest;
    }
  }
}

/** Asks for more history until none of the commits to be judged is cut off from its parents. */
async function deepen(
  plan: RangePlan,
  { repository }: Store,
  wants: Wants,
  { remote, folder, signal }: GatherOptions,
): Promise<void> {
  for (const step of DEEPER) {
    const now = await openRepository(folder, { signal });
    if (!now.shallow || !(await isCut(now, plan, signal))) return;
    try {
      await remote.fetch(repository.invocation, [step, remote.url, ...wants.refspecs], signal);
    } catch (error) {
      // The scan itself reports where the clone is cut.
      if (!isScanError(error)) throw error;
      return;
    }
  }
}

/**
 * Whether a commit that would be judged has no parents here. If all have, every
 * path from the head ends at the base, so nothing is missing. A true root may be
 * the base's own, reached past the boundary on that side.
 */
async function isCut(repository: Repository, plan: RangePlan, signal: AbortSignal): Promise<boolean> {
  const without = await leftOut(repository, plan, signal);
  const { stdout, code } = await runGit(
    repository.invocation,
    ['rev-list', '--parents', plan.head, ...without.map((id) => `^${id}`)],
    { signal, accept: [0, 128] },
  );
  const lines = stdout.toString('latin1').split('\n');
  return code !== 0 || lines.some((line) => line.length === repository.idLength);
}

/** Commits whose history is not judged, as far as they are here. */
async function leftOut(repository: Repository, { base, exclude }: RangePlan, signal: AbortSignal): Promise<string[]> {
  const names = [...(base === null ? [] : [base]), ...exclude.map(remoteRef)];
  const found = await lookUp(
    repository,
    names.map((name) => `${name}^{commit}`),
    signal,
  );
  return found.flatMap((one) => (one === null ? [] : [one.id]));
}

/** Without the server, a whole checkout may still hold everything that is needed. */
async function unfetched(
  failure: ActionError,
  repository: Repository,
  { base, exclude }: RangePlan,
  signal: AbortSignal,
): Promise<Problem[]> {
  const needed = base === null ? exclude.map(remoteRef) : [base];
  const found = await lookUp(repository, needed, signal);
  if (!found.includes(null)) return [];
  return [{ code: failure.code, message: failure.message, mend: failure.mend ?? actionMend('ACTION_FETCH') }];
}

async function trustedCommit(
  repository: Repository,
  { trusted }: RangePlan | HistoryPlan,
  signal: AbortSignal,
): Promise<string | null> {
  const names = [trusted.branch === null ? null : remoteRef(trusted.branch), trusted.commit];
  const wanted = names.filter((name) => name !== null);
  const found = await lookUp(repository, wanted, signal);
  return found.find((one) => one?.type === 'commit')?.id ?? null;
}

/** The commits of a range, after everything was fetched. */
export async function selectionOf(
  { repository, trusted }: Gathered,
  plan: RangePlan,
  signal: AbortSignal,
): Promise<CommitSelection> {
  const [named, tip] = await lookUp(repository, [plan.head, `${plan.head}^{commit}`], signal);
  const tips = tip ? [tip.id] : [];
  return {
    tips,
    without: await leftOut(repository, plan, signal),
    tags: named?.type === 'tag' ? [named.id] : [],
    // A tag of a file or a folder.
    objects: named && !tip && named.type !== 'tag' ? [named] : [],
    base: trusted,
    heads: tips,
  };
}

function unavailable(what: string, cause?: unknown): ActionError {
  const why = isScanError(cause) ? `: ${cause.message}` : '';
  return new ActionError('ACTION_FETCH', `${what} could not be fetched${why}`, { cause });
}
