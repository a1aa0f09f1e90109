/**
 * `unleak history` beside other scanners, on one and the same repository: how long, how much memory, how much was covered, and
 * which of fourteen planted keys were found.
 *
 *     npm run build && npx tsx bench/peers.ts [--rounds N] [--only NAME,…] [--write FOLDER] [name=]path/to/repo.git
 *
 * All refs of the given repository are fetched into a new one; fourteen keys, made up at run time, are planted
 * there, each in a kind of place (`test/helpers/fourteen-markers.ts`: content of a merge alone, a file without diff, UTF-16,
 * stashes, what only reflogs lead to, what was staged and dropped, messages, notes …). Then everything is packed, and each
 * scanner that is on PATH takes its turn. A key counts as found if the report tells it, or the file and line that it is on.
 *
 * Everyone runs with its own defaults and rules and asks nobody whether keys live; on Linux also in a network
 * namespace of its own, with no way out. Memory is that of the largest process of a run. ripsecrets, secretlint and detect-secrets
 * look at files of the work tree alone.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { seedOf } from '../src/rules/random.ts';
import { type Marker, plantFourteenMarkers } from '../test/helpers/fourteen-markers.ts';
import { sureKey } from '../test/helpers/key.ts';
import { ScriptedRepository, SETTLED } from '../test/helpers/scripted-repository.ts';
import { PRODUCT, type Timed, median, nameAndPath, resultPage, show, spread, timed } from './whole-run.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, only: { type: 'string' }, write: { type: 'string' } },
});
const scratch = mkdtempSync(path.join(tmpdir(), 'unleak-peers-'));

/** A scanner, and how it is asked about a whole repository. */
interface Scanner {
  readonly name: string;
  readonly program: string;
  readonly version: readonly string[];
  /** @param report - a file that it may write its report to */
  readonly args: (folder: string, report: string) => readonly string[];
  /** Exit codes of a run that came to an end. */
  readonly codes: readonly number[];
  /** Bytes that it says it has looked at. */
  readonly covered?: (output: string) => number | null;
  /** Reads no history. */
  readonly tree?: true;
}

const RULES = '.secretlintrc.bench.json';

function matched(output: string, pattern: RegExp): number | null {
  const found = pattern.exec(output)?.[1];
  return found === undefined ? null : Number(found.replaceAll(',', ''));
}

const SCANNERS: readonly Scanner[] = [
  {
    name: 'unleak',
    program: process.execPath,
    version: [PRODUCT, '--version'],
    args: (folder, report) => [
      PRODUCT,
      'history',
      folder,
      '--no-cache',
      '--show-secrets',
      '--format',
      'json',
      '--output',
      report,
    ],
    codes: [0, 1],
    covered: (output) => matched(output, /"bytesCovered":\s*(\d+)/),
  },
  ...['gitleaks', 'betterleaks'].map((name): Scanner => ({
    name,
    program: name,
    version: ['version'],
    args: (folder, report) => [
      'git',
      folder,
      '--no-banner',
      '--no-color',
      '--exit-code',
      '0',
      '--report-format',
      'json',
      '--report-path',
      report,
    ],
    codes: [0],
    covered: (output) => matched(output, /scanned ~?(\d+) bytes/),
  })),
  {
    name: 'trufflehog',
    program: 'trufflehog',
    version: ['--version'],
    args: (folder) => [
      'git',
      `file://${folder}`,
      '--no-update',
      '--no-verification',
      '--json',
      '--results=verified,unknown,unverified,filtered_unverified',
    ],
    codes: [0],
    covered: (output) => matched(output, /"bytes":\s*(\d+)/),
  },
  {
    name: 'kingfisher',
    program: 'kingfisher',
    version: ['--version'],
    args: (folder, report) => [
      'scan',
      folder,
      '--no-validate',
      '--no-update-check',
      '--format',
      'json',
      '--output',
      report,
    ],
    codes: [0, 200],
    covered: (output) => matched(output, /"bytes_scanned":\s*(\d+)/),
  },
  {
    name: 'ripsecrets',
    program: 'ripsecrets',
    version: ['--version'],
    args: (folder) => ['--only-matching', folder],
    codes: [0, 1],
    tree: true,
  },
  {
    name: 'secretlint',
    program: 'secretlint',
    version: ['--version'],
    args: () => ['--secretlintrc', path.join(scratch, RULES), '--no-maskSecrets', '--format', 'json', '**/*'],
    codes: [0, 1],
    tree: true,
  },
  {
    name: 'detect-secrets',
    program: 'detect-secrets',
    version: ['--version'],
    args: () => ['scan', '--no-verify'],
    codes: [0],
    tree: true,
  },
];

/** Where nobody can be asked anything, if the system has such a place. */
const ALONE = ['unshare', '--map-root-user', '--net', '--'] as const;
const canBeAlone = spawnSync(ALONE[0], [...ALONE.slice(1), 'true']).status === 0;

function isThere({ program, version }: Scanner): boolean {
  return spawnSync(program, version, { stdio: 'ignore' }).error === undefined;
}

interface Run extends Timed {
  readonly covered: number | null;
  readonly found: readonly string[];
}

const environment = { ...SETTLED, PATH: process.env['PATH'] ?? '', HOME: path.join(scratch, 'home') };

