/**
 * How many candidates each literal of the rules makes in a megabyte of real
 * source: hits that get past the gates to a rule's own expression.
 *
 *     npx tsx bench/literals.ts name=folder [name=folder…] [--write FILE]
 *
 * Prints (or writes) a table, most first. Fails if a literal makes more than 50
 * candidates a megabyte, in any corpus, and `literals.json` beside this file does not
 * say why; it names reasons that are no longer needed.
 *
 * `hits`: places where the literal stands. `candidates`: of these, those where some matcher of it finds the token
 * characters that it asks for and is not ruled out by the first bytes. `in a hook`: of these, those whose
 * surrounding name may be one that the matcher looks for; the full command has the expression say so.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { packRules } from '../src/cli/fast/pack-rules.ts';
import { ALLOW_MARKERS } from '../src/detect/allow-mark.ts';
import { factsOf } from '../src/detect/facts.ts';
import { Window } from '../src/detect/window.ts';
import { HitBuffer, type Literal } from '../src/prefilter/literal.ts';
import { literalSet } from '../src/prefilter/literal-set.ts';
import { screenedSearch, wasmPackedPrefilter } from '../src/prefilter/packed-wasm.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';

const BAR = 50;
const SHOWN = 60;
/** Larger files are data, not source. */
const MOST_BYTES = 2 << 20;

interface Row {
  readonly name: string;
  readonly rules: readonly string[];
  hits: number;
  candidates: number;
  hooked: number;
  /** Of each corpus, candidates. */
  readonly by: number[];
}

const reasons: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(fileURLToPath(new URL('literals.json', import.meta.url)), 'utf8'),
);
const { literals, targets } = literalSet(BUILTIN_RULES, ALLOW_MARKERS);
const pack = packRules(BUILTIN_RULES);
const plain = wasmPackedPrefilter(pack);
const screened = screenedSearch(pack, pack.screens).prefilter;
const rows = new Map<number, Row>();

const corpora = process.argv.slice(2).filter((argument) => argument.includes('='));
const sizes = corpora.map((argument, corpus) => {
  const [, folder = ''] = argument.split('=');
  let size = 0;
  for (const file of filesBelow(folder)) {
    const bytes = readFileSync(file);
    if (bytes.length > MOST_BYTES || bytes.includes(0) || factsOf(bytes, bytes.length).kind !== 'bytes') continue;
    size += bytes.length;
    count(bytes, corpus);
  }
  return size / 1e6;
});
const total = sizes.reduce((sum, size) => sum + size, 0);
if (total === 0) throw new Error('no source: give name=folder');

const sorted = [...rows.values()].toSorted((a, b) => b.candidates - a.candidates || b.hits - a.hits);
const loud = sorted.filter((row) => loudest(row) > BAR).map(({ name }) => name);
const report = table(sorted);
const at = process.argv.indexOf('--write');
if (at > 0) writeFileSync(process.argv[at + 1] ?? '', report);
else process.stdout.write(report);
const unexplained = loud.filter((name) => reasons[name] === undefined);
for (const name of unexplained) process.stderr.write(`no reason is given for "${name}"\n`);
for (const name of Object.keys(reasons))
  if (!loud.includes(name)) process.stderr.write(`"${name}" needs no reason in these corpora\n`);
process.exitCode = unexplained.length > 0 ? 1 : 0;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .toSorted();
}

function count(bytes: Uint8Array, corpus: number): void {
  const hits = new HitBuffer();
  plain.find(bytes, 0, bytes.length, hits);
  for (let i = 0; i < hits.count; i++) {
    const index = hits.literal(i);
    const row = rowOf(index);
    row.hits++;
    if (!reachesRule(bytes, literals[index]!, hits.end(i))) continue;
    row.candidates++;
    row.by[corpus] = (row.by[corpus] ?? 0) + 1;
  }
  const left = new HitBuffer();
  screened.find(bytes, 0, bytes.length, left);
  for (let i = 0; i < left.count; i++) rowOf(left.literal(i)).hooked++;
}

function reachesRule(bytes: Uint8Array, { bytes: spelled, form, text }: Literal, end: number): boolean {
  const marker = text < ALLOW_MARKERS.length;
  if (form !== 'plain' || marker) return true;
  const hit = { start: end - spelled.length, end };
  return (targets[text] ?? []).some(({ matcher: { gate, gateDigit, before, after, find } }) => {
    const window = new Window(bytes, hit, before, after);
    return (
      find.kind !== 'known' && (gate === 0 || window.hasTokenAfter(gate, gateDigit === true)) && window.mayLead(find)
    );
  });
}

function rowOf(index: number): Row {
  let row = rows.get(index);
  if (!row) {
    const { bytes, form, text } = literals[index]!;
    const spelled = Buffer.from(bytes).toString('latin1');
    const rules = form === 'plain' ? [...new Set((targets[text] ?? []).map(({ rule }) => rule.id))] : [];
    row = { name: form === 'plain' ? spelled : `${form} ${spelled}`, rules, hits: 0, candidates: 0, hooked: 0, by: [] };
    rows.set(index, row);
  }
  return row;
}

/** The most that a literal makes in a megabyte of any corpus. */
function loudest({ by }: Row): number {
  return Math.max(...sizes.map((size, i) => (size === 0 ? 0 : (by[i] ?? 0) / size)));
}

function table(all: readonly Row[]): string {
  const sum = (key: 'hits' | 'candidates' | 'hooked'): string =>
    perMegabyte(all.reduce((known, row) => known + row[key], 0));
  const names = corpora.map((argument) => argument.split('=')[0] ?? '');
  const lines = all.slice(0, SHOWN).map((row) => {
    const by = names.map((_, i) => ((row.by[i] ?? 0) / (sizes[i] || 1)).toFixed(1));
    const why = reasons[row.name] ?? '';
    const rules = row.rules.length > 3 ? [...row.rules.slice(0, 3), `${row.rules.length - 3} more`] : row.rules;
    return `| ${code(row.name)} | ${rules.join(', ')} | ${perMegabyte(row.hits)} | ${perMegabyte(row.candidates)} | ${perMegabyte(row.hooked)} | ${by.join(' | ')} | ${why} |`;
  });
  return [
    '# Candidates per megabyte',
    '',
    `${BUILTIN_RULES.length} rules, ${literals.length} literals with their encoded forms, ${total.toFixed(1)} MB of source: ${names
      .map((name, i) => `${name} ${(sizes[i] ?? 0).toFixed(1)} MB`)
      .join(', ')}.`,
    `All literals together: ${sum('hits')} hits a megabyte, ${sum('candidates')} candidates, ${sum('hooked')} in a hook.`,
    `The ${Math.min(SHOWN, all.length)} that make most candidates, of ${all.length} that occur. More than ${BAR} in any corpus need a reason: ${loud.length} do.`,
    '',
    `| literal | rules | hits | candidates | in a hook | ${names.join(' | ')} | reason |`,
    `| --- | --- | ---: | ---: | ---: |${names.map(() => ' ---: |').join('')} --- |`,
    ...lines,
    '',
  ].join('\n');
}

function perMegabyte(value: number): string {
  return (value / total).toFixed(1);
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
