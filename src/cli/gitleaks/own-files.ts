import path from 'node:path';

import type { GitleaksTarget } from './task.ts';

/** What the command line says of files that are gitleaks' own. */
export interface OwnFilesAsked {
  /** `--config`, as it was typed. */
  readonly config: string | undefined;
  /** The configuration in force, wherever it was found. */
  readonly inForce: string | undefined;
  /** `--baseline-path` */
  readonly baseline: string | undefined;
}

const CONFIGURATION = 'gitleaks: its configuration';
const BASELINE = 'gitleaks: its baseline';

/**
 * The files that gitleaks 8.30 passes over because they are its own. It compares
 * names as text: the configuration under the name given to `--config`, or else
 * `.gitleaks.toml` at the target (also where a variable names another one), and
 * the baseline under its name from the target. A path that is spelled in
 * another way is scanned, there as here.
 *
 * @returns by reported path: why it is left out, or null
 */
export function ownFiles(target: GitleaksTarget, asked: OwnFilesAsked): (reported: string) => string | null {
  const at = target.path ?? '.';
  const beside = path.join(at, '.gitleaks.toml');
  const { config, inForce, baseline } = asked;
  const found = inForce === path.join(at, '.betterleaks.toml') ? [inForce] : [];
  const left = new Map((config === undefined ? [beside, ...found] : [config]).map((name) => [name, CONFIGURATION]));
  if (baseline !== undefined) left.set(path.relative(at, baseline), BASELINE);
  const nameOf = target.kind === 'files' ? nameBelow(at) : (reported: string) => reported;
  return (reported) => left.get(nameOf(reported)) ?? null;
}

/** A reported path as gitleaks writes it: it begins with the target as that was typed. */
function nameBelow(target: string): (reported: string) => string {
  const top = path.resolve(target);
  return (reported) => {
    const below = path.relative(top, path.resolve(reported));
    return below === '' ? target : path.join(target, below);
  };
}
