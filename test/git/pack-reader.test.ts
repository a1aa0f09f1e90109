import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import type { ByteStream } from '../../src/core/blob.ts';
import { listObjects } from '../../src/git/list-objects.ts';
import { catFileReader, type ObjectReader } from '../../src/git/object-reader.ts';
import type { ObjectTable } from '../../src/git/object-table.ts';
import { hashFormat } from '../../src/git/pack/hash-format.ts';
import { openObjectStore } from '../../src/git/pack/object-store.ts';
import { packReader } from '../../src/git/pack-reader.ts';
import { openRepository } from '../../src/git/repository.ts';
import { loosePath } from '../../src/git/pack/loose.ts';
import { objectsFolder, packFiles, populate, Random } from '../helpers/pack-repository.ts';
import { makeRepository, type TestRepository } from '../helpers/repository.ts';

const { signal } = new AbortController();

interface Readers {
  readonly table: ObjectTable;
  readonly git: ObjectReader;
  readonly ours: ObjectReader;
  /** Positions that git was asked about in our stead. */
  readonly asked: number[];
}

async function readers(repository: TestRepository, arenaLimit = 1 << 24): Promise<Readers> {
  const opened = await openRepository(repository.folder, { signal, environment: repository.environment });
  const { table } = await listObjects(opened, { signal, onMessage: () => undefined });
  const git = catFileReader(opened, table, () => undefined);
  const asked: number[] = [];
  const noting: ObjectReader = {
    read(positions, stop) {
      asked.push(...positions);
      return git.read(positions, stop);
    },
  };
  const format = hashFormat(opened.objectFormat);
  const store = openObjectStore(objectsFolder(repository), { format, arenaLimit, report: () => undefined });
  return { table, git, ours: packReader(store, table, noting), asked };
}

async function bytesOf(content: Uint8Array | ByteStream): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content);
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Everything a reader gives, by place. Content is copied at once, as it may be overwritten. */
async function collect(reader: ObjectReader, positions: Uint32Array): Promise<string[]> {
  const answers: string[] = [];
  for await (const items of reader.read(positions, signal)) {
    for (const item of items) {
      if (answers[item.at] !== undefined) throw new Error('answered twice');
      if (item.kind === 'absent') {
        answers[item.at] = 'absent';
        continue;
      }
      const bytes = await bytesOf(item.content);
      answers[item.at] = `${item.type} ${item.size} ${bytes.toString('latin1')}`;
    }
  }
  return answers;
}

function all({ table }: Readers): Uint32Array {
  return Uint32Array.from({ length: table.length }, (_, position) => position);
}

describe('packReader answers as cat-file does', () => {
  test.each(['sha1', 'sha256'] as const)('for all objects, packed, loose and doubled (%s)', async (objectFormat) => {
    const repository = makeRepository({ objectFormat });
    populate(repository, 1, 40);
    repository.git('repack', '-aq');
    populate(repository, 2, 8);
    const pair = await readers(repository);
    const theirs = await collect(pair.git, all(pair));
    expect(theirs.length).toBeGreaterThan(150);
    expect(await collect(pair.ours, all(pair))).toEqual(theirs);
    expect(pair.asked).toEqual([]);
  });

  test('for few, for repeated and for no objects', async () => {
    const repository = makeRepository();
    populate(repository, 3, 20);
    repository.git('repack', '-adfq');
    const pair = await readers(repository);
    for (const positions of [[], [7], [3, 3, 3], [...all(pair), ...all(pair)]].map((list) => Uint32Array.from(list)))
      expect(await collect(pair.ours, positions)).toEqual(await collect(pair.git, positions));
  });

  test('for objects that have no room in the arena, which git streams', async () => {
    const repository = makeRepository();
    populate(repository, 4, 8);
    const big = new Random(1).bytes(80_000);
    repository.commit('Big', { big, bigger: Buffer.concat([big, Buffer.from('more')]) });
    repository.git('repack', '-adfq');
    const pair = await readers(repository, 60_000);
    expect(await collect(pair.ours, all(pair))).toEqual(await collect(pair.git, all(pair)));
    const names = pair.asked.map((position) => pair.table.hex(position)).toSorted();
    expect(names).toEqual([repository.id('HEAD:big'), repository.id('HEAD:bigger')].toSorted());
  });

  test('for objects that were written after the store was opened', async () => {
    const repository = makeRepository();
    populate(repository, 5, 5);
    repository.git('repack', '-adq');
    const { table: before } = await readers(repository);
    const pair = await readers(repository);
    const id = repository.store('blob', 'later\n');
    pair.table.add(Buffer.from(id, 'hex'), 0);
    const answers = await collect(pair.ours, Uint32Array.of(before.length));
    expect(answers).toEqual(['blob 6 later\n']);
  });
});

describe('packReader on damage', () => {
  test('says absent and does not ask git, which would only take longer to say so', async () => {
    const repository = makeRepository();
    populate(repository, 6, 6);
    const pair = await readers(repository);
    const id = repository.id('HEAD:file0.txt');
    const file = loosePath(objectsFolder(repository), id);
    rmSync(file, { force: true });
    writeFileSync(file, 'damaged');
    const answers = await collect(
      pair.ours,
      Uint32Array.of(pair.table.findHex(id), pair.table.findHex(repository.id('HEAD'))),
    );
    expect(answers[0]).toBe('absent');
    expect(answers[1]).toMatch(/^commit /);
    expect(pair.asked).toEqual([]);
    expect(packFiles(repository, '.pack')).toEqual([]);
    expect(path.basename(file)).toHaveLength(38);
  });
});
