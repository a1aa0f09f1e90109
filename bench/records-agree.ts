/**
 * The engine's records of every blob of whole repositories: what scanning in the delta domain decides must be what
 * scanning each blob whole, as `git cat-file --batch` prints it, decides.
 *
 *     npx tsx bench/records-agree.ts [--mutant N] [--write FOLDER] [name=]path/to/repo.git …
 *
 * A record is one decision (blob, rule, start, end, confidence, value, encodings) before decisions are weighed against
 * each other; with them go the blob's findings, loose parts and problems. The two sides share rules and the step that
 * decides about one hit; listing objects, reading packs, deltas, inheritance and literals' search are each their own.
 *
 * Controls: one record is moved by a byte and must be noticed; and with `--mutant N` the kernel is broken in the N-th of
 * the ways of `test/mutants/broken-kernel.ts`, in a copy of the project, and some repository must disagree.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { packRules } from '../src/cli/fast/pack-rules.ts';
import type { BlobScan } from '../src/core/detector.ts';
import { ALLOW_MARKERS } from '../src/detect/allow-mark.ts';
import { openArchive } from '../src/detect/archive/open.ts';
import { Collector } from '../src/detect/collector.ts';
import { type ContentScanner, collect, finish } from '../src/detect/content-scan.ts';
import { contentScanner } from '../src/detect/engine.ts';
import type { Item } from '../src/detect/item.ts';
import { type Holding, type Judge, createJudge } from '../src/detect/judge.ts';
import { readObjects } from '../src/git/cat-file.ts';
import { BLOB } from '../src/git/object/type.ts';
import { listObjects } from '../src/git/list-objects.ts';
import { openPackedRepository } from '../src/git/packed-repository.ts';
import { flagEntries } from '../src/git/pack/entry-flags.ts';
import { NOT_TAKEN } from '../src/git/pack/object-store.ts';
import { type Repository, openRepository } from '../src/git/repository.ts';
import { KernelMemory, bareKernel } from '../src/kernel/instance.ts';
import { WANTED } from '../src/kernel/tree-job.ts';
import { TREE_SCAN_ROOM } from '../src/kernel/tree-scanner.ts';
import { kernelPrefilter } from '../src/prefilter/kernel-prefilter.ts';
import { literalSet, literalTargets } from '../src/prefilter/literal-set.ts';
import { BUILTIN_RULES as RULES } from '../src/rules/builtin.generated.ts';
import { planRules, planScan } from '../src/workers/scan-plan.ts';
import { scanShare } from '../src/workers/scan-share.ts';
import { machine, nameAndPath, show, markdownTable, today } from './whole-run.ts';
import { MUTANTS, breakKernel, copyProject } from '../test/mutants/broken-kernel.ts';

const { signal } = new AbortController();
const { literals } = literalSet(RULES, ALLOW_MARKERS);
/** The other side does without them. */
const { screens: SCREENS } = packRules(RULES);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { mutant: { type: 'string' }, write: { type: 'string' } },
});

/** What one blob came to: how many records, and a digest of them and of all that is made of them. */
interface Summary {
  readonly records: number;
  readonly digest: string;
}

/** By blob id; blobs without any record are left out. */
type Summaries = Map<string, Summary>;

const MARK = 'BENCH_RECORDS';

function secretDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function lineOf({ rule, span, secret, confidence, decoded, inner, distance }: Item): string {
  return JSON.stringify([rule.id, span, secretDigest(secret), confidence, decoded, inner ?? '', distance ?? 0]);
}

function formLine({ findings, loose, problems, size }: BlobScan): string {
  const plain = JSON.stringify({ findings, loose, problems, size }, (key, value: unknown) =>
    key === 'rule' && typeof value === 'object' && value !== null && 'id' in value ? value.id : value,
  );
  // A secret says nothing of itself.
  return plain + findings.map(({ secret }) => secretDigest(secret.reveal())).join();
}

function summarise(items: readonly Item[], scan: BlobScan): Summary {
  const lines = items.map(lineOf).toSorted();
  const digest = createHash('sha256')
    .update([...lines, formLine(scan)].join('\n'))
    .digest('hex');
  return { records: lines.length, digest };
}

/** Carries the summary to where the blob's id is known. */
function marked(scan: BlobScan, { records, digest }: Summary): BlobScan {
  return { ...scan, problems: [{ code: MARK, message: digest, mend: String(records) }] };
}

function isSomething({ findings, loose, problems }: BlobScan, items: readonly Item[]): boolean {
  return items.length + findings.length + loose.length + problems.length > 0;
}

/** Digests of one blob's records, as they are and with one of them moved by a byte. */
interface Sample {
  digest: string;
  moved: string;
}

