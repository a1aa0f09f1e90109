/**
 * Whole audits of damaged and forged packs for FUZZ_SECONDS (60), from FUZZ_SEED (the clock). Every checksum is made
 * right again, so that what is wrong gets as far as the kernel. An audit must end with coded problems at most, and one
 * that says it covered everything must have found what it finds with git as reader.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync, inflateSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { createEngine } from '../../src/detect/engine.ts';
import { openRepository } from '../../src/git/repository.ts';
import { scan } from '../../src/scan.ts';
import { historySource } from '../../src/sources/history.ts';
import type { HistoryEngine } from '../../src/sources/history/store.ts';
import { fingerprinter } from '../../src/triage/fingerprint.ts';
import { packScanner } from '../../src/workers/pack-scanner.ts';
import {
  buildIndex,
  buildPack,
  type BuiltPack,
  encodeDistance,
  entryHeader,
  type EntrySpec,
} from '../helpers/pack-builder.ts';
import { packFiles, Random } from '../helpers/pack-repository.ts';
import { GIT_ENVIRONMENT, makeRepository, type TestRepository } from '../helpers/repository.ts';
import { makeRule, pattern } from '../helpers/rules.ts';
import { signal } from '../helpers/source.ts';

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 60);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
/** Processor time, for repositories of some kilobytes. */
const ROUND_LIMIT_MS = 20_000;
const reproducers = fileURLToPath(new URL('../../fixtures/packs/hostile/', import.meta.url));

const RULES = [
  makeRule('marker', [
    pattern(['marker<'], '(?<secret>marker<[a-f]{4}>)', { before: 10, after: 16 }, { boundary: '' }),
  ]),
];
const ROOM = { arena: 4 << 20, hits: 1 << 18, windows: 1 << 18, holdings: 1 << 16, decisions: 1 << 14 };

function someText(random: Random): string {
  const marker = `marker<${Array.from({ length: 4 }, () => random.pick(['a', 'b', 'c'])).join('')}>`;
  const near = `x = ${'-'.repeat(random.next(40))} ${marker} y`;
  const long = `${random.bytes(random.next(3000)).toString('latin1')}${near}${random.bytes(random.next(3000)).toString('hex')}`;
  const lines = (text: string, width: number): string => text.match(new RegExp(`.{1,${width}}`, 'g'))?.join('\n') ?? '';
  switch (random.next(8)) {
    case 0:
      return near;
    case 1:
      return Buffer.from(near).toString('base64');
    case 2:
      return lines(Buffer.from(long, 'latin1').toString('base64'), 60 + random.next(30));
    case 3:
      return lines(Buffer.from(long, 'latin1').toString('hex').slice(random.next(2)), 64);
    case 4:
      return Buffer.from(Buffer.from(near).toString('base64')).toString('base64');
    case 5:
      return Buffer.from(near, 'utf16le').toString('latin1');
    default:
      return random.bytes(random.next(90)).toString('base64url');
  }
}

/** A history of a few files that change by a few lines. */
function someRepository(random: Random): TestRepository {
  const repository = makeRepository();
  const files = new Map<string, string[]>();
  const out: Buffer[] = [];
  for (let number = 0; number < 25; number++) {
    const name = random.pick(['a', 'b', 'd/c', 'd/e', 'd/f/g']);
    const lines = [...(files.get(name) ?? Array.from({ length: 12 }, () => someText(random)))];
    lines.splice(
      random.next(lines.length + 1),
      random.next(3),
      ...Array.from({ length: random.next(3) }, () => someText(random)),
    );
    files.set(name, lines);
    const text = Buffer.from(lines.join('\n'), 'latin1');
    const head = `commit refs/heads/main\ncommitter A <a@b> ${1_700_000_000 + number} +0000\ndata 1\nm\nM 100644 inline ${name}\ndata ${text.length}\n`;
    out.push(Buffer.from(head), text, Buffer.from('\n'));
  }
  repository.gitBytes(['fast-import', '--quiet'], Buffer.concat(out));
  repository.git(
    ...(random.next(2) === 0 ? ['-c', 'repack.useDeltaBaseOffset=false'] : []),
    'repack',
    '-adfq',
    '--depth=30',
  );
  return repository;
}

