/**
 * `unleak gitleaks …` beside gitleaks itself.
 *
 *   npx tsx bench/gitleaks-cli.ts [--gitleaks PROGRAM]
 *
 * Builds a small repository, runs each command line below with both programs, and compares the exit code and, where a
 * report is written, its findings by (rule, commit, file, line, secret), and of CSV, JUnit and SARIF the names of columns, attributes and keys.
 * Needs `npm run build`, and gitleaks on PATH or named. The exit code is 1 if a line differs that is not marked as different on purpose.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const args = process.argv.slice(2);
const gitleaks = args.includes('--gitleaks') ? (args[args.indexOf('--gitleaks') + 1] ?? 'gitleaks') : 'gitleaks';
const unleak = path.resolve('dist/bin/unleak.cjs');
const folder = mkdtempSync(path.join(os.tmpdir(), 'unleak-gitleaks-cli-'));

const CONFIG = [
  '[[rules]]\nid = "acme"\ndescription = "Acme key"',
  "regex = '''acme_([a-z0-9]{16})'''\nkeywords = [\"acme_\"]",
  '[[rules]]\nid = "zeta"\ndescription = "Zeta key"',
  "regex = '''zeta-[A-F0-9]{24}'''\nkeywords = [\"zeta-\"]\n[rules.allowlist]\npaths = ['''^docs/''']\n",
].join('\n');
const key = (n: number): string => `acme_${(n * 7919 + 104_729).toString(36).padStart(16, 'q7x2m9k4w1z8v3b6')}`;
const zeta = (n: number): string =>
  `zeta-${((n + 3) * 982_451_653).toString(16).toUpperCase().padStart(24, '9F3B7A1C5E8D2046')}`;

/** Command lines, and why the two end differently where they are to. */
const LINES: readonly (readonly [line: string, onPurpose?: string])[] = [
  ['git'],
  ['git .'],
  ['git --log-opts=--all'],
  ['git --log-opts=HEAD~1..HEAD'],
  ['git --log-opts=-1'],
  ['git --log-opts=topic'],
  ['git --log-opts=--no-merges --first-parent HEAD'],
  ['git --log-opts=nowhere..HEAD', 'a revision that is not there is an error'],
  ['git --exit-code 3'],
  ['git --exit-code=0'],
  ['git --staged'],
  ['git --pre-commit --staged'],
  ['git --pre-commit'],
  ['protect'],
  ['protect --staged'],
  ['dir'],
  ['dir src'],
  ['dir src/a.txt --config .gitleaks.toml'],
  ['file src/a.txt -c .gitleaks.toml'],
  ['directory nowhere'],
  ['detect'],
  ['detect --source .'],
  ['detect -s . --no-git'],
  ['detect --no-git --source src --config .gitleaks.toml'],
  ['detect --enable-rule zeta'],
  ['detect --enable-rule nothing'],
  ['detect -i ignored'],
  ['detect --gitleaks-ignore-path=ignored/.gitleaksignore'],
  ['detect --baseline-path baseline.json'],
  ['detect --max-target-megabytes 1'],
  ['detect --ignore-gitleaks-allow'],
  ['detect --log-level error --no-color --no-banner -v'],
  ['stdin'],
  ['detect --pipe'],
  ['git --bogus'],
  ['version'],
];

const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.test',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.test',
};
const git = (...words: string[]): string =>
  execFileSync('git', words, { cwd: folder, env: ENVIRONMENT, encoding: 'utf8' });
const write = (name: string, text: string): void => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
};

