import { createHash } from 'node:crypto';
import { readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

import type { FactStore, HistoryMemory } from '../core/facts.ts';
import type { Verdicts } from '../core/verdicts.ts';
import { encodeFacts, openFacts } from './facts-format.ts';
import { decodeCleanBlobs, encodeCleanBlobs } from './format.ts';
import { openOwn, ownFolder, readOwn, replaceOwn, touchOwn } from './own-files.ts';

export interface HistoryCacheOptions {
  /** The user's cache directory; see `cacheDirectory`. */
  readonly directory: string;
  /** The repository's directory of objects. */
  readonly objects: string;
  /** Of everything that a verdict depends on besides the object: engine, rules, limits. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const DAY_MS = 24 * 3600 * 1000;
/** What was not used for so long is removed. */
const KEPT_MS = 60 * DAY_MS;
/** What a killed run left behind, too. */
const TEMPORARY_MS = DAY_MS;
const ENDINGS = ['.clean', '.later', '.facts', '.marks'];

/** The files of one repository and digest. */
interface Place {
  readonly folder: string;
  /** Of the repository. */
  readonly key: string;
  /** Path without ending. */
  readonly stem: string;
  /** What a file must say that it is. */
  readonly name: string;
  readonly now: () => number;
}

/**
 * What earlier audits decided, in files of the user's cache directory: a few for
 * each repository and digest, each replaced as a whole and true by itself.
 *
 * @returns null where there is no safe place for them
 */
export function historyFiles({
  directory,
  objects,
  digest,
  now = Date.now,
}: HistoryCacheOptions): HistoryMemory | null {
  const folder = ownFolder(directory);
  const key = folder === null ? null : repositoryKey(objects);
  if (folder === null || key === null) return null;
  const name = `${key}-${digest.slice(0, 32)}`;
  const place = { folder, key, stem: path.join(folder, name), name: name + digest, now };
  return {
    verdicts: verdictsIn(place, '.clean'),
    later: verdictsIn(place, '.later'),
    facts: factsIn(place, '.facts'),
    marks: factsIn(place, '.marks'),
  };
}

function verdictsIn(place: Place, ending: string): Verdicts {
  const { name, now } = place;
  const file = place.stem + ending;
  return {
    load: (idBytes) => {
      const bytes = readOwn(file);
      const blobs = bytes === null ? null : decodeCleanBlobs(name, idBytes, bytes);
      if (blobs !== null) touchOwn(file, now());
      return blobs;
    },
    save: (idBytes, blobs) => {
      if (replaceOwn(file, [encodeCleanBlobs(name, idBytes, blobs)])) sweep(place);
    },
  };
}

function factsIn(place: Place, ending: string): FactStore {
  const file = place.stem + ending;
  const name = place.name + ending;
  return {
    load: () => {
      const opened = openOwn(file);
      if (opened === null) return null;
      const facts = openFacts(name, opened.size, (at, length) => opened.read(at, length));
      if (facts === null) {
        opened.close();
        return null;
      }
      touchOwn(file, place.now());
      return { ...facts, close: () => opened.close() };
    },
    save: (facts) => {
      if (replaceOwn(file, encodeFacts(name, facts))) sweep(place);
    },
    forget: () => rmSync(file, { force: true }),
  };
}

/** `XDG_CACHE_HOME`, or what stands for it; null if there is none. */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string | null {
  const { XDG_CACHE_HOME: named, LOCALAPPDATA: local, HOME: home } = environment;
  const base = named ?? local ?? (home === undefined ? undefined : path.join(home, '.cache'));
  return base !== undefined && path.isAbsolute(base) ? base : null;
}

/**
 * Where the objects are, and that they are still the same: of a repository that
 * was cloned anew into the same place nothing is remembered.
 */
function repositoryKey(objects: string): string | null {
  try {
    const { dev, ino, birthtimeMs } = statSync(objects);
    return createHash('sha256')
      .update(JSON.stringify([realpathSync(objects), dev, ino, birthtimeMs]))
      .digest('hex')
      .slice(0, 32);
  } catch {
    return null;
  }
}

/** Removes what nobody will ask for: of this repository by other digests, of others after a long time. */
function sweep({ folder, key, stem, now }: Place): void {
  for (const entry of listed(folder)) {
    const file = path.join(folder, entry);
    if (ENDINGS.some((ending) => file === stem + ending)) continue;
    const age = now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now());
    const isOld = entry.endsWith('.tmp') ? age > TEMPORARY_MS : age > KEPT_MS;
    const isReplaced = entry.startsWith(`${key}-`) && ENDINGS.some((ending) => entry.endsWith(ending)) && age > DAY_MS;
    if (isOld || isReplaced) rmSync(file, { force: true });
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
