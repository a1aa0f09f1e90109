/** A secret that is one text: the key itself, or a JSON object with the key's parts as fields. */
import { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';
import { ONLY_PART, type Parts, byField } from './fields.ts';
import { readField, withField } from './json-text.ts';

export type Fields = ReadonlyMap<string, string> | null;

/** Values by part. @throws StoreError `STORE_VALUE`, `STORE_NOT_FOUND` */
export function partsIn(text: string, fields: Fields): Parts {
  if (fields === null) return { [ONLY_PART]: new Secret(text) };
  const found = [...fields].flatMap(([part, field]) => {
    const value = readField(text, field);
    return value === null ? [] : [[part, value] as const];
  });
  return Object.fromEntries(found);
}

/**
 * The text with the parts in place.
 *
 * @param name - of the store, for errors
 * @throws StoreError `STORE_CONFIG` if a part has no place; `STORE_VALUE`, `STORE_NOT_FOUND`
 */
export function textWith(text: string, fields: Fields, parts: Parts, name: string): Secret {
  if (fields !== null)
    return new Secret(
      byField(parts, fields, name).reduce((rest, [field, value]) => withField(rest, field, value), text),
    );
  const [only, ...others] = Object.values(parts);
  if (!only || others.length > 0)
    throw new StoreError('STORE_CONFIG', `store.${name} needs fields: the key has ${others.length + 1} parts`);
  return only;
}
