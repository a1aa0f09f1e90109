// Compiles wasm/ to src/kernel/kernel.generated.ts; with --check, only says whether that file is fresh.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('../', import.meta.url));
const target = `${root}src/kernel/kernel.generated.ts`;

/** The options that decide the bytes; a change here changes the committed file. */
const OPTIONS = [
  'wasm/index.ts',
  '--outFile',
  'kernel.wasm',
  '-O3',
  '--converge',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--noExportMemory',
  '--sharedMemory',
  '--maximumMemory',
  '65536',
  '--enable',
  'simd',
  '--enable',
  'threads',
  '--use',
  'abort=',
];

/** What is compiled in place of a file's text. */
export type Edit = (name: string, text: string) => string;

/** Compiles the kernel and returns its bytes. */
async function compileKernel(edit: Edit): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  let complaints = '';
  const { error } = await asc.main(OPTIONS, {
    stderr: { write: (text) => (complaints += text) },
    readFile: (name) =>
      readFile(`${root}${name}`, 'utf8')
        .then((text) => edit(name, text))
        .catch(() => null),
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') wasm = contents;
    },
    listFiles: () => [],
  });
  if (error || !wasm) throw new Error(`the kernel does not compile\n${complaints}`, { cause: error });
  return wasm;
}

/**
 * The module that carries the kernel, so that bundles and workers need no file beside them.
 * @param edit - for mutants of the kernel, which tests must notice
 */
export async function kernelModule(edit: Edit = (_, text) => text): Promise<string> {
  const base64 = Buffer.from(await compileKernel(edit)).toString('base64');
  const lines = base64.match(/.{1,160}/g) ?? [];
  return [
    '// Generated from wasm/ by `npm run generate:kernel`. Do not edit.',
    'export const KERNEL_BASE64: string = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await kernelModule();
  if (!process.argv.includes('--check')) await writeFile(target, text);
  else if (text !== (await readFile(target, 'utf8'))) {
    process.stderr.write('src/kernel/kernel.generated.ts is stale: run `npm run generate:kernel`\n');
    process.exitCode = 1;
  }
}
