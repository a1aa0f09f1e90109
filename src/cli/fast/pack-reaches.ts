import type { Rule } from '../../core/rule.ts';
import { KernelMemory } from '../../kernel/instance.ts';
import { packReaches } from '../../kernel/laid-reaches.ts';
import type { PackedLiterals } from '../../prefilter/packed.ts';
import { haveLaidOut } from '../../prefilter/rule-literals.ts';
import { POINTER } from '../../sources/lfs.ts';
import { prepareRules } from '../../workers/stored-scan.ts';

/** What the build lays out of rules for an audit: what their literals reach, as a scan of packs would find it. */
export function packedReaches(rules: readonly Rule[], packed: PackedLiterals, screens: Uint32Array): Uint32Array {
  const list = [...rules];
  haveLaidOut(list, () => ({ packed, screens }));
  const memory = new KernelMemory();
  const prepared = prepareRules(memory, list, POINTER);
  if (prepared === null) throw new RangeError('texts cannot be kept apart');
  return packReaches(memory, prepared.plan.reaches, screens);
}
