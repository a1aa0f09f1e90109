import { describe, expect, test } from 'vitest';

import { sweepCommits } from '../../src/git/commit-sweep.ts';
import { parseCommitLinks } from '../../src/git/object/commit.ts';
import { messageText } from '../../src/git/object/message.ts';
import { openPackedRepository } from '../../src/git/packed-repository.ts';
import { openRepository } from '../../src/git/repository.ts';
import { idPlace } from '../../src/git/tree-sweep.ts';
import { type LiteralReach, loadReaches } from '../../src/kernel/tree-job.ts';
import { loadAutomaton, useAutomaton } from '../../src/kernel/automaton.ts';
import { KernelMemory } from '../../src/kernel/instance.ts';
import { Random, allObjects, packAll } from '../helpers/pack-repository.ts';
import { GIT_ENVIRONMENT, type TestRepository, makeRepository } from '../helpers/repository.ts';
import { signal } from '../helpers/source.ts';

/** What a commit's message is asked about; what stands alone in it is not looked for. */
const WORD = 'needle';
const ARMOUR = ['-----BEGIN PGP SIGNATURE-----', '', 'iQEzBAABCAAdFiEE', '-----END PGP SIGNATURE-----'];
const SIGNED = `gpgsig ${ARMOUR.join('\n ')}`;
const SHA256_SIGNED = `gpgsig-sha256 ${ARMOUR.join('\n ')}\n `;
const PEOPLE = ['author A <a@b.example> 1700000000 +0000', 'committer A <a@b.example> 1700000001 -0700'];

/** Headers behind the links, and what follows them, blank line included: which of them the kernel reads by itself. */
const FORMS: readonly (readonly [string, readonly string[], string, 'kernel' | 'caller'])[] = [
  ['ordinary', PEOPLE, '\n\na message\n', 'kernel'],
  ['without a line break at its end', PEOPLE, '\n\na message', 'kernel'],
  ['an empty message', PEOPLE, '\n\n', 'kernel'],
  ['signed', [...PEOPLE, SIGNED], '\n\na message\n', 'kernel'],
  ['signed twice', [...PEOPLE, SIGNED, SHA256_SIGNED], '\n\na message\n', 'kernel'],
  ['signed with SSH', [...PEOPLE, SIGNED.replaceAll('PGP', 'SSH')], '\n\nm\n', 'kernel'],
  ['signed, with a version', [...PEOPLE, SIGNED.replace('\n \n', '\n Version: GnuPG v1\n \n')], '\n\nm\n', 'kernel'],
  ['signed, without a blank line', [...PEOPLE, SIGNED.replace('\n \n', '\n')], '\n\nm\n', 'kernel'],
  ['something else signed', [...PEOPLE, SIGNED.replaceAll('SIGNATURE', 'MESSAGE')], '\n\nm\n', 'caller'],
  ['a signature of two kinds', [...PEOPLE, SIGNED.replace('END PGP', 'END SSH')], '\n\nm\n', 'caller'],
  ['words in a signature', [...PEOPLE, SIGNED.replace('iQEz', 'the key iQEz')], '\n\nm\n', 'caller'],
  ['two blank lines in a signature', [...PEOPLE, SIGNED.replace('\n \n', '\n \n \n')], '\n\nm\n', 'caller'],
  ['words behind a signature', [...PEOPLE, `${SIGNED}\n more`], '\n\nm\n', 'caller'],
  ['words instead of a signature', [...PEOPLE, 'gpgsig no secret key'], '\n\nm\n', 'caller'],
  ['a signature without end', [...PEOPLE, SIGNED.slice(0, 60)], '\n\nm\n', 'caller'],
  ['a long line in a signature', [...PEOPLE, SIGNED.replace('iQEz', 'A'.repeat(77))], '\n\nm\n', 'caller'],
  [
    'a long header in a signature',
    [...PEOPLE, SIGNED.replace('\n \n', `\n C: ${'x'.repeat(201)}\n \n`)],
    '\n\nm\n',
    'caller',
  ],
  ['many lines', PEOPLE, `\n\n${'- a line -- of many\n'.repeat(40)}`, 'kernel'],
  ['line breaks of Windows', PEOPLE, '\n\na message\r\nof two lines\r\n', 'kernel'],
  ['blank lines first', PEOPLE, '\n\n\n\na message', 'kernel'],
  ['what looks like a header in its message', PEOPLE, '\n\nencoding none\ngpgsig -----\n', 'kernel'],
  ['an encoding', [...PEOPLE, 'encoding ISO-8859-1'], '\n\nMen\xfc\n', 'caller'],
  ['another header', [...PEOPLE, 'HG:extra of another program'], '\n\na message\n', 'caller'],
  ['a header like a signature', [...PEOPLE, 'gpgsigs x'], '\n\na message\n', 'caller'],
  [
    'a merged tag',
    [...PEOPLE, `mergetag object ${'1'.repeat(40)}\n type commit\n tag x\n \n text`],
    '\n\nm\n',
    'caller',
  ],
  ['a zero byte early', PEOPLE, '\n\na\0b\n', 'caller'],
  ['a zero byte among many', PEOPLE, `\n\na\0${'x'.repeat(40)}\n`, 'caller'],
  ['a zero byte late', PEOPLE, `\n\n${'x'.repeat(40)}\0`, 'caller'],
  ['a signature at its end', PEOPLE, `\n\na message\n${ARMOUR.join('\n')}\n`, 'caller'],
  ['a long author', [`author ${'A '.repeat(200)}<a> 17 +0000`, 'committer <> 18 +0000'], '\n\nm\n', 'kernel'],
  ['no time', ['author A <a>', 'committer A <a>'], '\n\nm\n', 'kernel'],
];
/** These have no blank line, so git would not make them either. */
const NO_MESSAGE = ['no message', PEOPLE, '\n', 'caller'] as const;

