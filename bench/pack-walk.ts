/**
 * How long the pack reader takes for every object of a repository.
 *
 *     npx tsx bench/pack-walk.ts path/to/.git/objects [--verify]
 *
 * Prints wall and processor milliseconds, best of three. With `--verify` each
 * object's id is computed from the bytes that were read: the check that the
 * numbers are of the right work.
 */
import type { BlobVisitor } from '../src/core/visitor.ts';
import type { ObjectType } from '../src/git/pack/entry.ts';
import { SHA1 } from '../src/git/pack/hash-format.ts';
import { closeObjectStore, type ObjectStore, openObjectStore } from '../src/git/pack/object-store.ts';
import { walkObjects } from '../src/git/pack/store-walk.ts';

const ROUNDS = 3;
const directory = process.argv[2] ?? '.git/objects';
const verifyObjects = process.argv.includes('--verify');

interface Counts {
  objects: number;
  bytes: number;
  /** Bytes in no run: those of roots, and what deltas insert. */
  inserted: number;
  runs: number;
}

class Counter implements BlobVisitor, Counts {
  objects = 0;
  bytes = 0;
  inserted = 0;
  runs = 0;

  enter(...[blob, , runs]: Parameters<BlobVisitor['enter']>): void {
    this.objects++;
    this.bytes += blob.size;
    this.runs += runs.count;
    let copied = 0;
    for (let i = 0; i < runs.count; i++) copied += runs.length[i] ?? 0;
    this.inserted += blob.size - copied;
  }

  leave(): void {}
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; wall: number; processor: number }> {
  const [wall, { user, system }] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const after = process.cpuUsage();
  return { result, wall: performance.now() - wall, processor: (after.user + after.system - user - system) / 1000 };
}

async function best(name: string, work: () => Promise<unknown>): Promise<void> {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await timed(work));
  const wall = Math.min(...rounds.map((round) => round.wall));
  const processor = Math.min(...rounds.map((round) => round.processor));
  console.log(
    `${name.padEnd(8)} ${wall.toFixed(0).padStart(7)} ms wall ${processor.toFixed(0).padStart(7)} ms processor`,
    rounds[0]?.result ?? '',
  );
}

function open(): ObjectStore {
  return openObjectStore(directory, {
    format: SHA1,
    verifyObjects,
    report: (error) => console.log(error.code, error.message),
  });
}

await best('open', async () => {
  const store = open();
  closeObjectStore(store);
  return { objects: store.table.count, packs: store.packs.length };
});
const store = open();
for (const type of ['blob', 'tree', 'commit', 'tag'] satisfies ObjectType[]) {
  await best(type, async () => {
    const counter = new Counter();
    const unread = await walkObjects(store, counter, { type });
    const { objects, bytes, inserted, runs } = counter;
    return { objects, bytes, inserted, runs, unread: unread.length };
  });
}
console.log(`resident ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB, Node ${process.version}`);
