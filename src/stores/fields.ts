import type { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';
import type { StoreConfig } from '../providers/store-schema.ts';

/** The part that a key of one part has. */
export const ONLY_PART = 'secret';

export type Parts = Readonly<Record<string, Secret>>;

/**
 * Part of the key → field of the secret, as configured; null where the key is
 * the whole secret.
 *
 * @throws StoreError `STORE_CONFIG`
 */
export function fieldsOf(config: Pick<StoreConfig, 'name' | 'field' | 'fields'>): ReadonlyMap<string, string> | null {
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

/** Values by field. @throws StoreError `STORE_CONFIG` for a part without a field */
export function byField(parts: Parts, fields: ReadonlyMap<string, string>, name: string): [string, Secret][] {
  return Object.entries(parts).map(([part, value]) => {
    const field = fields.get(part);
    if (field === undefined)
      throw new StoreError('STORE_CONFIG', `store.${name}.fields has no field for ${part}`, { facts: { part } });
    return [field, value];
  });
}

/** True if every one of the parts has that value. */
export function holds(current: Parts, parts: Parts): boolean {
  return Object.entries(parts).every(([part, value]) => {
    const present = Object.hasOwn(current, part) ? current[part] : undefined;
    return present?.reveal() === value.reveal();
  });
}
