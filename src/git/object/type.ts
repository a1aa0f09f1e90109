export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

/** Compact forms of a type, for tables. */
export const BLOB = 0;
export const TREE = 1;
export const COMMIT = 2;
export const TAG = 3;
/** Listed by git, but not read yet. */
export const UNKNOWN = 4;

const CODES: ReadonlyMap<string, number> = new Map([
  ['blob', BLOB],
  ['tree', TREE],
  ['commit', COMMIT],
  ['tag', TAG],
]);
const NAMES: readonly ObjectType[] = ['blob', 'tree', 'commit', 'tag'];

/** Compact form of a type, or undefined for a word that is none. */
export function typeCode(word: string): number | undefined {
  return CODES.get(word);
}

/** The word of a code; undefined for `UNKNOWN`. */
export function typeName(code: number): ObjectType | undefined {
  return NAMES[code];
}
