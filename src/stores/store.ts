import type { Secret } from '../core/secret.ts';
import type { StoreKind } from '../providers/store-schema.ts';

/** A version as its store names it. Neither field tells anything about the value. */
export interface StoreVersion {
  /** Null: the store has no versions. */
  readonly id: string | null;
  /** ISO 8601; null where the store does not tell. */
  readonly createdAt: string | null;
}

export interface StoreState extends StoreVersion {
  /** By part of the key, those that the store has; null: this store never gives values back. */
  readonly values: Readonly<Record<string, Secret>> | null;
  /** All text that the parts are fields of, where there is one: the leaked value may stand in it a second time. */
  readonly whole?: Secret;
}

/** New values by part of the key; null takes the field away. */
export type Changes = Readonly<Record<string, Secret | null>>;

/** How a write is to be done. */
export interface PutHow {
  /** The version that must still be the current one; null: whatever is there is overwritten. */
  readonly expected: StoreVersion | null;
  /** The same for every repetition of one write, and for no other: 1 to 64 letters, digits and `-`. */
  readonly requestId: string;
}

/**
 * What became of a leaked version: erased; there and not given out; replaced,
 * with nothing of it left; or still to be had by whoever may read old versions.
 */
export type Retired = 'destroyed' | 'disabled' | 'overwritten' | 'kept';

/**
 * One secret in one secret store. Every method throws a StoreError, and what it
 * throws, logs or puts into a URL holds no value.
 */
export interface Store {
  /** `[store.NAME]` of the user's providers file. */
  readonly name: string;
  readonly kind: StoreKind;
  /** For people; no secret. */
  readonly description: string;
  /** Two stores of one location are one. Absent where nothing tells. */
  readonly location?: string;
  read(): Promise<StoreState>;
  /**
   * Finds out now what would make a write of these parts fail for certain. Changes nothing.
   *
   * @throws StoreError
   */
  check(parts: readonly string[]): Promise<void>;
  /**
   * Makes the values current. Other fields of the secret stay as they are.
   *
   * @throws StoreError `STORE_CONFLICT` if another version than `expected` is current, `STORE_OUTCOME_UNKNOWN`
   */
  put(values: Changes, how: PutHow): Promise<StoreVersion>;
  /**
   * After a crash: the version that the write made, or null if it did not take place.
   *
   * @throws StoreError `STORE_OUTCOME_UNKNOWN` where the store cannot tell
   */
  find(requestId: string, values: Readonly<Record<string, Secret>>): Promise<StoreVersion | null>;
  /**
   * Makes a former version current again, whole. Absent where a store keeps none.
   *
   * @throws StoreError `STORE_NOT_FOUND` if it is there no more
   */
  restore?(previous: StoreVersion): Promise<StoreVersion>;
  /** After a crash: takes away what the run that died may have left beside the secret. Absent where nothing can be. */
  tidy?(): Promise<void>;
  /** Disables or erases a version that is current no longer, as far as the store can. */
  retire(version: StoreVersion): Promise<Retired>;
}
