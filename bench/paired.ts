/** What the benches of whole processes share: repositories to stage in, and runs in turns. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Runs before the first that counts. */
const WARM = 3;

/** A process that is timed. */
export interface Contender {
  readonly name: string;
  readonly args: readonly string[];
  /** Exit codes that are right. */
  readonly codes: readonly number[];
}

/**
 * Times two processes in turns and prints how much longer the second takes: the median of the pairs' ratios, and beside
 * it the ratio of both fastest fifths, which other work on the machine disturbs less. With `--processor` on the
 * command line it is processor time that is compared, in steps of a millisecond.
 *
 * @param bar - ratio that must not be passed; null where none is promised
 * @returns whether the median keeps it
 */
export function compare(
  title: string,
  first: Contender,
  second: Contender,
  { cwd, runs, bar }: { readonly cwd: string; readonly runs: number; readonly bar: number | null },
): boolean {
  const pairs = Array.from({ length: runs + WARM }, () => [
    timed(first.args, cwd, first.codes),
    timed(second.args, cwd, second.codes),
  ]).slice(WARM);
  const one = quartiles(pairs.map(([took = 0]) => took));
  const other = quartiles(pairs.map(([, took = 0]) => took));
  const ratio = quartiles(pairs.map(([a = 1, b = 0]) => b / a));
  const held = bar === null || ratio.median <= bar;
  const verdict = bar === null ? '' : `  bar ${bar}: ${held ? 'held' : 'MISSED'}`;
  process.stdout.write(
    `${title}\n  ${first.name} ${shown(one, 1)} ms   ${second.name} ${shown(other, 1)} ms   ratio ${shown(ratio, 2)}, of the fastest fifths ${(other.fifth / one.fifth).toFixed(2)}${verdict}\n`,
  );
  return held;
}

/** On a busy machine the processor's time says more than the clock's. */
const BY_PROCESSOR = process.argv.includes('--processor');

/** Milliseconds that a node process takes. Fails if its exit code is none of `codes`. */
function timed(args: readonly string[], cwd: string, codes: readonly number[]): number {
  const start = performance.now();
  const [program, given] = BY_PROCESSOR ? counting(args) : [process.execPath, args];
  const { status, stderr } = spawnSync(program, given, {
    cwd,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const took = performance.now() - start;
  if (status === null || !codes.includes(status))
    throw new Error(`exit code ${String(status)}, not ${codes.join(' or ')}: ${stderr.toString()}`);
  if (!BY_PROCESSOR) return took;
  const seconds = stderr.toString().trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  return 1000 * seconds.reduce((sum, part) => sum + part, 0);
}

/** A shell that prints, last of all, the user's and the system's seconds of the process and of those that it started. */
function counting(args: readonly string[]): readonly [string, readonly string[]] {
  return ['bash', ['-c', 'TIMEFORMAT=\'%3U %3S\'; time "$@"', 'bash', process.execPath, ...args]];
}

/** Source files of this project, as a commit would change them. */
export function sourceFiles(count: number): string[] {
  const all = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('generated'))
    .map((name) => path.join(root, 'src', name))
    .filter((file) => statSync(file).size >= 2000)
    .toSorted();
  const step = all.length / count;
  return Array.from({ length: count }, (_, i) => all[Math.floor(i * step)] ?? '');
}

/** A repository whose index differs from HEAD in each of the files. */
export function repository(folder: string, files: readonly string[]): string {
  git(path.dirname(folder), 'init', '-q', folder);
  writeFileSync(path.join(folder, 'readme.txt'), 'here\n');
  const copies = files.map((file, i) => [file, path.join(folder, `${i}-${path.basename(file)}`)] as const);
  for (const [file, copy] of copies) copyFileSync(file, copy);
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'before');
  for (const [file, copy] of copies) writeFileSync(copy, `// changed\n${readFileSync(file, 'utf8')}`);
  git(folder, 'add', '.');
  const bytes = copies.reduce((sum, [, copy]) => sum + statSync(copy).size, 0);
  if (files.length > 0) process.stdout.write(`${path.basename(folder)}: ${files.length} files, ${bytes} bytes\n`);
  return folder;
}

export function git(cwd: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync('git', ['-c', 'core.autocrlf=false', ...args], { cwd, env: environment() });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.toString()}`);
}

function environment(): Record<string, string> {
  const person = { NAME: 'Bench', EMAIL: 'bench@example.test', DATE: '1767225600 +0000' };
  const named = Object.entries(person).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...Object.fromEntries(named),
  };
}

interface Quartiles {
  readonly fifth: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

function quartiles(values: readonly number[]): Quartiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { fifth: at(0.2), low: at(0.25), median: at(0.5), high: at(0.75) };
}

function shown({ low, median, high }: Quartiles, digits: number): string {
  return `${median.toFixed(digits)} [${low.toFixed(digits)}–${high.toFixed(digits)}]`;
}

export function machine(): string {
  const what = BY_PROCESSOR ? 'processor time' : 'wall time';
  const [cpu] = cpus();
  const version = spawnSync('git', ['--version']).stdout.toString().trim();
  return `${cpu?.model ?? 'unknown processor'} × ${cpus().length}, ${process.platform} ${process.arch}, node ${process.version}, ${version}; ${what}`;
}
