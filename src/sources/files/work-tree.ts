import path from 'node:path';

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
 */
export async function* workTreeFiles(
  repository: Repository,
  workTree: string,
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<Listed> {
  const below = path.relative(workTree, folder).replaceAll('\\', '/');
  const scope = below === '' ? [] : ['--', below];
  const list = async (...args: string[]): Promise<Buffer[]> => {
    const { stdout } = await runGit(
      { ...repository.invocation, cwd: workTree },
      ['ls-files', '-z', ...args, ...scope],
      { signal },
    );
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
    else if (tag === 'S') yield { reason: 'sparse', path: name.toString('utf8') };
    else yield { location: locate(workTree, name), mayBeAbsent: deleted.has(key) };
  }
  for (const name of await list('--others', '--exclude-standard')) {
    if (name.at(-1) === SLASH) yield { reason: 'nested-repository', path: name.toString('utf8') };
    else yield { location: locate(workTree, name), mayBeAbsent: false };
  }
  for (const name of await list('--others', '--ignored', '--exclude-standard', '--directory')) {
    yield { reason: 'ignored', path: name.toString('utf8'), setBy: '.gitignore' };
  }
}

/** An absolute path; the name's own bytes where it is not UTF-8. */
function locate(workTree: string, name: Buffer): string | Buffer {
  const text = name.toString('utf8');
  if (!text.includes('\ufffd')) return path.join(workTree, text);
  return Buffer.concat([Buffer.from(`${workTree}/`), name]);
}
