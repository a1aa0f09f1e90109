import { realpathSync } from 'node:fs';

import { UsageError } from '../../errors/usage.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { GLOBAL } from '../flags/hook.ts';
import { GIT_HOOKS, type GitHook, isGitHook } from '../hook/git-hooks.ts';
import { type HookChange, installHook, isSharedPlace, isTemporary, removeHook, type Running } from '../hook/install.ts';
import type { HookSurroundings } from '../hook/place.ts';
import { snippetFor } from '../hook/snippets.ts';
import { type HookReport, hookReport, managerCommand } from '../hook/state.ts';
import { globalSurroundings, hookSurroundings } from '../hook/surroundings.ts';
import type { Invocation } from './command.ts';

/** `unleak hook install`: 0 if commits are checked from now on, 1 if a person has something to add first. */
export async function install(invocation: Invocation): Promise<ExitCode> {
  const around = await surroundings(invocation);
  const running = runningProgram();
  let code: ExitCode = EXIT.clean;
  for (const hook of chosenHooks(invocation, around)) {
    const change = installHook(hook, around, running);
    if (change.place.how === 'listed') {
      if (!announceSnippet(invocation, hook, around)) code = EXIT.found;
    } else announceInstalled(invocation, hook, change, around, running);
  }
  return code;
}

/** `unleak hook remove`: those that are named, or all that are ours. */
export async function remove(invocation: Invocation): Promise<ExitCode> {
  const around = await surroundings(invocation);
  const chosen = chosenHooks(invocation, around);
  const isOurs = (hook: GitHook): boolean => hookReport(hook, around).state !== 'missing';
  const ours = invocation.positionals.length > 0 ? [] : GIT_HOOKS.filter(isOurs);
  for (const hook of ours.length > 0 ? ours : chosen) announceRemoved(invocation, hook, removeHook(hook, around));
  return EXIT.clean;
}

function announceRemoved(invocation: Invocation, hook: GitHook, { place, changed, chained }: HookChange): void {
  if (place.how === 'listed') say(invocation, `take unleak out of ${place.file} by hand`);
  else if (!changed) say(invocation, `there is no ${hook} hook of ours to remove`);
  else say(invocation, chained === null ? `removed ${place.file}` : `put back ${place.file} as it was`);
}

/**
 * `unleak hook status`: 0 if git runs the check before every commit, or a
 * server before it takes a push, and every other hook of ours works; else 1.
 */
export async function status(invocation: Invocation): Promise<ExitCode> {
  const around = await hookSurroundings(process.cwd(), invocation.signal);
  const usual = usualHook(around);
  const reports = GIT_HOOKS.map((hook) => hookReport(hook, around)).filter(
    ({ hook, state }) => hook === usual || state !== 'missing',
  );
  for (const report of reports) invocation.streams.out.write(reportText(report));
  return reports.every(({ state }) => state === 'ok') ? EXIT.clean : EXIT.found;
}

function reportText({ hook, state, message, mend }: HookReport): string {
  return `${hook}: ${state}: ${message}\n${mend === '' ? '' : `  mend: ${mend}\n`}`;
}

/** Nobody commits in a bare repository; others push to it. */
function usualHook({ top }: HookSurroundings): GitHook {
  return top === null ? 'pre-receive' : 'pre-commit';
}

async function surroundings({ options, signal }: Invocation): Promise<HookSurroundings> {
  const around = await hookSurroundings(process.cwd(), signal);
  if (options.get(GLOBAL)) return globalSurroundings(around);
  const scope = around.hooksPath?.scope;
  if (scope === 'global' || scope === 'system')
    throw new UsageError(
      'USAGE_HOOK',
      `core.hooksPath (${scope}) sends the hooks of all repositories to ${around.hooksDir}`,
      {
        mend: 'Repeat with --global to use that folder, or give this repository its own: git config core.hooksPath .git/hooks',
      },
    );
  return around;
}

function chosenHooks({ positionals, options }: Invocation, around: HookSurroundings): readonly GitHook[] {
  for (const name of positionals) {
    if (!isGitHook(name))
      throw new UsageError('USAGE_ARGUMENTS', `${JSON.stringify(name)} is not a hook that unleak serves`, {
        mend: `Choose among ${GIT_HOOKS.join(', ')}.`,
      });
  }
  if (positionals.length > 0) return positionals.filter(isGitHook);
  return [options.get(GLOBAL) ? 'pre-commit' : usualHook(around)];
}

/** The node and the script of this very process: the hook is to call the same. */
function runningProgram(): Running {
  return { node: process.execPath, script: realpathSync(process.argv[1] ?? '') };
}

function announceInstalled(
  invocation: Invocation,
  hook: GitHook,
  { place, changed, chained }: HookChange,
  around: HookSurroundings,
  running: Running,
): void {
  if (place.how === 'listed') return;
  say(
    invocation,
    changed ? `${hook} now checks for secrets: ${place.file}` : `${hook} was installed already: ${place.file}`,
  );
  if (chained !== null && chained !== place.file) say(invocation, `the hook that was there runs first: ${chained}`);
  if (place.how === 'block' && !place.active) say(invocation, 'husky is not set up in this clone yet; run: npx husky');
  if (isTemporary(running.script))
    say(invocation, 'this command runs from npx’s cache, which may be emptied; better: npm install --save-dev unleak');
  else if (isSharedPlace(place, around) && changed)
    say(invocation, 'that file belongs to the project; commit it, and add unleak to its devDependencies');
}

/** True if the manager's configuration already names us. */
function announceSnippet(invocation: Invocation, hook: GitHook, around: HookSurroundings): boolean {
  const { place, state, message, mend } = hookReport(hook, around);
  if (place.how !== 'listed') return false;
  if (state === 'ok') {
    say(invocation, message);
    return true;
  }
  if (state === 'inactive') say(invocation, `${message}; run: ${mend}`);
  else {
    say(
      invocation,
      `${place.manager} keeps the hooks of this project; add this to ${place.file}, then run: ${managerCommand(place.manager, hook)}`,
    );
    invocation.streams.out.write(`\n${snippetFor(place.manager, hook)}`);
  }
  return false;
}

function say({ streams }: Invocation, text: string): void {
  streams.err.write(`unleak: ${text}\n`);
}
