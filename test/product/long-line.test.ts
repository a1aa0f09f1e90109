/**
 * One line that fills a whole file, named, piped, staged and in a history: the
 * key in its middle is found, and what it takes does not grow with the line.
 *
 * `LINE_MIB=1024 npx vitest run test/product/long-line.test.ts` takes a gigabyte.
 */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { sureKey } from '../helpers/key.ts';
import { start } from '../helpers/product.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';

const MIB = 1 << 20;
/** More than a walk through packs holds of one object. */
const LINE_MIB = Number(process.env['LINE_MIB'] ?? 400);
/** Most memory of the process, in MiB: less than the line has; about 260 were measured. */
const MOST_MIB = 380;

/** The line in pieces of a MiB, with a key in the middle. */
function* line(): Generator<Buffer> {
  const words = Buffer.alloc(MIB, 'some words of a line that goes on ');
  const key = Buffer.from(` token = "${sureKey(21)}" `);
  for (let at = 0; at < LINE_MIB; at++)
    yield at === LINE_MIB >> 1 ? Buffer.concat([key, words.subarray(key.length)]) : words;
}

let repository: TestRepository;
let peakFile = '';

beforeAll(() => {
  repository = makeRepository();
  const file = openSync(path.join(repository.folder, 'one.txt'), 'w');
  for (const piece of line()) writeSync(file, piece);
  closeSync(file);
  peakFile = repository.inside('peak');
  writeFileSync(
    repository.inside('peak.cjs'),
    `process.on('exit', () => require('node:fs').writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)));`,
  );
});

afterAll(() => rmSync(path.join(repository.folder, 'one.txt'), { force: true }));

/** Runs the command; `peak` is the most memory that it had, in MiB. */
async function measured(args: readonly string[], input?: Iterable<Buffer>): Promise<{ report: string; peak: number }> {
  const child = start(args, {
    cwd: repository.folder,
    environment: { NODE_OPTIONS: `--require ${JSON.stringify(repository.inside('peak.cjs'))}`, PEAK: peakFile },
  });
  let out = '';
  child.stdout?.on('data', (piece: Buffer) => (out += piece.toString()));
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  if (child.stdin) await pipeline(Readable.from(input ?? []), child.stdin);
  const code = await closed;
  return { report: `${code} ${out}`, peak: Number(readFileSync(peakFile, 'utf8')) / 1024 };
}

/** From 1. */
const COLUMN = (LINE_MIB >> 1) * MIB + ' token = "'.length + 1;

test('a large file of zeros is covered to its end', async () => {
  const file = path.join(repository.folder, 'zeros.bin');
  const handle = openSync(file, 'w');
  const key = Buffer.from(`token = "${sureKey(22)}"`);
  writeSync(handle, key, 0, key.length, LINE_MIB * MIB);
  closeSync(handle);
  const { report, peak } = await measured(['scan', 'zeros.bin']);
  rmSync(file);
  expect(report).toContain('zeros.bin:1:');
  expect(peak).toBeLessThan(MOST_MIB);
});

test.each([
  ['scan', ['scan', 'one.txt'], `one.txt:1:${COLUMN}\n`],
  ['scan -', ['scan', '-'], `standard input, at byte ${COLUMN - 1}\n`],
  ['staged', ['staged'], `one.txt:1:${COLUMN} `],
  ['history', ['history'], `one.txt:1:${COLUMN}\n`],
])(
  '%s finds the key, in bounded memory',
  async (command, args, place) => {
    if (command === 'staged') repository.git('add', 'one.txt');
    if (command === 'history') repository.git('commit', '-q', '-m', 'one');
    const { report, peak } = await measured(args, command === 'scan -' ? line() : undefined);
    expect(report.slice(0, 2)).toBe('1 ');
    expect(report).toContain(place);
    expect(peak).toBeGreaterThan(30);
    expect(peak).toBeLessThan(MOST_MIB);
  },
  300_000,
);
