/**
 * How long a second, cached `unleak history` takes after one new commit, next to
 * the first one, which fills the cache, and to one that uses none.
 *
 *     npm run build && npx tsx bench/second-audit.ts [--rounds N] [--write NAME] [name=]path/to/repo.git …
 *
 * Each round takes a fresh cache directory: an audit without a cache, a first one with
 * it, one new commit (in a copy of the repository), a second audit, a third, and one without a cache
 * again. Findings and coverage of the second and third must be those of the last but for
 * `fromCache` and `bytesScanned`; else nothing is printed. `--write NAME` writes bench/runs/NAME/SECOND-AUDIT.md as
 * well. Needs GNU time at /usr/bin/time.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const product = path.join(root, 'dist/bin/unleak.cjs');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, write: { type: 'string' } },
});

interface Timed {
  /** Seconds. */
  readonly wall: number;
  readonly processor: number;
  /** Bytes. */
  readonly peak: number;
  readonly report: Report;
}

interface Report {
  readonly coverage: { readonly fromCache: number; readonly bytesScanned: number; readonly blobs: number };
  readonly findings: readonly unknown[];
}

interface Round {
  readonly uncachedFirst: Timed;
  readonly first: Timed;
  readonly second: Timed;
  readonly third: Timed;
  readonly uncached: Timed;
  readonly cacheBytes: number;
}

const RUNS = ['uncachedFirst', 'first', 'second', 'third', 'uncached'] as const;

if (!existsSync(product)) throw new Error('build first: npm run build');
if (positionals.length === 0) throw new Error('name a repository');
const scratch = mkdtempSync(path.join(tmpdir(), 'unleak-bench-'));
try {
  const text = page(positionals.map((named) => rowsOf(named)));
  process.stdout.write(text);
  if (values.write !== undefined) {
    const folder = path.join(root, 'bench/runs', values.write);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'SECOND-AUDIT.md'), text);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function rowsOf(named: string): { name: string; rounds: Round[] } {
  const cut = named.indexOf('=');
  const source = path.resolve(named.slice(cut + 1));
  const copy = path.join(scratch, 'copy.git');
  rmSync(copy, { recursive: true, force: true });
  run('cp', ['-r', source, copy]);
  const rounds = Array.from({ length: Number(values.rounds) }, (_, round) => measure(copy, round));
  return { name: cut < 0 ? path.basename(source) : named.slice(0, cut), rounds };
}

function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}, input = ''): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    input,
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  return stdout.trim();
}

/** Adds one commit with one new file to the branch that HEAD names. */
function commit(gitDir: string, round: number): void {
  const person = { NAME: 'Ada Author', EMAIL: 'ada@example.test', DATE: `${1_790_000_000 + round} +0000` };
  const environment = {
    GIT_DIR: gitDir,
    GIT_INDEX_FILE: path.join(scratch, 'index'),
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((role) =>
        Object.entries(person).map(([key, value]) => [`GIT_${role}_${key}`, value]),
      ),
    ),
  };
  const git = (args: readonly string[], input = ''): string => run('git', args, environment, input);
  const blob = git(['hash-object', '-w', '--stdin'], `round ${round} of a benchmark\n`);
  git(['read-tree', 'HEAD']);
  git(['update-index', '--add', '--cacheinfo', `100644,${blob},benchmark-${round}.txt`]);
  const made = git(['commit-tree', git(['write-tree']), '-p', 'HEAD', '-m', `Round ${round}`]);
  git(['update-ref', 'HEAD', made]);
}

function audit(gitDir: string, cache: string, ...options: readonly string[]): Timed {
  const output = path.join(scratch, 'report.json');
  const times = path.join(scratch, 'times');
  rmSync(output, { force: true });
  const command = [process.execPath, product, 'history', gitDir, ...options, '--format', 'json', '--output', output];
  const { status, stderr } = spawnSync('/usr/bin/time', ['-q', '-o', times, '-f', '%e %U %S %M', ...command], {
    env: { ...process.env, XDG_CACHE_HOME: cache, CI: '', GITHUB_ACTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status === null || !existsSync(output)) throw new Error(`the audit did not run: ${stderr}`);
  const [wall = 0, user = 0, system = 0, peak = 0] = readFileSync(times, 'utf8').trim().split(' ').map(Number);
  const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
  return { wall, processor: user + system, peak: peak * 1024, report };
}

function measure(gitDir: string, round: number): Round {
  const cache = path.join(scratch, `cache-${round}`);
  mkdirSync(cache, { mode: 0o700 });
  const uncachedFirst = audit(gitDir, cache, '--no-cache');
  const first = audit(gitDir, cache);
  expectSame(first, uncachedFirst, 0);
  commit(gitDir, round);
  const second = audit(gitDir, cache);
  const third = audit(gitDir, cache);
  const uncached = audit(gitDir, cache, '--no-cache');
  expectSame(second, uncached, 1);
  expectSame(third, uncached, 1);
  const folder = path.join(cache, 'unleak', 'verdicts');
  const cacheBytes = readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
  rmSync(cache, { recursive: true });
  return { uncachedFirst, first, second, third, uncached, cacheBytes };
}

/** @param least - blobs taken from the cache */
function expectSame(one: Timed, other: Timed, least: number): void {
  const told = ({ report: { coverage, ...rest } }: Timed) => {
    const { fromCache: _, bytesScanned: __, ...covered } = coverage;
    return { ...rest, coverage: covered };
  };
  if (!isDeepStrictEqual(told(one), told(other))) throw new Error('the reports differ');
  if (one.report.coverage.fromCache < least) throw new Error('nothing came from the cache');
}

function page(tables: readonly { name: string; rounds: readonly Round[] }[]): string {
  const lines = [
    '# A second audit after one new commit',
    '',
    `${cpus()[0]?.model ?? ''}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node ${process.version}, ${run('git', ['version'])}`,
    '',
    'Seconds of wall, of processor time, and peak memory; in order of the runs. Medians of the rounds come last.',
    '',
  ];
  for (const { name, rounds } of tables) {
    lines.push(
      `## ${name}`,
      '',
      '| round | no cache | first, filling the cache | second | third | no cache |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rounds.map(
        (round, i) =>
          `| ${i + 1} | ${runsOf(round)
            .map((timed) => shown([timed]))
            .join(' | ')} |`,
      ),
      `| median | ${RUNS.map((key) => shown(rounds.map((round) => round[key]))).join(' | ')} |`,
      '',
      `Findings: ${rounds[0]?.uncached.report.findings.length ?? 0}; blobs: ${rounds[0]?.uncached.report.coverage.blobs ?? 0}; the cache holds ${((rounds[0]?.cacheBytes ?? 0) / 1e6).toFixed(0)} MB.`,
      '',
    );
  }
  return lines.join('\n');
}

function runsOf(round: Round): Timed[] {
  return RUNS.map((key) => round[key]);
}

function shown(timed: readonly Timed[]): string {
  const median = (part: (one: Timed) => number): number => {
    const sorted = timed.map(part).toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  };
  const seconds = `${median(({ wall }) => wall).toFixed(2)} / ${median(({ processor }) => processor).toFixed(2)}`;
  return `${seconds} / ${(median(({ peak }) => peak) / 1e6).toFixed(0)} MB`;
}
