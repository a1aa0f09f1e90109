/**
 * False alarms on other people's published code, and what the literals cost.
 *
 *   npx tsx bench/false-alarms.ts [folder, default node_modules] [--show RULE] [--literals]
 *
 * Expected: at most one finding per million lines for the named providers.
 * The rest is a list to read: published packages do hold test keys.
 */
import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

import { createEngine } from '../src/detect/engine.ts';
import { buildAutomaton } from '../src/prefilter/automaton.ts';
import { literalSet } from '../src/prefilter/literal-set.ts';
import { HitBuffer } from '../src/prefilter/literal.ts';
import { javascriptPrefilter } from '../src/prefilter/scan-js.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';

const NAMED = new Set(['migosmtp', 'telnxo', 'turbosmtp', 'mailosaur', 'rackwave']);
const LARGEST = 64 * 1024 * 1024;

const arguments_ = process.argv.slice(2);
const shown = arguments_.includes('--show') ? arguments_[arguments_.indexOf('--show') + 1] : undefined;
const folders = arguments_.filter((word) => !word.startsWith('--') && word !== shown);

interface Total {
  files: number;
  bytes: number;
  lines: number;
}

const total: Total = { files: 0, bytes: 0, lines: 0 };
const perRule = new Map<string, { high: number; medium: number; low: number; files: Set<string> }>();
const hitsPerText = new Map<string, number>();
const engine = createEngine(BUILTIN_RULES);
const literals = literalSet(BUILTIN_RULES, []);
const prefilter = javascriptPrefilter(literals.literals, buildAutomaton(literals.literals));
const hits = new HitBuffer();

for (const folder of folders.length === 0 ? ['node_modules'] : folders) {
  for (const file of filesOf(realpathSync(folder))) measure(file);
}
report();

function* filesOf(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(name);
    else if (entry.isFile() && statSync(name).size <= LARGEST) yield name;
  }
}

function measure(file: string): void {
  const bytes = readFileSync(file);
  total.files++;
  total.bytes += bytes.length;
  for (const byte of bytes) if (byte === 10) total.lines++;
  for (const finding of engine.scan(bytes).findings) {
    const { rule, confidence, span } = finding;
    const counts = perRule.get(rule.id) ?? { high: 0, medium: 0, low: 0, files: new Set() };
    counts[confidence]++;
    counts.files.add(file);
    perRule.set(rule.id, counts);
    if (rule.id === shown) {
      const around = bytes.toString('latin1', Math.max(0, span.start - 70), Math.min(bytes.length, span.end + 20));
      console.log(`${path.relative(process.cwd(), file)}: ${JSON.stringify(around)}`);
    }
  }
  if (arguments_.includes('--literals')) countHits(bytes);
}

function countHits(bytes: Uint8Array): void {
  hits.clear();
  prefilter.find(bytes, 0, bytes.length, hits);
  for (let i = 0; i < hits.count; i++) {
    const literal = prefilter.literals[hits.literal(i)];
    if (!literal) continue;
    const name = `${Buffer.from(literal.bytes).toString('latin1')} (${literal.form})`;
    hitsPerText.set(name, (hitsPerText.get(name) ?? 0) + 1);
  }
}

function report(): void {
  const megabytes = total.bytes / 1e6;
  console.log(`${total.files} files, ${megabytes.toFixed(1)} MB, ${(total.lines / 1e6).toFixed(2)} million lines`);
  console.log(
    '\n| rule | high | medium | low | files | per million lines |\n| --- | ---: | ---: | ---: | ---: | ---: |',
  );
  const rows = [...perRule].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [rule, { high, medium, low, files }] of rows) {
    const rate = ((high + medium + low) * 1e6) / total.lines;
    console.log(`| ${rule} | ${high} | ${medium} | ${low} | ${files.size} | ${rate.toFixed(2)} |`);
  }
  if (hitsPerText.size > 0) {
    console.log('\n| literal | hits per MB |\n| --- | ---: |');
    for (const [name, count] of [...hitsPerText].toSorted(([, a], [, b]) => b - a).slice(0, 60)) {
      console.log(`| \`${name}\` | ${(count / megabytes).toFixed(2)} |`);
    }
  }
  const named = BUILTIN_RULES.filter(({ provider }) => NAMED.has(provider));
  const alarms = named.reduce((sum, { id }) => {
    const counts = perRule.get(id);
    return sum + (counts === undefined ? 0 : counts.high + counts.medium + counts.low);
  }, 0);
  const rate = (alarms * 1e6) / total.lines;
  console.log(`\nnamed providers: ${alarms} findings, ${rate.toFixed(3)} per million lines`);
  process.exitCode = rate <= 1 ? 0 : 1;
}