function run(scanner: Scanner, folder: string, markers: readonly Marker[]): Run {
  const report = path.join(scratch, `${scanner.name}.json`);
  rmSync(report, { force: true });
  const command = [...(canBeAlone ? ALONE : []), scanner.program, ...scanner.args(folder, report)];
  const done = timed(command, { cwd: folder, environment, keep: true });
  if (!scanner.codes.includes(done.code))
    throw new Error(`${command.join(' ')} ended with ${done.code}: ${done.output.slice(-2000)}`);
  const output = done.output + readIfThere(report);
  return {
    ...done,
    covered: scanner.covered?.(output) ?? null,
    found: markers.filter((marker) => tells(output, marker)).map(({ where }) => where),
  };
}

/** The key itself; or its file and line, by which detect-secrets names it. */
function tells(output: string, { text, path: file }: Marker): boolean {
  if (output.includes(text)) return true;
  const listed = file === null ? -1 : output.indexOf(`"filename": "${file}"`);
  return listed >= 0 && output.slice(listed, output.indexOf('}', listed)).includes(`"line_number": ${KEY_LINE}`);
}

/** On which line of its file each key stands. */
const KEY_LINE = 2;

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

interface Planted {
  readonly name: string;
  readonly folder: string;
  readonly markers: readonly Marker[];
  readonly objects: number;
  readonly packBytes: number;
}

function plant(named: string): Planted {
  const [name, source] = nameAndPath(named);
  const folder = path.join(scratch, 'repository');
  mkdirSync(folder);
  mkdirSync(environment.HOME);
  const repository = new ScriptedRepository(folder, environment);
  repository.initialise();
  repository.git('fetch', '-q', source, '+HEAD:refs/remotes/origin/HEAD', '+refs/*:refs/remotes/origin/*');
  repository.git('reset', '-q', '--hard', 'refs/remotes/origin/HEAD');
  const markers = plantFourteenMarkers(repository, 'packed', (where) => sureKey(seedOf(where)));
  const counted = repository.git('count-objects', '-v');
  return {
    name,
    folder,
    markers,
    objects: Number(/in-pack: (\d+)/.exec(counted)?.[1]),
    packBytes: Number(/size-pack: (\d+)/.exec(counted)?.[1]) * 1024,
  };
}

interface Row {
  readonly scanner: Scanner;
  readonly version: string;
  readonly runs: readonly Run[];
}

function versionOf({ program, version }: Scanner): string {
  const { stdout, stderr } = spawnSync(program, version, { encoding: 'utf8' });
  const told = (stdout + stderr).trim();
  return /\d+\.\d+(?:\.\d+)?/.exec(told)?.[0] ?? /^(?:\S+ )?(\S+)$/.exec(told)?.[1] ?? '(version not told)';
}

function page(
  { name, objects, packBytes, markers }: Planted,
  rows: readonly Row[],
  missing: readonly string[],
): string {
  const head = ['scanner', 'wall, s [least, most]', 'processor, s', 'peak, MB', 'covered, MB', 'found', 'not found'];
  const lines = rows.map(({ scanner, version, runs }) => {
    const [last] = runs.slice(-1);
    const lost = markers.map(({ where }) => where).filter((where) => last?.found.includes(where) !== true);
    return [
      `${scanner.name} ${version}${scanner.tree === true ? ' (files)' : ''}`,
      spread(runs.map(({ wall }) => wall)),
      median(runs.map(({ processor }) => processor)).toFixed(1),
      (Math.max(...runs.map(({ peak }) => peak)) / 1e6).toFixed(0),
      last?.covered === null || last === undefined ? 'not told' : (last.covered / 1e6).toFixed(1),
      `**${last?.found.length ?? 0} of ${markers.length}**`,
      lost.join(', '),
    ];
  });
  return resultPage({
    title: `Other scanners on ${name} with fourteen planted keys`,
    command: `bench/peers.ts --rounds ${values.rounds} ${name}=REPOSITORY`,
    notes: [
      `${objects.toLocaleString('en')} objects in ${(packBytes / 1e6).toFixed(0)} MB of packs. Everyone with its own defaults and rules, nothing verified${canBeAlone ? ', without a network' : ''}; medians of`,
      `${values.rounds} rounds in turns. "Covered" is what the scanner itself says it looked at; memory is that of its largest process. Not on PATH: ${missing.join(', ') || 'none'}.`,
    ],
    head,
    rows: lines,
  });
}

const [named] = positionals;
if (named === undefined) throw new Error('name a repository');
try {
  writeFileSync(
    path.join(scratch, RULES),
    JSON.stringify({ rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] }),
  );
  const only = values.only?.split(',');
  const asked = SCANNERS.filter(({ name }) => only?.includes(name) !== false);
  const present = asked.filter(isThere);
  const planted = plant(named);
  const rounds = Array.from({ length: Number(values.rounds) }, () =>
    present.map((scanner) => run(scanner, planted.folder, planted.markers)),
  );
  const rows = present.map((scanner, at) => ({
    scanner,
    version: versionOf(scanner),
    runs: rounds.flatMap((round) => round.slice(at, at + 1)),
  }));
  const missing = asked.filter((scanner) => !present.includes(scanner)).map(({ name }) => name);
  show(page(planted, rows, missing), values.write, 'PEERS.md');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
