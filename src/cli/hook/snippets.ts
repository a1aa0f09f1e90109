/** What a person adds to a hook manager's configuration. */
export const SNIPPETS: Readonly<Record<'lefthook' | 'pre-commit', string>> = {
  lefthook: `pre-commit:
  commands:
    unleak:
      priority: 99
      run: npx --no-install unleak hook run pre-commit
`,
  'pre-commit': `repos:
  - repo: local
    hooks:
      - id: unleak
        name: unleak
        entry: npx --no-install unleak hook run pre-commit
        language: system
        pass_filenames: false
        always_run: true
`,
};
