/** Git hooks that unleak can serve. */
export const GIT_HOOKS = ['pre-commit', 'pre-merge-commit', 'commit-msg', 'pre-push', 'pre-receive'] as const;

export type GitHook = (typeof GIT_HOOKS)[number];

/** Hooks that git tells the refs on standard input, which can be read once only. */
export function readsRefs(hook: GitHook): boolean {
  return hook === 'pre-push' || hook === 'pre-receive';
}

export function isGitHook(name: string): name is GitHook {
  return GIT_HOOKS.some((hook) => hook === name);
}