function write(repository: TestRepository, tree: string, parents: readonly string[], rest: string): string {
  const head = [`tree ${tree}`, ...parents.map((id) => `parent ${id}`), ''].join('\n');
  const raw = Buffer.from(head + rest, 'latin1');
  return repository.gitBytes(['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], raw).toString().trim();
}

/** @returns ids of the commits, and which of them are the caller's */
function makeCommits(repository: TestRepository): Map<string, 'kernel' | 'caller'> {
  const tree = repository.git('mktree', '--missing').trim();
  const made = new Map<string, 'kernel' | 'caller'>();
  const random = new Random(11);
  for (const [name, headers, message, who] of [...FORMS, NO_MESSAGE]) {
    for (const word of ['', WORD]) {
      const ids = [...made.keys()];
      const parents = Array.from(
        { length: Math.min(ids.length, random.next(4)) },
        () => ids[random.next(ids.length)] ?? '',
      );
      const text = message.endsWith('\0') ? word + message : message + word;
      // A word of its own for each, so that no two are the same.
      const people = headers.map((line, i) =>
        i === 0 ? line.replace('author ', `author ${name.replaceAll(' ', '_')} `) : line,
      );
      made.set(write(repository, tree, parents, people.join('\n') + text), who);
    }
  }
  const ids = [...made.keys()];
  made.set(write(repository, tree, ids.slice(0, 30), `${PEOPLE.join('\n')}\n\noctopus\n`), 'kernel');
  const many = Array.from({ length: 61 }, (_, i) => ids[i % ids.length] ?? '');
  made.set(write(repository, tree, many, `${PEOPLE.join('\n')}\n\ntoo many parents ${WORD}\n`), 'caller');
  made.set(write(repository, '1'.repeat(tree.length), [], `${PEOPLE.join('\n')}\n\nan absent tree\n`), 'caller');
  made.set(write(repository, tree, [], `${PEOPLE.join('\n')}\n\n${'a long one '.repeat(30_000)}\n`), 'caller');
  return made;
}

/** More than fit the kernel's lists at once: first texts, then what is said of commits. */
function makeMany(repository: TestRepository, random: Random): void {
  let stream = '';
  for (let n = 0; n < 3000; n++) {
    const who = `A <a@example.test> ${1_767_225_600 + n} +0000`;
    const text = `${'some text '.repeat(n < 1000 ? random.next(30) : 0)}${random.next(5) === 0 ? WORD : ''} ${n}\n`;
    stream += `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\ndata ${text.length}\n${text}`;
  }
  repository.gitBytes(['fast-import', '--quiet'], stream);
}

const REACH: LiteralReach = { before: 0, after: 0, gate: 0, run: 0, leads: [] };

interface Told {
  readonly tree: number;
  readonly parents: readonly number[];
  readonly seconds: number;
  readonly text: string | null;
}

/** @param heldPack - larger packs are read by parts @param megabytes - of the kernel's memory */
async function sweep(repository: TestRepository, heldPack?: number, megabytes = 512) {
  const memory = new KernelMemory(megabytes << 20);
  const opened = await openRepository(repository.folder, { signal, environment: GIT_ENVIRONMENT });
  const { store, table } = openPackedRepository(opened, () => undefined, { kernel: memory, heldPack });
  const ids = idPlace(store, table);
  if (ids === null) throw new Error('the ids are not in the memory of the kernel');
  const literals = [{ bytes: Buffer.from(WORD), exact: true }];
  const automaton = loadAutomaton(memory, literals);
  const reaches = loadReaches(
    memory,
    literals,
    () => REACH,
    () => 0,
  );
  const read = new Map<string, Told>();
  const other = new Map<string, Buffer>();
  const order: string[] = [];
  const steps = sweepCommits(
    store,
    ids,
    {
      memory,
      equip: (kernel) => {
        useAutomaton(kernel, automaton);
        return reaches;
      },
    },
    table,
    {
      read: ({ position, place, text }) => {
        order.push(table.hex(position));
        const words = text === null ? null : Buffer.from(text).toString('latin1');
        read.set(table.hex(position), { ...place, parents: [...place.parents], text: words });
      },
      other: ({ position, bytes }) => {
        order.push(table.hex(position));
        other.set(table.hex(position), Buffer.from(bytes));
      },
    },
  );
  let told = 0;
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) told += step.value;
  return { table, read, other, order, told, left: step.value };
}

describe.each(['sha1', 'sha256'] as const)('a sweep of commits of %s', (objectFormat) => {
  test('reads what the plain code reads, and tells in which texts a literal stands', async () => {
    const repository = makeRepository({ objectFormat });
    const made = makeCommits(repository);
    makeMany(repository, new Random(3));
    packAll(repository);
    const commits = [...allObjects(repository)].filter(([, { type }]) => type === 'commit');
    const { table, read, other, order, told, left } = await sweep(repository);
    expect([...left]).toEqual([]);
    expect(told).toBe(commits.length);
    expect(order.toSorted()).toEqual(commits.map(([id]) => id).toSorted());
    expect([...other.keys()].toSorted()).toEqual(
      [...made]
        .filter(([, who]) => who === 'caller')
        .map(([id]) => id)
        .toSorted(),
    );
    const taken = new Map(
      [...read].map(([id, { tree, parents, seconds, text }]) => {
        const named = { tree: table.hex(tree), parents: parents.map((one) => table.hex(one)), commitSeconds: seconds };
        return [id, { ...named, text }];
      }),
    );
    const plainly = commits
      .filter(([id]) => !other.has(id))
      .map(([id, { bytes }]): [string, unknown] => {
        const text = Buffer.from(messageText(bytes)).toString('latin1');
        return [id, { ...parseCommitLinks(bytes), text: text.includes(WORD) ? text : null }];
      });
    expect(taken).toEqual(new Map(plainly));
    for (const [id, bytes] of other) expect(bytes).toEqual(new Map(commits).get(id)?.bytes);
    const asked = [...read.values()].filter(({ text }) => text !== null).length;
    const byParts = await sweep(repository, 0);
    expect([...byParts.left]).toEqual([]);
    expect([byParts.read, byParts.other, byParts.told]).toEqual([read, other, told]);
    // Control: there are both.
    expect(asked).toBeGreaterThan(300);
    expect(asked).toBeLessThan(read.size - 1000);
  });
});

test('packs are read by parts in the same memory, one after the other', async () => {
  const repository = makeRepository();
  makeMany(repository, new Random(4));
  const commits = [...allObjects(repository)].flatMap(([id, { type }]) => (type === 'commit' ? [id] : []));
  const target = repository.inside('objects', 'pack', 'pack');
  for (let at = 0; at < commits.length; at += 50)
    repository.gitBytes(['pack-objects', '-q', target], `${commits.slice(at, at + 50).join('\n')}\n`);
  const [fromMuch, fromLittle] = [await sweep(repository, 0, 1024), await sweep(repository, 0, 128)];
  expect(fromMuch.told).toBe(commits.length);
  expect(fromLittle.told).toBe(commits.length);
  // Control: room for each of them would be more than that.
  expect(commits.length / 50).toBeGreaterThan(20);
});
