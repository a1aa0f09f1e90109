import { lstatSync } from 'node:fs';
import path from 'node:path';

import type { Problem } from '../../core/coverage.ts';
import { sourceMend } from '../../errors/source.ts';
import { splitRecords } from '../../git/records.ts';
import type { Repository } from '../../git/repository.ts';
import { runGit } from '../../git/run.ts';
import type { Listed } from './listing.ts';

const GITLINK = '160000';
const SLASH = 0x2f;

/**
 * What git tracks or would track below a folder of a work tree: the index, then
 * untracked files that nothing ignores. The ignored are named, so that a report
 * can say what was left out.
 *
 * @param folder - absolute, inside `workTree`
 * @param problem - told of folders that cannot be listed
 */
export async function* workTreeFiles(
  repository: Repository,
  workTree: string,
  folder: string,
  problem: (problem: Problem) => void,
  signal: AbortSignal,
): AsyncGenerator<Listed> {
  const below = path.relative(workTree, folder).replaceAll('\\', '/');
  const scope = below === '' ? [] : ['--', below];
  const unreadable = new Set<string>();
  const list = async (...args: string[]): Promise<Buffer[]> => {
    const { stdout, stderr } = await runGit(
      { ...repository.invocation, cwd: workTree },
      ['ls-files', '-z', ...args, ...scope],
      { signal },
    );
    for (const closed of closedFolders(stderr)) unreadable.add(closed);
    return splitRecords(stdout);
  };
  const deleted = new Set((await list('--deleted')).map((name) => name.toString('latin1')));
  const seen = new Set<string>();
  for (const record of await list('--cached', '--stage', '-t')) {
    // `H 100644 <id> <stage>\t<path>`
    const tab = record.indexOf(9);
    const [tag = '', mode = ''] = record.subarray(0, tab).toString('latin1').split(' ');
    const name = record.subarray(tab + 1);
    const key = name.toString('latin1');
    if (seen.has(key)) continue;
    seen.add(key);
    if (mode === GITLINK) yield { reason: 'submodule', path: name.toString('utf8') };
    // A file may lie there all the same: `--skip-worktree` is a way to keep a local change.
    else if (tag === 'S' && !exists(locate(workTree, name))) yield { reason: 'sparse', path: name.toString('utf8') };
    else yield { location: locate(workTree, name), mayBeAbsent: deleted.has(key) };
  }
  for (const name of await list('--others', '--exclude-standard')) {
    if (name.at(-1) === SLASH) yield { reason: 'nested-repository', path: name.toString('utf8') };
    else yield { location: locate(workTree, name), mayBeAbsent: false };
  }
  for (const name of await list('--others', '--ignored', '--exclude-standard', '--directory')) {
    yield { reason: 'ignored', path: name.toString('utf8'), setBy: '.gitignore' };
  }
  for (const name of unreadable)
    problem({ code: 'FOLDER_UNREADABLE', message: `${name} cannot be listed`, mend: sourceMend('FOLDER_UNREADABLE') });
}

/**
 * git warns of a folder that it cannot list, and then lists the rest as if that were all. A name may hold a line break, and a
 * long one is cut off, with whatever would come after it.
 */
function closedFolders(stderr: string): string[] {
  const [, ...said] = stderr.split(/^warning: could not open directory '/m);
  return said.map((text) => text.split("/': ")[0] ?? text);
}

/** Whether git ignores the folder as a whole. Who names it wants it read nevertheless. */
export async function isIgnored(repository: Repository, folder: string, signal: AbortSignal): Promise<boolean> {
  if (folder === repository.workTree) return false;
  const { invocation } = repository;
  // This command takes no literal pathspecs, and expands none; an absolute path is no magic either.
  const { GIT_LITERAL_PATHSPECS: _literal, ...environment } = invocation.environment;
  const { code } = await runGit({ ...invocation, environment }, ['check-ignore', '-q', '--', `${folder}${path.sep}`], {
    signal,
    accept: [0, 1],
  });
  return code === 0;
}

function exists(location: string | Buffer): boolean {
  return lstatSync(location, { throwIfNoEntry: false }) !== undefined;
}

/** An absolute path; the name's own bytes where it is not UTF-8. */
function locate(workTree: string, name: Buffer): string | Buffer {
  const text = name.toString('utf8');
  if (!text.includes('\ufffd')) return path.join(workTree, text);
  return Buffer.concat([Buffer.from(`${workTree}/`), name]);
}
