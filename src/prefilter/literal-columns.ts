import type { Literal, LiteralForm } from './literal.ts';

/** Literals as columns: what is posted to a thread or lies in a file, where thousands of objects would be dear. */
export interface LiteralColumns {
  /** Where the bytes of each begin, and behind the last. */
  readonly starts: Uint32Array;
  /** Of each: its text, phase, form and whether case counts. */
  readonly facts: Uint32Array;
  /** One after the other; small letters where case does not count. */
  readonly bytes: Uint8Array;
}

const FORMS: readonly LiteralForm[] = ['plain', 'base64', 'hex', 'percent', 'escape', 'wide', 'html'];

export function columnsOf(literals: readonly Literal[]): LiteralColumns {
  const starts = new Uint32Array(literals.length + 1);
  const facts = new Uint32Array(literals.length);
  const bytes = new Uint8Array(literals.reduce((sum, one) => sum + one.bytes.length, 0));
  let next = 0;
  for (const [index, literal] of literals.entries()) {
    starts[index] = next;
    facts[index] =
      literal.text * 256 + (literal.phase << 4) + (FORMS.indexOf(literal.form) << 1) + (literal.exact ? 1 : 0);
    bytes.set(literal.exact ? literal.bytes : literal.bytes.map(fold), next);
    next += literal.bytes.length;
  }
  starts[literals.length] = next;
  return { starts, facts, bytes };
}

export function literalAt({ starts, facts, bytes }: LiteralColumns, index: number): Literal {
  const fact = facts[index] ?? 0;
  return {
    bytes: bytes.subarray(starts[index], starts[index + 1]),
    exact: (fact & 1) === 1,
    form: FORMS[(fact >> 1) & 7] ?? 'plain',
    text: fact >>> 8,
    phase: (fact >> 4) & 15,
  };
}

export function literalsOf(columns: LiteralColumns): Literal[] {
  return Array.from(columns.facts, (_, index) => literalAt(columns, index));
}

/** ASCII alone has case. */
export function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}
