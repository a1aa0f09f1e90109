import path from 'node:path';

import { userSetting } from '../../git/porcelain.ts';
import { openRepository } from '../../git/repository.ts';
import { allowEntry } from '../../triage/allow.ts';
import { fingerprinter } from '../../triage/fingerprint.ts';
import { ALLOW_FILE, parseTriageFile, withEntry } from '../../triage/triage-file.ts';
import { writeFileSafely } from '../../triage/write-file.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { EXPIRES, OWNER, REASON } from '../flags/allow.ts';
import { projectRoot } from '../../session/project.ts';
import { diskFiles } from '../../session/project-files.ts';
import { TRIAGE_MOST, readIfThere } from '../../session/read-given.ts';
import { readSettings } from '../../session/settings.ts';
import { wishesOf } from '../session/wishes.ts';
import type { Invocation } from './command.ts';

/** `unleak allow <id> --reason …`: one more line in `.unleak-allow`. */
export async function run({ positionals, options, streams, signal }: Invocation): Promise<ExitCode> {
  const root = projectRoot(process.cwd());
  const file = path.join(root, ALLOW_FILE);
  const { config } = await readSettings(diskFiles(root), wishesOf(options));
  const entry = allowEntry(
    {
      id: positionals[0] ?? '',
      reason: options.get(REASON) ?? '',
      owner: options.get(OWNER) ?? (await ownAddress(root, signal)),
      expires: options.get(EXPIRES),
    },
    [],
    new Date(),
    fingerprinter(config?.fingerprintKey).keyId,
  );
  const bytes = readIfThere(file, { most: TRIAGE_MOST });
  const present = bytes === null ? null : parseTriageFile(Buffer.from(bytes).toString('utf8'), ALLOW_FILE);
  writeFileSafely(file, [withEntry(present, entry)], 0o644);
  streams.err.write(`unleak: ${entry.fingerprint} is allowed from now on; commit ${ALLOW_FILE} to tell the others\n`);
  return EXIT.clean;
}

/** `user.email`, as it would stand in a commit; undefined without one. */
async function ownAddress(root: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const setting = await userSetting(await openRepository(root, { signal }), 'user.email');
    return setting !== null && /^\S+$/.test(setting.value) ? setting.value : undefined;
  } catch {
    // Outside a repository nobody is asked.
    return undefined;
  }
}
