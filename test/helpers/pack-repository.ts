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

/**
 * Fills a repository with commits of random edits, renames, binary files,
 * merges and annotated tags.
 */
export function populate(repository: TestRepository, seed: number, commits: number): void {
  const random = new Random(seed);
  const files = new Map<string, string[]>();
  for (let n = 0; n < 4; n++)
    files.set(
      `file${n}.txt`,
      Array.from({ length: 60 + random.next(200) }, () => line(random)),
    );
  for (let n = 0; n < commits; n++) {
    const name = random.pick([...files.keys()]);
    const lines = edit(files.get(name) ?? [], random);
    if (random.next(9) === 0) {
      files.delete(name);
      repository.git('rm', '-qf', '--ignore-unmatch', name);
    }
    files.set(random.next(9) === 0 ? `renamed${n}.txt` : name, lines);
    repository.commit(`Commit ${n}: ${line(random)}`, {
      ...Object.fromEntries([...files].map(([file, text]) => [file, `${text.join('\n')}\n`])),
      'folder/binary.bin': Buffer.concat([random.bytes(200), Buffer.alloc(random.next(3000), n)]),
      ...(n === 1 ? { empty: '' } : {}),
    });
    if (n % 10 === 5) mergeSide(repository, n);
    if (n % 10 === 7) repository.git('tag', '-a', '-m', `Tag at ${n}`, `v${n}`);
  }
}

function mergeSide(repository: TestRepository, n: number): void {
  repository.git('checkout', '-q', '-b', `side${n}`, 'HEAD^');
  repository.commit(`Side ${n}`, { [`side${n}.txt`]: `a side branch at ${n}\n` });
  repository.git('checkout', '-q', 'main');
  repository.tick();
  repository.git('merge', '-q', '--no-edit', '-s', 'ours', `side${n}`);
}
