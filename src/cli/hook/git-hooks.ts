/** Git hooks that unleak can serve. */
export const GIT_HOOKS = ['pre-commit', 'pre-merge-commit'] as const;

export type GitHook = (typeof GIT_HOOKS)[number];

export function isGitHook(name: string): name is GitHook {
  return GIT_HOOKS.some((hook) => hook === name);
}
