import type { GitHook } from './git-hooks.ts';

/** How a hook manager passes on what git gives a hook. */
const GIVEN: Readonly<Partial<Record<GitHook, Readonly<Record<'lefthook' | 'pre-commit', string>>>>> = {
  'commit-msg': { lefthook: ' {1}', 'pre-commit': '' },
  'pre-push': { lefthook: ' {1} {2}', 'pre-commit': '' },
};

/** What a person adds to a hook manager's configuration for one git hook. */
export function snippetFor(manager: 'lefthook' | 'pre-commit', hook: GitHook): string {
  const run = `npx --no-install unleak hook run ${hook}${GIVEN[hook]?.[manager] ?? ''}`;
  return manager === 'lefthook' ? lefthook(hook, run) : preCommit(hook, run);
}

function lefthook(hook: GitHook, run: string): string {
  return `${hook}:
  commands:
    unleak:
      priority: 99
${hook === 'pre-push' ? '      use_stdin: true\n' : ''}      run: ${run}
`;
}

/** The framework gives the file of a message by itself, in place of file names. */
function preCommit(hook: GitHook, run: string): string {
  const name = hook === 'pre-commit' ? 'unleak' : `unleak-${hook}`;
  return `repos:
  - repo: local
    hooks:
      - id: ${name}
        name: ${name}
        entry: ${run}
        language: system
${hook === 'commit-msg' ? '' : '        pass_filenames: false\n'}        always_run: true
${hook === 'pre-commit' ? '' : `        stages: [${hook}]\n`}`;
}
