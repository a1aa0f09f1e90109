/**
 * Git as its user configured it, for commands that set up the user's own
 * repository: hooks and suppressions. Scanning never comes here; it asks
 * plumbing, and overrules what a repository configures.
 */
import { simpleGit } from 'simple-git';

import type { Repository } from './repository.ts';

/** Where the configuration itself may come from: hooks obey it, so here it counts. */
const CONFIGURATION = /^GIT_CONFIG(?:_GLOBAL|_SYSTEM|_NOSYSTEM|_COUNT|_KEY_\d+|_VALUE_\d+)$/;

export interface Setting {
  /** `system`, `global`, `local`, `worktree` or `command`. */
  readonly scope: string;
  readonly value: string;
}

/**
 * The value that git itself would use for a setting; null without one.
 *
 * @param name - such as `core.hooksPath`
 * @param type - `path` expands `~`
 */
export async function userSetting(
  { invocation }: Repository,
  name: string,
  type: 'path' | 'text' = 'text',
): Promise<Setting | null> {
  const environment = { ...invocation.environment, ...configurationOf(process.env) };
  const git = simpleGit({
    baseDir: invocation.cwd,
    binary: invocation.executable,
    trimmed: false,
    // The variables are the user's, not a repository's.
    unsafe: { allowUnsafeConfigPaths: true, allowUnsafeConfigEnvCount: true, allowUnsafeCustomBinary: true },
    allowEnvironment: Object.keys(environment),
  }).env(environment);
  const fields = (
    await listed(() => git.raw(['config', '-z', '--show-scope', ...typed(type), '--get-all', name]))
  ).split('\0');
  const value = fields.at(-2);
  const scope = fields.at(-3);
  return value === undefined || scope === undefined || value === '' ? null : { scope, value };
}

function typed(type: 'path' | 'text'): string[] {
  return type === 'path' ? ['--type=path'] : [];
}

/** git says "not set" with an exit code, and nothing else. */
async function listed(run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error && error.message.trim() === '') return '';
    throw error;
  }
}

function configurationOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && CONFIGURATION.test(name)) own[name] = value;
  }
  return own;
}
