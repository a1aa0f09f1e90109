/**
 * What all rules cost, compared with those of the four providers that are supported in depth, alone.
 *
 *     npm run build && npx tsx bench/rule-cost.ts [name=folder…] [--runs N] [--processor]
 *
 * Scanning: `unleak scan --jobs 1` of each folder, as a whole process, findings or none. Both must have covered the same, and
 * have left out the same; it is said how much. Bar: 1.3 times.
 * The hook: a copy of the built command with only their rules laid out for it. Bar: 1.1 times.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { packRules } from '../src/cli/fast/pack-rules.ts';
import { RULE_PACK_LINES } from '../src/cli/fast/rule-pack.ts';
import { PACKED_FILE } from '../src/prefilter/packed.ts';
import { SCREENS_FILE } from '../src/prefilter/screens.ts';
import type { FindingsReport } from '../src/core/finding.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';
import { compare, machine, repository, sourceFiles } from './paired.ts';

const FOUR = ['migosmtp', 'telnxo', 'turbosmtp', 'mailosaur'];
const SCAN_BAR = 1.3;
const HOOK_BAR = 1.1;

const root = fileURLToPath(new URL('..', import.meta.url));
const product = path.join(root, 'dist/bin/unleak.cjs');
const at = process.argv.indexOf('--runs');
const runs = at < 0 ? 20 : Number(process.argv[at + 1]);
const scratch = mkdtempSync(path.join(tmpdir(), 'unleak-bench-'));
if (!existsSync(product)) throw new Error('build first: npm run build');

try {
  process.stdout.write(`${machine()}\n${runs} pairs a case, median [quartiles]\n\n`);
  const folders = process.argv.slice(2).filter((argument) => argument.includes('='));
  const held = [...folders.map(scanned), ...hooked()];
  if (held.includes(false)) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function scanned(argument: string): boolean {
  const [name = '', cwd = '.'] = argument.split('=');
  const args = [product, 'scan', '.', '--quiet', '--jobs', '1', '--ignore-repo-config'];
  const onlyFour = ['--only', FOUR.join(',')];
  const [one, other] = [reportOf([...args, ...onlyFour], cwd), reportOf(args, cwd)];
  if (JSON.stringify(one.coverage) !== JSON.stringify(other.coverage))
    throw new Error(`${name}: not the same was covered:\n${JSON.stringify([one.coverage, other.coverage], null, 1)}`);
  const { files, bytesCovered, problems } = other.coverage;
  const gaps = problems.length === 0 ? '' : `, not covered: ${problems.map(({ code }) => code).join(', ')}`;
  process.stdout.write(
    `${name}: ${files} files, ${(bytesCovered / 1e6).toFixed(1)} MB, findings of four ${one.findings.length}, of all ${other.findings.length}${gaps}\n`,
  );
  const codes = [0, 1, 3];
  const few = { name: 'four providers', args: [...args, ...onlyFour], codes };
  const all = { name: 'all rules', args, codes };
  return compare(`scan ${name}`, few, all, { cwd, runs, bar: SCAN_BAR });
}

/** What a scan has covered and found. Exit code 3, of a tree with a damaged archive, is as good as 0 if both say the same. */
function reportOf(args: readonly string[], cwd: string): FindingsReport {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, '--format', 'json'], {
    cwd,
    maxBuffer: 2 ** 30,
  });
  if (status === null || ![0, 1, 3].includes(status)) throw new Error(`exit code ${status}: ${stderr.toString()}`);
  return JSON.parse(stdout.toString()) as FindingsReport;
}

function hooked(): boolean[] {
  const few = { name: 'four providers', args: [withFewRules(), 'staged'], codes: [0] };
  const all = { name: 'all rules', args: [product, 'staged'], codes: [0] };
  const cases = [
    ['nothing staged', repository(path.join(scratch, 'nothing'), [])],
    ['twenty changed source files', repository(path.join(scratch, 'twenty'), sourceFiles(20))],
  ] as const;
  return cases.map(([name, cwd]) => compare(`hook, ${name}`, few, all, { cwd, runs: 3 * runs, bar: HOOK_BAR }));
}

/** A copy of the command whose quick check knows no other rules, with its own compiled form. */
function withFewRules(): string {
  const bin = path.join(scratch, 'bin');
  cpSync(path.dirname(product), bin, { recursive: true });
  const { words, screens, lines } = packRules(BUILTIN_RULES.filter(({ provider }) => FOUR.includes(provider)));
  writeFileSync(path.join(bin, PACKED_FILE), Buffer.from(words.buffer, words.byteOffset, words.byteLength));
  writeFileSync(path.join(bin, SCREENS_FILE), Buffer.from(screens.buffer, screens.byteOffset, screens.byteLength));
  writeFileSync(path.join(bin, RULE_PACK_LINES), lines);
  const warm = path.join(scratch, 'warm');
  spawnSync('mkdir', [warm]);
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts/warm-code-cache.cjs'), bin], { cwd: warm });
  if (status !== 0) throw new Error('the copy cannot be warmed up');
  return path.join(bin, 'unleak.cjs');
}
