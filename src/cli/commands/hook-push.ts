import { lookUp } from '../../git/commit-range.ts';
import { parsePushed, pushedCommits, type RefUpdate } from '../../git/ref-updates.ts';
import { openRepository, type Repository } from '../../git/repository.ts';
import { commitsSource } from '../../sources/commits.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { readAll } from '../read-all.ts';
import { filesOf, runScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';

/** `unleak hook run pre-push <remote> <address>`: what the remote has not. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { signal, positionals, streams } = invocation;
  const repository = await openRepository(process.cwd(), { signal, fromEnvironment: true });
  const updates = toldByFramework(process.env)
    ? await frameworkUpdates(repository, process.env, signal)
    : parsePushed(await readAll(streams.stdin));
  if (updates.every(({ to }) => to === null)) return EXIT.clean;
  const remote = positionals[0] ?? process.env['PRE_COMMIT_REMOTE_NAME'] ?? '';
  const selection = await pushedCommits(repository, updates, remote, signal);
  return runScan(invocation, {
    files: filesOf(repository),
    source: (settings) => commitsSource(repository, selection, { ...settings, refNames: newNames(updates) }),
    presentation: 'push',
    failOn: 'high',
  });
}

/** Names that the remote does not know yet. */
export function newNames(updates: readonly RefUpdate[]): string[] {
  return updates.flatMap(({ ref, from, to }) => (from === null && to !== null ? [ref] : []));
}

/** The pre-commit framework reads what git says itself, and passes one ref on in variables. */
function toldByFramework(environment: NodeJS.ProcessEnv): boolean {
  return environment['PRE_COMMIT'] === '1' && environment['PRE_COMMIT_REMOTE_NAME'] !== undefined;
}

async function frameworkUpdates(
  repository: Repository,
  { PRE_COMMIT_TO_REF: to, PRE_COMMIT_FROM_REF: from, ...rest }: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<RefUpdate[]> {
  const local = to ?? rest['PRE_COMMIT_LOCAL_BRANCH'] ?? 'HEAD';
  const [tip, old] = await lookUp(repository, [local, `${from ?? ''}^{commit}`], signal);
  return [{ ref: rest['PRE_COMMIT_REMOTE_BRANCH'] ?? local, from: old?.id ?? null, to: tip?.id ?? local }];
}
