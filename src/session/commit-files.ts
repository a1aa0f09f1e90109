import path from 'node:path';

import { CONFIG_FILE } from '../config/names.ts';
import { UsageError } from '../errors/usage.ts';
import { lookUp, type NamedObject } from '../git/commit-range.ts';
import { ObjectPipe } from '../git/object-pipe.ts';
import { parseTree } from '../git/object/tree.ts';
import type { Repository } from '../git/repository.ts';
import { ALLOW_FILE, BASELINE_FILE, OLD_FILES } from '../triage/triage-file.ts';
import type { ProjectFiles } from './project-files.ts';

/** What is looked up for every commit at once, since most projects have none of it. */
const USUAL = [CONFIG_FILE, ALLOW_FILE, BASELINE_FILE, ...OLD_FILES];

/** A project's files as two sides of a change have them. */
export interface BothSides {
  /** What holds: on the base. */
  readonly base: ProjectFiles;
  /** What the change proposes; nothing of it holds yet. */
  readonly proposed: readonly ProjectFiles[];
}

/**
 * Reads a project's files out of commits.
 *
 * @param base - null for none
 * @param checkout - folder of a work tree: what the command line names in it is not read from there
 */
export async function commitFiles(
  repository: Repository,
  base: string | null,
  heads: readonly string[],
  checkout: string | null,
  signal: AbortSignal,
): Promise<BothSides> {
  const sides = [...(base === null ? [] : [base]), ...heads];
  const revisions = sides.flatMap((commit) => USUAL.map((name) => `${commit}:${name}`));
  const found = await lookUp(repository, revisions, signal);
  const known = new Map(revisions.map((revision, i) => [revision, found[i] ?? null]));
  const tree = new CommitTree(repository, known, signal);
  const own = async (file: string): Promise<string | null> => {
    const name = checkout === null ? null : nameInside(checkout, file);
    if (name === null) return null;
    const there = await Promise.all(sides.map((commit) => tree.find(commit, name)));
    return there.some((object) => object !== null) ? name : null;
  };
  const filesOf = (commit: string | null): ProjectFiles => ({
    read: (name, most) => (commit === null ? Promise.resolve(null) : tree.read(commit, name, most)),
    list: (name) => (commit === null ? Promise.resolve(null) : tree.list(commit, name)),
    own,
  });
  return { base: filesOf(base), proposed: heads.map(filesOf) };
}

function nameInside(folder: string, file: string): string | null {
  const name = path.relative(folder, path.resolve(file)).replaceAll(path.sep, '/');
  return name === '' || name.startsWith('../') || name === '..' || path.isAbsolute(name) ? null : name;
}

class CommitTree {
  readonly #repository: Repository;
  readonly #pipe: ObjectPipe;
  readonly #known: Map<string, NamedObject | null>;
  readonly #signal: AbortSignal;

  constructor(repository: Repository, known: Map<string, NamedObject | null>, signal: AbortSignal) {
    this.#repository = repository;
    this.#pipe = new ObjectPipe(repository.invocation, repository.idLength);
    this.#known = known;
    this.#signal = signal;
  }

  async find(commit: string, name: string): Promise<NamedObject | null> {
    const inside = path.posix.normalize(name);
    if (inside.startsWith('../') || inside.startsWith('/') || /[\n\0]/.test(inside)) return null;
    const revision = `${commit}:${inside.replace(/\/$/, '')}`;
    const known = this.#known.get(revision);
    if (known !== undefined) return known;
    const [object = null] = await lookUp(this.#repository, [revision], this.#signal);
    this.#known.set(revision, object);
    return object;
  }

  async read(commit: string, name: string, most: number): Promise<Uint8Array | null> {
    const object = await this.find(commit, name);
    if (object?.type !== 'blob') return null;
    if (object.size > most)
      throw new UsageError('USAGE_FILE_TOO_LARGE', `${name} is larger than ${most / 2 ** 20} MiB`);
    return (await this.#pipe.get(object.id, this.#signal))?.bytes ?? null;
  }

  async list(commit: string, name: string): Promise<string[] | null> {
    const object = await this.find(commit, name);
    if (object?.type !== 'tree') return null;
    const tree = await this.#pipe.get(object.id, this.#signal);
    const entries = tree === null ? [] : parseTree(tree.bytes, this.#repository.idLength / 2);
    return entries.map((entry) => Buffer.from(entry.name).toString('utf8')).toSorted();
  }
}
