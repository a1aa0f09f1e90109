import type { Rule } from '../core/rule.ts';
import type { Literal } from './literal.ts';
import { type LiteralColumns, columnsOf, literalsOf } from './literal-columns.ts';
import { literalSet } from './literal-set.ts';
import { type PackedLiterals, openLiterals, packLiterals } from './packed.ts';
import type { LaidOutScreens } from './screening.ts';

/** The literals of a list of rules, as objects and as what they were made of. */
export interface RuleLiterals {
  readonly literals: readonly Literal[];
  readonly columns: LiteralColumns;
}

/** What the build laid out of a list of rules. */
export interface LaidOut {
  readonly packed: PackedLiterals;
  /** Null where they were left away, as beside the Action. */
  readonly screens: Uint32Array | null;
  /** What literals reach, see `src/kernel/laid-reaches.ts`; likewise. */
  readonly reaches?: LaidOutReaches | null;
}

export interface LaidOutReaches {
  readonly words: Uint32Array;
  /** What is looked for besides the rules' literals. */
  readonly marker: { readonly start: Uint8Array; readonly limit: number };
}

/** By the very list of rules. */
const laidOut = new WeakMap<readonly Rule[], () => LaidOut | null>();
const known = new WeakMap<readonly Rule[], RuleLiterals>();

/** Says how to read what was laid out of some rules. @param read - null if it is not there */
export function haveLaidOut(rules: readonly Rule[], read: () => LaidOut | null): void {
  laidOut.set(rules, read);
}

/** The screens of some rules with the literals they are of, if both were laid out. */
export function ruleScreens(rules: readonly Rule[]): LaidOutScreens | null {
  const { packed, screens } = laidOut.get(rules)?.() ?? { packed: null, screens: null };
  return packed === null || screens === null ? null : { packed, screens };
}

/** What the literals of some rules reach, with the screens that belong to it, if both were laid out. */
export function ruleReaches(rules: readonly Rule[]): (LaidOutReaches & { readonly screens: Uint32Array }) | null {
  const { screens = null, reaches = null } = laidOut.get(rules)?.() ?? {};
  return screens === null || reaches === null ? null : { ...reaches, screens };
}

/** The literals of some rules as `packLiterals` lays them out. */
export function rulePack(rules: readonly Rule[], allowMarks: readonly string[]): PackedLiterals {
  return laidOut.get(rules)?.()?.packed ?? packLiterals(ruleLiterals(rules, allowMarks).literals);
}

/** All literals of some rules, in the order of `literalSet`; spelled out only where nobody did it before. */
export function ruleLiterals(rules: readonly Rule[], allowMarks: readonly string[]): RuleLiterals {
  const found = known.get(rules) ?? readOrMake(rules, allowMarks);
  known.set(rules, found);
  return found;
}

function readOrMake(rules: readonly Rule[], allowMarks: readonly string[]): RuleLiterals {
  const packed = laidOut.get(rules)?.()?.packed;
  if (packed !== undefined) {
    const { columns } = openLiterals(packed);
    return { columns, literals: literalsOf(columns) };
  }
  const { literals } = literalSet(rules, allowMarks);
  return { literals, columns: columnsOf(literals) };
}
