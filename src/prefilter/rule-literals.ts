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

/** By the very list of rules: how to read what was laid out of it when the command was built. */
const laidOut = new WeakMap<readonly Rule[], () => PackedLiterals | null>();
const known = new WeakMap<readonly Rule[], RuleLiterals>();

/** Says where the literals of some rules lie. @param read - null if they are not there */
export function literalsLieIn(rules: readonly Rule[], read: () => PackedLiterals | null): void {
  laidOut.set(rules, read);
}

/** All literals of some rules, in the order of `literalSet`; spelled out only where nobody did it before. */
export function ruleLiterals(rules: readonly Rule[], allowMarks: readonly string[]): RuleLiterals {
  const found = known.get(rules) ?? readOrMake(rules, allowMarks);
  known.set(rules, found);
  return found;
}

function readOrMake(rules: readonly Rule[], allowMarks: readonly string[]): RuleLiterals {
  const packed = laidOut.get(rules)?.() ?? null;
  if (packed !== null) {
    const { columns } = openLiterals(packed);
    return { columns, literals: literalsOf(columns) };
  }
  const { literals } = literalSet(rules, allowMarks);
  return { literals, columns: columnsOf(literals) };
}
