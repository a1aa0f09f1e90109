/** What keys are gathered from, and what is said of a source that does not answer. */
import type { Secret } from '../../core/secret.ts';
import { type ScanError, isScanError } from '../../errors/base.ts';
import type { Endpoint, Wire } from '../../providers/call.ts';
import type { Provider } from '../../providers/declaration.ts';
import type { KeyRow } from '../../providers/listing.ts';
import type { OperatorAccess } from '../../providers/operator.ts';
import type { Target } from '../../providers/registry.ts';
import type { StoreCommands } from '../../providers/user-file.ts';
import type { Store } from '../../stores/store.ts';
import type { Recorded } from '../journal/entry.ts';
import { parseTime } from '../logs/record.ts';
import type { Services } from '../services.ts';
import type { FoundKey, Gap } from './model.ts';

export interface KeySources {
  readonly wire: Wire;
  readonly endpoint: (target: Target) => Endpoint;
  /** Null: no credential was given. */
  readonly operator: (target: Target) => OperatorAccess | null;
  /** Those that are to be asked, whether or not there is a credential. */
  readonly providers: readonly Provider[];
  readonly stores: readonly Store[];
  /** Stores that are commands of the user's own. */
  readonly commands: readonly StoreCommands[];
  readonly child: Services['child'];
  readonly fingerprint: (kind: string, secret: Secret) => string;
  /** Id and entries of each incident, oldest first; a journal that cannot be read is its error. */
  readonly incidents: readonly { readonly id: string; readonly entries: readonly Recorded[] | ScanError }[];
}

/** A key that a provider lists. */
export interface Listed {
  readonly row: KeyRow;
  readonly target: Target;
  readonly key: FoundKey;
}

export const NOTHING: Omit<FoundKey, 'from'> = {
  provider: null,
  account: null,
  label: null,
  id: null,
  lastFour: null,
  active: true,
  stores: [],
  since: null,
  sinceWhat: null,
  lastRotation: null,
  lastUse: null,
  useKnown: false,
  leakedIn: null,
};

export function gapOf(error: unknown, about: string): Gap {
  if (!isScanError(error) || error.code === 'HTTP_ABORTED') throw error;
  return { code: error.code, message: `${about}: ${error.message}`, mend: error.mend ?? '' };
}

/** A time in any form that lists use, as ISO 8601; null if it is none. */
export function iso(text: string | null): string | null {
  const at = text === null ? null : parseTime(text, '+00:00');
  return at === null ? null : new Date(at).toISOString();
}
