import type { Config } from '../config/load.ts';
import type { Finding, Suppression } from '../core/finding.ts';
import { isScanError } from '../errors/base.ts';
import { applySuppressions } from '../triage/apply.ts';
import type { OldContext } from '../triage/old-entries.ts';
import type { ProjectFiles } from './project-files.ts';
import { readSettings, type Settings } from './settings.ts';
import type { Wishes } from './wishes.ts';

/**
 * What the proposed versions of a project's files say. Read only where there
 * are open findings; a version that cannot be understood allows nothing.
 */
export async function readProposals(
  proposed: readonly ProjectFiles[],
  wishes: Wishes,
  findings: readonly Finding[],
): Promise<Settings[]> {
  if (wishes.ignoreRepoConfig || !findings.some(isOpen)) return [];
  const read = await Promise.all(
    proposed.map(async (files) => {
      try {
        return [await readSettings(files, wishes)];
      } catch (error) {
        if (!isScanError(error)) throw error;
        return [];
      }
    }),
  );
  return read.flat();
}

/** Open findings that the change would let pass: they stay open, and say so. */
export function markPending(
  findings: readonly Finding[],
  proposals: readonly Settings[],
  keyId: string,
  context: OldContext,
): Finding[] {
  let marked = [...findings];
  for (const { config, suppressions } of proposals) {
    const outcome = applySuppressions(marked, suppressions, new Date(), keyId, context);
    marked = marked.map((finding, i) => {
      if (!isOpen(finding) || finding.pending !== undefined) return finding;
      const pending = outcome.findings[i]?.suppressed ?? turnedOff(finding, config);
      return pending === null ? finding : { ...finding, pending };
    });
  }
  return marked;
}

function isOpen({ suppressed }: Finding): boolean {
  return suppressed === null;
}

/** What a configuration leaves out is not suppressed but never found. */
function turnedOff({ rule, provider, occurrences }: Finding, config: Config | null): Suppression | null {
  if (config === null) return null;
  const names = (list: readonly string[]): boolean => list.includes(rule) || list.includes(provider);
  if (names(config.disabledRules) || (config.onlyRules !== null && !names(config.onlyRules)))
    return { by: 'config', reason: `the rule ${rule} is turned off` };
  const isIgnored = occurrences.every(({ path }) => path !== null && config.ignoresPath(path));
  return isIgnored ? { by: 'config', reason: 'the path is ignored' } : null;
}
