/**
 * How long `unleak history` takes on a repository, next to how long git takes
 * only to print the same blobs, or (`--patches`) to print the history as patches.
 *
 *     npm run build && npx tsx bench/history.ts [--rounds N] [--patches] [--write NAME] [name=]path/to/repo.git …
 *
 * `git cat-file --batch --buffer` is given the ids in the order of the packs,
 * which is its fastest, and writes to /dev/null. The two take turns, so that both
 * meet the same machine, and before each run every pack is read once, so that none
 * pays for pages that the machine has put aside since; the figure is the median of the pairs' ratios. Of every
 * run of ours the exit code and the number of blobs are checked, and that every
 * pack was read by us: a fast wrong answer is no result. `--write NAME` writes
 * bench/runs/NAME/HISTORY.md as well. Needs GNU time at /usr/bin/time.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { PRODUCT, type Timed, median, nameAndPath, resultPage, show, spread, timed } from './whole-run.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    patches: { type: 'boolean', default: false },
    write: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
/** No run may have results of an earlier one. */
const uncached = spawnSync(process.execPath, [PRODUCT, 'history', '--help'], { encoding: 'utf8' }).stdout.includes(
  '--no-cache',
)
  ? ['--no-cache']
  : [];

interface Repository {
  readonly gitDir: string;
  readonly name: string;
  readonly objects: number;
  readonly blobs: number;
  readonly blobBytes: number;
  readonly packBytes: number;
  /** File with the blobs' ids in the order of the packs. */
  readonly ids: string;
}

