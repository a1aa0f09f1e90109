/** A secret that is one text: the key itself, or a JSON object with the key's parts as fields. */
import { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';
import { type Fields, ONLY_PART, type Parts, byField, requireFields } from './fields.ts';
import { readField, withField } from './json-text.ts';
import type { Changes, StoreState } from './store.ts';

/** Values by part. @throws StoreError `STORE_VALUE`, `STORE_NOT_FOUND` */
export function partsIn(text: string, fields: Fields): Parts {
  if (fields === null) return { [ONLY_PART]: new Secret(text) };
  const found = [...fields].flatMap(([part, field]) => {
    const value = readField(text, field);
    return value === null ? [] : [[part, value] as const];
  });
  return Object.fromEntries(found);
}

/** What such a secret gives out. @throws StoreError `STORE_VALUE`, `STORE_NOT_FOUND` */
export function stateIn(text: string, fields: Fields): Pick<StoreState, 'values' | 'whole'> {
  return { values: partsIn(text, fields), whole: new Secret(text) };
}

/**
 * The text with the parts in place, or taken away where they are null.
 *
 * @param name - of the store, for errors
 * @throws StoreError `STORE_CONFIG` if a part has no place; `STORE_VALUE`, `STORE_NOT_FOUND`
 */
export function textWith(text: string, fields: Fields, values: Changes, name: string): Secret {
  if (fields !== null)
    return new Secret(
      byField(values, fields, name).reduce((rest, [field, value]) => withField(rest, field, value), text),
    );
  requireFields(Object.keys(values), fields, name);
  const only = Object.values(values)[0] ?? null;
  if (only === null) throw new StoreError('STORE_CONFIG', `The secret of store.${name} is the key and nothing else`);
  return only;
}
