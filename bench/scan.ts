/**
 * How long `unleak scan` takes on a large source tree, next to how long ripgrep takes only to count the lines that hold one of
 * the same literals.
 *
 *     npm run build && npx tsx bench/scan.ts [--rounds N] [--rg PROGRAM] [--jobs N] [--write FOLDER] path/to/tree
 *
 * The tree is to lie in no repository and to have no `.gitignore`, so that both read all of it. ripgrep is asked twice: for the
 * same hits (most literals in any case), and for all literals as they are written, which it is fastest at. All take
 * turns, with as many threads as they choose. Of every run of ours the number of files and bytes covered is checked.
 */
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { LITERALS, ONE_CASE, RIPGREP, SAME_HITS } from './literal-patterns.ts';
import { PRODUCT, type Timed, machine, median, show, markdownTable, spread, timed, today } from './whole-run.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    rg: { type: 'string', default: 'rg' },
    jobs: { type: 'string' },
    write: { type: 'string' },
  },
});

const [given] = positionals;
if (given === undefined) throw new Error('name a folder');
if (!existsSync(PRODUCT)) throw new Error('build first: npm run build');
const tree = path.resolve(given);
const scratch = mkdtempSync(path.join(tmpdir(), 'unleak-scan-'));
const report = path.join(scratch, 'report.json');

interface Size {
  readonly files: number;
  readonly bytes: number;
}

function sizeOf(folder: string): Size {
  let [files, bytes] = [0, 0];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files++;
    bytes += entry.isSymbolicLink() ? Buffer.byteLength(readlinkSync(file)) : lstatSync(file).size;
  }
  return { files, bytes };
}

function ours({ files, bytes }: Size): Timed {
  rmSync(report, { force: true });
  const jobs = values.jobs === undefined ? [] : ['--jobs', values.jobs];
  const args = [PRODUCT, 'scan', '.', ...jobs, '--format', 'json', '--output', report];
  const run = timed([process.execPath, ...args], { cwd: tree });
  if (![0, 1, 3].includes(run.code)) throw new Error(`unleak ended with ${run.code}: ${run.output}`);
  const { coverage } = JSON.parse(readFileSync(report, 'utf8')) as {
    coverage: { files: number; bytesCovered: number };
  };
  if (coverage.files !== files || coverage.bytesCovered !== bytes)
    throw new Error(
      `${coverage.files} files of ${coverage.bytesCovered} bytes covered, there are ${files} of ${bytes}`,
    );
  return run;
}

function theirs(patterns: string): Timed {
  const run = timed([values.rg, ...RIPGREP, '--file', patterns, '.'], { cwd: tree });
  if (run.code > 1) throw new Error(`${values.rg} ended with ${run.code}: ${run.output}`);
  return run;
}

try {
  const size = sizeOf(tree);
  const [same, plain] = [path.join(scratch, 'same'), path.join(scratch, 'plain')];
  writeFileSync(same, SAME_HITS);
  writeFileSync(plain, ONE_CASE);
  // Once without counting, so that all find the files in the system's cache.
  ours(size);
  const rounds = Array.from(
    { length: Number(values.rounds) },
    () => [ours(size), theirs(same), theirs(plain)] as const,
  );
  const names = ['unleak scan', 'rg, same hits', 'rg, one case'];
  const rows = names.map((name, at) => {
    const runs = rounds.flatMap((round) => round.slice(at, at + 1));
    const ratios = rounds.map((round) => round[0].wall / (round[at]?.wall ?? 1));
    return [
      name,
      spread(runs.map(({ wall }) => wall)),
      median(runs.map(({ processor }) => processor)).toFixed(1),
      (Math.max(...runs.map(({ peak }) => peak)) / 1e6).toFixed(0),
      at === 0
        ? ''
        : `**${median(ratios).toFixed(2)}** [${Math.min(...ratios).toFixed(2)}, ${Math.max(...ratios).toFixed(2)}]`,
    ];
  });
  const options = `--rounds ${values.rounds}${values.jobs === undefined ? '' : ` --jobs ${values.jobs}`}`;
  const text = [
    '# A source tree, next to ripgrep with the same literals',
    '',
    `\`npm run build && npx tsx bench/scan.ts ${options} TREE\`, ${today()}.`,
    machine(),
    '',
    `${size.files.toLocaleString('en')} files of ${(size.bytes / 1e6).toFixed(0)} MB; ${LITERALS.length} literals. Files and bytes covered are checked in every run of ours.`,
    '',
    ...markdownTable(
      ['command', 'wall, s [least, most]', 'processor, s', 'peak, MB', 'unleak’s wall to its, median'],
      rows,
    ),
    '',
  ].join('\n');
  show(text, values.write, 'SCAN.md');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
