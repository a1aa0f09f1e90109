/**
 * The longest row of characters of one kind that every match of an expression
 * has: where a window holds no such row, nothing in it matches.
 */
import type { CharSet, Node } from './pattern.ts';

/** Kinds of characters, each within the next. */
const RUN_KINDS = ['hex', 'alnum', 'token'] as const;
type RunKind = (typeof RUN_KINDS)[number];

export interface NeededRun {
  readonly kind: RunKind;
  /** Characters, 12 to 1,023. */
  readonly length: number;
}

/** Shorter ones stand everywhere. */
const LEAST = 12;
const MOST = 1023;

const KINDS: Readonly<Record<RunKind, { readonly members: CharSet; readonly weight: number }>> = {
  hex: { members: charsOf('0123456789abcdefABCDEF'), weight: 2 },
  alnum: { members: charsOf(alnum()), weight: 1.5 },
  token: { members: charsOf(`${alnum()}+/_=.~-`), weight: 1 },
};

/** What the rows of one kind are in all that a part of an expression matches. */
interface Rows {
  /** At its start, at its end, and anywhere. */
  readonly first: number;
  readonly last: number;
  readonly best: number;
  /** It holds nothing else. */
  readonly isPure: boolean;
}

const EMPTY: Rows = { first: 0, last: 0, best: 0, isPure: true };
const OTHER: Rows = { first: 0, last: 0, best: 0, isPure: false };
const ONE: Rows = { first: 1, last: 1, best: 1, isPure: true };

/** The rarest such row that is needed; null if none is long. */
export function neededRun(node: Node): NeededRun | null {
  let rarest: NeededRun | null = null;
  let weight = 0;
  for (const kind of RUN_KINDS) {
    const length = Math.min(rowsOf(node, KINDS[kind].members).best, MOST);
    if (length < LEAST || length * KINDS[kind].weight <= weight) continue;
    rarest = { kind, length };
    weight = length * KINDS[kind].weight;
  }
  return rarest;
}

function rowsOf(node: Node, members: CharSet): Rows {
  switch (node.kind) {
    case 'edge':
      return EMPTY;
    case 'set':
      return [...node.set].every((char) => members.has(char)) ? ONE : OTHER;
    case 'group':
      return rowsOf(node.item, members);
    case 'sequence':
      return node.items.reduce((rows, item) => joined(rows, rowsOf(item, members)), EMPTY);
    case 'choice':
      return node.options.map((option) => rowsOf(option, members)).reduce(eitherOf);
    case 'repeat':
      return repeated(rowsOf(node.item, members), node.min);
  }
}

function joined(a: Rows, b: Rows): Rows {
  return {
    first: a.isPure ? a.best + b.first : a.first,
    last: b.isPure ? a.last + b.best : b.last,
    best: Math.max(a.best, b.best, a.last + b.first),
    isPure: a.isPure && b.isPure,
  };
}

function eitherOf(a: Rows, b: Rows): Rows {
  return {
    first: Math.min(a.first, b.first),
    last: Math.min(a.last, b.last),
    best: Math.min(a.best, b.best),
    isPure: a.isPure && b.isPure,
  };
}

/** As often as it must be; more of the same makes no row shorter. */
function repeated(item: Rows, min: number): Rows {
  if (min === 0) return item.isPure ? EMPTY : OTHER;
  if (item.isPure) return { first: min * item.best, last: min * item.best, best: min * item.best, isPure: true };
  return { ...item, best: min === 1 ? item.best : Math.max(item.best, item.last + item.first) };
}

function charsOf(text: string): CharSet {
  return new Set(Buffer.from(text));
}

function alnum(): string {
  return 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
}
