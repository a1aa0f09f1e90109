/** Bringing a key that stands to one place after the other, and seeing it there. */
import { isScanError } from '../errors/base.ts';
import {
  type Write,
  attempt,
  checkBefore,
  intendWrite,
  isWritten,
  noteAttempt,
  readBack,
  writeOf,
} from './destination.ts';
import type { MadeKey, StoreView } from './journal/entry.ts';
import type { Making, NewKey } from './new-key.ts';
import type { Destination } from './services.ts';
import { type StepEnd, done, failed, failedBy } from './step.ts';
import { holdsNew, isMade } from './view.ts';

export function names(destinations: readonly Destination[]): string {
  return destinations.map(({ name }) => name).join(', ');
}

/** The write that was written down for a place and not answered for; else a new one, which is written down. */
export function begin(making: Making, destination: Destination, before: StoreView | null): Write {
  const act = writeOf(making, destination);
  if (act !== null && act.result === null)
    return { request: act.intent.request ?? '', before: act.intent.before ?? null };
  return { request: intendWrite(making, destination, before), before };
}

/** What is said where some places have the new key, and the next one has not. */
export function withProgress(making: Making, end: StepEnd, label: string): StepEnd {
  const { destinations } = making.services;
  const written = destinations.filter((one) => isWritten(making, one));
  const open = destinations.filter((one) => !isWritten(making, one));
  const mend = typeof end.facts?.['mend'] === 'string' ? `${end.facts['mend']} ` : '';
  return {
    ...end,
    reason: `${end.reason}. ${label} is in ${names(written) || 'no place'}${open.length === 0 ? '' : `, and not yet in ${names(open)}`}`,
    facts: {
      ...end.facts,
      label,
      written: written.map(({ name }) => name),
      open: open.map(({ name }) => name),
      mend: `${mend}Then go on with --resume, or put the old key back with --resume and --roll-back.`,
    },
  };
}

/** Whether a file has the key already, written just before a crash. */
async function hasDelivered(making: Making, destination: Destination, made: MadeKey): Promise<boolean> {
  const parts = await readBack(making, destination);
  return parts !== null && isMade(making, made, parts);
}

/** After a crash: whether a place was written to just before, which is written down then. */
async function wasWritten(making: Making, destination: Destination, key: NewKey): Promise<boolean> {
  const act = writeOf(making, destination);
  if (act === null || act.result !== null) return false;
  if (destination.kind === 'once') {
    const delivered = await hasDelivered(making, destination, key.made);
    if (delivered) noteAttempt(making, destination, { outcome: 'ok', version: null });
    return delivered;
  }
  const version = await destination.store.find(act.intent.request ?? '', key.parts).catch((error: unknown) => {
    // Writing the same once more does no harm.
    if (isScanError(error) && error.code === 'STORE_OUTCOME_UNKNOWN') return null;
    throw error;
  });
  if (version !== null) noteAttempt(making, destination, { outcome: 'ok', version });
  return version !== null;
}

/**
 * The write as it is to be sent again. A store that gives no value back cannot
 * tell our own write, which a crash cut off, from somebody else's: it is not
 * held to the version from before.
 */
async function again(making: Making, destination: Destination): Promise<Write> {
  const write = begin(making, destination, null);
  const blind = destination.kind === 'store' && (await destination.store.read()).values === null;
  return blind ? { ...write, before: null } : write;
}

/** Writes to one more place. After a crash it is asked first whether it was written to. */
export async function writeNext(making: Making, destination: Destination, key: NewKey): Promise<StepEnd | null> {
  try {
    if (await wasWritten(making, destination, key)) return null;
    const act = writeOf(making, destination);
    const fresh = act === null || act.result !== null;
    const write = fresh
      ? begin(making, destination, await checkBefore(making, destination))
      : await again(making, destination);
    return noteAttempt(making, destination, await attempt(making, destination, key, write));
  } catch (error) {
    return failedBy(error);
  }
}

/** The end: every store that tells gives out the new key. */
export async function everywhere(making: Making, made: MadeKey): Promise<StepEnd> {
  const { label } = made;
  const { destinations } = making.services;
  const handedTo = names(destinations);
  for (const destination of destinations)
    if (destination.kind === 'store' && !(await holdsNew(making, destination.store, made)))
      return failed(
        'NEW_KEY_NOT_STORED',
        `The ${destination.name} does not give out ${label}, which was written to it`,
        {
          label,
          handedTo,
        },
      );
  return done(`Created ${label} with the same permissions, handed over to ${handedTo}, and seen live`, {
    label,
    handedTo,
  });
}
