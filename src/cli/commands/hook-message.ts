import path from 'node:path';

import { UsageError } from '../../errors/usage.ts';
import { draftText } from '../../git/message-draft.ts';
import { userSetting } from '../../git/porcelain.ts';
import { openRepository, type Repository } from '../../git/repository.ts';
import { REPORT_MOST, readNamed } from '../../session/read-given.ts';
import { messageSource } from '../../sources/message.ts';
import type { ExitCode } from '../exit-code.ts';
import { filesOf, runScan } from '../session/run-scan.ts';
import type { Invocation } from './command.ts';

/** `unleak hook run commit-msg <file>`: the message of a commit, as git will record it. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const [file] = invocation.positionals;
  if (file === undefined) throw new UsageError('USAGE_ARGUMENTS', 'commit-msg needs the file that holds the message');
  const bytes = readNamed(path.resolve(file), REPORT_MOST);
  const repository = await openRepository(process.cwd(), { signal: invocation.signal, fromEnvironment: true });
  const text = draftText(Buffer.from(bytes).toString('latin1'), {
    // git says so where it starts no editor.
    edited: process.env['GIT_EDITOR'] !== ':',
    ...(await cleaning(repository)),
  });
  return runScan(invocation, {
    files: filesOf(repository),
    source: () => messageSource(Buffer.from(text, 'latin1')),
    presentation: 'commit',
    failOn: 'high',
  });
}

async function cleaning(repository: Repository): Promise<{ comment?: string; cleanup?: string }> {
  const [string, char, cleanup] = await Promise.all(
    ['core.commentString', 'core.commentChar', 'commit.cleanup'].map((name) => userSetting(repository, name)),
  );
  const comment = string?.value ?? char?.value;
  return {
    ...(comment === undefined ? {} : { comment: Buffer.from(comment).toString('latin1') }),
    ...(cleanup == null ? {} : { cleanup: cleanup.value }),
  };
}
