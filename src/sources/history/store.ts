import path from 'node:path';

import type { ByteSet } from '../../bytes/byte-set.ts';
import type { CoverageLog, Problem } from '../../core/coverage.ts';
import type { FactStore } from '../../core/facts.ts';
import { isScanError } from '../../errors/base.ts';
import { type GitErrorCode, type GitProblemCode, gitMend } from '../../errors/git.ts';
import { PackError } from '../../errors/pack.ts';
import { type KnownReader, knownReader } from '../../git/known-reader.ts';
import { type KnownRepository, openKnownRepository } from '../../git/known-repository.ts';
import { listObjects } from '../../git/list-objects.ts';
import { type ObjectReader, catFileReader } from '../../git/object-reader.ts';
import { hasPromisedPack, objectDirectories, storeFaults } from '../../git/object-store.ts';
import type { ObjectTable } from '../../git/object-table.ts';
import { UNKNOWN, typeCode } from '../../git/object/type.ts';
import { packReader } from '../../git/pack-reader.ts';
import { findObjectDirectories } from '../../git/pack/alternates.ts';
import { hashFormat } from '../../git/pack/hash-format.ts';
import type { StoredObject } from '../../git/pack/loose.ts';
import { type ObjectStore, closeObjectStore } from '../../git/pack/object-store.ts';
import { type FileSeal, sealPacks } from '../../git/pack/pack-seals.ts';
import type { PackScanner } from '../../git/pack/stored-scan.ts';
import { StoreReader } from '../../git/pack/store-reader.ts';
import {
  agreesWithGit,
  countWithGit,
  countsOf,
  objectEnvironment,
  openPackedRepository,
} from '../../git/packed-repository.ts';
import { type IndexEntry, type Ref, listIndexes, listRefs, listReflogIds } from '../../git/refs.ts';
import type { Repository } from '../../git/repository.ts';
import { runGit } from '../../git/run.ts';
import { POINTER } from '../lfs.ts';
import { shallowCommits } from '../../git/shallow.ts';
import { verifyingReader } from '../../git/verifying-reader.ts';
import { type KnownHistory, readFacts } from './facts.ts';
import { restoreNames } from './withheld.ts';

/** Everything of a repository that is listed before any object is read. */
export interface HistoryStore {
  readonly repository: Repository;
  readonly table: ObjectTable;
  readonly reader: ObjectReader;
  readonly refs: readonly Ref[];
  readonly reflogIds: readonly string[];
  readonly index: readonly IndexEntry[];
  /** Commits whose parents a shallow clone left out. */
  readonly shallow: ReadonlySet<string>;
  /** A remote promised to have the objects that are absent. */
  readonly promised: boolean;
  /** The packs, where we read them ourselves; a row there is a position in `table`. */
  readonly packs: ObjectStore | null;
  /** Files of packs as they were before these were read; null where nothing is to be remembered. */
  readonly seals: ReadonlyMap<string, FileSeal> | null;
  /** Where packs need not be read, because an earlier run has. `packs` is null then. */
  readonly known: KnownStore | null;
  /** Reads single objects. @throws PackError if one cannot be read */
  readonly readId: ((id: string) => StoredObject | null) | null;
  /** See `PackedRepository`. */
  readonly isSound: (() => Promise<boolean>) | null;
}

/** What is known of a store, and how it is read. */
export interface KnownStore {
  readonly history: KnownHistory;
  readonly repository: KnownRepository;
  readonly reader: KnownReader;
  /** Of the entries of known trees, those that facts withhold among them. */
  readonly names: ByteSet;
}

/** Who reads objects: we ourselves, out of the packs, or git. */
export type HistoryEngine = 'packs' | 'cat-file';

/** How a store is opened. */
export interface OpenOptions {
  readonly engine: HistoryEngine;
  /** Holds packs in memory and scans them there. It computes no ids, so not together with `verifyObjects`. */
  readonly scanner: PackScanner | null;
  /** Compute the id of every object that is read. */
  readonly verifyObjects: boolean;
  /** Packs may be read before their checksums are known: who opens the store asks it whether it was sound. */
  readonly isProvisional: boolean;
  /** All trees will be asked for. */
  readonly readsTrees: boolean;
  /** What is remembered of the packs. */
  readonly facts: FactStore | null;
  /** Whether to go on with what is known. If not, all packs are read. */
  readonly accepts: (known: KnownStore, table: ObjectTable) => boolean;
}