/** Ids, offsets and bytes of a pack that git wrote. */
function read(repository: TestRepository): BuiltPack {
  const [packFile = ''] = packFiles(repository, '.pack');
  const [idxFile = ''] = packFiles(repository, '.idx');
  const [pack, idx] = [readFileSync(packFile), readFileSync(idxFile)];
  const count = idx.readUInt32BE(8 + 255 * 4);
  const rows = Array.from({ length: count }, (_, row) => ({
    id: idx.toString('hex', 1032 + 20 * row, 1052 + 20 * row),
    offset: idx.readUInt32BE(1032 + 24 * count + 4 * row),
  })).toSorted((a, b) => a.offset - b.offset);
  return { pack, idx, ids: rows.map(({ id }) => id), offsets: rows.map(({ offset }) => offset) };
}

/** An entry of a pack that git wrote. */
interface Entry {
  readonly type: number;
  readonly head: Buffer;
  readonly body: Buffer;
  /** Number of the entry that it is a delta on, where it says so by its distance. */
  readonly base: number;
}

function taken({ pack, offsets }: BuiltPack, number: number): Entry {
  const start = offsets[number] ?? 0;
  let at = start;
  while ((pack[at++] ?? 0) >= 128);
  const type = ((pack[start] ?? 0) >> 4) & 7;
  let distance = 0;
  if (type === 6) {
    distance = (pack[at] ?? 0) & 127;
    while ((pack[at++] ?? 0) >= 128) distance = (distance + 1) * 128 + ((pack[at] ?? 0) & 127);
  }
  if (type === 7) at += 20;
  const body = inflateSync(pack.subarray(at));
  return { type, head: pack.subarray(start, at), body, base: distance === 0 ? -1 : offsets.indexOf(start - distance) };
}

/** Bytes that mean something in trees, commits, deltas and text. */
const TELLING = [0, 0x0a, 0x20, 0x2f, 0x30, 0x34, 0x3c, 0x7f, 0x80, 0x90, 0xff, 1];

function changed(body: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(body);
  const place = (): number => random.next(bytes.length + 1);
  if (random.next(3) === 0) return Buffer.from(bytes.copyWithin(place(), place(), place()));
  for (let n = random.next(3); n >= 0 && bytes.length > 0; n--)
    bytes[random.next(bytes.length)] = random.next(3) === 0 ? random.next(256) : random.pick(TELLING);
  return bytes;
}

/** Files as they are but for some bytes, or for their end; or offsets that lead elsewhere. */
function invent(built: BuiltPack, random: Random): Pick<BuiltPack, 'pack' | 'idx'> {
  const { pack, idx, ids, offsets } = built;
  switch (random.next(8)) {
    case 0:
      return { pack: spoiled(pack, random), idx };
    case 1:
      return { pack, idx: spoiled(idx, random) };
    case 2: {
      const isMoved = random.next(2) === 0;
      const liars = offsets.map((offset) => (random.next(20) === 0 ? random.next(pack.length + 10) : offset));
      return { pack, idx: buildIndex(ids, isMoved ? liars : offsets.toReversed(), offsets, pack.subarray(-20)) };
    }
    default:
      return forge(built, random);
  }
}

function spoiled(bytes: Buffer, random: Random): Buffer {
  if (random.next(3) === 0) return bytes.subarray(0, random.next(bytes.length));
  const copy = Buffer.from(bytes);
  for (let n = random.next(3); n >= 0; n--) {
    const at = random.next(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.next(8));
  }
  return copy;
}

