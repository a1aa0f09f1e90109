import { isScanError } from '../errors/base.ts';
import { type Repository, openRepository } from '../git/repository.ts';
import { runGit } from '../git/run.ts';
import { type Ends, type GatherOptions, findEnds } from './gather.ts';
import type { RangePlan } from './plan.ts';

/** What was fetched, and what the plan's names stand for in it. */
export interface Fetched {
  readonly repository: Repository;
  readonly ends: Ends;
}

/** Without the server's list: more and more, at last everything. */
const BLINDLY = ['--deepen=200', '--unshallow'];

/**
 * Sees to it that no commit to be judged is cut off from its parents. The
 * server knows which commits these are, and its list says how deep to go and
 * what to leave out; only without one is history fetched until it suffices.
 */
export async function deepen(
  fetched: Fetched,
  plan: RangePlan,
  refspecs: readonly string[],
  options: GatherOptions,
): Promise<Fetched> {
  let now = fetched;
  if (!(await isCut(now, plan, options))) return now;
  const listed = await byList(now, plan, refspecs, options);
  if (listed !== null) return listed;
  for (const step of BLINDLY) {
    const deeper = await fetchMore(step, plan, refspecs, options);
    // The scan itself reports where the clone is cut.
    if (deeper === null) break;
    now = deeper;
    if (!(await isCut(now, plan, options))) break;
  }
  return now;
}

/** @returns null if there is no list, or if it does not agree with what is here */
async function byList(
  { repository, ends }: Fetched,
  plan: RangePlan,
  refspecs: readonly string[],
  options: GatherOptions,
): Promise<Fetched | null> {
  const base = plan.base ?? plan.exclude[0];
  if (base === undefined || ends.tip === null) return null;
  const commits = await options.listCommits(base, ends.tip);
  if (commits === null) return null;
  const without = [...new Set([...commits.values()].flat())].filter((id) => !commits.has(id));
  const bounded = (one: Fetched): Fetched => ({ ...one, ends: { ...one.ends, without } });
  const present = bounded({ repository, ends });
  if (await isExactly(commits, present, plan, options)) return present;
  const deeper = await fetchMore(`--depth=${commits.size + 2}`, plan, refspecs, options);
  return deeper !== null && (await isExactly(commits, bounded(deeper), plan, options)) ? bounded(deeper) : null;
}

async function fetchMore(
  how: string,
  plan: RangePlan,
  refspecs: readonly string[],
  { remote, folder, signal }: GatherOptions,
): Promise<Fetched | null> {
  const { invocation } = await openRepository(folder, { signal });
  try {
    await remote.fetch(invocation, [how, remote.url, ...refspecs], signal);
  } catch (error) {
    if (!isScanError(error)) throw error;
    return null;
  }
  const repository = await openRepository(folder, { signal });
  return { repository, ends: await findEnds(repository, plan, signal) };
}

/**
 * Whether a commit that would be judged has no parents here. If all have, every
 * path from the head ends at the base, so nothing is missing. A true root may be
 * the base's own, reached past the boundary on that side.
 */
async function isCut(fetched: Fetched, plan: RangePlan, options: GatherOptions): Promise<boolean> {
  if (!fetched.repository.shallow) return false;
  const lines = await judged(fetched, plan, options);
  return lines === null || lines.some((line) => line.length === fetched.repository.idLength);
}

/** Whether what would be judged is the list, no commit more and none less. */
async function isExactly(
  commits: ReadonlyMap<string, readonly string[]>,
  fetched: Fetched,
  plan: RangePlan,
  options: GatherOptions,
): Promise<boolean> {
  const lines = await judged(fetched, plan, options);
  return (
    lines !== null &&
    lines.length === commits.size &&
    lines.every((line) => {
      const [id = '', ...parents] = line.split(' ');
      return commits.get(id)?.join() === parents.join();
    })
  );
}

/** The commits, each with its parents as they are here; null if some of it is not here. */
async function judged(
  { repository, ends }: Fetched,
  { head }: RangePlan,
  { signal }: GatherOptions,
): Promise<string[] | null> {
  const args = ['rev-list', '--parents', head, ...ends.without.map((id) => `^${id}`)];
  const { stdout, code } = await runGit(repository.invocation, args, { signal, accept: [0, 128] });
  return code === 0 ? stdout.toString('latin1').split('\n').slice(0, -1) : null;
}
