import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Finding } from '../core/finding.ts';
import { openRepository } from '../git/repository.ts';
import { runGit } from '../git/run.ts';
import { findRoot } from '../git/locate.ts';
import { MANIFESTS } from '../policy/applications.ts';
import { isEnvironmentFile } from '../policy/habits.ts';
import type { PolicyFacts } from '../policy/judge.ts';

/**
 * What `policy/` has to know of the disk.
 *
 * @param folder - that reported paths start from; null where there is none
 */
export async function policyFacts(
  findings: readonly Finding[],
  folder: string | null,
  signal: AbortSignal,
): Promise<PolicyFacts> {
  const files = findings.flatMap(({ occurrences }) =>
    occurrences.flatMap(({ kind, path: name }) => (kind === 'file' && name !== null ? [name] : [])),
  );
  const kept = await keptByGit([...new Set(files.filter(isEnvironmentFile))], folder, signal);
  const known = new Map<string, boolean>();
  return {
    now: new Date(),
    isKept: (name) => kept.has(name),
    isApplication(name) {
      const before = known.get(name);
      if (before !== undefined) return before;
      const is =
        folder !== null && isInside(name) && MANIFESTS.some((file) => existsSync(path.join(folder, name, file)));
      known.set(name, is);
      return is;
    },
  };
}

/** A tree of somebody else's may name anything. */
function isInside(name: string): boolean {
  return !path.isAbsolute(name) && !name.split(/[\\/]/).includes('..') && !name.includes('\0');
}

/** Those that git tracks or would take: none outside of a work tree. */
async function keptByGit(files: readonly string[], folder: string | null, signal: AbortSignal): Promise<Set<string>> {
  const kept = new Set<string>();
  if (folder === null || files.length === 0 || findRoot(folder) === null) return kept;
  const { invocation, workTree } = await openRepository(folder, { signal });
  if (workTree === null) return kept;
  for (const file of files) {
    const name = path.relative(workTree, path.resolve(folder, file)).replaceAll(path.sep, '/');
    if (!isInside(name)) continue;
    const args = ['--literal-pathspecs', 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', name];
    const { stdout } = await runGit(invocation, args, { signal, accept: [0, 128], maxOutput: 65_536 });
    if (stdout.length > 0) kept.add(file);
  }
  return kept;
}
