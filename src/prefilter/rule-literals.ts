import type { Rule } from '../core/rule.ts';
import type { Literal } from './literal.ts';
import { type LiteralColumns, columnsOf, literalsOf } from './literal-columns.ts';
import { literalSet } from './literal-set.ts';
import { type PackedLiterals, openLiterals } from './packed.ts';

/** The literals of a list of rules, as objects and as what they were made of. */
export interface RuleLiterals {
  readonly literals: readonly Literal[];
  readonly columns: LiteralColumns;
}

/** What the build lays out of a list of rules; null where it is not there. */
export interface LaidOut {
  readonly literals: () => PackedLiterals | null;
  /** As `packScreens` makes them. */
  readonly screens: () => Uint32Array | null;
}

/** By the very list of rules. */
const laidOut = new WeakMap<readonly Rule[], LaidOut>();
const known = new WeakMap<readonly Rule[], RuleLiterals>();

/** Says how to read what was laid out of some rules. */
export function haveLaidOut(rules: readonly Rule[], read: LaidOut): void {
  laidOut.set(rules, read);
}

/** The screens of some rules, where they were laid out. */
export function ruleScreens(rules: readonly Rule[]): Uint32Array | null {
  return laidOut.get(rules)?.screens() ?? null;
}

/** All literals of some rules, in the order of `literalSet`; spelled out only where nobody did it before. */
export function ruleLiterals(rules: readonly Rule[], allowMarks: readonly string[]): RuleLiterals {
  const found = known.get(rules) ?? readOrMake(rules, allowMarks);
  known.set(rules, found);
  return found;
}

function readOrMake(rules: readonly Rule[], allowMarks: readonly string[]): RuleLiterals {
  const packed = laidOut.get(rules)?.literals() ?? null;
  if (packed !== null) {
    const { columns } = openLiterals(packed);
    return { columns, literals: literalsOf(columns) };
  }
  const { literals } = literalSet(rules, allowMarks);
  return { literals, columns: columnsOf(literals) };
}
