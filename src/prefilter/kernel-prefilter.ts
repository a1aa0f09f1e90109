import type { LoadedAutomaton } from '../kernel/automaton.ts';
import type { Kernel } from '../kernel/instance.ts';
import { LiteralScanner } from '../kernel/literal-scanner.ts';
import type { Literal, Prefilter } from './literal.ts';

/**
 * The prefilter for much content: the kernel's automaton. It takes tens of
 * milliseconds to build and then passes over gigabytes a second.
 *
 * @param automaton - of `literals`, in the kernel's memory
 * @throws KernelError `KERNEL_MEMORY`
 */
export function kernelPrefilter(literals: readonly Literal[], kernel: Kernel, automaton: LoadedAutomaton): Prefilter {
  const scanner = new LiteralScanner(kernel, automaton);
  const known = literals.length;
  return {
    literals,
    find(bytes, start, end, hits) {
      scanner.find(bytes, start, end, (pairs, base) => {
        for (let i = 0; i < pairs.length; i += 2) {
          const literal = pairs[i + 1]!;
          // The automaton may have further literals, for others.
          if (literal < known) hits.push(literal, base + pairs[i]!);
        }
      });
    },
  };
}
