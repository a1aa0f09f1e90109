/**
 * Tables by which sixteen places are asked at once whether a literal of three bytes may stand there: literals are put in
 * eight groups, and for each of their bytes, and each half of it, a table says which groups have it there.
 */
import { fold } from './literal-columns.ts';
import type { Literal } from './literal.ts';

/** Bytes of such a literal. */
export const TRIPLE = 3;
const GROUPS = 8;
/** Bytes of the tables: of the lower half and then the upper half of each byte, a byte for each of its sixteen values. */
export const TRIPLE_TABLES = TRIPLE * 2 * 16;

/** Literals that may be taken for each other: of each byte, as bits, which lower halves and which upper halves it may have. */
interface Group {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** @param literals - of three bytes */
export function tripleTables(literals: readonly Literal[]): Uint8Array {
  const tables = new Uint8Array(TRIPLE_TABLES);
  for (const [number, { lower, upper }] of groupsOf(literals).entries()) {
    for (let i = 0; i < TRIPLE; i++) {
      setBits(tables.subarray(32 * i, 32 * i + 16), lower[i] ?? 0, 1 << number);
      setBits(tables.subarray(32 * i + 16, 32 * i + 32), upper[i] ?? 0, 1 << number);
    }
  }
  return tables;
}

function setBits(table: Uint8Array, halves: number, group: number): void {
  for (let half = 0; half < 16; half++) if ((halves >> half) & 1) table[half]! |= group;
}

/** Those with the same upper halves are together from the beginning; then what costs least is joined until there are few enough. */
function groupsOf(literals: readonly Literal[]): Group[] {
  const byUpper = new Map<string, Group>();
  for (const literal of literals) {
    const group = groupOf(literal);
    const key = group.upper.join(' ');
    const known = byUpper.get(key);
    byUpper.set(key, known ? joined(known, group) : group);
  }
  const groups = [...byUpper.values()];
  while (groups.length > GROUPS) joinCheapest(groups);
  return groups;
}

function groupOf({ bytes, exact }: Literal): Group {
  const spellings = [...bytes].map((byte) => (exact ? [byte] : [byte, otherCase(byte)]));
  return {
    lower: spellings.map((list) => list.reduce((bits, byte) => bits | (1 << (byte & 15)), 0)),
    upper: spellings.map((list) => list.reduce((bits, byte) => bits | (1 << (byte >> 4)), 0)),
  };
}

function otherCase(byte: number): number {
  const small = fold(byte);
  return small >= 0x61 && small <= 0x7a ? small - 32 : small;
}

function joined(one: Group, other: Group): Group {
  const both = (a: readonly number[], b: readonly number[]): number[] => a.map((bits, i) => bits | (b[i] ?? 0));
  return { lower: both(one.lower, other.lower), upper: both(one.upper, other.upper) };
}

function joinCheapest(groups: Group[]): void {
  const alone = groups.map(chance);
  let least = Infinity;
  let [first, second] = [0, 1];
  for (let a = 0; a < groups.length; a++) {
    for (let b = a + 1; b < groups.length; b++) {
      const more = chance(joined(groups[a]!, groups[b]!)) - alone[a]! - alone[b]!;
      if (more < least) [least, first, second] = [more, a, b];
    }
  }
  groups[first] = joined(groups[first]!, groups[second]!);
  groups.splice(second, 1);
}

/** How often a place in text looks like one of a group, about. */
function chance({ lower, upper }: Group): number {
  return lower.reduce((product, bits, i) => product * share(bits, upper[i] ?? 0), 1);
}

function share(lower: number, upper: number): number {
  let sum = 0;
  for (let high = 0; high < 16; high++) {
    if (((upper >> high) & 1) === 0) continue;
    for (let low = 0; low < 16; low++) if ((lower >> low) & 1) sum += frequency(16 * high + low);
  }
  return sum;
}

/** Of a byte in source code, roughly. */
function frequency(byte: number): number {
  if (byte === 0x20) return 0.19;
  if (byte >= 0x61 && byte <= 0x7a) return 0.026;
  if (byte >= 0x80) return 0.001;
  return byte > 0x20 ? 0.004 : 0.002;
}
