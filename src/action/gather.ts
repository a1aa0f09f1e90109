import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { Problem } from '../core/coverage.ts';
import { ActionError, actionMend } from '../errors/action.ts';
import { isScanError } from '../errors/base.ts';
import { type CommitSelection, type NamedObject, lookUp } from '../git/commit-range.ts';
import { gitEnvironment } from '../git/environment.ts';
import { findGit } from '../git/executable.ts';
import { type Repository, openRepository } from '../git/repository.ts';
import { runGit } from '../git/run.ts';
import type { GitInvocation } from '../git/spawn.ts';
import { type Borrowed, borrowableFrom, createBareStore } from './bare-store.ts';
import type { HistoryPlan, RangePlan } from './plan.ts';
import { type Remote, mayPass, missingWant } from './remote.ts';
import { deepen } from './deepen.ts';
import type { Environment } from './runner.ts';

/** Everything that is to be scanned, in a bare repository of our own. */
export interface Gathered {
  readonly repository: Repository;
  /** What could not be had. The scan is incomplete then, whatever it finds. */
  readonly problems: readonly Problem[];
  /** The commit whose configuration holds; null for none. */
  readonly trusted: string | null;
}

export interface GatheredRange extends Gathered {
  readonly selection: CommitSelection;
}

export interface GatherOptions {
  readonly environment: Environment;
  readonly remote: Remote;
  /** An empty folder. */
  readonly folder: string;
  /** The server's own list of the commits between two, each with its parents; null if it cannot be had. */
  readonly listCommits: (base: string, head: string) => Promise<ReadonlyMap<string, readonly string[]> | null>;
  readonly signal: AbortSignal;
}

const HEAD = 'refs/unleak/head';
const BASE = 'refs/unleak/base';
/** Where GitHub does not say how many commits there are. */
const FIRST_DEPTH = 50;

/**
 * Fetches what a range needs: its head and base, the branches left out and the
 * one whose configuration holds, as deep as their histories must be known.
 *
 * @throws ActionError `ACTION_FETCH` if the head itself cannot be had
 */
export async function gatherRange(plan: RangePlan, options: GatherOptions): Promise<GatheredRange> {
  const store = openStore(plan.head, options, true);
  if (store.lent) await noteLent(store, [options.environment['GITHUB_SHA'], plan.base, plan.head], options);
  const wants = new Wants(plan);
  const failure = await fetchAll(store, wants, depthFor(plan, store), options);
  const fetched = await openRepository(options.folder, { signal: options.signal });
  const found = await findEnds(fetched, plan, options.signal);
  if (found.head === null) throw failure ?? unavailable(`commit ${plan.head}`);
  const { repository, ends } = await deepen({ repository: fetched, ends: found }, plan, wants.refspecs, options);
  return {
    repository,
    problems: failure !== null && ends.missing ? [problemOf(failure)] : [],
    trusted: ends.trusted,
    selection: selectionOf(ends),
  };
}

/** What the names in a plan stand for here. */
export interface Ends {
  /** Of any type; null if it is not here. */
  readonly head: NamedObject | null;
  /** The commit that it is, or that the tag is of. */
  readonly tip: string | null;
  /** Commits whose history is not judged. */
  readonly without: readonly string[];
  /** Not all of them are here. */
  readonly missing: boolean;
  readonly trusted: string | null;
}

export async function findEnds(repository: Repository, plan: RangePlan, signal: AbortSignal): Promise<Ends> {
  const { head, base, exclude, trusted } = plan;
  const left = [...(base === null ? [] : [base]), ...exclude.map(remoteRef)].map((name) => `${name}^{commit}`);
  const names = [head, `${head}^{commit}`, ...left, ...trustedNames(trusted)];
  const [named = null, tip = null, ...rest] = await lookUp(repository, names, signal);
  const without = rest.slice(0, left.length).flatMap((one) => (one === null ? [] : [one.id]));
  const missing = without.length < left.length;
  const settings = rest.slice(left.length).find((one) => one?.type === 'commit')?.id ?? null;
  // A base that the server has forgotten: what the trusted branch has was looked at there.
  const standIn = missing && trusted.branch !== null && settings !== null ? [settings] : [];
  return { head: named, tip: tip?.id ?? null, without: [...without, ...standIn], missing, trusted: settings };
}

