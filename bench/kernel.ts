/**
 * How long it takes to decide every blob of a repository, next to how long git
 * takes to print the same blobs.
 *
 *     npx tsx bench/kernel.ts path/to/.git [--jobs N] [--rounds N]
 *
 * Scan and git take turns in one run, so that both meet the same machine.
 * Opening packs, building forests and judging with the built-in rules are
 * included; attribution is not. Prints wall and processor milliseconds.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { BLOB } from '../src/git/pack/entry.ts';
import { SHA1 } from '../src/git/pack/hash-format.ts';
import { closeObjectStore, type ObjectStore, openObjectStore } from '../src/git/pack/object-store.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';
import { storedScan } from '../src/workers/stored-scan.ts';

const gitDir = path.resolve(process.argv[2] ?? '.git');
const number = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const jobs = number('--jobs', 2);
const rounds = number('--rounds', 3);
const worker = new URL('../test/helpers/source-worker.mjs', import.meta.url);

function blobsOf({ packs, table }: ObjectStore): Uint32Array {
  const isBlob = new Uint8Array(table.count);
  for (const { forest, rows } of packs)
    for (let entry = 0; entry < forest.count; entry++) if (forest.types[entry] === BLOB) isBlob[rows[entry] ?? 0] = 1;
  return Uint32Array.from(isBlob.keys()).filter((row) => isBlob[row] === 1);
}

interface Timed {
  readonly wall: number;
  readonly processor: number;
  readonly note: string;
}

async function scanOnce(): Promise<Timed> {
  const [start, { user, system }] = [performance.now(), process.cpuUsage()];
  const store = openObjectStore(path.join(gitDir, 'objects'), {
    format: SHA1,
    report: (error) => console.log(error.message),
  });
  const opened = performance.now() - start;
  const wanted = blobsOf(store);
  const result = await storedScan(BUILTIN_RULES, { jobs, worker })({
    store,
    wanted,
    signal: new AbortController().signal,
  });
  closeObjectStore(store);
  const after = process.cpuUsage();
  const findings = result.found.reduce((sum, { scan }) => sum + scan.findings.length, 0);
  return {
    wall: performance.now() - start,
    processor: (after.user + after.system - user - system) / 1000,
    note: `open ${opened.toFixed(0)} ms, ${result.objects} blobs, ${(result.bytes / 1e6).toFixed(0)} MB, of which ${(result.scanned / 1e6).toFixed(0)} MB scanned, ${findings} findings, ${result.unread.length} unread`,
  };
}

/** `git cat-file` printing the same blobs in the order of the pack, which is its fastest. */
function printOnce(ids: string): Timed {
  const start = performance.now();
  const { status } = spawnSync('sh', ['-c', 'exec git cat-file --batch --buffer > /dev/null'], {
    input: ids,
    env: { ...process.env, GIT_DIR: gitDir },
  });
  if (status !== 0) throw new Error('git cat-file failed');
  return { wall: performance.now() - start, processor: 0, note: '' };
}

function packOrder(): string {
  const { stdout } = spawnSync('git', ['cat-file', '--batch-check', '--batch-all-objects', '--unordered'], {
    env: { ...process.env, GIT_DIR: gitDir },
    maxBuffer: 2 ** 31 - 1,
    encoding: 'latin1',
  });
  return stdout
    .split('\n')
    .filter((line) => line.slice(41).startsWith('blob '))
    .map((line) => `${line.slice(0, 40)}\n`)
    .join('');
}

const ids = packOrder();
console.log(`${BUILTIN_RULES.length} rules, ${jobs} jobs`);
for (let round = 0; round < rounds; round++) {
  const scan = await scanOnce();
  const print = printOnce(ids);
  console.log(
    `scan ${scan.wall.toFixed(0)} ms wall, ${scan.processor.toFixed(0)} ms processor; cat-file ${print.wall.toFixed(0)} ms; ratio ${(scan.wall / print.wall).toFixed(2)} (${scan.note})`,
  );
}
