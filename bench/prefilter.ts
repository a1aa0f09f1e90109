/**
 * How fast the shipped literals are found, by each prefilter, in gigabytes a
 * second on one core.
 *
 *     npx tsx bench/prefilter.ts name=folder [name=folder…] [--rounds N] [--rg PROGRAM]
 *
 * A corpus is the text files of a folder, one behind the other. Prefilters take
 * turns. Their hits must be the same; on the first 256 KiB also the same as those
 * of a naive search, literal by literal. Prints the best round, by wall time and by
 * processor time, which a busy machine disturbs less. With `--rg`, ripgrep counts the lines with the same hits, and those with the
 * literals as they are written, on one thread, its time without any text taken off; its lines with the same hits must be as many as ours.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ALLOW_MARKERS } from '../src/detect/allow-mark.ts';
import { loadAutomaton } from '../src/kernel/automaton.ts';
import { KernelMemory, createKernel } from '../src/kernel/instance.ts';
import { buildAutomaton } from '../src/prefilter/automaton.ts';
import { kernelPrefilter } from '../src/prefilter/kernel-prefilter.ts';
import { HitBuffer, type Prefilter } from '../src/prefilter/literal.ts';
import { literalSet } from '../src/prefilter/literal-set.ts';
import { packLiterals } from '../src/prefilter/packed.ts';
import { wasmPackedPrefilter } from '../src/prefilter/packed-wasm.ts';
import { javascriptPrefilter } from '../src/prefilter/scan-js.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';
import { ONE_CASE, RIPGREP, SAME_HITS } from './literal-patterns.ts';
import { timed } from './whole-run.ts';

const LIMIT = 64 << 20;
const NAIVE_BYTES = 256 << 10;

const at = process.argv.indexOf('--rounds');
const rounds = at < 0 ? 5 : Number(process.argv[at + 1]);
const rgAt = process.argv.indexOf('--rg');
const ripgrep = rgAt < 0 ? null : (process.argv[rgAt + 1] ?? 'rg');
const corpora = process.argv.slice(2).filter((argument) => argument.includes('='));

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .toSorted();
}

function corpus(folder: string): Uint8Array {
  const texts: Buffer[] = [];
  let size = 0;
  for (const file of filesBelow(folder)) {
    const bytes = readFileSync(file);
    if (bytes.includes(0)) continue;
    texts.push(bytes);
    size += bytes.length;
    if (size > LIMIT) break;
  }
  return new Uint8Array(Buffer.concat(texts));
}

function search(prefilter: Prefilter, bytes: Uint8Array): HitBuffer {
  const hits = new HitBuffer();
  prefilter.find(bytes, 0, bytes.length, hits);
  return hits;
}

function listed(hits: HitBuffer): string[] {
  return Array.from({ length: hits.count }, (_, i) => `${hits.end(i)} ${hits.literal(i)}`);
}

/** Every literal by itself. */
function naive(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1');
  const folded = text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const hits = literals.flatMap((literal, index) => {
    const needle = Buffer.from(literal.bytes).toString('latin1');
    const [hay, wanted] = literal.exact
      ? [text, needle]
      : [folded, needle.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())];
    const ends: { index: number; end: number; length: number }[] = [];
    for (let from = hay.indexOf(wanted); from >= 0; from = hay.indexOf(wanted, from + 1))
      ends.push({ index, end: from + wanted.length, length: wanted.length });
    return ends;
  });
  return hits
    .toSorted((a, b) => a.end - b.end || b.length - a.length || a.index - b.index)
    .map(({ index, end }) => `${end} ${index}`);
}

/** Lines with a hit. */
function linesOf(bytes: Uint8Array, hits: HitBuffer): number {
  let [lines, until] = [0, -1];
  for (let i = 0; i < hits.count; i++) {
    if (hits.end(i) <= until) continue;
    lines++;
    const next = bytes.indexOf(10, hits.end(i) - 1);
    until = next < 0 ? bytes.length : next + 1;
  }
  return lines;
}

interface Counted {
  readonly lines: number;
  /** Milliseconds of processor time. */
  readonly processor: number;
}

