import { realpathSync, statSync } from 'node:fs';

import type { Finding } from '../../core/finding.ts';
import { UsageError } from '../../errors/usage.ts';
import { findRoot } from '../../git/locate.ts';
import { type Repository, openRepository } from '../../git/repository.ts';
import { hunt } from '../../hunt.ts';
import { knownKey } from '../../hunt/known-key.ts';
import type { UsePlace, UseSearcher } from '../../respond/services.ts';

/** @throws UsageError `USAGE_NO_SUCH_PATH` */
function requireFolders(folders: readonly string[]): void {
  for (const folder of folders)
    if (statSync(folder, { throwIfNoEntry: false }) === undefined)
      throw new UsageError('USAGE_NO_SUCH_PATH', `--search ${folder} is not there`);
}

/** The repository whose root the folder is; null for any other folder. */
async function repositoryAt(folder: string, signal: AbortSignal): Promise<Repository | null> {
  const isRoot = statSync(folder).isDirectory() && findRoot(folder) === realpathSync(folder);
  return isRoot ? openRepository(folder, { signal }) : null;
}

function placesOf({ occurrences }: Finding): UsePlace[] {
  return occurrences.map(({ kind, path, line, commit, heldBy }) => {
    const where = `${path ?? kind}:${line}${commit === null ? '' : ` in ${commit.slice(0, 12)}`}`;
    return { where, current: kind === 'file' || heldBy.some(({ inTip }) => inTip) };
  });
}

/**
 * Hunts for a value, in every way it may be written, through folders, and
 * through all that repositories among them store.
 *
 * @throws UsageError `USAGE_NO_SUCH_PATH`
 */
export function useSearcher(folders: readonly string[], signal: AbortSignal): UseSearcher {
  requireFolders(folders);
  return {
    folders,
    async search(secret) {
      const [places, problems]: [UsePlace[], string[]] = [[], []];
      let complete = true;
      for (const folder of folders) {
        const repository = await repositoryAt(folder, signal);
        const paths = repository === null ? [folder] : [repository.workTree ?? []].flat();
        const { findings, coverage } = await hunt([knownKey(secret.reveal(), 'old', 'question')], {
          repository,
          paths,
          signal,
        });
        for (const place of findings.flatMap(placesOf)) places.push(place);
        problems.push(...coverage.problems.map(({ code, message }) => `${code}: ${message}`));
        complete &&= coverage.complete;
      }
      return { places, complete, problems };
    },
  };
}
