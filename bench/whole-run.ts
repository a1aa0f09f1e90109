/** What benches of whole commands share: one timed run, medians, the machine, a table, and the file that keeps it. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The built command. */
export const PRODUCT: string = path.join(root, 'dist/bin/unleak.cjs');

/** Seconds, and bytes; the peak is that of the largest process. */
export interface Timed {
  readonly wall: number;
  readonly processor: number;
  readonly peak: number;
  readonly code: number;
  /** Standard output and error, where they were wanted. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** File for standard input. */
  readonly input?: string;
  /** Keep what it prints; else standard output goes nowhere. */
  readonly keep?: boolean;
}

/** With these set, each Node begins by reading certificates that nothing here asks for: 45 ms for those of a system. */
const AT_EACH_START = { NODE_EXTRA_CA_CERTS: undefined, NODE_OPTIONS: undefined };

/** Runs a command to its end under GNU time. */
export function timed(command: readonly string[], options: RunOptions = {}): Timed {
  const { cwd, environment = process.env, input = '/dev/null', keep = false } = options;
  const folder = mkdtempSync(path.join(tmpdir(), 'unleak-time-'));
  const report = path.join(folder, 'time');
  const [stdin, nowhere] = [openSync(input, 'r'), openSync('/dev/null', 'w')];
  try {
    const { status, stdout, stderr } = spawnSync(
      '/usr/bin/time',
      ['-q', '-o', report, '-f', '%e %U %S %M', ...command],
      {
        cwd,
        env: { ...environment, ...AT_EACH_START },
        stdio: [stdin, keep ? 'pipe' : nowhere, 'pipe'],
        encoding: 'utf8',
        maxBuffer: 2 ** 30,
      },
    );
    if (status === null) throw new Error(`${command.join(' ')} did not run: ${stderr}`);
    const [wall = 0, user = 0, system = 0, peak = 0] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
    const output = keep ? stdout + stderr : stderr;
    return { wall, processor: user + system, peak: peak * 1024, code: status, output };
  } finally {
    closeSync(stdin);
    closeSync(nowhere);
    rmSync(folder, { recursive: true, force: true });
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** `median [least, most]` */
export function spread(numbers: readonly number[], digits = 2): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return `${median(numbers).toFixed(digits)} [${least.toFixed(digits)}, ${most.toFixed(digits)}]`;
}

/** A table in Markdown; all columns but the first are numbers. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [
    `| ${head.join(' | ')} |`,
    `| ${head.map((_, i) => (i === 0 ? '---' : '---:')).join(' | ')} |`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ];
}

/** A page of results: what was run and where, notes, a table. */
export function resultPage({ title, command, notes, head, rows }: ResultPage): string {
  const where = [`\`npm run build && npx tsx ${command}\`, ${today()}.`, machine()];
  return [`# ${title}`, '', ...where, '', ...notes, '', ...markdownTable(head, rows), ''].join('\n');
}

interface ResultPage {
  readonly title: string;
  readonly command: string;
  /** Lines. */
  readonly notes: readonly string[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

export function machine(): string {
  const processors = cpus();
  const git = spawnSync('git', ['version'], { encoding: 'utf8' }).stdout.trim();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${processors.length} × ${processors[0]?.model.trim()}, ${memory} GiB, ${process.platform} ${release()}, Node ${process.version}, ${git}.`;
}

/** Prints a page, and keeps it as bench/runs/FOLDER/FILE if there is a folder. */
export function show(text: string, folder: string | undefined, file: string): void {
  process.stdout.write(text);
  if (folder === undefined) return;
  const kept = path.join(root, 'bench/runs', folder);
  mkdirSync(kept, { recursive: true });
  writeFileSync(path.join(kept, file), text);
}

/** `name=path`, or a path whose last part is the name. */
export function nameAndPath(named: string): readonly [name: string, location: string] {
  const cut = named.indexOf('=');
  const location = path.resolve(named.slice(cut + 1));
  return [cut < 0 ? path.basename(location) : named.slice(0, cut), location];
}
