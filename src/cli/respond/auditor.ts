import type { Repository } from '../../git/repository.ts';
import { hunt } from '../../hunt.ts';
import { knownKey } from '../../hunt/known-key.ts';
import type { AuditPlace, Auditor } from '../../respond/services.ts';

/**
 * Hunts through everything a repository stores, reachable or not, for one
 * value in every way it may be written, and says which commits brought it.
 */
export function historyAuditor(repository: Repository, signal: AbortSignal): Auditor {
  return {
    async audit(secret) {
      const key = knownKey(secret.reveal(), 'audited', 'question');
      const { findings, coverage } = await hunt([key], { repository, signal });
      const places = findings.flatMap(({ occurrences }) =>
        occurrences.map(({ kind, path, commit, line, blob, heldBy, decoded }): AuditPlace => ({
          kind,
          // A blob that no commit names is a place as well.
          path: path ?? blob,
          commit,
          line,
          refs: heldBy.map(({ ref }) => ref),
          encoding: decoded.length === 0 ? 'plain' : decoded.join(', '),
        })),
      );
      return {
        places,
        refs: [...new Set(places.flatMap(({ refs }) => refs))],
        complete: coverage.complete,
        problems: coverage.problems.map(({ code, message }) => `${code}: ${message}`),
      };
    },
  };
}
