import type { Rule } from '../core/rule.ts';
import { type LoadedAutomaton, loadAutomaton } from '../kernel/automaton.ts';
import { KernelMemory } from '../kernel/instance.ts';
import { ruleLiterals } from './rule-literals.ts';

/** An automaton of all literals of some rules, in their order, and perhaps of further ones behind them. */
export interface SharedAutomaton {
  readonly memory: KernelMemory;
  readonly automaton: LoadedAutomaton;
}

/** By the very list of rules: who scans blobs in packs, who scans messages, and each thread that scans files use the same one. */
const shared = new WeakMap<readonly Rule[], SharedAutomaton>();

export function shareAutomaton(rules: readonly Rule[], one: SharedAutomaton): void {
  shared.set(rules, one);
}

/** How to come by the automaton of some rules. */
export interface AutomatonForAll {
  /** Undefined if nobody has made it yet. */
  readonly made: () => SharedAutomaton | undefined;
  /**
   * Makes it, if nobody has.
   * @throws KernelError `KERNEL_UNAVAILABLE`, `KERNEL_MEMORY`, `KERNEL_LITERAL_INVALID`
   */
  readonly make: () => SharedAutomaton;
}

export function automatonForAll(rules: readonly Rule[], allowMarks: readonly string[]): AutomatonForAll {
  const made = (): SharedAutomaton | undefined => shared.get(rules);
  return { made, make: () => made() ?? makeFor(rules, allowMarks) };
}

function makeFor(rules: readonly Rule[], allowMarks: readonly string[]): SharedAutomaton {
  const { literals, columns } = ruleLiterals(rules, allowMarks);
  const memory = new KernelMemory();
  const one = { memory, automaton: loadAutomaton(memory, literals, columns) };
  shareAutomaton(rules, one);
  return one;
}
