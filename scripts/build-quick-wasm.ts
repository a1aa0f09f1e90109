// Compiles wasm/quick.ts and wasm/loose.ts to modules of a few kilobytes, which the hook instantiates at each start.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import asc from 'assemblyscript/asc';

import type { Edit } from './build-wasm.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--use', 'abort='];

interface Target {
  readonly source: string;
  readonly file: string;
  /** What it exports. */
  readonly name: string;
}

/** What the hook searches with. */
export const QUICK: Target = {
  source: 'wasm/quick.ts',
  file: 'src/prefilter/quick-wasm.generated.ts',
  name: 'QUICK_WASM_BASE64',
};

/** What it reads loose objects with. */
export const LOOSE: Target = {
  source: 'wasm/loose.ts',
  file: 'src/git/loose-wasm.generated.ts',
  name: 'LOOSE_WASM_BASE64',
};

/**
 * The module's text.
 * @param edit - for mutants of it, which tests must notice
 */
export async function wasmModule({ source, name }: Target, edit: Edit = (_, text) => text): Promise<string> {
  let wasm: Uint8Array | undefined;
  let complaints = '';
  const { error } = await asc.main([source, '--outFile', 'module.wasm', ...OPTIONS], {
    stderr: { write: (text) => (complaints += text) },
    readFile: (file) =>
      readFile(`${root}${file}`, 'utf8')
        .then((text) => edit(file, text))
        .catch(() => null),
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') wasm = contents;
    },
    listFiles: () => [],
  });
  if (error || !wasm) throw new Error(`${source} does not compile\n${complaints}`, { cause: error });
  return [
    `// Generated from ${source} by \`npm run generate\`. Do not edit.`,
    `export const ${name} =`,
    `  '${Buffer.from(wasm).toString('base64')}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const target of [QUICK, LOOSE]) await writeFile(`${root}${target.file}`, await wasmModule(target));
}
