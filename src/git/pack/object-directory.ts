import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { PackError, toPackError } from '../../errors/pack.ts';

import { isAbsent } from './alternates.ts';
import { idAt } from './loose.ts';
import { indexOfPack, type MultiPackIndex, readMultiPackIndex, rowsOfPack } from './multi-index.ts';
import { joinPack, openIndex, type OpenPackOptions, openPack, type Pack } from './pack.ts';

const MULTI_PACK_INDEX = 'multi-pack-index';

/** What `objects/pack` lists at one moment, as paths without endings. */
interface Listing {
  /** Those with an `.idx`: the packs that git reads. */
  readonly indexed: readonly string[];
  /** Those with a `.pack` only. */
  readonly bare: readonly string[];
  readonly promisor: boolean;
  readonly midx: string | null;
}

function listPacks(directory: string): Listing {
  const folder = path.join(directory, 'pack');
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (!isAbsent(error))
      throw new PackError('OBJECT_DIRECTORY_UNREADABLE', `${folder} cannot be listed`, { cause: error });
  }
  const stems = (ending: string): string[] =>
    names.filter((name) => name.endsWith(ending)).map((name) => path.join(folder, name.slice(0, -ending.length)));
  const indexed = stems('.idx').toSorted();
  const known = new Set(indexed);
  return {
    indexed,
    bare: stems('.pack')
      .filter((stem) => !known.has(stem))
      .toSorted(),
    promisor: names.some((name) => name.endsWith('.promisor')),
    midx: names.includes(MULTI_PACK_INDEX) ? path.join(folder, MULTI_PACK_INDEX) : null,
  };
}

/** The packs of one object directory, opened: from here on a `git gc` does not take them away. */
export interface OpenedPacks {
  readonly packs: readonly Pack[];
  /** A fetch with a filter has left objects out: `.promisor` files say so. */
  readonly promisor: boolean;
  /** Found to be missing, each with what to say unless all ids turn out to be stored elsewhere. */
  readonly lost: readonly LostPack[];
}

export interface LostPack {
  /** Ids that were in it, in hexadecimal; null if that is not known. */
  readonly ids: readonly string[] | null;
  readonly error: PackError;
}

/** How often a directory is listed before a pack that is always gone counts as missing: repacks can follow each other. */
const LISTINGS = 6;

/**
 * Opens all packs of an object directory. A pack that has gone by the time it
 * is opened was replaced by another one: the directory is listed again.
 */
export function openPacks(directory: string, options: OpenPackOptions): OpenedPacks {
  const opened = new Map<string, Pack | null>();
  const first = listPacks(directory);
  let listing = first;
  let gone = openListed(listing, opened, options);
  for (let listings = 1; gone.length > 0 && listings < LISTINGS; listings++) {
    listing = listPacks(directory);
    gone = openListed(listing, opened, options);
  }
  const lost = gone.map(describeLost(options));
  const viaMidx = openThroughMidx(listing, opened, options);
  return {
    packs: [...opened.values(), ...viaMidx.packs].filter((pack) => pack !== null),
    promisor: first.promisor || listing.promisor,
    lost: [...lost, ...viaMidx.lost],
  };
}

/** Opens what is new in a listing. @returns stems of which a file was gone */
function openListed(listing: Listing, opened: Map<string, Pack | null>, options: OpenPackOptions): string[] {
  const gone: string[] = [];
  for (const stem of listing.indexed.filter((listed) => !opened.has(listed))) {
    try {
      opened.set(stem, openPack(stem, options));
    } catch (error) {
      if (isAbsent(error)) {
        gone.push(stem);
      } else {
        opened.set(stem, null);
        options.report(toPackError(error, `${stem}.pack`));
      }
    }
  }
  return gone;
}

function describeLost({ format }: OpenPackOptions): (stem: string) => LostPack {
  return (stem) => {
    const error = new PackError('PACK_VANISHED', `${stem}.pack was listed and is gone`);
    try {
      const index = openIndex(`${stem}.idx`, format);
      return { error, ids: Array.from({ length: index.count }, (_, position) => idAt(index, position)) };
    } catch {
      return { error, ids: null };
    }
  };
}

function readMidx(file: string, { format, report }: OpenPackOptions): MultiPackIndex | null {
  try {
    return readMultiPackIndex(readFileSync(file), format, file);
  } catch (error) {
    // A repack removes it before it removes packs.
    if (!isAbsent(error)) report(toPackError(error, file));
    return null;
  }
}

/** Packs that have no index of their own, but are listed in the multi-pack-index; and packs that only it knows of. */
function openThroughMidx(
  listing: Listing,
  opened: Map<string, Pack | null>,
  options: OpenPackOptions,
): Omit<OpenedPacks, 'promisor'> {
  const midx = listing.midx === null ? null : readMidx(listing.midx, options);
  const bare = new Set(listing.bare);
  const packs: Pack[] = [];
  const lost: LostPack[] = [];
  for (const [number, name] of (midx?.packs ?? []).entries()) {
    const stem = path.join(path.dirname(listing.midx ?? ''), name.replace(/\.[a-z]+$/, ''));
    if (!midx || opened.has(stem)) continue;
    const pack = bare.has(stem) ? joinBare(stem, midx, number, options) : null;
    bare.delete(stem);
    if (pack) packs.push(pack);
    else lost.push({ ids: midxIds(midx, number), error: midxLost(stem, listing.bare.includes(stem)) });
  }
  for (const stem of bare) {
    const late = openLate(stem, options);
    if (late) packs.push(late);
    else if (existsSync(`${stem}.pack`)) lost.push({ ids: null, error: noIndex(stem) });
  }
  return { packs, lost };
}

/** A fetch puts the index beside its pack last: it may have come meanwhile. */
function openLate(stem: string, options: OpenPackOptions): Pack | null {
  try {
    return openPack(stem, options);
  } catch (error) {
    if (!isAbsent(error)) options.report(toPackError(error, `${stem}.pack`));
    return null;
  }
}

/** Usable only if the multi-pack-index lists all of the pack: else entries would seem to reach over their neighbours. */
function joinBare(stem: string, midx: MultiPackIndex, number: number, options: OpenPackOptions): Pack | null {
  let complete = true;
  const report = (error: PackError): void => {
    if (error.code === 'PACK_COUNT_MISMATCH') complete = false;
    else options.report(error);
  };
  try {
    const pack = joinPack(stem, indexOfPack(midx, number), { ...options, report });
    if (complete) return pack;
    pack.bytes.close();
    return null;
  } catch (error) {
    options.report(toPackError(error, stem));
    return null;
  }
}

function midxIds(midx: MultiPackIndex, number: number): string[] {
  return Array.from(rowsOfPack(midx, number), (row) => idAt(midx, row));
}

function noIndex(stem: string): PackError {
  return new PackError('PACK_INDEX_MISSING', `${stem}.pack has no index`);
}

function midxLost(stem: string, exists: boolean): PackError {
  return exists
    ? noIndex(stem)
    : new PackError('MIDX_PACK_MISSING', `The multi-pack-index lists ${stem}.pack, which is gone`);
}