const RIPGREP_RUNS = 2;

/** The quicker of two runs. */
function countLines(program: string, patterns: string, file: string): Counted {
  const command = [program, ...RIPGREP, '--threads', '1', '--file', patterns, file];
  const runs = Array.from({ length: RIPGREP_RUNS }, () => timed(command, { keep: true }));
  const lines = Number(runs[0]?.output.trim() === '' ? 0 : runs[0]?.output.trim());
  return { lines, processor: 1000 * Math.min(...runs.map(({ processor }) => processor)) };
}

function besideRipgrep(program: string, bytes: Uint8Array, ours: number): void {
  const scratch = mkdtempSync(path.join(tmpdir(), 'unleak-prefilter-'));
  try {
    const [text, empty, patterns] = ['text', 'empty', 'patterns'].map((name) => path.join(scratch, name));
    if (!text || !empty || !patterns) return;
    writeFileSync(text, bytes);
    writeFileSync(empty, '');
    for (const [name, kind, bound] of [
      ['rg, same hits', SAME_HITS, ours],
      ['rg, one case', ONE_CASE, null],
    ] as const) {
      writeFileSync(patterns, kind);
      const idle = countLines(program, patterns, empty);
      const { lines, processor } = countLines(program, patterns, text);
      if (bound !== null && lines !== bound) throw new Error(`ripgrep finds ${lines} lines, not the same ${bound}`);
      const rate = bytes.length / (processor - idle.processor) / 1e6;
      console.log(`  ${name.padEnd(16)} ${rate.toFixed(3)} GB/s by processor time, ${lines} lines`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function same(one: readonly string[], other: readonly string[], who: string): void {
  if (one.join() !== other.join()) throw new Error(`${who} finds ${other.length} hits, not the same ${one.length}`);
}

const { literals } = literalSet(BUILTIN_RULES, ALLOW_MARKERS);
const started = performance.now();
const memory = new KernelMemory();
const automaton = loadAutomaton(memory, literals);
const built = performance.now() - started;
const prefilters: Readonly<Record<string, Prefilter>> = {
  kernel: kernelPrefilter(literals, createKernel(memory), automaton),
  'plain TypeScript': javascriptPrefilter(literals, buildAutomaton(literals)),
  quick: wasmPackedPrefilter(packLiterals(literals)),
};
console.log(
  `${literals.length} literals, longest ${automaton.longest}; kernel automaton built in ${built.toFixed(0)} ms`,
);

for (const [name = '', folder = ''] of corpora.map((argument) => argument.split('='))) {
  const bytes = corpus(folder);
  const start = bytes.subarray(0, NAIVE_BYTES);
  const expected = naive(start);
  const hits = listed(search(Object.values(prefilters)[0]!, bytes));
  const best = new Map<string, { wall: number; processor: number }>();
  for (const [who, prefilter] of Object.entries(prefilters)) {
    same(expected, listed(search(prefilter, start)), who);
    same(hits, listed(search(prefilter, bytes)), who);
    best.set(who, { wall: Infinity, processor: Infinity });
  }
  for (let round = 0; round < rounds; round++) {
    for (const [who, prefilter] of Object.entries(prefilters)) {
      const [wall, { user }] = [performance.now(), process.cpuUsage()];
      search(prefilter, bytes);
      const known = best.get(who)!;
      known.wall = Math.min(known.wall, performance.now() - wall);
      known.processor = Math.min(known.processor, (process.cpuUsage().user - user) / 1000);
    }
  }
  console.log(`${name}: ${(bytes.length / 1e6).toFixed(1)} MB, ${hits.length} hits`);
  for (const [who, { wall, processor }] of best) {
    const rate = (ms: number): string => (bytes.length / ms / 1e6).toFixed(3);
    console.log(`  ${who.padEnd(16)} ${rate(wall)} GB/s by wall, ${rate(processor)} GB/s by processor time`);
  }
  if (ripgrep !== null) besideRipgrep(ripgrep, bytes, linesOf(bytes, search(Object.values(prefilters)[0]!, bytes)));
}
