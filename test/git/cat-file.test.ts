import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { type BatchItem, type BatchOptions, readObjects } from '../../src/git/cat-file.ts';
import { idList } from '../../src/git/object-id.ts';
import { ObjectPipe } from '../../src/git/object-pipe.ts';
import { openRepository } from '../../src/git/repository.ts';
import { GIT_ENVIRONMENT, type TestRepository, makeRepository } from '../helpers/repository.ts';

const signal = new AbortController().signal;

async function open(repository: TestRepository) {
  return openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
}

/** Everything that comes back, with content copied out of the reused memory. */
async function readAll(repository: TestRepository, ids: readonly string[], options: Partial<BatchOptions> = {}) {
  const { invocation, idLength } = await open(repository);
  const answers: string[] = [];
  for await (const items of readObjects(invocation, idList(ids, idLength), { signal, ...options })) {
    for (const item of items) answers.push(await told(item));
  }
  return answers;
}

async function told(item: BatchItem): Promise<string> {
  if (item.kind === 'absent') return `${item.at} ${item.why}`;
  if (item.content instanceof Uint8Array) {
    return `${item.at} ${item.type} ${item.size} ${Buffer.from(item.content).toString('latin1')}`;
  }
  let text = '';
  for await (const chunk of item.content.chunks) text += Buffer.from(chunk).toString('latin1');
  return `${item.at} streamed ${item.type} ${item.size} ${text}`;
}

/** Sizes around git's and our own buffers, and content that looks like an answer. */
const CONTENTS = [
  '',
  '\n',
  'a',
  'x'.repeat(65_535),
  'y'.repeat(65_536),
  'z'.repeat(200_000),
  `${'0'.repeat(40)} blob 3\nabc\n`,
];

function store(repository: TestRepository, contents: readonly string[]): string[] {
  return contents.map((content) => repository.store('blob', content));
}

function looseFile(repository: TestRepository, id: string): string {
  const file = repository.inside('objects', id.slice(0, 2), id.slice(2));
  chmodSync(file, 0o644);
  return file;
}

