/** Builds what is published: the command (`dist/bin`, `dist/cli`), the library (`dist/lib`) and the Action (`dist/action`). */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, type BuildOptions, type Plugin } from 'esbuild';

import { packedReaches } from '../src/cli/fast/pack-reaches.ts';
import { packRules } from '../src/cli/fast/pack-rules.ts';
import { RULE_PACK_LINES } from '../src/cli/fast/rule-pack.ts';
import { REACHES_FILE } from '../src/kernel/laid-reaches.ts';
import { PACKED_FILE } from '../src/prefilter/packed.ts';
import { SCREENS_FILE } from '../src/prefilter/screens.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';
import { buildAction } from './build-action.ts';
import { asFunctions } from './cli-chunks.ts';
import { writeNotices } from './notices.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };

const COMMON: BuildOptions = {
  // Sealed boxes for GitHub's secrets: who needs them installs the package; nobody else carries it.
  external: ['libsodium-wrappers'],
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
  minifySyntax: true,
  minifyWhitespace: true,
  define: { UNLEAK_VERSION: JSON.stringify(version) },
};

/** Loading them takes longer than most hooks have, and few ever need a hash, or a process started in another way. */
const LAZY_MODULES: Plugin = {
  name: 'lazy-modules',
  setup(builder) {
    const lazily: Readonly<Record<string, string>> = { 'node:crypto': 'createHash', 'node:child_process': 'spawnSync' };
    builder.onResolve({ filter: /^node:(?:crypto|child_process)$/ }, ({ path: name, namespace }) =>
      namespace === 'lazy' ? { path: name, external: true } : { path: name, namespace: 'lazy' },
    );
    builder.onLoad({ filter: /./, namespace: 'lazy' }, ({ path: name }) => {
      const item = lazily[name] ?? '';
      return { contents: `export const ${item} = (...given) => require('${name}').${item}(...given);` };
    });
  },
};

/** Its default export as it is: otherwise each file that imports it makes a copy with a function for each of its parts. */
const ONE_PATH: Plugin = {
  name: 'one-path',
  setup(builder) {
    builder.onResolve({ filter: /^node:path$/ }, ({ path: name, namespace }) =>
      namespace === 'one-path' ? { path: name, external: true } : { path: name, namespace: 'one-path' },
    );
    builder.onLoad({ filter: /./, namespace: 'one-path' }, () => ({
      contents: "export default require('node:path');",
    }));
  },
};

for (const folder of ['bin', 'cli', 'lib']) rmSync(path.join(dist, folder), { recursive: true, force: true });
await Promise.all([buildProgram(), buildLibrary()]);
await buildAction(root, COMMON, path.join(dist, 'bin', PACKED_FILE));
warmCodeCaches();

async function buildProgram(): Promise<void> {
  const [chunks, quickCheck] = await Promise.all([buildCommand(), buildQuickCheck()]);
  await Promise.all([buildLauncher(quickCheck, chunks), buildThreads(chunks)]);
}

/** The full command line: one chunk a command, loaded when it is chosen. Returns a digest of them all. */
async function buildCommand(): Promise<string> {
  const { metafile, outputFiles } = await build({
    ...COMMON,
    entryPoints: {
      entry: 'src/cli/entry.ts',
      share: 'src/workers/share-worker.ts',
      file: 'src/workers/file-worker.ts',
    },
    outdir: 'dist/cli',
    format: 'esm',
    splitting: true,
    metafile: true,
    write: false,
  });
  const folder = path.join(dist, 'cli');
  const chunks = asFunctions(outputFiles.map(({ path: file, text }) => ({ name: path.basename(file), text })));
  mkdirSync(folder, { recursive: true });
  const digest = createHash('sha256');
  for (const { name, text } of chunks) {
    writeFileSync(path.join(folder, name), text, 'latin1');
    digest.update(`${name}\0${text}\0`);
  }
  // Scripts, not modules, which is what this package's files are otherwise.
  writeFileSync(path.join(folder, 'package.json'), '{"type":"commonjs"}\n');
  writeNotices(root, path.join(folder, 'THIRD-PARTY-NOTICES.txt'), Object.keys(metafile.inputs));
  return shortened(digest.digest('hex'));
}

