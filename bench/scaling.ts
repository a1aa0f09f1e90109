/**
 * How much faster two threads walk and scan a repository's packs than one, next to what the machine itself gives a second thread.
 *
 *     npm run build && npx tsx bench/scaling.ts [--rounds N] [--write FOLDER] [name=]path/to/repo.git …
 *
 * Timed is the scan of all blobs alone: packs are in memory, nothing else is at work. In turns with it a loop of arithmetic,
 * which shares nothing, is run by one thread and by two. What both find must be the same.
 */
import { Worker } from 'node:worker_threads';
import { parseArgs } from 'node:util';

import { BLOB } from '../src/git/object/type.ts';
import { openPackedRepository } from '../src/git/packed-repository.ts';
import { openRepository } from '../src/git/repository.ts';
import { BUILTIN_RULES as RULES } from '../src/rules/builtin.generated.ts';
import { packScanner } from '../src/workers/pack-scanner.ts';
import { median, nameAndPath, resultPage, show, spread } from './whole-run.ts';

const WORKER = new URL('../dist/cli/share-worker.js', import.meta.url);
const { signal } = new AbortController();
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, write: { type: 'string' } },
});

interface Took {
  /** Milliseconds. */
  readonly wall: number;
  readonly processor: number;
  readonly found: string;
}

/**
 * Packs are read anew for each scan, outside of what is timed: the kernel's memory is used up by one. As in an audit,
 * a second thread is the one that has helped to read, and has its code loaded.
 */
async function scan(folder: string, jobs: number): Promise<Took> {
  const repository = await openRepository(folder, { signal });
  const report = (error: Error): never => {
    throw error;
  };
  const scanner = packScanner(RULES, { jobs, worker: WORKER });
  if (scanner === null) throw new Error('the kernel is not to be had');
  try {
    const packed = openPackedRepository(repository, report, { kernel: scanner.memory, help: scanner.help });
    await packed.isSound?.();
    const { store, table } = packed;
    const wanted = table.ofType(BLOB);
    const [started, used] = [performance.now(), process.cpuUsage()];
    const { found, objects, bytes } = await scanner.scan({ store, wanted, signal, idle: Promise.resolve() });
    const { user, system } = process.cpuUsage(used);
    const rows = found.map(({ row, scan: { findings } }) => `${row}:${findings.length}`).join();
    return {
      wall: performance.now() - started,
      processor: (user + system) / 1000,
      found: `${objects} ${bytes} ${rows}`,
    };
  } finally {
    scanner.end();
  }
}

const LOOP = `
  let x = 1;
  for (let i = 0; i < 600_000_000; i++) x = (x * 1103515245 + 12345) | 0;
  require('node:worker_threads').parentPort.postMessage(x);
`;

/** Milliseconds until so many threads have each counted to the end. */
async function loop(threads: number): Promise<number> {
  const started = performance.now();
  await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise((resolve, reject) => {
          new Worker(LOOP, { eval: true }).on('message', resolve).on('error', reject);
        }),
    ),
  );
  return performance.now() - started;
}

async function measured(named: string): Promise<string[]> {
  const [name, folder] = nameAndPath(named);
  const ones: Took[] = [];
  const twos: Took[] = [];
  const limits: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    ones.push(await scan(folder, 1));
    const alone = await loop(1);
    twos.push(await scan(folder, 2));
    limits.push((2 * alone) / (await loop(2)));
  }
  if (new Set([...ones, ...twos].map(({ found }) => found)).size !== 1)
    throw new Error(`${name}: threads find other things`);
  const seconds = (took: readonly Took[], what: 'wall' | 'processor'): number =>
    median(took.map((one) => one[what])) / 1000;
  return [
    name,
    seconds(ones, 'wall').toFixed(2),
    seconds(twos, 'wall').toFixed(2),
    spread(ones.map(({ wall }, at) => wall / (twos[at]?.wall ?? 1))),
    spread(limits),
    `${seconds(ones, 'processor').toFixed(2)} / ${seconds(twos, 'processor').toFixed(2)}`,
  ];
}

const rows: string[][] = [];
for (const named of positionals) rows.push(await measured(named));
const head = [
  'repository',
  'one thread, s',
  'two, s',
  'times faster',
  'arithmetic, times faster',
  'processor, s, one / two',
];
const text = resultPage({
  title: 'Scanning packs with one thread and with two',
  command: `bench/scaling.ts --rounds ${values.rounds} REPOSITORY…`,
  notes: [
    'From the plan to the last finding, judging and compiling included. The last but one column is what the machine itself',
    'gives a second thread: twice the time that a loop of arithmetic takes alone, by the time that two of them take side by side.',
  ],
  head,
  rows,
});
show(text, values.write, 'SCALING.md');
