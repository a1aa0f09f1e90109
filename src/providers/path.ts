/**
 * Walks parsed JSON by a dotted path. Own properties only: a server's
 * `__proto__` or `constructor` must lead nowhere.
 *
 * @param path - names and indexes joined by dots; empty for the value itself
 * @returns undefined where the path leads nowhere
 */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value;
  let here: unknown = value;
  for (const step of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = Object.getOwnPropertyDescriptor(here, step)?.value;
  }
  return here;
}

/** A scalar as text; null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return null;
}

export function textAt(value: unknown, path: string | undefined): string | null {
  return path === undefined ? null : textOf(valueAt(value, path));
}

/** A list of scalars as texts: an array, or one string of words parted by commas or spaces. */
export function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(textOf).filter((text) => text !== null);
  const text = textOf(value);
  return text === null ? [] : text.split(/[\s,]+/).filter((word) => word !== '');
}
