import path from 'node:path';

import { StoreError } from '../../errors/store.ts';
import { UsageError } from '../../errors/usage.ts';
import type { UserFile } from '../../providers/user-file.ts';
import { fileHandOver, pipeHandOver } from '../../respond/handover.ts';
import type { Destination, Services } from '../../respond/services.ts';
import { storeDestination } from '../../respond/stores.ts';
import type { Store } from '../../stores/store.ts';
import type { Streams } from '../streams.ts';

export interface HandOverContext {
  readonly userFile: UserFile;
  readonly stores: readonly Store[];
  readonly child: Services['child'];
  readonly streams: Streams;
}

function destination(target: string, context: HandOverContext, named: boolean): Destination {
  const { userFile, stores, child, streams } = context;
  const [, kind = '', name = ''] = /^(file|store|stdout)(?::(.+))?$/s.exec(target) ?? [];
  if (kind === 'stdout' && name === '') {
    // Who resumes after the key went down the pipe needs none any more.
    if (named && streams.out.isTerminal)
      throw new UsageError('USAGE_ARGUMENTS', '--hand-over stdout would show the new key on this terminal', {
        mend: 'Pipe it into the program that stores it, or use file:PATH or store:NAME.',
      });
    return pipeHandOver((text) => {
      streams.out.write(text);
    }, streams.out.isTerminal);
  }
  // Whoever goes on may stand somewhere else.
  if (kind === 'file' && name !== '') return fileHandOver(path.resolve(name));
  if (kind === 'store' && name !== '') return storeDestination(name, userFile.stores, stores, child);
  throw new UsageError('USAGE_ARGUMENTS', `--hand-over cannot be ${JSON.stringify(target)}`, {
    mend: 'Write file:PATH, store:NAME or stdout.',
  });
}

/**
 * Where `--hand-over` sends a new key, in the order given.
 *
 * @param named - on this command line, not remembered from an earlier one
 * @throws UsageError `USAGE_ARGUMENTS`; RespondError
 */
export function destinationsFor(
  targets: readonly string[],
  context: HandOverContext,
  named: boolean,
): readonly Destination[] {
  const found = targets.map((target) => destination(target, context, named));
  if (new Set(found.map(({ target }) => target)).size < found.length)
    throw new UsageError('USAGE_ARGUMENTS', '--hand-over names one place twice');
  refuseSame(found);
  return found;
}

/** The second write would find the first one's, after a key was made. @throws StoreError `STORE_CONFIG` */
function refuseSame(found: readonly Destination[]): void {
  const seen = new Map<string, string>();
  for (const one of found) {
    const location = one.kind === 'store' ? one.store.location : undefined;
    if (location === undefined) continue;
    const other = seen.get(location);
    if (other !== undefined)
      throw new StoreError('STORE_CONFIG', `The ${other} and the ${one.name} are one file, ${location}`, {
        mend: 'Give each store a file of its own, or name one of the two only.',
      });
    seen.set(location, one.name);
  }
}