let differ = 0;
try {
  buildRepository();
  for (const [line, onPurpose] of LINES) compareLine(line, onPurpose ?? null);
  for (const format of ['csv', 'junit', 'sarif']) compareShape(format);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${LINES.length} command lines and 3 formats, ${differ} differ`);
if (differ > 0) process.exitCode = 1;

function buildRepository(): void {
  git('init', '-q', '-b', 'main');
  git('config', 'core.autocrlf', 'false');
  write('.gitleaks.toml', CONFIG);
  write('.gitignore', 'ignored/\nbaseline.json\nout.*\n');
  write('src/a.txt', `one ${key(1)}\n`);
  write('docs/z.md', `${zeta(1)}\n`);
  git('add', '.');
  git('commit', '-qm', 'one');
  git('checkout', '-qb', 'topic');
  write('src/b.txt', `two ${zeta(2)}\nallowed ${key(9)} # gitleaks:allow\n`);
  git('add', '.');
  git('commit', '-qm', 'two');
  git('checkout', '-q', 'main');
  write('src/a.txt', `one ${key(1)}\nthree ${key(3)}\n`);
  git('commit', '-qam', 'three');
  git('merge', '-q', '--no-edit', 'topic');
  write('ignored/.gitleaksignore', `src/a.txt:acme:1\n`);
  write('ignored/more.txt', `four ${key(4)}\n`);
  const report = path.join(folder, 'baseline.json');
  spawnSync(gitleaks, ['git', '--report-path', report, '--no-banner'], { cwd: folder, env: ENVIRONMENT });
  write('src/a.txt', `one ${key(1)}\nthree ${key(3)}\nfive ${key(5)}\n`);
  git('add', 'src/a.txt');
  write('docs/z.md', `${zeta(1)}\nsix ${key(6)}\n`);
}

interface Ended {
  readonly code: number | null;
  readonly report: string;
}

function run(program: string, before: readonly string[], line: string, format: string): Ended {
  const out = path.join(folder, `out.${format}`);
  rmSync(out, { force: true });
  // The value of --log-opts may hold spaces, and comes last.
  const [, head = '', logOptions] = /^(.*?)(?: (--log-opts=.*))?$/.exec(line) ?? [];
  const words = [...head.split(' '), ...(logOptions === undefined ? [] : [logOptions])];
  const reporting = line === 'version' ? [] : ['--report-path', out, '--report-format', format];
  const done = spawnSync(program, [...before, ...words, ...reporting], {
    cwd: folder,
    env: ENVIRONMENT,
    input: `stdin ${key(7)}\n`,
    encoding: 'utf8',
  });
  return { code: done.status, report: existsSync(out) ? readFileSync(out, 'utf8') : '' };
}

function theirs(line: string, format: string): Ended {
  return run(gitleaks, [], line, format);
}

function ours(line: string, format: string): Ended {
  return run(process.execPath, [unleak, 'gitleaks', ...(line === 'version' ? [] : ['--show-secrets'])], line, format);
}

function compareLine(line: string, onPurpose: string | null): void {
  const [a, b] = [theirs(line, 'json'), ours(line, 'json')];
  const [rowsA, rowsB] = [rowsOf(a.report), rowsOf(b.report)];
  const same = a.code === b.code && rowsA.join('\n') === rowsB.join('\n');
  if (!same && onPurpose === null) differ++;
  const verdict = same ? 'same' : (onPurpose ?? 'DIFFERENT');
  console.log(`${line}: ${a.code} and ${b.code}, ${rowsA.length} and ${rowsB.length} findings: ${verdict}`);
  if (same || onPurpose !== null) return;
  for (const row of rowsA.filter((one) => !rowsB.includes(one))) console.log(`  only gitleaks: ${row}`);
  for (const row of rowsB.filter((one) => !rowsA.includes(one))) console.log(`  only unleak:   ${row}`);
}

function rowsOf(report: string): string[] {
  if (report === '') return [];
  const value: unknown = JSON.parse(report);
  if (!Array.isArray(value)) return [];
  return value
    .map((one: unknown) => new Map(Object.entries(one ?? {})))
    .map((one) => ['RuleID', 'Commit', 'File', 'StartLine', 'Secret'].map((name) => String(one.get(name))).join(' '))
    .toSorted();
}

/** Names of columns, of elements with their attributes, or of keys, in any order. */
function shapeOf(report: string, format: string): string[] {
  if (format === 'csv') return (report.split('\n')[0] ?? '').split(',');
  if (format === 'junit')
    return [...new Set([...report.matchAll(/<(\w+)|\s(\w+)="/g)].map(([, element, name]) => element ?? name ?? ''))];
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) {
        names.add(name);
        visit(inner);
      }
  };
  visit(JSON.parse(report));
  return [...names];
}

function compareShape(format: string): void {
  const [a, b] = [shapeOf(theirs('detect', format).report, format), shapeOf(ours('detect', format).report, format)];
  const missing = a.filter((name) => !b.includes(name));
  const more = b.filter((name) => !a.includes(name));
  console.log(
    `${format}: ${a.length} names; missing: ${missing.join(', ') || 'none'}; more: ${more.join(', ') || 'none'}`,
  );
  if (missing.some((name) => name !== 'informationUri')) differ++;
}
