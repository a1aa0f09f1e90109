/**
 * Feeds the pack reader damaged and invented packs for FUZZ_SECONDS (60), from
 * FUZZ_SEED (the clock). It must answer with coded errors, and where it reports
 * nothing, git must have read the same objects.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';

import { expect, test } from 'vitest';

import {
  buildIndex,
  type BuiltPack,
  buildPack,
  encodeDelta,
  encodeDistance,
  entryHeader,
  type EntrySpec,
  hashObject,
  type Instruction,
  naiveApply,
  ofsDelta,
  refDelta,
  whole,
} from '../helpers/pack-builder.ts';
import { type Reading, readStore } from '../helpers/pack-reading.ts';
import { type GitObject, parseBatch, Random } from '../helpers/pack-repository.ts';
import { makeFolder, makeRepository } from '../helpers/repository.ts';

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 60);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const MEMORY_LIMIT = 300e6;
/** For packs of a few kilobytes: far more than any takes. */
const ROUND_LIMIT_MS = 5000;
const reproducers = fileURLToPath(new URL('../../fixtures/packs/hostile/', import.meta.url));

interface Made {
  readonly bytes: Buffer;
  readonly spec: EntrySpec;
}

function someInstructions(random: Random, parentSize: number): Instruction[] {
  const instructions: Instruction[] = [];
  for (let n = random.next(6); n >= 0; n--) {
    const from = random.next(parentSize);
    if (random.next(2) === 0 && parentSize > 0) instructions.push({ copy: [from, 1 + random.next(parentSize - from)] });
    else instructions.push({ insert: random.bytes(1 + random.next(200)) });
  }
  return instructions;
}

/** A sound pack of whole objects and deltas of both kinds. */
function soundPack(random: Random): EntrySpec[] {
  const made: Made[] = [];
  for (let n = 2 + random.next(8); n > 0; n--) {
    const base = made[random.next(made.length)];
    if (!base || random.next(3) === 0) {
      const bytes = random.next(4) === 0 ? Buffer.alloc(random.next(5000), n) : random.bytes(1 + random.next(400));
      made.push({ bytes, spec: whole('blob', bytes) });
      continue;
    }
    const instructions = someInstructions(random, base.bytes.length);
    const bytes = Buffer.from(naiveApply(base.bytes, instructions));
    const delta = encodeDelta(base.bytes.length, bytes.length, instructions);
    const object = { type: 'blob', bytes: new Uint8Array(bytes) } as const;
    const spec =
      random.next(2) === 0
        ? ofsDelta(made.indexOf(base), delta, object)
        : refDelta(hashObject('blob', base.bytes), delta, object);
    made.push({ bytes, spec });
  }
  return made.map(({ spec }) => spec);
}

function someBytes(random: Random): Buffer {
  return random.next(2) === 0 ? deflateSync(random.bytes(random.next(300))) : random.bytes(random.next(60));
}

/** One entry that need not make sense. */
function inventedEntry(random: Random, ids: readonly string[]): EntrySpec {
  const id = random.bytes(20).toString('hex');
  const size = random.pick([0, 1, 20, 300, 2 ** 31, 2 ** 32, 2 ** 53 - 1, random.next(400)]);
  const type = random.next(8);
  const rest =
    type === 6
      ? encodeDistance(1 + random.next(200))
      : type === 7
        ? [...Buffer.from(random.pick([id, ...ids]), 'hex')]
        : [];
  return { id, header: () => [...entryHeader(type, size), ...rest], compressed: someBytes(random) };
}

/** A delta that need not fit its base. */
function inventedDelta(random: Random, count: number): EntrySpec {
  const sizes = [random.next(300), random.next(300)];
  const delta = Buffer.concat([encodeDelta(sizes[0]!, sizes[1]!, []), random.bytes(random.next(40))]);
  return { ...ofsDelta(random.next(count), delta), id: random.bytes(20).toString('hex') };
}

function damage(bytes: Buffer, random: Random): Buffer {
  let damaged = Buffer.from(bytes);
  for (let n = random.next(4); n >= 0; n--) {
    const at = random.next(damaged.length);
    const kind = random.next(5);
    if (kind === 0) damaged[at] = random.next(256);
    else if (kind === 1) damaged[at]! ^= 1 << random.next(8);
    else if (kind === 2) damaged = Buffer.concat([damaged.subarray(0, at), damaged.subarray(at + 1 + random.next(4))]);
    else if (kind === 3)
      damaged = Buffer.concat([damaged.subarray(0, at), random.bytes(1 + random.next(4)), damaged.subarray(at)]);
    else damaged.copyWithin(at, random.next(damaged.length), random.next(damaged.length));
  }
  return damaged;
}

