import { switchFlag } from './flag.ts';

export const GLOBAL = switchFlag({
  name: 'global',
  group: 'Other',
  summary: 'the hooks of all your repositories (git config --global core.hooksPath)',
});

export const HOOK_INSTALL_FLAGS = [GLOBAL] as const;