/** Lists the store. What is damaged goes to `coverage`. */
export async function openHistory(
  repository: Repository,
  coverage: CoverageLog,
  options: OpenOptions,
  signal: AbortSignal,
): Promise<HistoryStore> {
  const asked = Promise.all([
    listRefs(repository, signal),
    listReflogIds(repository, signal),
    listIndexes(repository, signal),
    namesPromisor(repository, signal),
  ]);
  // Who waits for it hears of its failure; if something else fails before, nobody does.
  asked.catch(() => undefined);
  const shallow = shallowCommits(repository);
  const packed = options.engine === 'packs' ? await openPacks(repository, coverage, options, shallow, signal) : null;
  const { untyped, ...objects } = packed ?? (await askGit(repository, coverage, options, signal));
  const [{ refs, messages }, reflogIds, index, isNamed] = await asked;
  const promised = isNamed || (packed?.packs?.promisor ?? (await hasPromised(repository, signal)));
  for (const message of messages) report(coverage, 'GIT_REF_BROKEN', message);
  const store = { repository, ...objects, refs, reflogIds, index, promised, shallow };
  await findTypes(store, untyped, signal);
  return store;
}

/** What is stored, and how it is read. */
interface Objects extends Pick<HistoryStore, 'table' | 'reader' | 'packs' | 'readId' | 'known' | 'seals' | 'isSound'> {
  /** Positions of objects whose type is not known. */
  readonly untyped: readonly number[];
}

async function askGit(
  repository: Repository,
  coverage: CoverageLog,
  { verifyObjects }: OpenOptions,
  signal: AbortSignal,
): Promise<Objects> {
  const onMessage = (line: string): void => hear(coverage, line);
  const [{ table, untyped }, directories] = await Promise.all([
    listObjects(repository, { signal, onMessage }),
    objectDirectories(repository, signal),
  ]);
  for (const { code, file } of directories.flatMap(storeFaults)) report(coverage, code, FAULTS[code](file));
  const reader = gitReader(repository, table, coverage, verifyObjects);
  return { table, reader, packs: null, readId: null, known: null, seals: null, untyped, isSound: null };
}

/** Git, which believes its indexes unless we look for ourselves. */
function gitReader(
  repository: Repository,
  table: ObjectTable,
  coverage: CoverageLog,
  verifyObjects: boolean,
): ObjectReader {
  const reader = catFileReader(repository, table, (line) => hear(coverage, line));
  if (!verifyObjects) return reader;
  return verifyingReader(reader, table, hashFormat(repository.objectFormat), (id) =>
    report(coverage, 'GIT_OBJECT_CORRUPT', `Object ${id} has another id than its own`),
  );
}