if (!existsSync(PRODUCT)) throw new Error('build first: npm run build');
if (positionals.length === 0) throw new Error('name a repository');
const scratch = mkdtempSync(path.join(tmpdir(), 'unleak-bench-'));
try {
  const rows = positionals.map((named) => measure(prepare(named)));
  show(page(rows), values.write, values.patches ? 'HISTORY-PATCHES.md' : 'HISTORY.md');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function git(gitDir: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, {
    env: { ...process.env, GIT_DIR: gitDir, GIT_NO_REPLACE_OBJECTS: '1' },
    encoding: 'latin1',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}

function prepare(named: string): Repository {
  const [name, gitDir] = nameAndPath(named);
  const listed = git(gitDir, [
    'cat-file',
    '--batch-check=%(objecttype) %(objectsize) %(objectname)',
    '--batch-all-objects',
    '--unordered',
    '--buffer',
  ]).split('\n');
  const blobs = listed.filter((line) => line.startsWith('blob ')).map((line) => line.split(' '));
  const ids = path.join(scratch, `${blobs.length}.ids`);
  writeFileSync(ids, blobs.map(([, , id]) => `${id}\n`).join(''));
  const packed = /size-pack: (\d+)/.exec(git(gitDir, ['count-objects', '-v']))?.[1];
  return {
    gitDir,
    name,
    objects: listed.length - 1,
    blobs: blobs.length,
    blobBytes: blobs.reduce((sum, [, size]) => sum + Number(size), 0),
    packBytes: Number(packed) * 1024,
    ids,
  };
}

/** Reads every pack once. A virtual machine's host puts away what lies in its cache unused, and fetching it back costs whoever comes first a second. */
function warmPacks(gitDir: string): void {
  const folder = path.join(gitDir, 'objects/pack');
  const chunk = Buffer.alloc(1 << 20);
  for (const name of readdirSync(folder)) {
    const file = openSync(path.join(folder, name), 'r');
    while (readSync(file, chunk) > 0);
    closeSync(file);
  }
}

function run(command: readonly string[], gitDir: string, input?: string): Timed {
  warmPacks(gitDir);
  const environment = { ...process.env, GIT_DIR: gitDir, GIT_NO_REPLACE_OBJECTS: '1' };
  return timed(command, { environment, ...(input === undefined ? {} : { input }) });
}

/** One run of ours; throws if it is not an answer about every blob. */
function ours({ gitDir, blobs, blobBytes }: Repository): Timed {
  const output = path.join(scratch, 'report.json');
  rmSync(output, { force: true });
  const own = run(
    [process.execPath, PRODUCT, 'history', gitDir, ...uncached, '--format', 'json', '--output', output],
    gitDir,
  );
  const { coverage, findings } = JSON.parse(readFileSync(output, 'utf8')) as {
    coverage: { complete: boolean; blobs: number; bytesCovered: number; bytesScanned: number };
    findings: unknown[];
  };
  const expected = findings.length > 0 ? 1 : coverage.complete ? 0 : 3;
  if (own.code !== expected) throw new Error(`ended with ${own.code} instead of ${expected}`);
  if (coverage.blobs !== blobs || coverage.bytesCovered !== blobBytes)
    throw new Error(
      `${coverage.blobs} blobs of ${coverage.bytesCovered} bytes covered, there are ${blobs} of ${blobBytes}`,
    );
  // Whoever reads blobs one by one scans all their bytes.
  if (coverage.bytesScanned > blobBytes) throw new Error('the packs were not read in the delta domain');
  return own;
}

function theirs({ gitDir, ids }: Repository): Timed {
  const printed = values.patches
    ? run(['git', 'log', '-p', '-U0', '--full-history', '--all'], gitDir)
    : run(['git', 'cat-file', '--batch', '--buffer'], gitDir, ids);
  if (printed.code !== 0) throw new Error(`git ended with ${printed.code}`);
  return printed;
}

interface Row {
  readonly repository: Repository;
  readonly pairs: readonly (readonly [ours: Timed, theirs: Timed])[];
}

function measure(repository: Repository): Row {
  // Once without counting, so that both find the packs in the system's cache.
  ours(repository);
  const pairs = Array.from({ length: rounds }, (_, round): [Timed, Timed] => {
    if (round % 2 === 0) {
      const first = ours(repository);
      return [first, theirs(repository)];
    }
    const first = theirs(repository);
    return [ours(repository), first];
  });
  return { repository, pairs };
}

function page(rows: readonly Row[]): string {
  const printer = values.patches ? 'git log -p -U0 --full-history --all' : 'git cat-file --batch --buffer';
  const head = [
    'repository',
    'objects',
    'blobs, GB',
    'packs, MB',
    'unleak history, s',
    `\`${printer}\`, s`,
    'ratio of wall, median [least, most]',
    'processor s, ours / git',
    'peak MB, ours / git',
    'peak less packs, MB',
  ];
  const lines = rows.map(({ repository, pairs }) => {
    const ratios = pairs.map(([one, other]) => one.wall / other.wall);
    const of = (which: 0 | 1, what: 'wall' | 'processor' | 'peak'): number =>
      median(pairs.map((pair) => pair[which][what]));
    const peak = Math.max(...pairs.map(([one]) => one.peak));
    return [
      repository.name,
      repository.objects.toLocaleString('en'),
      `${repository.blobs.toLocaleString('en')}, ${(repository.blobBytes / 1e9).toFixed(2)}`,
      (repository.packBytes / 1e6).toFixed(0),
      of(0, 'wall').toFixed(2),
      of(1, 'wall').toFixed(2),
      spread(ratios, 3),
      `${of(0, 'processor').toFixed(1)} / ${of(1, 'processor').toFixed(1)}`,
      `${(peak / 1e6).toFixed(0)} / ${(of(1, 'peak') / 1e6).toFixed(0)}`,
      ((peak - repository.packBytes) / 1e6).toFixed(0),
    ];
  });
  const options = `--rounds ${rounds}${values.patches ? ' --patches' : ''}`;
  return resultPage({
    title: 'A whole history, next to git printing it',
    command: `bench/history.ts ${options} REPOSITORY…`,
    notes: [
      `The built command with all rules, attribution included, no cache; ${rounds} pairs in turns, medians. Exit code, blobs and bytes`,
      'covered are checked in every run.',
    ],
    head,
    rows: lines,
  });
}
