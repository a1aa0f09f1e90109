import type { Automaton } from './automaton.ts';
import type { HitBuffer, Literal, Prefilter } from './literal.ts';

/** The reference prefilter in plain TypeScript; every other one must agree with it. */
export function javascriptPrefilter(literals: readonly Literal[], automaton: Automaton): Prefilter {
  const { classes, table, shift, accepting } = automaton;
  return {
    literals,
    find(bytes, start, end, hits) {
      let state = 0;
      for (let at = start; at < end; at++) {
        state = table[(state << shift) | classes[bytes[at]!]!]!;
        if (state >= accepting) report(automaton, literals, bytes, state, at + 1, hits);
      }
    },
  };
}

function report(
  { accepting, outputStart, outputs }: Automaton,
  literals: readonly Literal[],
  bytes: Uint8Array,
  state: number,
  end: number,
  hits: HitBuffer,
): void {
  const from = outputStart[state - accepting] ?? 0;
  const to = outputStart[state - accepting + 1] ?? 0;
  for (let i = from; i < to; i++) {
    const index = outputs[i] ?? 0;
    const literal = literals[index];
    if (literal && (!literal.exact || equals(bytes, end - literal.bytes.length, literal.bytes))) hits.push(index, end);
  }
}

function equals(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