/** A judge that says of every blob what its decisions were. */
function recordingJudge(judge: Judge, scanner: ContentScanner, sample: Sample): Judge {
  const told = (items: readonly Item[], scan: BlobScan): BlobScan => {
    if (!isSomething(scan, items)) return scan;
    const summary = summarise(items, scan);
    const [first, ...rest] = items;
    if (sample.digest === '' && first) {
      const span = { start: first.span.start + 1, end: first.span.end + 1 };
      Object.assign(sample, { digest: summary.digest, moved: summarise([{ ...first, span }, ...rest], scan).digest });
    }
    return marked(scan, summary);
  };
  return {
    ...judge,
    form(given, size) {
      const holdings = [...given];
      return told(itemsOf(holdings), judge.form(holdings, size));
    },
    scan(bytes) {
      const collector = collect(scanner, bytes);
      return told(collector.items, finish(scanner, collector, bytes.length));
    },
  };
}

function itemsOf(holdings: readonly Holding[]): readonly Item[] {
  const collector = new Collector();
  for (const { judgement, end } of holdings)
    for (const item of judgement.items)
      collector.add({ ...item, span: { start: item.span.start + end, end: item.span.end + end } });
  return collector.items;
}

interface Decided {
  readonly summaries: Summaries;
  /** Blobs that were left to another reader: loose, or without room. */
  readonly left: ReadonlySet<string>;
  readonly sample: Sample;
  readonly scanned: number;
  readonly seconds: number;
}

/** Our side: packs, in the delta domain, on this thread. */
function byPacks(repository: Repository): Decided {
  const started = performance.now();
  const memory = new KernelMemory();
  const { store, table } = openPackedRepository(repository, fail, { kernel: memory });
  const packs = store.packs.map((stored) => ({
    stored,
    flags: flagEntries(bareKernel(memory), stored, BLOB_TYPE, null),
  }));
  const options = { ready: { targets: literalTargets(RULES, ALLOW_MARKERS), prefilter: idle() }, openArchive };
  const rulePlan = planRules(memory, createJudge(RULES, options), null, SCREENS);
  if (rulePlan === null) throw new Error('nothing can be scanned in the packs');
  const plan = planScan(memory, packs, rulePlan);
  const { arena, hits, windows, holdings, decisions } = TREE_SCAN_ROOM;
  const region = memory.region(arena + hits + 2 * windows + holdings + decisions + (64 << 20));
  const sample: Sample = { digest: '', moved: '' };
  const share = scanShare(
    plan,
    new KernelMemory(region),
    RULES,
    (kernel) => {
      const ready = { ...options.ready, prefilter: kernelPrefilter(literals, kernel, plan.automaton) };
      return recordingJudge(
        createJudge(RULES, { ready, openArchive }),
        contentScanner(RULES, { ready, openArchive }),
        sample,
      );
    },
    TREE_SCAN_ROOM,
  );
  let step = share.next();
  while (step.done !== true) step = share.next();
  const idOf = (pack: number, entry: number): string => table.hex(packs[pack]?.stored.rows[entry] ?? NOT_TAKEN);
  const left = new Set(Array.from(table.ofType(BLOB), (row) => table.hex(row)));
  for (const [pack, { flags }] of packs.entries())
    for (const [entry, flag] of flags.flags.entries()) if ((flag & WANTED) !== 0) left.delete(idOf(pack, entry));
  for (const { pack, entry } of step.value.failed) left.add(idOf(pack, entry));
  const summaries: Summaries = new Map();
  for (const { pack, entry, scan } of step.value.found) {
    const [mark] = scan.problems;
    if (mark?.code !== MARK) throw new Error('a blob came without its records');
    summaries.set(idOf(pack, entry), { records: Number(mark.mend), digest: mark.message });
  }
  return { summaries, left, sample, scanned: step.value.scanned, seconds: (performance.now() - started) / 1000 };
}

function fail(error: Error): never {
  throw error;
}

function idle() {
  return { literals, find: () => undefined };
}

/** What packs call a blob. */
const BLOB_TYPE = 3;

interface Printed {
  readonly summaries: Summaries;
  readonly ids: ReadonlySet<string>;
  readonly bytes: number;
  readonly seconds: number;
}

