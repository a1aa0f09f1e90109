/** Builds the GitHub Action into `dist/action`, which a workflow runs as it stands in the repository. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { build, type BuildOptions } from 'esbuild';

import { invert } from '../src/bytes/read-words.ts';
import { writeNotices } from './notices.ts';

/** The file that `action.yml` names. Kept apart so that it runs, and can say so, on whatever node a runner has. */
const LAUNCHER = `'use strict';
import('./main.js').catch((error) => {
  process.exitCode = 1;
  console.log('::error title=unleak::The Action could not be loaded');
  console.error(error);
});
`;

/**
 * @param packed - the literals of the built-in rules as laid out for the command
 */
export async function buildAction(root: string, common: BuildOptions, packed: string): Promise<void> {
  const folder = path.join(root, 'dist', 'action');
  rmSync(folder, { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    entryPoints: { main: 'src/action/entry.ts', 'share-worker': 'src/workers/share-worker.ts' },
    outdir: folder,
    format: 'esm',
    splitting: true,
    metafile: true,
    // Where packages lie must not show in what is committed.
    preserveSymlinks: true,
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  writeFileSync(path.join(folder, 'index.cjs'), LAUNCHER);
  // In clear, the beginnings of tokens would look like tokens to whoever scans this repository.
  writeFileSync(path.join(folder, `${path.basename(packed)}.inverted`), invert(readFileSync(packed)));
  writeNotices(root, path.join(folder, 'THIRD-PARTY-NOTICES.txt'), Object.keys(metafile.inputs));
}
