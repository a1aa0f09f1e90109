/**
 * How much a linear-time engine has to do: it goes through a text once, with
 * every place of the pattern that it may have reached by then.
 */
import type { CharSet, Node } from '../pattern.ts';

type Instruction =
  | { readonly op: 'set'; readonly set: CharSet }
  /** Goes on at both. */
  | { readonly op: 'split'; readonly to: readonly number[] }
  | { readonly op: 'match' };

/** More than this is not worked out: the engine refuses such patterns itself. */
const MOST_INSTRUCTIONS = 100_000;

class TooLong extends Error {}

function programOf(node: Node): Instruction[] {
  const program: Instruction[] = [];
  const put = (instruction: Instruction): number => {
    if (program.length >= MOST_INSTRUCTIONS) throw new TooLong();
    return program.push(instruction) - 1;
  };
  const emit = (part: Node): void => {
    switch (part.kind) {
      case 'set':
        put({ op: 'set', set: part.set });
        return;
      case 'edge':
        return;
      case 'group':
        emit(part.item);
        return;
      case 'sequence':
        for (const item of part.items) emit(item);
        return;
      case 'choice': {
        const starts: number[] = [];
        const split = put({ op: 'split', to: starts });
        const ends: number[][] = [];
        for (const option of part.options) {
          starts.push(program.length);
          emit(option);
          const jump: number[] = [];
          ends.push(jump);
          put({ op: 'split', to: jump });
        }
        for (const jump of ends) jump.push(program.length);
        if (starts.length === 0) program[split] = { op: 'split', to: [split + 1] };
        return;
      }
      case 'repeat':
        repeat(part.item, part.min, part.max);
    }
  };
  const repeat = (item: Node, min: number, max: number): void => {
    for (let i = 0; i < min; i++) emit(item);
    if (max === Number.POSITIVE_INFINITY) {
      const to: number[] = [program.length + 1];
      const loop = put({ op: 'split', to });
      emit(item);
      put({ op: 'split', to: [loop] });
      to.push(program.length);
      return;
    }
    const exits: number[][] = [];
    for (let i = min; i < max; i++) {
      const to = [program.length + 1];
      put({ op: 'split', to });
      exits.push(to);
      emit(item);
    }
    for (const to of exits) to.push(program.length);
  };
  emit(node);
  put({ op: 'match' });
  return program;
}

export interface StepsAsked {
  /** Matches may begin anywhere, not only at the text's beginning. */
  readonly anywhere: boolean;
  /** Steps a character past which it is not worked out any further. */
  readonly enough: number;
}

/** @returns steps a character over each of the texts: counts a step for each place reached */
export function stepsOver(node: Node, { anywhere, enough }: StepsAsked): (text: string) => number {
  let program: readonly Instruction[];
  try {
    program = programOf(node);
  } catch (error) {
    if (error instanceof TooLong) return () => Number.POSITIVE_INFINITY;
    throw error;
  }
  return (text) => stepsOf(program, text, anywhere, enough);
}

function stepsOf(program: readonly Instruction[], text: string, anywhere: boolean, enough: number): number {
  const seen = new Int32Array(program.length).fill(-1);
  let steps = 0;
  let active: number[] = [];
  const reach = (from: number, at: number, into: number[]): void => {
    const pending = [from];
    for (let pc = pending.pop(); pc !== undefined; pc = pending.pop()) {
      if (seen[pc] === at) continue;
      seen[pc] = at;
      steps++;
      const instruction = program[pc];
      if (instruction?.op === 'split') pending.push(...instruction.to);
      else if (instruction?.op === 'set') into.push(pc);
    }
  };
  for (let at = 0; at <= text.length; at++) {
    if (anywhere || at === 0) reach(0, at, active);
    const next: number[] = [];
    const char = text.charCodeAt(at);
    for (const pc of active) {
      const instruction = program[pc];
      if (instruction?.op === 'set' && instruction.set.has(char)) reach(pc + 1, at + 1, next);
    }
    active = next;
    if (steps > enough * (text.length + 1) || (active.length === 0 && !anywhere)) break;
  }
  return steps / (text.length + 1);
}
