import { HOOK_INSTALL_FLAGS } from '../flags/hook.ts';
import type { Command } from './command.ts';

/** Every command there is, in the order help lists them. Each one's code is loaded when it is chosen. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'hook install',
    takes: '[git-hook...]',
    least: 0,
    most: 2,
    summary: 'install the pre-commit hook, after whatever hook is there',
    details:
      'Works with plain .git/hooks, core.hooksPath and husky; for lefthook and the pre-commit framework it prints what to add. Installing again changes nothing.',
    flags: HOOK_INSTALL_FLAGS,
    examples: [['unleak hook install', 'once per clone']],
    load: async () => (await import('./hook.ts')).install,
  },
  {
    name: 'hook remove',
    takes: '[git-hook...]',
    least: 0,
    most: 2,
    summary: 'take the hook out again, and put back what was there before',
    details: 'The hook that was there before comes back byte for byte.',
    flags: HOOK_INSTALL_FLAGS,
    examples: [['unleak hook remove', '']],
    load: async () => (await import('./hook.ts')).remove,
  },
  {
    name: 'hook status',
    takes: '',
    least: 0,
    most: 0,
    summary: 'say whether commits are checked; exit 0 if they are, else 1',
    details: 'Finds hooks that are missing, shadowed by core.hooksPath, not executable or outdated.',
    flags: [],
    examples: [['unleak hook status', '']],
    load: async () => (await import('./hook.ts')).status,
  },
];