describe('readObjects', () => {
  test.each(['sha1', 'sha256'] as const)('gives content back, in the order asked (%s)', async (objectFormat) => {
    const repository = makeRepository({ objectFormat });
    const ids = store(repository, CONTENTS);
    const expected = CONTENTS.map((content, at) => `${at} blob ${content.length} ${content}`);
    expect(await readAll(repository, ids)).toEqual(expected);
    expect(await readAll(repository, ids.toReversed())).not.toEqual(expected);
  });

  test('answers more questions than a pipe holds', async () => {
    const repository = makeRepository();
    const ids = store(repository, CONTENTS.slice(0, 3));
    const many = Array.from({ length: 5000 }, (_, i) => ids[i % ids.length] ?? '');
    expect(await readAll(repository, many)).toHaveLength(many.length);
  });

  test('streams what is above the limit, and passes over what nobody reads', async () => {
    const repository = makeRepository();
    const ids = store(repository, CONTENTS);
    expect(await readAll(repository, ids, { streamAbove: 65_535 })).toEqual(
      CONTENTS.map(
        (content, at) => `${at}${content.length > 65_535 ? ' streamed' : ''} blob ${content.length} ${content}`,
      ),
    );
    const { invocation } = await open(repository);
    let count = 0;
    for await (const items of readObjects(invocation, idList(ids, 40), { signal, streamAbove: 10 }))
      count += items.length;
    expect(count).toBe(ids.length);
  });

  test('says which object is missing', async () => {
    const repository = makeRepository();
    const [id = ''] = store(repository, ['a']);
    const none = 'f'.repeat(40);
    expect(await readAll(repository, [none, id, none])).toEqual(['0 missing', '1 blob 1 a', '2 missing']);
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 60)],
    ['a flipped bit', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -3), Buffer.of(1, 2, 3)])],
  ])('loses only the damaged object (%s)', async (_, damage) => {
    const repository = makeRepository();
    const ids = store(repository, ['before', Array.from({ length: 500 }, (__, i) => i * 7919).join(' '), 'after']);
    const file = looseFile(repository, ids[1] ?? '');
    writeFileSync(file, damage(readFileSync(file)));
    const messages: string[] = [];
    const answers = await readAll(repository, ids, { onMessage: (line) => messages.push(line) });
    expect(answers).toEqual(['0 blob 6 before', '1 unreadable', '2 blob 5 after']);
    expect(messages.join('\n')).toContain(ids[1]);
  });

  test('a damaged object that is streamed ends early and is then called unreadable', async () => {
    const repository = makeRepository();
    const content = Array.from({ length: 50_000 }, (_, i) => i * 7919).join(' ');
    const ids = store(repository, [content, 'after']);
    const file = looseFile(repository, ids[0] ?? '');
    writeFileSync(file, readFileSync(file).subarray(0, 60_000));
    const answers = await readAll(repository, ids, { streamAbove: 1000 });
    expect(answers[0]?.length).toBeLessThan(content.length);
    expect(answers.slice(1)).toEqual(['0 unreadable', '1 blob 5 after']);
  });

  test('loses nothing but a ruined pack', async () => {
    const repository = makeRepository();
    const packed = store(
      repository,
      Array.from({ length: 30 }, (_, i) => `content ${i}`),
    );
    repository.gitBytes(['pack-objects', '-q', repository.inside('objects/pack/pack')], `${packed.join('\n')}\n`);
    repository.git('prune-packed');
    const loose = store(repository, ['loose']);
    const pack = readdirSync(repository.inside('objects/pack')).find((name) => name.endsWith('.pack')) ?? '';
    const file = repository.inside('objects/pack', pack);
    chmodSync(file, 0o644);
    writeFileSync(file, readFileSync(file).subarray(0, 100));
    const answers = await readAll(repository, [...packed, ...loose]);
    expect(answers.filter((answer) => /^\d+ (?:missing|unreadable)$/.test(answer))).toHaveLength(30);
    expect(answers.at(-1)).toBe('30 blob 5 loose');
  });

  test('starts git no more often than allowed', async () => {
    const repository = makeRepository();
    const ids = store(
      repository,
      Array.from({ length: 6 }, (_, i) => Array.from({ length: 500 }, (__, k) => (k + i) * 7919).join(' ')),
    );
    for (const id of ids.slice(0, 4)) {
      const file = looseFile(repository, id);
      writeFileSync(file, readFileSync(file).subarray(0, 60));
    }
    const lost = async (restarts: number) =>
      (await readAll(repository, ids, { restarts })).filter((answer) => answer.endsWith('unreadable'));
    expect(await lost(10)).toHaveLength(4);
    expect(await lost(2)).toHaveLength(6);
  });

  test('ends with the reason when aborted', async () => {
    const repository = makeRepository();
    const ids = store(repository, CONTENTS);
    const { invocation } = await open(repository);
    const controller = new AbortController();
    const reading = (async () => {
      for await (const items of readObjects(invocation, idList([...ids, ...ids], 40), { signal: controller.signal })) {
        if (items.length > 0) controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
  });

  test('stops git when the reader stops', async () => {
    const repository = makeRepository();
    const ids = store(repository, CONTENTS);
    const { invocation } = await open(repository);
    const list = idList(
      Array.from({ length: 10_000 }, () => ids[5] ?? ''),
      40,
    );
    let lists = 0;
    for await (const items of readObjects(invocation, list, { signal })) if (items.length > 0 && ++lists === 2) break;
    expect(lists).toBe(2);
  });
});

describe('ObjectPipe', () => {
  test('answers one question after the other, and after a damaged object', async () => {
    const repository = makeRepository();
    const ids = store(repository, ['one', Array.from({ length: 500 }, (_, i) => i * 7919).join(' '), 'three']);
    const file = looseFile(repository, ids[1] ?? '');
    writeFileSync(file, readFileSync(file).subarray(0, 60));
    const { invocation, idLength } = await open(repository);
    const pipe = new ObjectPipe(invocation, idLength);
    const asked = [...ids, 'f'.repeat(40), ids[0] ?? ''];
    const answers = await Promise.all(asked.map((id) => pipe.get(id, signal)));
    pipe.close();
    expect(answers.map((answer) => answer && Buffer.from(answer.bytes).toString())).toEqual([
      'one',
      null,
      'three',
      null,
      'one',
    ]);
  });
});
