/**
 * gitleaks' configuration, read by unleak, beside gitleaks itself.
 *
 *   npx tsx bench/gitleaks.ts CONFIG.toml [--gitleaks PROGRAM] [--rows N] [--folder DIR]
 *
 * Writes every template of the built-in rules out three times, a file each, and two key stores, into a temporary folder, lets both programs scan it
 * with CONFIG (or DIR instead), and compares (rule, file, line, secret). Prints the rows that differ, by kind (docs/GITLEAKS.md has a line for each).
 * Needs `npm run build`, and gitleaks on PATH or named. The exit code is 1 if a row differs in a way that has no line there.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { BUILTIN_SAMPLES } from '../src/rules/builtin-samples.generated.ts';
import { seededRandom } from '../src/rules/random.ts';
import { expandTemplate } from '../src/rules/template.ts';

const args = process.argv.slice(2);
const optionOf = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const config = path.resolve(args[0] ?? '');
const gitleaks = optionOf('--gitleaks') ?? 'gitleaks';
const shown = Number(optionOf('--rows') ?? 40);
const REPEATS = 3;

interface Row {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly secret: string;
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'unleak-gitleaks-'));
try {
  const corpus = path.join(folder, 'corpus');
  const source = optionOf('--folder');
  if (source === undefined) {
    mkdirSync(corpus);
    writeCorpus(corpus);
  } else {
    // A copy without a repository around it: ours would otherwise go by what git tracks.
    cpSync(source, corpus, { recursive: true, filter: (name) => path.basename(name) !== '.git' });
  }
  const theirs = byGitleaks(corpus);
  const ours = byUnleak(corpus);
  compare(theirs, ours);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function writeCorpus(corpus: string): void {
  const random = seededRandom(7);
  // What a rule with a path alone is about.
  for (const name of ['store.p12', 'store.PFX']) writeFileSync(path.join(corpus, name), 'anything\n');
  for (const { rule, examples, counterexamples } of BUILTIN_SAMPLES) {
    for (const [index, template] of [...examples, ...counterexamples].entries()) {
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        const { text } = expandTemplate(template, random, rule);
        writeFileSync(path.join(corpus, `${rule}-${index}-${repeat}.txt`), `# ${rule}\n${text}\n`);
      }
    }
  }
}

function byGitleaks(corpus: string): Row[] {
  const report = path.join(folder, 'gitleaks.json');
  const run = spawnSync(
    gitleaks,
    [
      'dir',
      corpus,
      '--config',
      config,
      '--report-path',
      report,
      '--report-format',
      'json',
      '--no-banner',
      '--exit-code',
      '0',
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  if (run.status !== 0) throw new Error(`${gitleaks} ended with ${run.status}: ${run.stderr}`);
  return records(readFileSync(report, 'utf8')).map((one) => ({
    rule: String(one['RuleID']),
    file: path.relative(corpus, path.resolve(corpus, String(one['File']))),
    line: Number(one['StartLine']),
    secret: String(one['Secret']),
  }));
}

function byUnleak(corpus: string): Row[] {
  const command = path.resolve('dist/bin/unleak.cjs');
  const run = spawnSync(
    process.execPath,
    [
      command,
      'scan',
      '.',
      '--config',
      config,
      '--format',
      'gitleaks',
      '--show-secrets',
      '--allow-incomplete',
      '--no-progress',
    ],
    { cwd: corpus, encoding: 'utf8', maxBuffer: 1 << 30 },
  );
  if (run.status !== 0 && run.status !== 1) throw new Error(`unleak ended with ${run.status}: ${run.stderr}`);
  process.stdout.write(run.stderr);
  return records(run.stdout).map((one) => ({
    rule: String(one['RuleID']),
    file: path.relative(corpus, path.resolve(corpus, String(one['File']))),
    line: Number(one['StartLine']),
    secret: String(one['Secret']),
  }));
}

function records(text: string): Record<string, unknown>[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value.map((one: unknown) => Object.fromEntries(Object.entries(one ?? {}))) : [];
}

function compare(theirs: readonly Row[], ours: readonly Row[]): void {
  const keyOf = ({ rule, file, line, secret }: Row): string => JSON.stringify([rule, file, line, secret]);
  const [a, b] = [new Map(theirs.map((row) => [keyOf(row), row])), new Map(ours.map((row) => [keyOf(row), row]))];
  const missed = [...a].filter(([key]) => !b.has(key)).map(([, row]) => row);
  const more = [...b].filter(([key]) => !a.has(key)).map(([, row]) => row);
  console.log(`gitleaks ${version()}: ${a.size} findings; unleak: ${b.size}; both: ${a.size - missed.length}`);
  const kinds = [
    ...missed.map((row) => kindOf(row, ours, 'only gitleaks')),
    ...more.map((row) => kindOf(row, theirs, 'only unleak')),
  ];
  for (const kind of new Set(kinds.map(({ name }) => name))) {
    list(
      kind,
      kinds.filter(({ name }) => name === kind).map(({ row }) => row),
    );
  }
  if (kinds.some(({ explained }) => !explained)) process.exitCode = 1;
}

/** Why the other side may lack a row; docs/GITLEAKS.md says more. */
function kindOf(row: Row, others: readonly Row[], side: string): { name: string; row: Row; explained: boolean } {
  const near = others.filter(({ file }) => file === row.file);
  if (near.some(({ rule, secret }) => rule === row.rule && secret === row.secret))
    return {
      name: `${side}: the same secret, on the line of the secret instead of the match's first`,
      row,
      explained: true,
    };
  const overlaps = ({ secret }: Row): boolean => secret.includes(row.secret) || row.secret.includes(secret);
  if (side === 'only gitleaks' && near.some((other) => other.line === row.line && overlaps(other)))
    return { name: `${side}: another rule reports that place`, row, explained: true };
  if (near.some(({ secret }) => Buffer.from(secret, 'base64').toString('latin1').includes(row.secret)))
    return { name: `${side}: what a value in base64 says, beside the value`, row, explained: true };
  const inBase64 = ({ secret }: Row): boolean =>
    decodings(row.secret).some((text) => text.includes(secret)) ||
    Buffer.from(secret, 'latin1').toString('base64').includes(row.secret);
  if (side === 'only gitleaks' && near.some(inBase64))
    return { name: `${side}: a value whose base64 holds what unleak reports`, row, explained: true };
  if (side === 'only unleak' && near.some((other) => other.line === row.line && overlaps(other)))
    return { name: `${side}: a rule beside one that goes by paths`, row, explained: true };
  if (side === 'only unleak' && isEscaped(row))
    return { name: `${side}: a value between escaped quotes`, row, explained: true };
  return { name: `${side}: unexplained`, row, explained: false };
}

/** A match may begin in the midst of the value. */
function decodings(text: string): string[] {
  return [0, 1, 2, 3].map((skip) => Buffer.from(text.slice(skip), 'base64').toString('latin1'));
}

/** Found with escapes undone; as it is written, a backslash stands where the rule wants a quote. */
function isEscaped({ file, line, secret }: Row): boolean {
  const text = readFileSync(path.join(folder, 'corpus', file), 'utf8').split('\n')[line - 1] ?? '';
  const at = text.indexOf(secret);
  return at > 0 && /\\["'ntr]?$/.test(text.slice(0, at));
}

function list(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}: ${rows.length}`);
  for (const { rule, file, line } of rows.slice(0, shown)) console.log(`  ${rule}  ${file}:${line}`);
}

function version(): string {
  return execFileSync(gitleaks, ['version'], { encoding: 'utf8' }).trim();
}
