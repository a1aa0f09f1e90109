/**
 * How much longer than `node -e 0` the hook takes, from process start to end.
 * Both run in turns, so that a busy machine slows both; the figure is the median
 * of the pairs' ratios. Every run's exit code is checked: a fast wrong answer
 * is no result.
 *
 *     npm run build && npm run bench [runs] [--processor]
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { seededRandom } from '../src/rules/random.ts';
import { expandTemplate } from '../src/rules/template.ts';
import { compare, git, machine, repository, sourceFiles } from './paired.ts';

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
    { name: 'nothing staged', bar: 1.5, code: 0, folder: repository(path.join(scratch, 'nothing'), []) },
    {
      name: 'twenty changed source files',
      bar: 2,
      code: 0,
      folder: repository(path.join(scratch, 'twenty'), sourceFiles(20)),
    },
    {
      name: 'the same, one with a key',
      bar: null,
      code: 1,
      folder: withKey(repository(path.join(scratch, 'key'), sourceFiles(20))),
    },
  ];
  process.stdout.write(`${machine()}\n${runs} pairs a case, median [quartiles]\n\n`);
  const missed = cases.map(measure).filter((held) => !held).length;
  if (missed > 0) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function measure({ name, bar, code, folder }: Case): boolean {
  const node = { name: 'node -e 0', args: ['-e', '0'], codes: [0] };
  const hook = { name: 'unleak staged', args: [product, 'staged'], codes: [code] };
  return compare(name, node, hook, { cwd: folder, runs, bar });
}

function withKey(folder: string): string {
  const { text } = expandTemplate("const token = 'ghp_${base62:30}${crc32-base62}';\n", seededRandom(1), 'bench');
  writeFileSync(path.join(folder, 'key.ts'), text);
  git(folder, 'add', '.');
  return folder;
}
