import { readdirSync } from 'node:fs';
import path from 'node:path';

import type { TestRepository } from './repository.ts';

/** Repeatable numbers: a linear congruential generator, top bits only. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ n < below. */
  next(below: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * below);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.next(values.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Uint8Array.from({ length }, () => this.next(256)));
  }
}

/** What git says of one stored object. */
export interface GitObject {
  readonly type: string;
  readonly bytes: Buffer;
}

export function objectsFolder(repository: TestRepository): string {
  return repository.inside('objects');
}

/** Files in objects/pack whose names end so, as full paths. */
export function packFiles(repository: TestRepository, ending: string): string[] {
  const folder = repository.inside('objects', 'pack');
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => path.join(folder, name));
}

/** Every object as `git cat-file` gives it: the oracle. */
export function allObjects(repository: TestRepository): Map<string, GitObject> {
  return parseBatch(repository.gitBytes(['cat-file', '--batch-all-objects', '--batch', '--unordered']));
}

/** Reads the output of `git cat-file --batch`. */
export function parseBatch(output: Buffer): Map<string, GitObject> {
  const objects = new Map<string, GitObject>();
  for (let at = 0; at < output.length;) {
    const lineEnd = output.indexOf(10, at);
    const [id = '', type = '', size = ''] = output.toString('latin1', at, lineEnd).split(' ');
    const end = lineEnd + 1 + Number(size);
    objects.set(id, { type, bytes: output.subarray(lineEnd + 1, end) });
    at = end + 1;
  }
  return objects;
}

const WORDS = 'the of packs hold what history kept and nobody thought to look again for keys that once were here'.split(
  ' ',
);

function line(random: Random): string {
  return Array.from({ length: 1 + random.next(9) }, () => random.pick(WORDS)).join(' ') + random.next(1000);
}

/** One edit: lines changed, added, deleted, moved, or all of it replaced. */
function edit(lines: string[], random: Random): string[] {
  const at = random.next(lines.length + 1);
  switch (random.next(5)) {
    case 0:
      return lines.toSpliced(at, random.next(4), line(random), line(random));
    case 1:
      return lines.toSpliced(at, 1 + random.next(6));
    case 2:
      return [...lines.slice(at), ...lines.slice(0, at)];
    case 3:
      return [...lines, line(random)];
    default:
      return lines.map((text) => (random.next(20) === 0 ? line(random) : text));
  }
}

/** Bytes with their length, as `git fast-import` reads them. */
function data(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}

/** One commit for `git fast-import`, on `main` unless it says otherwise. */
class Stream {
  readonly #pieces: Buffer[] = [];
  #clock: number;

  constructor(clock: number) {
    this.#clock = clock;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  line(text: string): void {
    this.#pieces.push(Buffer.from(`${text}\n`));
  }

  data(content: string | Uint8Array): void {
    this.#pieces.push(data(content));
  }

  /** @param parents - `from` and `merge` lines; none: on top of the branch */
  commit(
    branch: string,
    message: string,
    parents: readonly string[],
    changes: ReadonlyMap<string, string | Uint8Array>,
  ): void {
    this.line(`commit refs/heads/${branch}`);
    this.line(`author Ada Author <ada@example.test> ${this.#clock} +0000`);
    this.line(`committer Cleo Committer <cleo@example.test> ${this.#clock++} +0000`);
    this.data(message);
    for (const parent of parents) this.line(parent);
    for (const [file, content] of changes) {
      this.line(`M 100644 inline ${file}`);
      this.data(content);
    }
  }
}

/**
 * Fills a repository with commits of random edits, renames, deletions, binary
 * files, merges and annotated tags, as loose objects and in one process.
 */
export function populate(repository: TestRepository, seed: number, commits: number): void {
  const random = new Random(seed);
  const files = new Map<string, string[]>();
  const newLines = (): string[] => Array.from({ length: 60 + random.next(200) }, () => line(random));
  for (let n = 0; n < 4; n++) files.set(`file${n}.txt`, newLines());
  const hasMain = repository.git('for-each-ref', 'refs/heads/main') !== '';
  repository.clock += 1000;
  const stream = new Stream(repository.clock);
  for (let n = 0; n < commits; n++) {
    const name = random.pick([...files.keys()]);
    const lines = edit(files.get(name) ?? [], random);
    if (random.next(9) === 0) files.delete(name);
    files.set(random.next(9) === 0 ? `renamed${n}.txt` : name, lines);
    const changes = new Map<string, string | Uint8Array>(
      [...files].map(([file, text]) => [file, `${text.join('\n')}\n`]),
    );
    changes.set('folder/binary.bin', Buffer.concat([random.bytes(200), Buffer.alloc(random.next(3000), n)]));
    if (n === 1) changes.set('empty', '');
    stream.commit(
      'main',
      `Commit ${n}: ${line(random)}\n`,
      n === 0 && hasMain ? ['from refs/heads/main^0', 'deleteall'] : ['deleteall'],
      changes,
    );
    if (n % 10 === 5) {
      const side = `side${seed}-${n}`;
      stream.commit(
        side,
        `Side ${n}\n`,
        ['from refs/heads/main'],
        new Map([[`side${n}.txt`, `a side branch at ${n}\n`]]),
      );
      stream.commit('main', `Merge ${n}\n`, [`merge refs/heads/${side}`], new Map());
    }
    if (n % 10 === 7) {
      stream.line(`tag v${seed}-${n}`);
      stream.line('from refs/heads/main');
      stream.line('tagger Ada Author <ada@example.test> 1767225600 +0000');
      stream.data(`Tag at ${n}\n`);
    }
  }
  repository.gitBytes(['-c', 'fastimport.unpackLimit=1000000', 'fast-import', '--quiet', '--force'], stream.bytes);
}

/** Stores blobs that nothing refers to, loose and in one process. */
export function storeBlobs(repository: TestRepository, contents: readonly (string | Uint8Array)[]): void {
  const stream = new Stream(0);
  for (const content of contents) {
    stream.line('blob');
    stream.data(content);
  }
  repository.gitBytes(['-c', 'fastimport.unpackLimit=1000000', 'fast-import', '--quiet'], stream.bytes);
}

/** Packs everything there is, referred to or not, and removes what was loose. */
export function packAll(repository: TestRepository, ...options: readonly string[]): void {
  const ids = repository.git('cat-file', '--batch-all-objects', '--batch-check=%(objectname)');
  repository.gitBytes(['pack-objects', '-q', ...options, repository.inside('objects', 'pack', 'pack')], `${ids}\n`);
  repository.git('prune-packed', '-q');
}
