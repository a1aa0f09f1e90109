import { StepMeter, type TextSteps } from '../steps.ts';
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
  readonly #meter: StepMeter;
  #known = new Map<string, Row>();
  #start: Row;
  /** The text whose rows are counted, and how many it has met. */
  #text: TextSteps | null = null;
  #met = 0;

  /** @returns null for an expression that is too large, or matches nothing at all */
  static of(node: GoNode, meter = new StepMeter()): Screen | null {
    const builder = new Builder();
    const first = builder.add(node, ACCEPT);
    return first === null || builder.states.length > MOST_STATES ? null : new Screen(builder.states, first, meter);
  }

  private constructor(states: readonly State[], first: number, meter: StepMeter) {
    this.#meter = meter;
    this.#nodes = states;
    this.#first = [...closure(states, [first])];
    this.#start = this.#row(this.#first);
  }

  /** The first position in `[from, to]` at which a match may begin; -1 if none does. */
  firstStart(text: string, from: number, to: number): number {
    this.#begin();
    const last = Math.min(to, text.length);
    if (!this.#beginsWithin(text, from, last)) return -1;
    for (let start = from; start <= last; start++) if (this.#beginsAt(text, start)) return start;
    return -1;
  }

  /** States that it has: long repeats take fewer of them than in the engine. */
  get size(): number {
    return this.#nodes.length;
  }

  /**
   * States that the engine has to follow, summed up over the characters that it reads.
   *
   * @param isFound - a match begins at `start`: none that begins behind it is looked for, and nothing is read once no longer one is left
   */
  statesFollowed(text: string, start: number, isFound: boolean): number {
    this.#begin();
    let row = this.#start;
    let followed = row.states.length;
    for (let at = start; at < text.length && row.states.length > 0; at++) {
      const byte = text.charCodeAt(at);
      if (byte > 255) return followed + this.#nodes.length * (text.length - at);
      row = this.#next(row, byte, !isFound);
      followed += row.states.length;
    }
    return followed;
  }

  /** Steps on a text must not depend on what was searched before: rows are counted anew, and forgotten at places of the text alone. */
  #begin(): void {
    if (this.#text === this.#meter.text) return;
    this.#text = this.#meter.text;
    this.#met = 0;
    if (this.#known.size > MOST_ROWS) this.#forget();
  }

  #forget(): void {
    this.#known = new Map();
    this.#start = this.#row(this.#first);
  }

  #next(row: Row, byte: number, again: boolean): Row {
    const next = (again ? row.next : row.alone)[byte] ?? this.#step(row, byte, again);
    if (next.text !== this.#text) this.#meet(next);
    return next;
  }

  #meet(row: Row): void {
    row.text = this.#text;
    this.#meter.spend(row.states.length * STEPS_A_STATE);
    if (++this.#met < MOST_ROWS) return;
    this.#met = 0;
    this.#forget();
  }

  /** One pass for all positions at once. */
  #beginsWithin(text: string, from: number, last: number): boolean {
    let row = this.#start;
    if (row.accepts) return true;
    let at = from;
    for (; at < last; at++) {
      const byte = text.charCodeAt(at);
      if (byte > 255) return true;
      row = this.#next(row, byte, true);
      if (row.accepts) break;
    }
    this.#meter.spend(at - from);
    return row.accepts || this.#goesOn(row, text, at);
  }

  #beginsAt(text: string, start: number): boolean {
    return this.#start.accepts || this.#goesOn(this.#start, text, start);
  }

  /** Whether a match that has begun may come to its end. */
  #goesOn(begun: Row, text: string, from: number): boolean {
    let row = begun;
    let at = from;
    for (; at < text.length && row.states.length > 0; at++) {
      const byte = text.charCodeAt(at);
      // Beyond bytes only the engine knows.
      if (byte > 255) return true;
      row = this.#next(row, byte, false);
      if (row.accepts) break;
    }
    this.#meter.spend(at - from + 1);
    return row.accepts || row.acceptsAtEnd;
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
    // Hostile text can ask for ever new rows: begin anew, and memory stays bounded. One text meets half of them at most.
    if (this.#known.size >= 2 * MOST_ROWS) this.#forget();
    const row: Row = {
      states: sorted,
      accepts: sorted.includes(ACCEPT),
      acceptsAtEnd: closure(this.#nodes, sorted, true).has(ACCEPT),
      next: [],
      alone: [],
      text: null,
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
  /** The text that met it last. */
  text: TextSteps | null;
}

type State =
  | { readonly kind: 'accept' }
  | { readonly kind: 'byte'; readonly set: ReadonlySet<number>; readonly next: number }
  | { readonly kind: 'end'; readonly next: number }
  | { readonly kind: 'split'; readonly to: number[] };

const ACCEPT = 0;
const MOST_STATES = 2000;
const MOST_ROWS = 2000;
/** What a state of a row takes that a text meets for the first time, where looking up a row takes one step. */
const STEPS_A_STATE = 16;
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