/** Null where git knows of other objects than we do, or we cannot read at all: then git has to. */
async function openPacks(
  repository: Repository,
  coverage: CoverageLog,
  options: OpenOptions,
  shallow: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Objects | null> {
  const { scanner, verifyObjects, isProvisional, readsTrees, facts, accepts } = options;
  const faults: Problem[] = [];
  let tell = (problem: Problem): void => void faults.push(problem);
  const hearOf = ({ code, message, mend = '' }: PackError): void => tell({ code, message, mend });
  // Asked before packs are read: processes are dear to start once there is much memory.
  const counted = countWithGit(repository, signal);
  counted.catch(() => undefined);
  const listen = (): void => {
    tell = (problem) => coverage.problem(problem);
    faults.forEach(tell);
  };
  try {
    const history = facts === null ? null : loadKnown(facts, shallow);
    const known = history === null ? null : openKnownRepository(repository, history.objects, hearOf);
    if (history !== null && known !== null) {
      const onDamage = (error: PackError): void => {
        hearOf(error);
        facts?.forget();
      };
      const objects = knownObjects(history, known, gitReader(repository, known.table, coverage, false), onDamage);
      if (
        objects &&
        accepts(objects.known, known.table) &&
        (await agreesWithGit(repository, known.counts, signal, counted))
      ) {
        listen();
        return objects;
      }
      known.close();
      faults.length = 0;
    }
    history?.close();
    const seals = facts === null ? null : sealPacks(objectFolders(repository));
    const packed = openPackedRepository(
      repository,
      hearOf,
      scanner && !verifyObjects
        ? {
            kernel: scanner.memory,
            heldPack: scanner.heldPack,
            helpedPack: scanner.helpedPack,
            help: isProvisional ? scanner.help : undefined,
            meanwhile: () => scanner.prepare(POINTER),
          }
        : { verifyObjects },
    );
    const { store, table, untyped } = packed;
    if (readsTrees && untyped.length === 0) scanner?.sweepTrees?.begin(store, table);
    if (!(await agreesWithGit(repository, countsOf(store), signal, counted))) {
      closeObjectStore(store);
      return null;
    }
    listen();
    const reader = packReader(store, table, gitReader(repository, table, coverage, verifyObjects));
    const single = new StoreReader(store);
    const readId = (id: string): StoredObject | null => single.read(id);
    return { table, reader, packs: store, readId, known: null, seals, untyped, isSound: packed.isSound };
  } catch (error) {
    if (!isScanError(error)) throw error;
    return null;
  }
}

/** Null where what is remembered is of another clone's depth. */
function loadKnown(facts: FactStore, shallow: ReadonlySet<string>): KnownHistory | null {
  const loaded = facts.load();
  const history = loaded === null ? null : readFacts(loaded);
  if (history?.shallow.join() === [...shallow].toSorted().join()) return history;
  history?.close();
  return null;
}

function objectFolders(repository: Repository): string[] {
  const objects = path.join(repository.commonDir, 'objects');
  return findObjectDirectories(objects, objectEnvironment(repository), () => undefined);
}

/** Null where facts withhold a name and it cannot be read again. */
function knownObjects(
  history: KnownHistory,
  repository: KnownRepository,
  git: ObjectReader,
  onDamage: (error: PackError) => void,
): (Objects & { readonly known: KnownStore }) | null {
  const { table, untyped } = repository;
  const names = restoreNames(history.names, table.idBytes, (position) => knownTree(repository, position));
  if (names === null) return null;
  const reader = knownReader(repository, git, onDamage);
  const known = { history, repository, reader, names };
  return { table, reader, packs: null, readId: (id) => reader.readId(id), known, seals: null, untyped, isSound: null };
}

function knownTree({ known }: KnownRepository, position: number): Uint8Array | null {
  try {
    const object = known.has(position) ? known.read(position) : null;
    return object?.type === 'tree' ? object.bytes : null;
  } catch (error) {
    if (error instanceof PackError) return null;
    throw error;
  }
}

const FAULTS = {
  GIT_PACK_INCOMPLETE: (file: string) => `${file} lacks its other half, so git passes over it`,
  GIT_STORE_UNREADABLE: (file: string) => `${file} cannot be read, and git passes over it`,
};

/** Asks for objects that could not be typed one by one: some may be readable after all. The rest stays `UNKNOWN`. */
async function findTypes(store: HistoryStore, untyped: readonly number[], signal: AbortSignal): Promise<void> {
  for await (const items of store.reader.read(Uint32Array.from(untyped), signal)) {
    for (const item of items) {
      if (item.kind !== 'object') continue;
      store.table.setType(untyped[item.at] ?? 0, typeCode(item.type) ?? UNKNOWN, item.size);
    }
  }
}

/** A remote is configured to have what is absent. */
async function namesPromisor(repository: Repository, signal: AbortSignal): Promise<boolean> {
  const pattern = String.raw`^(remote\..*\.(promisor|partialclonefilter)|extensions\.partialclone)$`;
  const { stdout } = await runGit(repository.invocation, ['config', '--get-regexp', pattern], {
    signal,
    accept: [0, 1, 128],
  });
  return stdout.length > 0;
}

/** Or it was: packs are marked. */
async function hasPromised(repository: Repository, signal: AbortSignal): Promise<boolean> {
  return (await objectDirectories(repository, signal)).some(hasPromisedPack);
}

/** What git prints on standard error: an error is something it could not read. */
function hear(coverage: CoverageLog, line: string): void {
  if (/^(?:error|fatal): /.test(line)) report(coverage, 'GIT_MESSAGE', `git said: ${line}`);
}

export function report(coverage: CoverageLog, code: GitProblemCode | GitErrorCode, message: string, count = 1): void {
  coverage.problem({ code, message, mend: gitMend(code), count });
}
