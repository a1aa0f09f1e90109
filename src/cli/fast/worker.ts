/** The script of a thread: loads its chunk as the launcher loads the command's, from the same compiled code. */
import { existsSync } from 'node:fs';

import { Chunks, readCache } from './chunks.ts';
import { builtCache, codeCacheFile } from './code-cache.ts';
import type { Use } from './engine-settings.ts';

/** Which chunk, and whose compiled code: a thread starts after its command has set the engine. */
declare const UNLEAK_THREAD: { readonly chunk: string; readonly use: Use };
declare const UNLEAK_CHUNKS: string;

const { chunk, use } = UNLEAK_THREAD;
const built = builtCache(__dirname, use);
const file = existsSync(built) ? built : codeCacheFile(`${UNLEAK_CHUNKS}-${use}`);
new Chunks(__dirname, require, readCache(file)).load(chunk);
