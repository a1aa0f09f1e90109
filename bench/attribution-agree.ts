/**
 * Which commits introduce and remove what, on whole repositories: what `unleak history` says must be what git's own
 * diffs say.
 *
 *     npx tsx bench/attribution-agree.ts [--write FOLDER] [name=]path/to/repo.git …
 *
 * Let S(c, p) be what the blob at path p of commit c holds. A commit introduces f at p iff it has f there and no parent
 * does; it removes f iff it has parents, has f not there, and all of them do. The oracle is `git diff-tree --stdin -c -r
 * --root --no-renames --raw --no-abbrev -z` over every commit there is, joined with S; rows whose new id is a parent's are
 * passed over. Control: `-m` in place of `-c` must give something else, wherever there are merges.
 *
 * S is what the rules find, and besides, so that much is asked even of a clean repository, sixteen made-up values: a blob
 * whose id begins with `0` holds the one that the next digit names.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';

import type { BlobScan } from '../src/core/detector.ts';
import type { AttributedPlace } from '../src/core/source.ts';
import { createEngine } from '../src/detect/engine.ts';
import { openArchive } from '../src/detect/archive/open.ts';
import { openRepository } from '../src/git/repository.ts';
import { BUILTIN_RULES as RULES } from '../src/rules/builtin.generated.ts';
import { historySource } from '../src/sources/history.ts';
import { packScanner } from '../src/workers/pack-scanner.ts';
import { machine, nameAndPath, show, markdownTable, today } from './whole-run.ts';

const { signal } = new AbortController();
const { values, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: 'string' } } });
const environment = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_NO_REPLACE_OBJECTS: '1',
};

type Holdings = Map<string, Set<string>>;

/** Rows of both kinds, as text: what, where, in which commit. */
interface Rows {
  readonly introduced: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
}

function valuesOf({ findings }: BlobScan): string[] {
  return findings.map(
    ({ rule, secret }) => `${rule.family} ${createHash('sha256').update(secret.reveal()).digest('hex')}`,
  );
}

/** Notes are reported with the id that they annotate, whatever folders it is cut into. */
function plainPath(text: string): string {
  const whole = text.replaceAll('/', '');
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(whole) ? whole : text;
}

function rowOf(fingerprint: string, at: string, commit: string): string {
  return `${fingerprint}\0${plainPath(at)}\0${commit}`;
}

interface Answer extends Rows {
  readonly holdings: Holdings;
  readonly real: number;
  readonly firstSeen: ReadonlyMap<string, string>;
  readonly problems: number;
  readonly seconds: number;
}

async function byUs(folder: string, blobs: readonly string[]): Promise<Answer> {
  const repository = await openRepository(folder, { signal, environment });
  const source = historySource(repository, { engine: 'packs', scanner: packScanner(RULES, { jobs: 1 }) });
  const engine = createEngine(RULES, { openArchive });
  const holdings: Holdings = new Map();
  const hold = (id: string, held: readonly string[]): void => {
    if (held.length > 0) holdings.set(id, new Set([...(holdings.get(id) ?? []), ...held]));
  };
  for await (const { id, kind, content } of source.blobs(signal)) {
    if (kind !== 'blob') continue;
    hold(id, valuesOf(content instanceof Uint8Array ? engine.scan(content) : await engine.scanStream(content)));
  }
  for (const { id, kind, scan } of source.scanned?.() ?? []) if (kind === 'blob') hold(id, valuesOf(scan));
  const real = holdings.size;
  for (const id of blobs) if (id.startsWith('0')) hold(id, [`made up ${id[1] ?? ''}`]);
  const started = performance.now();
  const { places, firstSeen } = await source.attribute(holdings, signal);
  return {
    ...rowsOf(places),
    holdings,
    real,
    firstSeen: new Map([...firstSeen].map(([fingerprint, { commit }]) => [fingerprint, commit])),
    problems: source.coverage.report('history').problems.length,
    seconds: (performance.now() - started) / 1000,
  };
}

function rowsOf(places: readonly AttributedPlace[]): Rows {
  const inCommits = places.filter(({ place }) => place.commit !== null && place.path !== null);
  const introduced = inCommits.map(({ fingerprint, place }) =>
    rowOf(fingerprint, place.path ?? '', place.commit ?? ''),
  );
  const removed = inCommits.flatMap(({ fingerprint, place }) =>
    place.removedIn.map((commit) => rowOf(fingerprint, place.path ?? '', commit)),
  );
  return { introduced: new Set(introduced), removed: new Set(removed) };
}

