/** The script of a thread: loads its chunk as the launcher loads the command's, from the same compiled code. */
import { Chunks } from './chunks.ts';
import { codePlace, readCode } from './code-cache.ts';
import type { Use } from './engine-settings.ts';

/** Which chunk, and whose compiled code: a thread starts after its command has set the engine. */
declare const UNLEAK_THREAD: { readonly chunk: string; readonly use: Use };
declare const UNLEAK_CHUNKS: string;

const { chunk, use } = UNLEAK_THREAD;
new Chunks(__dirname, require, readCode(codePlace(__dirname, use, `${UNLEAK_CHUNKS}-${use}`))).load(chunk);