function selectionOf({ head, tip, without, trusted }: Ends): CommitSelection {
  const tips = tip === null ? [] : [tip];
  return {
    tips,
    without,
    tags: head?.type === 'tag' ? [head.id] : [],
    // A tag of a file or a folder.
    objects: head !== null && tip === null && head.type !== 'tag' ? [head] : [],
    base: trusted,
    heads: tips,
  };
}

function trustedNames({ branch, commit }: RangePlan['trusted']): string[] {
  return [branch === null ? null : remoteRef(branch), commit].filter((name) => name !== null);
}

/** As deep as the range is long, where GitHub says; all of it where nothing is left out. */
function depthFor({ base, exclude, commits }: RangePlan, { whole }: Store): string[] {
  if (whole || (base === null && exclude.length === 0)) return [];
  return [`--depth=${Math.max(commits ?? FIRST_DEPTH, 1) + 2}`];
}

/** Fetches all branches, tags and notes. @throws ActionError `ACTION_FETCH` */
export async function gatherHistory(plan: HistoryPlan, options: GatherOptions): Promise<Gathered> {
  // A shallow checkout lends nothing: its boundary would cut ours.
  const store = openStore(plan.head, options, false);
  if (store.lent) await noteLent(store, [plan.head], options);
  const { invocation } = store;
  const refspecs = ['refs/heads/*:refs/remotes/origin/*', 'refs/tags/*:refs/tags/*', 'refs/notes/*:refs/notes/*'];
  try {
    await options.remote.fetch(invocation, [options.remote.url, ...refspecs], options.signal);
  } catch (cause) {
    if (!isScanError(cause)) throw cause;
    throw unavailable('the repository', cause);
  }
  const repository = await openRepository(options.folder, { signal: options.signal });
  const found = await lookUp(repository, trustedNames(plan.trusted), options.signal);
  return { repository, problems: [], trusted: found.find((one) => one?.type === 'commit')?.id ?? null };
}

interface Store {
  readonly invocation: GitInvocation;
  /** A checkout lends us its objects, so that only what is new is fetched. */
  readonly lent: boolean;
  /** With its whole history. */
  readonly whole: boolean;
}

function openStore(head: string, { environment, folder }: GatherOptions, mayBeShallow: boolean): Store {
  const lent = borrowableFrom(environment['GITHUB_WORKSPACE'], head.length);
  const borrowed: Borrowed | null = lent?.shallow === null || mayBeShallow ? lent : null;
  createBareStore(folder, head.length, borrowed);
  const invocation: GitInvocation = {
    executable: findGit(environment),
    cwd: folder,
    environment: gitEnvironment(environment, false),
    safeDirectories: [folder],
  };
  return { invocation, lent: borrowed !== null, whole: borrowed !== null && borrowed.shallow === null };
}

/**
 * Names commits that the checkout has. Fetching tells the server of them, and
 * takes what they reach for granted instead of walking through all of it.
 */
async function noteLent(
  { invocation }: Store,
  candidates: readonly (string | null | undefined)[],
  { folder, signal }: GatherOptions,
): Promise<void> {
  const ids = candidates.filter((id) => typeof id === 'string' && /^[0-9a-f]{40,64}$/.test(id));
  const asked = ids.map((id) => `${id}\n`).join('');
  const { stdout } = await runGit(invocation, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    signal,
    input: asked,
    accept: [0, 128],
  });
  const here = stdout
    .toString('latin1')
    .split('\n')
    .flatMap((line) => /^([0-9a-f]+) commit$/.exec(line)?.[1] ?? []);
  const lines = here.map((id, i) => `${id} refs/unleak/lent/${i}\n`);
  writeFileSync(path.join(folder, 'packed-refs'), `# pack-refs with: sorted\n${lines.join('')}`);
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
  { invocation }: Store,
  wants: Wants,
  depth: readonly string[],
  { remote, signal }: GatherOptions,
): Promise<ActionError | null> {
  for (let pauses = [1000, 4000]; ;) {
    try {
      await remote.fetch(invocation, [...depth, remote.url, ...wants.refspecs], signal);
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

function problemOf({ code, message, mend }: ActionError): Problem {
  return { code, message, mend: mend ?? actionMend('ACTION_FETCH') };
}

function unavailable(what: string, cause?: unknown): ActionError {
  const why = isScanError(cause) ? `: ${cause.message}` : '';
  return new ActionError('ACTION_FETCH', `${what} could not be fetched${why}`, { cause });
}
