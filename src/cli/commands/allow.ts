import { lstatSync } from 'node:fs';
import path from 'node:path';

import type { Finding } from '../../core/finding.ts';
import { userSetting } from '../../git/porcelain.ts';
import { openRepository } from '../../git/repository.ts';
import { terminalText } from '../../report/escape/terminal.ts';
import { allowEntry, checkTerms } from '../../triage/allow.ts';
import { isFingerprint, isIdBeginning } from '../../triage/fingerprint-id.ts';
import { findingsAt, pointMeant, theOnlyOne } from '../../triage/point.ts';
import { type Fingerprinter, fingerprinter } from '../../triage/fingerprint.ts';
import { ALLOW_FILE, parseTriageFile, withEntry } from '../../triage/triage-file.ts';
import { writeFileSafely } from '../../triage/write-file.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { EXPIRES, OWNER, REASON } from '../flags/allow.ts';
import { projectRoot } from '../../session/project.ts';
import { diskFiles } from '../../session/project-files.ts';
import { TRIAGE_MOST, readIfThere } from '../../session/read-given.ts';
import type { ScanTask } from '../../session/scan-project.ts';
import { readSettings } from '../../session/settings.ts';
import { performScan } from '../session/run-scan.ts';
import { wishesOf } from '../session/wishes.ts';
import type { Invocation } from './command.ts';
import { filesJob } from './scan.ts';

/** `unleak allow <id or place> --reason …`: one more line in `.unleak-allow`. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, streams, signal } = invocation;
  const root = projectRoot(process.cwd());
  const file = path.join(root, ALLOW_FILE);
  const { config } = await readSettings(diskFiles(root), wishesOf(options));
  const terms = checkTerms(
    {
      reason: options.get(REASON) ?? '',
      owner: options.get(OWNER) ?? (await ownAddress(root, signal)),
      expires: options.get(EXPIRES),
    },
    new Date(),
  );
  const maker = fingerprinter(config?.fingerprintKey);
  const [id, known] = await meant(positionals[0] ?? '', root, maker, invocation);
  const entry = allowEntry(id, terms, known, maker.keyId);
  const bytes = readIfThere(file, { most: TRIAGE_MOST });
  const present = bytes === null ? null : parseTriageFile(Buffer.from(bytes).toString('utf8'), ALLOW_FILE);
  writeFileSafely(file, [withEntry(present, entry)], 0o644);
  const what = entry.rule === undefined ? '' : ` (rule ${terminalText(entry.rule)})`;
  streams.err.write(
    `unleak: ${entry.fingerprint}${what} is allowed from now on; commit ${ALLOW_FILE} to tell the others\n`,
  );
  return EXIT.clean;
}

/** The id that was typed, or that stands at the place that was, and the findings that it may be of. A whole id is looked for nowhere. */
async function meant(
  typed: string,
  root: string,
  maker: Fingerprinter,
  invocation: Invocation,
): Promise<readonly [id: string, known: readonly Finding[]]> {
  if (isFingerprint(typed.trim().toLowerCase())) return [typed, []];
  const point = pointMeant(typed, isFile);
  if (point === null) {
    if (!isIdBeginning(typed)) return [typed, []];
    return [typed, await findingsOf(path.relative('', root) || '.', invocation)];
  }
  // Of many weak values the last ones share an id: the one that is meant has its own.
  const left = { fingerprinting: () => maker, unnamed: 'all', comparesNothing: true } as const;
  const found = findingsAt(point, await findingsOf(point.path, invocation, left));
  const one = theOnlyOne(point, found, (standIn) => maker.ahead?.idOf(standIn) ?? standIn);
  return [one.fingerprint, [one]];
}

async function findingsOf(
  where: string,
  invocation: Invocation,
  more: Partial<ScanTask> = {},
): Promise<readonly Finding[]> {
  const job = filesJob({ ...invocation, positionals: [where] });
  const { findings } = await performScan(invocation, { ...job, ...more });
  return findings;
}

function isFile(name: string): boolean {
  return lstatSync(name, { throwIfNoEntry: false })?.isFile() === true;
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
