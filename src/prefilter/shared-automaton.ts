import type { Rule } from '../core/rule.ts';
import type { LoadedAutomaton } from '../kernel/automaton.ts';
import type { KernelMemory } from '../kernel/instance.ts';

/** An automaton of all literals of some rules, in their order, and perhaps of further ones behind them. */
export interface SharedAutomaton {
  readonly memory: KernelMemory;
  readonly automaton: LoadedAutomaton;
}

/** By the very list of rules: who scans blobs in packs and who scans messages use the same one. */
const shared = new WeakMap<readonly Rule[], SharedAutomaton>();

export function shareAutomaton(rules: readonly Rule[], one: SharedAutomaton): void {
  shared.set(rules, one);
}

/** The automaton that was made of these rules for others; undefined if none was. */
export function sharedAutomaton(rules: readonly Rule[]): SharedAutomaton | undefined {
  return shared.get(rules);
}