function git(folder: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('git', args, {
    env: { ...environment, GIT_DIR: folder },
    encoding: 'latin1',
    input,
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Fields that end in a zero byte. */
async function* fieldsOf(folder: string, args: readonly string[], input: string): AsyncGenerator<string> {
  const child = spawn('git', args, { env: { ...environment, GIT_DIR: folder }, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdin.end(input);
  let rest = Buffer.alloc(0);
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    const text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let end = text.indexOf(0); end >= 0; end = text.indexOf(0, from)) {
      yield text.toString('utf8', from, end);
      from = end + 1;
    }
    rest = Buffer.from(text.subarray(from));
  }
  if ((await ended) !== 0) throw new Error(`git ${args.join(' ')} failed`);
}

const FLAGS = ['--stdin', '-r', '--root', '--no-renames', '--raw', '--no-abbrev', '-z'];

/** Introductions and removals by the definition. @param roots - commits without parents */
async function byDiffs(
  folder: string,
  how: '-c' | '-m',
  commits: readonly string[],
  roots: ReadonlySet<string>,
  holdings: Holdings,
): Promise<Rows> {
  const introduced = new Set<string>();
  const removed = new Set<string>();
  let commit = '';
  let meta: string | null = null;
  for await (const field of fieldsOf(folder, ['diff-tree', how, ...FLAGS], `${commits.join('\n')}\n`)) {
    if (meta === null && field.startsWith(':')) {
      meta = field;
      continue;
    }
    if (meta === null) {
      commit = field.trim();
      continue;
    }
    const ids = meta.split(' ').filter((word) => /^[0-9a-f]{40,}$/.test(word));
    meta = null;
    const own = ids.pop() ?? '';
    if (ids.includes(own)) continue;
    const [has, parents] = [holdings.get(own), ids.map((id) => holdings.get(id))];
    for (const one of has ?? []) if (!parents.some((held) => held?.has(one))) introduced.add(rowOf(one, field, commit));
    if (roots.has(commit)) continue;
    for (const one of parents[0] ?? [])
      if (has?.has(one) !== true && parents.every((held) => held?.has(one) === true))
        removed.add(rowOf(one, field, commit));
  }
  return { introduced, removed };
}

function differences(a: ReadonlySet<string>, b: ReadonlySet<string>): string[] {
  return [...a].filter((row) => !b.has(row)).concat([...b].filter((row) => !a.has(row)));
}

/** Values whose first introducer is another one in git's own order, ties aside. */
function wrongFirsts(folder: string, { firstSeen, introduced }: Answer, commits: readonly string[]): number {
  const listed = git(
    folder,
    ['rev-list', '--date-order', '--reverse', '--timestamp', '--stdin'],
    `${commits.join('\n')}\n`,
  )
    .trim()
    .split('\n');
  const order = new Map(listed.map((line, at) => [line.split(' ')[1] ?? '', { at, time: line.split(' ')[0] ?? '' }]));
  const first = new Map<string, string>();
  for (const row of introduced) {
    const [fingerprint = '', , commit = ''] = row.split('\0');
    const known = first.get(fingerprint);
    if (known === undefined || (order.get(commit)?.at ?? 0) < (order.get(known)?.at ?? 0))
      first.set(fingerprint, commit);
  }
  const isWrong = ([fingerprint, commit]: [string, string]): boolean =>
    firstSeen.get(fingerprint) !== commit &&
    order.get(firstSeen.get(fingerprint) ?? '')?.time !== order.get(commit)?.time;
  return [...first].filter(isWrong).length;
}

interface Row {
  readonly agrees: boolean;
  readonly cells: readonly string[];
}

async function compare(named: string): Promise<Row> {
  const [name, folder] = nameAndPath(named);
  const objects = git(folder, ['cat-file', '--batch-all-objects', '--batch-check', '--buffer']).split('\n');
  const idsOf = (type: string): string[] =>
    objects.filter((line) => line.includes(` ${type} `)).map((line) => line.slice(0, line.indexOf(' ')));
  const commits = idsOf('commit');
  const ours = await byUs(folder, idsOf('blob'));
  const parents = git(folder, ['rev-list', '--parents', '--no-walk', '--stdin'], `${commits.join('\n')}\n`)
    .trim()
    .split('\n');
  const roots = new Set(parents.filter((line) => !line.includes(' ')));
  const merges = parents.filter((line) => line.split(' ').length > 2).length;
  const started = performance.now();
  const oracle = await byDiffs(folder, '-c', commits, roots, ours.holdings);
  const seconds = (performance.now() - started) / 1000;
  const control = await byDiffs(folder, '-m', commits, roots, ours.holdings);
  const introduced = differences(ours.introduced, oracle.introduced);
  const removed = differences(ours.removed, oracle.removed);
  for (const row of [...introduced, ...removed].slice(0, 5))
    process.stderr.write(
      `${ours.introduced.has(row) || ours.removed.has(row) ? 'only ours' : 'only git’s'}: ${row.replaceAll('\0', ' | ')}\n`,
    );
  const disagrees = differences(control.introduced, oracle.introduced).length;
  const wrong = wrongFirsts(folder, ours, commits);
  const number = (value: number): string => value.toLocaleString('en');
  return {
    agrees:
      introduced.length + removed.length + wrong === 0 && (disagrees > 0 || merges === 0) && oracle.introduced.size > 0,
    cells: [
      name,
      number(commits.length),
      number(merges),
      `${number(ours.real)} / ${number(ours.holdings.size)}`,
      number(oracle.introduced.size),
      number(introduced.length),
      number(oracle.removed.size),
      number(removed.length),
      number(wrong),
      number(disagrees),
      `${ours.seconds.toFixed(1)} / ${seconds.toFixed(1)}`,
    ],
  };
}

const HEAD = [
  'repository',
  'commits',
  'merges',
  'blobs with findings / with made-up values too',
  'introductions',
  'that differ',
  'removals',
  'that differ',
  'first commits that differ',
  'introductions that `-m` gets wrong',
  'attribution, git’s diffs, s',
];

function page(rows: readonly Row[]): string {
  return [
    '# Introductions and removals, against git’s combined diffs',
    '',
    `\`npx tsx bench/attribution-agree.ts REPOSITORY…\`, ${today()}.`,
    `${machine()} ${RULES.length} rules.`,
    '',
    ...markdownTable(
      HEAD,
      rows.map(({ cells }) => cells),
    ),
    '',
  ].join('\n');
}

const rows: Row[] = [];
for (const named of positionals) rows.push(await compare(named));
show(page(rows), values.write, 'ATTRIBUTION.md');
process.exitCode = rows.length > 0 && rows.every(({ agrees }) => agrees) ? 0 : 1;
