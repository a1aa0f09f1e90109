// Compiles wasm/quick.ts to src/prefilter/quick-wasm.generated.ts: a few hundred bytes that the hook instantiates at each start.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('../', import.meta.url));

const OPTIONS = [
  'wasm/quick.ts',
  '--outFile',
  'quick.wasm',
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--use',
  'abort=',
];

/** The module's text. */
export async function quickWasmModule(): Promise<string> {
  let wasm: Uint8Array | undefined;
  let complaints = '';
  const { error } = await asc.main(OPTIONS, {
    stderr: { write: (text) => (complaints += text) },
    readFile: (name) => readFile(`${root}${name}`, 'utf8').catch(() => null),
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') wasm = contents;
    },
    listFiles: () => [],
  });
  if (error || !wasm) throw new Error(`wasm/quick.ts does not compile\n${complaints}`, { cause: error });
  return [
    '// Generated from wasm/quick.ts by `npm run generate`. Do not edit.',
    'export const QUICK_WASM_BASE64 =',
    `  '${Buffer.from(wasm).toString('base64')}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(`${root}src/prefilter/quick-wasm.generated.ts`, await quickWasmModule());
}
