/**
 * A backtracking matcher that counts its steps, the way the host's own engine
 * works, so that a pattern can be held to a budget without a clock.
 */
import type { CharSet, Node } from '../../src/rules/pattern.ts';

type Instruction =
  | { readonly op: 'set'; readonly set: CharSet }
  | { readonly op: 'edge'; readonly edge: string }
  /** Tries `first`, and `second` when that fails. */
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number }
  | { readonly op: 'match' };

export type Program = readonly Instruction[];

/** Compiles by unrolling every repeat, as bounded ones can be. */
export function programOf(node: Node, whole = false): Program {
  const program: Instruction[] = [];
  const emit = (part: Node): void => {
    switch (part.kind) {
      case 'set':
        program.push({ op: 'set', set: part.set });
        return;
      case 'edge':
        program.push({ op: 'edge', edge: part.edge });
        return;
      case 'group':
        emit(part.item);
        return;
      case 'sequence':
        for (const item of part.items) emit(item);
        return;
      case 'choice': {
        const jumps: { op: 'jump'; to: number }[] = [];
        for (const [i, option] of part.options.entries()) {
          if (i === part.options.length - 1) {
            emit(option);
            break;
          }
          const split = { op: 'split' as const, first: program.length + 1, second: 0 };
          program.push(split);
          emit(option);
          const jump = { op: 'jump' as const, to: 0 };
          program.push(jump);
          jumps.push(jump);
          split.second = program.length;
        }
        for (const jump of jumps) jump.to = program.length;
        return;
      }
      case 'repeat': {
        for (let i = 0; i < part.min; i++) emit(part.item);
        const splits: { op: 'split'; first: number; second: number }[] = [];
        for (let i = part.min; i < part.max; i++) {
          const split = { op: 'split' as const, first: program.length + 1, second: 0 };
          program.push(split);
          splits.push(split);
          emit(part.item);
        }
        for (const split of splits) {
          split.second = program.length;
          if (part.lazy) [split.first, split.second] = [split.second, split.first];
        }
      }
    }
  };
  emit(node);
  if (whole) program.push({ op: 'edge', edge: '$' });
  program.push({ op: 'match' });
  return program;
}

export interface Outcome {
  /** Where the match ends, or −1. */
  readonly end: number;
  readonly steps: number;
}

/** Tries to match at one place. Gives up, as a failure, after `budget` steps. */
export function runAt(program: Program, text: string, at: number, budget = Number.POSITIVE_INFINITY): Outcome {
  const places: number[] = [0];
  const positions: number[] = [at];
  let steps = 0;
  for (let pc = places.pop(); pc !== undefined; pc = places.pop()) {
    let position = positions.pop() ?? 0;
    for (;;) {
      if (++steps > budget) return { end: -1, steps };
      const instruction: Instruction | undefined = program[pc];
      if (instruction === undefined) break;
      if (instruction.op === 'match') return { end: position, steps };
      if (instruction.op === 'jump') {
        pc = instruction.to;
        continue;
      }
      if (instruction.op === 'split') {
        places.push(instruction.second);
        positions.push(position);
        pc = instruction.first;
        continue;
      }
      if (instruction.op === 'edge') {
        if (!holds(instruction.edge, text, position)) break;
      } else {
        if (position >= text.length || !instruction.set.has(text.charCodeAt(position))) break;
        position++;
      }
      pc++;
    }
  }
  return { end: -1, steps };
}

/** Every match from left to right, not overlapping; steps of all attempts together. */
export function runAll(
  program: Program,
  text: string,
  budget: number,
): { readonly matches: number; readonly steps: number } {
  let steps = 0;
  let matches = 0;
  for (let at = 0; at <= text.length;) {
    const outcome = runAt(program, text, at, budget - steps);
    steps += outcome.steps;
    if (steps > budget) break;
    if (outcome.end >= 0) matches++;
    at = outcome.end > at ? outcome.end : at + 1;
  }
  return { matches, steps };
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /\w/.test(char);
}

function holds(edge: string, text: string, at: number): boolean {
  if (edge === '^') return at === 0;
  if (edge === '$') return at === text.length;
  const boundary = isWord(text[at - 1]) !== isWord(text[at]);
  return edge === 'b' ? boundary : !boundary;
}
