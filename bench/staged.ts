/**
 * How much longer than `node -e 0` the hook takes, from process start to end.
 * Both run in turns, so that a busy machine slows both; the figure is the median
 * of the pairs' ratios. Every run's exit code is checked: a fast wrong answer
 * is no result.
 *
 *     npm run build && npm run bench [runs]
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { seededRandom } from '../src/rules/random.ts';
import { expandTemplate } from '../src/rules/template.ts';

interface Case {
  readonly name: string;
  /** Ratio that must not be passed; null where none is promised. */
  readonly bar: number | null;
  readonly code: number;
  readonly folder: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const product = path.join(root, 'dist/bin/unleak.cjs');
const runs = Number(process.argv[2] ?? 60);
const scratch = mkdtempSync(path.join(tmpdir(), 'unleak-bench-'));

if (!existsSync(product)) throw new Error('build first: npm run build');
try {
  const cases: Case[] = [
    { name: 'nothing staged', bar: 1.5, code: 0, folder: repository('nothing', []) },
    { name: 'twenty changed source files', bar: 2, code: 0, folder: repository('twenty', sourceFiles(20)) },
    { name: 'the same, one with a key', bar: null, code: 1, folder: withKey(repository('key', sourceFiles(20))) },
  ];
  process.stdout.write(`${machine()}\n${runs} pairs a case, median [quartiles]\n\n`);
  const missed = cases.map(measure).filter((held) => !held).length;
  if (missed > 0) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function measure({ name, bar, code, folder }: Case): boolean {
  const pairs = Array.from({ length: runs + 3 }, () => [
    timed(['-e', '0'], folder, 0),
    timed([product, 'staged'], folder, code),
  ]).slice(3);
  const node = quartiles(pairs.map(([first = 0]) => first));
  const hook = quartiles(pairs.map(([, second = 0]) => second));
  const ratio = quartiles(pairs.map(([first = 1, second = 0]) => second / first));
  const held = bar === null || ratio.median <= bar;
  const verdict = bar === null ? '' : `  bar ${bar}: ${held ? 'held' : 'MISSED'}`;
  process.stdout.write(
    `${name}\n  node -e 0 ${shown(node, 1)} ms   unleak staged ${shown(hook, 1)} ms   ratio ${shown(ratio, 2)}${verdict}\n`,
  );
  return held;
}

function timed(args: readonly string[], cwd: string, code: number): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const took = performance.now() - start;
  if (status !== code) throw new Error(`exit code ${String(status)}, not ${code}: ${stderr.toString()}`);
  return took;
}

/** Source files of this project, as a commit would change them. */
function sourceFiles(count: number): string[] {
  const all = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('generated'))
    .map((name) => path.join(root, 'src', name))
    .filter((file) => statSync(file).size >= 2000)
    .toSorted();
  const step = all.length / count;
  return Array.from({ length: count }, (_, i) => all[Math.floor(i * step)] ?? '');
}

/** A repository whose index differs from HEAD in each of the files. */
function repository(name: string, files: readonly string[]): string {
  const folder = path.join(scratch, name);
  git(scratch, 'init', '-q', folder);
  writeFileSync(path.join(folder, 'readme.txt'), 'here\n');
  const copies = files.map((file, i) => [file, path.join(folder, `${i}-${path.basename(file)}`)] as const);
  for (const [file, copy] of copies) copyFileSync(file, copy);
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'before');
  for (const [file, copy] of copies) writeFileSync(copy, `// changed\n${readFileSync(file, 'utf8')}`);
  git(folder, 'add', '.');
  const bytes = copies.reduce((sum, [, copy]) => sum + statSync(copy).size, 0);
  if (files.length > 0) process.stdout.write(`${name}: ${files.length} files, ${bytes} bytes\n`);
  return folder;
}

function withKey(folder: string): string {
  const { text } = expandTemplate("const token = 'ghp_${base62:30}${crc32-base62}';\n", seededRandom(1), 'bench');
  writeFileSync(path.join(folder, 'key.ts'), text);
  git(folder, 'add', '.');
  return folder;
}

function git(cwd: string, ...args: readonly string[]): void {
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
    HOME: scratch,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...Object.fromEntries(named),
  };
}

interface Quartiles {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

function quartiles(values: readonly number[]): Quartiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}

function shown({ low, median, high }: Quartiles, digits: number): string {
  return `${median.toFixed(digits)} [${low.toFixed(digits)}–${high.toFixed(digits)}]`;
}

function machine(): string {
  const [cpu] = cpus();
  const version = spawnSync('git', ['--version']).stdout.toString().trim();
  return `${cpu?.model ?? 'unknown processor'} × ${cpus().length}, ${process.platform} ${process.arch}, node ${process.version}, ${version}`;
}