/** The scripts that threads begin with, which load their chunk. */
async function buildThreads(chunks: string): Promise<void> {
  const threads = { share: { chunk: './share.js', use: 'history' }, file: { chunk: './file.js', use: 'command' } };
  for (const [name, thread] of Object.entries(threads))
    await build({
      ...COMMON,
      entryPoints: ['src/cli/fast/worker.ts'],
      outfile: path.join(dist, 'cli', `${name}-worker.js`),
      format: 'cjs',
      define: { UNLEAK_CHUNKS: JSON.stringify(chunks), UNLEAK_THREAD: JSON.stringify(thread) },
    });
}

/** One script that is a function of `require`; see `src/cli/fast/launch.ts`. Returns its text. */
async function buildQuickCheck(): Promise<string> {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: ['src/cli/fast/main.ts'],
    format: 'cjs',
    minifyIdentifiers: true,
    plugins: [LAZY_MODULES, ONE_PATH],
    write: false,
  });
  const body = outputFiles[0]?.text ?? '';
  return `(function(require){var module={exports:{}};${body}\nreturn module.exports.quickCheck})`;
}

async function buildLauncher(quickCheck: string, chunks: string): Promise<void> {
  const id = shortened(createHash('sha256').update(quickCheck).digest('hex'));
  const file = path.join(dist, 'bin', 'unleak.cjs');
  await build({
    ...COMMON,
    entryPoints: ['src/cli/fast/launch.ts'],
    outfile: file,
    format: 'cjs',
    plugins: [ONE_PATH],
    banner: { js: '#!/usr/bin/env node' },
    define: { UNLEAK_BUILD: JSON.stringify(id), UNLEAK_CHUNKS: JSON.stringify(chunks) },
  });
  chmodSync(file, 0o755);
  writeFileSync(path.join(dist, 'bin', 'quick.js'), quickCheck, 'latin1');
  const { words, screens, lines } = packRules(BUILTIN_RULES);
  writeFileSync(path.join(dist, 'bin', PACKED_FILE), bytesOf(words));
  writeFileSync(path.join(dist, 'bin', SCREENS_FILE), bytesOf(screens));
  writeFileSync(path.join(dist, 'bin', RULE_PACK_LINES), lines);
  writeFileSync(path.join(dist, 'bin', REACHES_FILE), bytesOf(packedReaches(BUILTIN_RULES, { words }, screens)));
}

/** Enough to tell builds apart in a file's name. */
function shortened(digest: string): string {
  return digest.slice(0, 16);
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** JavaScript and declarations of everything that `src/index.ts` reaches. */
async function buildLibrary(): Promise<void> {
  if (!existsSync(path.join(root, 'src', 'index.ts'))) return;
  run(
    process.execPath,
    [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
    root,
  );
}

/** Runs the quick check and the commands on a sample, so that the functions they need are compiled into their caches. */
function warmCodeCaches(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'unleak-build-'));
  try {
    run(process.execPath, [path.join(root, 'scripts', 'warm-code-cache.cjs'), path.join(dist, 'bin')], folder);
    const chunks = ['--import', import.meta.resolve('tsx'), path.join(root, 'scripts', 'warm-chunks.ts')];
    for (const use of ['history', 'command'])
      run(process.execPath, [...chunks, path.join(dist, 'cli'), use], folder, 'ignore');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], cwd: string, stdout: 'inherit' | 'ignore' = 'inherit'): void {
  const { status, error } = spawnSync(program, args, { cwd, stdio: ['ignore', stdout, 'inherit'] });
  if (status !== 0) throw new Error(`${path.basename(args[0] ?? program)} failed`, { cause: error });
}
