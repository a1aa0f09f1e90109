import type { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';
import type { StoreConfig } from '../providers/store-schema.ts';
import type { Changes } from './store.ts';

/** The part that a key of one part has. */
export const ONLY_PART = 'secret';

export type Parts = Readonly<Record<string, Secret>>;

/** Part of the key → field of the secret; null where the key is the whole secret. */
export type Fields = ReadonlyMap<string, string> | null;

/**
 * The fields as configured.
 *
 * @throws StoreError `STORE_CONFIG`
 */
export function fieldsOf(config: Pick<StoreConfig, 'name' | 'field' | 'fields'>): Fields {
  const { name, field, fields } = config;
  if (field !== undefined && fields !== undefined)
    throw new StoreError('STORE_CONFIG', `store.${name} has both field and fields`);
  if (field !== undefined) return new Map([[ONLY_PART, field]]);
  if (fields === undefined) return null;
  const map = new Map(Object.entries(fields));
  if (new Set(map.values()).size < map.size || map.size === 0)
    throw new StoreError('STORE_CONFIG', `store.${name}.fields names no field, or one for two parts`);
  return map;
}

/** @throws StoreError `STORE_CONFIG` unless each part has a place */
export function requireFields(parts: readonly string[], fields: Fields, name: string): void {
  if (fields === null && parts.length !== 1)
    throw new StoreError('STORE_CONFIG', `store.${name} needs fields: the key has ${parts.length} parts`);
  for (const part of parts)
    if (fields?.has(part) === false)
      throw new StoreError('STORE_CONFIG', `store.${name}.fields has no field for ${part}`, { facts: { part } });
}

/** Values by field. @throws StoreError `STORE_CONFIG` for a part without a field */
export function byField<T extends Secret | null>(
  values: Readonly<Record<string, T>>,
  fields: ReadonlyMap<string, string>,
  name: string,
): [string, T][] {
  requireFields(Object.keys(values), fields, name);
  return Object.entries(values).map(([part, value]) => [fields.get(part) ?? '', value]);
}

/** Those that are set; what takes a field away holds no secret. */
export function secretsIn(values: Changes): Secret[] {
  return Object.values(values).filter((value) => value !== null);
}

/** True if every one of the parts has that value, or is not there if that is null. */
export function holds(current: Parts, values: Changes): boolean {
  return Object.entries(values).every(([part, value]) => {
    const present = Object.hasOwn(current, part) ? current[part] : undefined;
    return present?.reveal() === value?.reveal();
  });
}
