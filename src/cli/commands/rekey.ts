import path from 'node:path';

import { UsageError } from '../../errors/usage.ts';
import { counted } from '../../report/words.ts';
import { TRIAGE_MOST, readIfThere, readNamed } from '../../session/read-given.ts';
import { readSettings } from '../../session/settings.ts';
import { fingerprinter } from '../../triage/fingerprint.ts';
import { type Rekeying, rekeying } from '../../triage/rekey.ts';
import { ALLOW_FILE, BASELINE_FILE, parseTriageFile, withEntries } from '../../triage/triage-file.ts';
import { writeFileSafely } from '../../triage/write-file.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { QUIET } from '../flags/output.ts';
import { IN_HISTORY } from '../flags/reading.ts';
import { OLD_KEY } from '../flags/rekey.ts';
import { BASELINE } from '../flags/rules.ts';
import { sayProblems } from '../session/present.ts';
import { performScan } from '../session/run-scan.ts';
import { wishesOf } from '../session/wishes.ts';
import type { Invocation } from './command.ts';
import { historyTask } from './history.ts';
import { filesJob } from './scan.ts';

/**
 * `unleak baseline rekey [path...]`: gives the entries of `.unleak-allow` and of
 * the baseline the ids that the configured key makes. An id says nothing of its
 * secret, so the secrets must be found again.
 */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, streams } = invocation;
  const files = filesJob(invocation);
  const { config } = await readSettings(files.files, wishesOf(options));
  const [from, to] = [fingerprinter(options.get(OLD_KEY)), fingerprinter(config?.fingerprintKey)];
  if (from.keyId === to.keyId)
    throw new UsageError('USAGE_ARGUMENTS', `the ids are made with the key ${to.keyId} already`, {
      mend: 'Set fingerprint-key in .unleak.toml first; --old-key is the one that was there before.',
    });
  const change = rekeying(from, to);
  const tasks = [files, ...(options.get(IN_HISTORY) ? [await historyTask(invocation, undefined)] : [])];
  let complete = true;
  for (const task of tasks) {
    const { report } = await performScan(invocation, { ...task, fingerprinting: () => change.fingerprinter });
    sayProblems(report.coverage.problems, streams);
    complete &&= report.coverage.complete;
  }
  const left = rekeyFiles(change, to.keyId, files.root, invocation);
  return complete && left === 0 ? EXIT.clean : EXIT.incomplete;
}

/** Returns how many entries no scan met: they keep their ids. */
function rekeyFiles(change: Rekeying, keyId: string, root: string, { options, streams }: Invocation): number {
  const named = options.get(BASELINE);
  let left = 0;
  for (const file of [path.join(root, ALLOW_FILE), named ?? path.join(root, BASELINE_FILE)]) {
    const bytes = file === named ? readNamed(file, TRIAGE_MOST) : readIfThere(file, { most: TRIAGE_MOST });
    if (bytes === null) continue;
    const known = parseTriageFile(Buffer.from(bytes).toString('utf8'), file);
    const { entries } = change.rekey(known.entries);
    const old = entries.filter(({ key }) => key !== keyId).length;
    const renamed = entries.filter((entry, index) => entry !== known.entries[index]).length;
    if (renamed > 0) writeFileSafely(file, [withEntries(known, entries)], 0o644);
    if (!options.get(QUIET)) streams.err.write(`unleak: ${counted(renamed, 'id')} of ${file} carried over\n`);
    if (old > 0) streams.err.write(leftText(old, file));
    left += old;
  }
  return left;
}

function leftText(count: number, file: string): string {
  return (
    `unleak: ${counted(count, 'id')} of ${file} with the old key still: the secret was not found\n` +
    '  mend: name their paths, add --history, or give the key they were made with as --old-key; delete what is gone\n'
  );
}
