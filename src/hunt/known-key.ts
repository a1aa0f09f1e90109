import { Secret } from '../core/secret.ts';
import { UsageError } from '../errors/usage.ts';

/** A key whose value is known, and the name by which reports speak of it. */
export interface KnownKey {
  /** Letters, digits, `_`, `.` and `-`: part of a rule's id. */
  readonly label: string;
  /** For people, such as `line 12 of standard input`. */
  readonly origin: string;
  readonly value: Secret;
}

/** Shorter values stand by chance in any large repository. */
export const SHORTEST_KEY = 8;
/** Longer ones do not fit into the window of a decision once they are written with escapes. */
const LONGEST_KEY = 8192;
/** So many fit into the prefilter's memory with all their encoded spellings. */
const MOST_KEYS = 10_000;

/**
 * Keys, one a line; blank lines are passed over, spaces around a key do not count.
 *
 * @param variable - name of the environment's variable that held them; without it, standard input did
 * @throws UsageError `USAGE_KEYS` with the number of the line, never with its text
 */
export function keysFromLines(text: string, variable?: string): KnownKey[] {
  const lines = text.replace(/^\u{feff}/u, '').split('\n');
  return lines.flatMap((line, index) => {
    const value = line.trim();
    if (value === '') return [];
    const number = `line-${index + 1}`;
    const label = variable === undefined ? number : lines.length === 1 ? variable : `${variable}-${number}`;
    return [knownKey(value, label, label.replace('line-', 'line '))];
  });
}

/**
 * @param label - see `KnownKey.label`
 * @throws UsageError `USAGE_KEYS` for a value that cannot be hunted for; its text is not in the error
 */
export function knownKey(value: string, label: string, origin: string): KnownKey {
  if (value.length < SHORTEST_KEY)
    throw unfit(origin, `is shorter than ${SHORTEST_KEY} characters, and would be met everywhere by chance`);
  if (value.length > LONGEST_KEY) throw unfit(origin, `is longer than ${LONGEST_KEY} characters`);
  if (!/^[\x20-\x7e]+$/.test(value)) throw unfit(origin, 'has characters that are not printable ASCII');
  return { label, origin, value: new Secret(value) };
}

function unfit(origin: string, why: string): UsageError {
  return new UsageError('USAGE_KEYS', `the key in ${origin} ${why}`, {
    mend: `Leave it out, or give the key whole and alone: ${SHORTEST_KEY} to ${LONGEST_KEY} printable characters.`,
  });
}

/**
 * Each value once, under the name it has first.
 *
 * @throws UsageError `USAGE_KEYS` if there are none, or too many
 */
export function distinctKeys(keys: readonly KnownKey[]): KnownKey[] {
  const distinct = [...new Map(keys.toReversed().map((key) => [key.value.reveal(), key])).values()].toReversed();
  if (distinct.length === 0) throw new UsageError('USAGE_KEYS', 'no key was given');
  if (distinct.length > MOST_KEYS)
    throw new UsageError('USAGE_KEYS', `${distinct.length} keys were given; at most ${MOST_KEYS} are hunted at once`, {
      mend: 'Hunt for them in several runs.',
    });
  return distinct;
}
