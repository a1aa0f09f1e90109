/** Reading answers: whatever a server sends is anything until it is looked at. */

/** A member of an object, its own; undefined for everything else. */
export function member(value: unknown, ...names: readonly string[]): unknown {
  let current = value;
  for (const name of names) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = Reflect.get(current, name);
  }
  return current;
}

/** A text of an object; null for everything else. */
export function textAt(value: unknown, ...names: readonly string[]): string | null {
  const found = member(value, ...names);
  return typeof found === 'string' ? found : null;
}

/** A list of an object; empty for everything else. */
export function listAt(value: unknown, ...names: readonly string[]): readonly unknown[] {
  const found = member(value, ...names);
  return Array.isArray(found) ? found : [];
}

/** A time of seconds since 1970 as ISO 8601; null for anything else. */
export function secondsAt(value: unknown, ...names: readonly string[]): string | null {
  const found = member(value, ...names);
  if (typeof found !== 'number' || !(Math.abs(found) < 8.64e12)) return null;
  return new Date(found * 1000).toISOString();
}
