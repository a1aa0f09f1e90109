import type { GoNode } from './pattern.ts';

/**
 * Tells where in a text a match of an expression may begin, and where surely
 * none does: a deterministic automaton, built as texts ask for it. It reads more
 * into the expression than there is (no `^` and `\b`, long repeats without an end), so
 * a yes means nothing; the engine that knows positions is slower by far.
 */
export class Screen {
  readonly #nodes: readonly State[];
  readonly #first: readonly number[];
  #known = new Map<string, Row>();
  #start: Row;

  /** @returns null for an expression that is too large, or matches nothing at all */
  static of(node: GoNode): Screen | null {
    const builder = new Builder();
    const first = builder.add(node, ACCEPT);
    return first === null || builder.states.length > MOST_STATES ? null : new Screen(builder.states, first);
  }

  private constructor(states: readonly State[], first: number) {
    this.#nodes = states;
    this.#first = [...closure(states, [first])];
    this.#start = this.#row(this.#first);
  }

  /** The first position in `[from, to]` at which a match may begin; -1 if none does. */
  firstStart(text: string, from: number, to: number): number {
    const last = Math.min(to, text.length);
    if (!this.#beginsWithin(text, from, last)) return -1;
    for (let start = from; start <= last; start++) if (this.#beginsAt(text, start)) return start;
    return -1;
  }

  /** One pass for all positions at once. */
  #beginsWithin(text: string, from: number, last: number): boolean {
    let row = this.#start;
    if (row.accepts) return true;
    let at = from;
    for (; at < last; at++) {
      const byte = text.charCodeAt(at);
      if (byte > 255) return true;
      row = row.next[byte] ?? this.#step(row, byte, true);
      if (row.accepts) return true;
    }
    return this.#goesOn(row, text, at);
  }

  #beginsAt(text: string, start: number): boolean {
    return this.#start.accepts || this.#goesOn(this.#start, text, start);
  }

  /** Whether a match that has begun may come to its end. */
  #goesOn(begun: Row, text: string, from: number): boolean {
    let row = begun;
    for (let at = from; at < text.length; at++) {
      const byte = text.charCodeAt(at);
      // Beyond bytes only the engine knows.
      if (byte > 255) return true;
      row = row.alone[byte] ?? this.#step(row, byte, false);
      if (row.accepts) return true;
      if (row.states.length === 0) return false;
    }
    return row.acceptsAtEnd;
  }

  /** @param again - whether a match may begin after this byte, too */
  #step(row: Row, byte: number, again: boolean): Row {
    const after = new Set(again ? this.#first : []);
    for (const index of row.states) {
      const state = this.#nodes[index];
      if (state?.kind === 'byte' && state.set.has(byte))
        for (const one of closure(this.#nodes, [state.next])) after.add(one);
    }
    const next = this.#row([...after]);
    (again ? row.next : row.alone)[byte] = next;
    return next;
  }

  #row(states: readonly number[]): Row {
    const sorted = states.toSorted((a, b) => a - b);
    const key = sorted.join(' ');
    const known = this.#known.get(key);
    if (known) return known;
    // Hostile text can ask for ever new rows: begin anew, and memory stays bounded.
    if (this.#known.size >= MOST_ROWS) {
      this.#known = new Map();
      this.#start = this.#row(this.#first);
    }
    const row: Row = {
      states: sorted,
      accepts: sorted.includes(ACCEPT),
      acceptsAtEnd: closure(this.#nodes, sorted, true).has(ACCEPT),
      next: [],
      alone: [],
    };
    this.#known.set(key, row);
    return row;
  }
}

interface Row {
  readonly states: readonly number[];
  readonly accepts: boolean;
  /** If the text is over here. */
  readonly acceptsAtEnd: boolean;
  /** By byte, where a match may begin at every position. */
  readonly next: Row[];
  /** By byte, where none begins any more. */
  readonly alone: Row[];
}

type State =
  | { readonly kind: 'accept' }
  | { readonly kind: 'byte'; readonly set: ReadonlySet<number>; readonly next: number }
  | { readonly kind: 'end'; readonly next: number }
  | { readonly kind: 'split'; readonly to: number[] };

const ACCEPT = 0;
const MOST_STATES = 2000;
const MOST_ROWS = 2000;
/** Repeats that go on for longer have no end here, and no longer a beginning. */
const COUNTED = 24;

class Builder {
  readonly states: State[] = [{ kind: 'accept' }];

  /** @returns the state that stands before `node` if `next` comes after it; null if there are too many */
  add(node: GoNode, next: number): number | null {
    if (this.states.length > MOST_STATES) return null;
    switch (node.kind) {
      case 'edge':
        return node.atEnd ? this.#push({ kind: 'end', next }) : next;
      case 'set':
        return this.#push({ kind: 'byte', set: node.set, next });
      case 'sequence':
        return node.items.reduceRight<number | null>(
          (after, item) => (after === null ? null : this.add(item, after)),
          next,
        );
      case 'choice':
        return this.#choice(node.options.map((option) => this.add(option, next)));
      case 'repeat':
        return this.#repeat(node.item, node.min, node.max, next);
    }
  }

  #repeat(item: GoNode, min: number, max: number, next: number): number | null {
    let at: number | null = next;
    if (max > COUNTED) {
      const loop = this.#push({ kind: 'split', to: [next] });
      const again = this.add(item, loop);
      const split = this.states[loop];
      if (again === null || split?.kind !== 'split') return null;
      split.to.push(again);
      at = loop;
    } else {
      for (let i = min; i < max && at !== null; i++) {
        const once = this.add(item, at);
        at = this.#choice([once, next]);
      }
    }
    for (let i = 0; i < Math.min(min, COUNTED) && at !== null; i++) at = this.add(item, at);
    return at;
  }

  #choice(to: readonly (number | null)[]): number | null {
    const known = to.filter((one) => one !== null);
    return known.length < to.length ? null : this.#push({ kind: 'split', to: known });
  }

  #push(state: State): number {
    this.states.push(state);
    return this.states.length - 1;
  }
}

function closure(states: readonly State[], from: readonly number[], atEnd = false): Set<number> {
  const seen = new Set<number>();
  const pending = [...from];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (seen.has(index)) continue;
    seen.add(index);
    const state = states[index];
    if (state?.kind === 'split') pending.push(...state.to);
    if (atEnd && state?.kind === 'end') pending.push(state.next);
  }
  return seen;
}