/** A pack in which all is right but some entries. */
function forge(built: BuiltPack, random: Random): BuiltPack {
  const count = built.ids.length;
  const victims = new Set(Array.from({ length: 1 + random.next(3) }, () => random.next(count)));
  const specs = built.ids.map((id, number): EntrySpec => {
    const { type, head, body, base } = taken(built, number);
    const isForged = victims.has(number);
    const what = isForged ? random.next(6) : -1;
    const newBody = isForged && what > 2 ? changed(body, random) : body;
    const to = what === 0 ? random.next(number + 1) : base;
    const newType = what === 1 ? random.pick([1, 2, 3, 4, type]) : type;
    const size = what === 2 ? Math.max(0, body.length + random.next(5) - 2) : newBody.length;
    const baseId = what === 0 ? random.pick(built.ids) : head.toString('hex', Math.max(0, head.length - 20));
    return {
      id,
      header: (offset, offsets) => [
        ...entryHeader(newType, size),
        ...(newType === 6 ? encodeDistance(offset - (offsets[to] ?? 0)) : []),
        ...(newType === 7 ? Buffer.from(baseId, 'hex') : []),
      ],
      compressed: deflateSync(newBody, { level: random.next(10) }),
    };
  });
  return buildPack(specs);
}

/** @param heldPack - larger packs are read by parts */
async function audit(folder: string, engine: HistoryEngine, heldPack = 1e9) {
  const repository = await openRepository(folder, { signal, environment: GIT_ENVIRONMENT });
  const scanner = engine === 'packs' ? packScanner(RULES, { jobs: 1, room: ROOM, heldPack }) : null;
  const { findings, coverage } = await scan({
    source: historySource(repository, { engine, scanner }),
    detector: createEngine(RULES),
    fingerprinter: fingerprinter(),
  });
  const listed = findings.map((one) => JSON.stringify(one)).toSorted();
  return { findings: listed, codes: coverage.problems.map(({ code }) => code), complete: coverage.complete };
}

function store(repository: TestRepository, { pack, idx }: Pick<BuiltPack, 'pack' | 'idx'>): void {
  const folder = repository.inside('objects', 'pack');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!/\.(?:pack|idx)$/.test(name)) writeFileSync(path.join(folder, name), '');
  writeFileSync(packFiles(repository, '.pack')[0] ?? '', pack);
  writeFileSync(packFiles(repository, '.idx')[0] ?? '', idx);
}

test(`audits stand ${SECONDS} s of forged packs (seed ${SEED})`, async () => {
  const random = new Random(SEED);
  const ends = Date.now() + SECONDS * 1000;
  const outcomes = new Map<string, number>();
  let rounds = 0;
  while (Date.now() < ends) {
    const repository = someRepository(random);
    const built = read(repository);
    for (let n = 0; n < 25 && Date.now() < ends; n++, rounds++) {
      const made = n === 0 ? built : invent(built, random);
      store(repository, made);
      let complaint = '';
      let outcome = 'clean';
      const started = process.cpuUsage();
      try {
        const ours = await audit(repository.folder, 'packs', n % 2 === 0 ? 0 : 1e9);
        if (ours.codes.some((code) => !/^(?:PACK|OBJECT|GIT|DECODE)_/.test(code)))
          complaint = `odd: ${ours.codes.join()}`;
        const { user, system } = process.cpuUsage(started);
        if (user + system > ROUND_LIMIT_MS * 1000) complaint ||= `it took ${(user + system) / 1000} ms`;
        if (ours.complete) {
          const theirs = await audit(repository.folder, 'cat-file');
          if (!theirs.complete) outcome = 'only git complains';
          else if (ours.findings.join('\n') !== theirs.findings.join('\n')) complaint ||= 'git finds something else';
          if (n === 0 && ours.findings.length === 0) complaint ||= 'nothing is found in a sound pack';
        } else outcome = [...new Set(ours.codes)].toSorted().join();
      } catch (error) {
        complaint = error instanceof Error ? (error.stack ?? error.message) : String(error);
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (complaint === '' && outcome !== 'only git complains') continue;
      const name = `audit-${SEED}-${rounds}`;
      writeFileSync(path.join(reproducers, `${name}.pack`), made.pack);
      writeFileSync(path.join(reproducers, `${name}.idx`), made.idx);
      expect.fail(
        `${complaint || outcome}; ${repository.folder}; reproducer ${name} was written to fixtures/packs/hostile`,
      );
    }
  }
  console.log(
    `${rounds} packs: ${JSON.stringify(
      [...outcomes].toSorted((a, b) => b[1] - a[1]),
      null,
      1,
    )}`,
  );
  expect(rounds).toBeGreaterThan(0);
});
