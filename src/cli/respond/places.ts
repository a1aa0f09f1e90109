/** The places of a run: stores of the providers file, where a new key goes, what is searched. */
import path from 'node:path';

import type { Destination, StoreReader, UseSearcher } from '../../respond/services.ts';
import { namedStores } from '../../respond/stores.ts';
import type { Invocation } from '../commands/command.ts';
import { HAND_OVER, SEARCH } from '../flags/respond.ts';
import type { RespondContext } from './context.ts';
import { destinationsFor } from './hand-over.ts';
import { openStores } from './secret-stores.ts';
import { useSearcher } from './use-searcher.ts';

/** Targets and folders that an incident was planned with; both empty for a new one. */
export interface Planned {
  readonly targets: readonly string[];
  readonly folders: readonly string[];
}

export interface Places {
  readonly stores: StoreReader;
  /** Those of the plan in its order, then those that are named now: none is forgotten. */
  destinations(planned: Planned): readonly Destination[];
  /** Null: there is nothing to search. */
  searcher(planned: Planned): UseSearcher | null;
}

/**
 * Opens the places that the command line names. Nothing is asked of them yet.
 *
 * @throws UsageError, StoreError `STORE_CONFIG`, RespondError `HANDOVER_FAILED`: before there is an incident
 */
export async function openPlaces(invocation: Invocation, context: RespondContext): Promise<Places> {
  const { options, streams, signal } = invocation;
  const { userFile, child } = context;
  const stores = await openStores(context, signal);
  const targets = options.get(HAND_OVER);
  // Whoever goes on may stand somewhere else.
  const folders = options.get(SEARCH).map((folder) => path.resolve(folder));
  const places = { userFile, stores, child, streams };
  const named = destinationsFor(targets, places, true);
  const searched = useSearcher(folders, signal);
  return {
    stores: namedStores(userFile.stores, stores, child),
    destinations(planned) {
      const known = destinationsFor(planned.targets, places, false);
      const before = known.map(({ target }) => target);
      return [...known, ...named.filter(({ target }) => !before.includes(target))];
    },
    searcher(planned) {
      if (folders.length > 0) return searched;
      return planned.folders.length === 0 ? null : useSearcher(planned.folders, signal);
    },
  };
}