/** Entries damaged one by one, so that offsets, CRCs and trailers are right again. */
function damagedEntries(specs: readonly EntrySpec[], random: Random): EntrySpec[] {
  const { pack, ids, offsets } = buildPack(specs);
  const victim = random.next(specs.length);
  return offsets.map((offset, i) => {
    const entry = Buffer.from(pack.subarray(offset, offsets[i + 1] ?? pack.length - 20));
    return { id: ids[i]!, header: () => [], compressed: i === victim ? damage(entry, random) : entry };
  });
}

function invent(random: Random): Pick<BuiltPack, 'pack' | 'idx'> {
  const sound = soundPack(random);
  const built = buildPack(sound);
  switch (random.next(6)) {
    case 0:
      return { pack: damage(built.pack, random), idx: built.idx };
    case 1:
      return { pack: built.pack, idx: damage(built.idx, random) };
    case 2:
      return buildPack(damagedEntries(sound, random));
    case 3:
      return buildPack([...sound, inventedEntry(random, built.ids), inventedEntry(random, built.ids)]);
    case 4:
      return buildPack([...sound, inventedDelta(random, sound.length)]);
    default: {
      const offsets = built.offsets.map((offset) =>
        random.next(4) === 0 ? random.next(built.pack.length + 10) : offset,
      );
      return { pack: built.pack, idx: buildIndex(built.ids, offsets, offsets, built.pack.subarray(-20)) };
    }
  }
}

const repository = makeRepository({ bare: true });

/** What git makes of the pack: null if it complains. */
function askGit(pack: Pick<BuiltPack, 'pack' | 'idx'>): Map<string, GitObject> | null {
  const folder = repository.inside('objects', 'pack');
  writeFileSync(path.join(folder, 'pack-0.pack'), pack.pack);
  writeFileSync(path.join(folder, 'pack-0.idx'), pack.idx);
  // Damaged packs make git allocate until nothing is left: hence the bounds.
  const { status, stdout } = spawnSync(
    'sh',
    ['-c', 'ulimit -v 2000000; exec git cat-file --batch-all-objects --batch'],
    {
      cwd: repository.folder,
      env: repository.environment,
      timeout: 5000,
      maxBuffer: 1 << 28,
    },
  );
  return status === 0 ? parseBatch(stdout) : null;
}

function describeDifference(reading: Reading, theirs: Map<string, GitObject> | null): string {
  if (theirs === null) return 'git refuses what we call clean';
  const wrong = [...theirs].filter(([id, { bytes }]) => reading.objects.get(id)?.bytes.equals(bytes) !== true);
  return wrong.length === 0 && theirs.size === reading.objects.size ? '' : 'we call clean what git reads differently';
}

test(`the pack reader stands ${SECONDS} s of invented packs (seed ${SEED})`, async () => {
  const random = new Random(SEED);
  const ends = Date.now() + SECONDS * 1000;
  const directory = makeFolder('objects');
  mkdirSync(path.join(directory, 'pack'));
  const codes = new Map<string, number>();
  let rounds = 0;
  for (; Date.now() < ends; rounds++) {
    const pack = invent(random);
    writeFileSync(path.join(directory, 'pack', 'pack-0.pack'), pack.pack);
    writeFileSync(path.join(directory, 'pack', 'pack-0.idx'), pack.idx);
    let complaint = '';
    const started = performance.now();
    try {
      const reading = await readStore(directory, { arenaLimit: 1 << 22, verifyObjects: rounds % 2 === 0 });
      for (const code of reading.codes.length > 0 ? reading.codes : ['clean'])
        codes.set(code, (codes.get(code) ?? 0) + 1);
      if (reading.codes.some((code) => !/^(?:PACK|OBJECT)_/.test(code)))
        complaint = `odd code: ${reading.codes.join()}`;
      const spent = performance.now() - started;
      if (spent > ROUND_LIMIT_MS) complaint ||= `it took ${spent} ms`;
      if (reading.codes.length === 0) complaint ||= describeDifference(reading, askGit(pack));
    } catch (error) {
      complaint = String(error);
    }
    const { arrayBuffers } = process.memoryUsage();
    if (arrayBuffers > MEMORY_LIMIT) complaint ||= `${arrayBuffers} bytes are held`;
    if (complaint === '') continue;
    const name = `found-${SEED}-${rounds}`;
    writeFileSync(path.join(reproducers, `${name}.pack`), pack.pack);
    writeFileSync(path.join(reproducers, `${name}.idx`), pack.idx);
    expect.fail(`${complaint}; reproducer ${name} was written to fixtures/packs/hostile`);
  }
  console.log(
    `${rounds} packs: ${[...codes]
      .toSorted((a, b) => b[1] - a[1])
      .map(([code, n]) => `${code} ${n}`)
      .join(', ')}`,
  );
  expect(rounds).toBeGreaterThan(0);
});