/** The oracle: every blob that git lists, as git prints it, scanned whole by the engine in TypeScript. */
async function byGit(repository: Repository): Promise<Printed> {
  const started = performance.now();
  const scanner = contentScanner(RULES, { openArchive });
  const { table } = await listObjects(repository, { signal, onMessage: (line) => fail(new Error(line)) });
  const positions = table.ofType(BLOB);
  const list = {
    length: positions.length,
    idLength: table.idLength,
    hex: (at: number) => table.hex(positions[at] ?? 0),
  };
  const summaries: Summaries = new Map();
  const ids = new Set<string>();
  let bytes = 0;
  for await (const items of readObjects(repository.invocation, list, { signal, streamAbove: 2 ** 30 })) {
    for (const item of items) {
      const id = list.hex(item.at);
      if (item.kind !== 'object' || !(item.content instanceof Uint8Array)) throw new Error(`git does not print ${id}`);
      ids.add(id);
      bytes += item.size;
      const collector = collect(scanner, item.content);
      const scan = finish(scanner, collector, item.size);
      if (isSomething(scan, collector.items)) summaries.set(id, summarise(collector.items, scan));
    }
  }
  return { summaries, ids, bytes, seconds: (performance.now() - started) / 1000 };
}

/** Ids of blobs about which the two do not say the same; none of those that were left to git. */
function differing(ours: Summaries, { summaries }: Printed, left: ReadonlySet<string>): string[] {
  return [...new Set([...ours.keys(), ...summaries.keys()])].filter(
    (id) => !left.has(id) && ours.get(id)?.digest !== summaries.get(id)?.digest,
  );
}

/** The same summaries, but for one blob with one record that is a byte further on. */
function altered({ summaries, sample }: Decided): Summaries {
  const copy = new Map(summaries);
  const [id, summary] = [...summaries].find(([, { digest }]) => digest === sample.digest) ?? [];
  if (id !== undefined && summary) copy.set(id, { ...summary, digest: sample.moved });
  return copy;
}

interface Row {
  readonly cells: readonly string[];
  readonly agrees: boolean;
}

async function compare(named: string): Promise<Row> {
  const [name, folder] = nameAndPath(named);
  const repository = await openRepository(folder, { signal });
  const ours = byPacks(repository);
  const printed = await byGit(repository);
  const differ = differing(ours.summaries, printed, ours.left);
  for (const id of differ.slice(0, 5))
    process.stderr.write(
      `${id}: ${ours.summaries.get(id)?.records ?? 0} records, of the whole blob ${printed.summaries.get(id)?.records ?? 0}\n`,
    );
  const noticed = differing(altered(ours), printed, ours.left).length - differ.length;
  const records = [...printed.summaries.values()].reduce((sum, one) => sum + one.records, 0);
  const number = (value: number): string => value.toLocaleString('en');
  return {
    agrees: differ.length === 0 && noticed === (ours.sample.digest === '' ? 0 : 1),
    cells: [
      name,
      number(printed.ids.size),
      (printed.bytes / 1e6).toFixed(0),
      (ours.scanned / 1e6).toFixed(0),
      number(ours.left.size),
      number(records),
      number(printed.summaries.size),
      number(differ.length),
      noticed === 1 ? 'noticed' : 'NOT NOTICED',
      ours.seconds.toFixed(1),
      printed.seconds.toFixed(1),
    ],
  };
}

const HEAD = [
  'repository',
  'blobs',
  'MB',
  'searched in the packs, MB',
  'left to git',
  'records',
  'blobs with records',
  'blobs that differ',
  'a record moved',
  'packs, s',
  'git and whole blobs, s',
];

function page(rows: readonly Row[]): string {
  return [
    '# Records of every blob, from packs and from whole blobs',
    '',
    `\`npx tsx bench/records-agree.ts REPOSITORY…\`, ${today()}.`,
    `${machine()} ${RULES.length} rules, ${literals.length} literals.`,
    '',
    ...markdownTable(
      HEAD,
      rows.map(({ cells }) => cells),
    ),
    '',
  ].join('\n');
}

/** Runs this script in a copy of the project whose kernel is broken. @returns whether that was noticed */
async function isMutantNoticed(number: number): Promise<boolean> {
  const mutant = MUTANTS[number];
  if (!mutant) throw new Error(`there are ${MUTANTS.length} mutants, from 0 on`);
  const folder = copyProject();
  try {
    await breakKernel(folder, mutant);
    const repositories = positionals.map((named) => nameAndPath(named).join('='));
    const { status, stdout } = spawnSync('npx', ['tsx', 'bench/records-agree.ts', ...repositories], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    process.stdout.write(`broken: ${mutant.name}\n${stdout}`);
    // Not the end of a run that failed.
    return status === 1 && stdout.startsWith('# Records');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.mutant !== undefined) {
  const noticed = await isMutantNoticed(Number(values.mutant));
  process.stdout.write(noticed ? 'noticed\n' : 'NOT NOTICED\n');
  process.exitCode = noticed ? 0 : 1;
} else {
  const rows: Row[] = [];
  for (const named of positionals) rows.push(await compare(named));
  show(page(rows), values.write, 'RECORDS.md');
  process.exitCode = rows.length > 0 && rows.every(({ agrees }) => agrees) ? 0 : 1;
}
