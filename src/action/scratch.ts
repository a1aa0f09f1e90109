import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Environment } from './runner.ts';

/** The one place on the runner's disk that a run uses. */
export interface Scratch {
  readonly folder: string;
  /** For the repository: removed when the step ends, however it ends, like everything but the reports. */
  readonly repository: string;
  /** For an incident's journal. */
  readonly state: string;
  /** For reports, which later steps may read: removed when the job ends. */
  readonly reports: string;
}

const PREFIX = 'unleak-';
const REPORTS = 'reports';

/** A new folder that only this user can enter. */
export function createScratch(environment: Environment): Scratch {
  const folder = mkdtempSync(path.join(temporaryFolder(environment), PREFIX));
  chmodSync(folder, 0o700);
  const inside = (name: string): string => path.join(folder, name);
  const scratch = { folder, repository: inside('repository'), state: inside('state'), reports: inside(REPORTS) };
  for (const part of [scratch.repository, scratch.state, scratch.reports]) mkdirSync(part, { mode: 0o700 });
  return scratch;
}

/** What later steps may read stays until the job ends. */
export function removeUnlessReports({ folder }: Scratch): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (name !== REPORTS) removeFolder(path.join(folder, name));
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Removes what an earlier step of this job left. The path comes from a file
 * that other steps can write to as well, so only a folder of ours is removed.
 */
export function removeScratch(environment: Environment, folder: string): void {
  const inside = path.resolve(folder);
  const isOurs = path.basename(inside).startsWith(PREFIX) && path.dirname(inside) === temporaryFolder(environment);
  if (isOurs && statSync(inside, { throwIfNoEntry: false })?.isDirectory() === true) removeFolder(inside);
}

/** Emptied by the runner itself around each job, where there is one. */
function temporaryFolder(environment: Environment): string {
  const given = environment['RUNNER_TEMP'];
  return realpathSync(given === undefined || given === '' ? tmpdir() : given);
}
