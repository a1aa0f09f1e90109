import { SourceError } from '../../errors/source.ts';
import { UsageError } from '../../errors/usage.ts';
import { parseReceived, receivedCommits } from '../../git/ref-updates.ts';
import { openRepository, type Repository } from '../../git/repository.ts';
import { runGit } from '../../git/run.ts';
import { commitsTask } from '../../session/commits.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { readAll } from '../read-all.ts';
import { runScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';
import { newNames } from './hook-push.ts';

/** What a server's administrator decides, in the configuration of the repository or of the whole server. */
interface Policy {
  /** From the start of the process. */
  readonly milliseconds: number;
  readonly lateIs: 'refused' | 'let through';
}

/** Servers that end a hook do so after five seconds. */
const SECONDS = 4;
const LATE = ['block', 'allow'] as const;

/** `unleak hook run pre-receive`: what a push brings, before any ref is written. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const updates = parseReceived(await readAll(invocation.streams.stdin));
  if (updates.every(({ to }) => to === null)) return EXIT.clean;
  const { signal } = invocation;
  const repository = await openRepository(process.cwd(), { signal, fromEnvironment: true });
  const policy = await policyOf(repository, signal);
  const late = AbortSignal.timeout(Math.max(1, Math.round(policy.milliseconds - performance.now())));
  const limited = { ...invocation, signal: AbortSignal.any([signal, late]) };
  try {
    const selection = await receivedCommits(repository, updates, limited.signal);
    const task = await commitsTask(repository, selection, {
      refNames: newNames(updates),
      checkout: null,
      signal: limited.signal,
    });
    return await runScan(limited, { ...task, presentation: 'receive', failOn: 'high' });
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
    return overdue(invocation, policy);
  }
}

/** @throws SourceError `HOOK_OUT_OF_TIME` unless the server lets such pushes through */
function overdue({ streams }: Invocation, { milliseconds, lateIs }: Policy): ExitCode {
  const seconds = `${milliseconds / 1000} s`;
  if (lateIs === 'let through') {
    streams.err.write(
      `unleak: not finished within ${seconds}: this push was let through and is NOT checked for secrets\n`,
    );
    return EXIT.clean;
  }
  throw new SourceError('HOOK_OUT_OF_TIME', `not finished within ${seconds}, so this push is refused`);
}

/** @throws UsageError `USAGE_HOOK` for settings that are none: a typing error must not open the door */
async function policyOf({ invocation }: Repository, signal: AbortSignal): Promise<Policy> {
  const { stdout } = await runGit(invocation, ['config', '-z', '--get-regexp', String.raw`^unleak\.`], {
    signal,
    accept: [0, 1],
  });
  const records = stdout.toString('utf8').split('\0');
  const settings = new Map(
    records.map((record): [string, string] => [keyOf(record), record.slice(record.indexOf('\n') + 1)]),
  );
  const limit = settings.get('unleak.timelimit');
  const late = settings.get('unleak.ontimeout') ?? 'block';
  const seconds = limit === undefined ? SECONDS : Number(limit);
  const choice = LATE.find((one) => one === late);
  if (!(seconds > 0) || seconds > 86_400) throw badSetting('unleak.timeLimit', 'a number of seconds');
  if (choice === undefined) throw badSetting('unleak.onTimeout', LATE.join(' or '));
  return { milliseconds: seconds * 1000, lateIs: choice === 'block' ? 'refused' : 'let through' };
}

function keyOf(record: string): string {
  return record.split('\n', 1)[0] ?? '';
}

function badSetting(name: string, wanted: string): UsageError {
  return new UsageError('USAGE_HOOK', `${name} of the server's git configuration has to be ${wanted}`, {
    mend: `git config --unset ${name}`,
  });
}
