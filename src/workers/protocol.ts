/** What the threads of a scan say to each other. */
import type { Rule } from '../core/rule.ts';
import type { MemoryRegion } from '../kernel/instance.ts';
import type { TreeScanRoom } from '../kernel/tree-scanner.ts';
import type { Literal } from '../prefilter/literal.ts';
import type { ScanPlan } from './scan-plan.ts';
import type { Share } from './scan-share.ts';

/** Given to a worker when it starts. */
export interface ShareOrder {
  readonly kind: 'share-order';
  readonly plan: ScanPlan;
  readonly region: MemoryRegion;
  readonly room: TreeScanRoom;
  readonly rules: readonly Rule[];
  /** Of the rules, in the order of the plan's automaton. */
  readonly literals: readonly Literal[];
}

/** Said by a worker: now and then how far it is, at last what it has found. */
export type ShareReport =
  | { readonly kind: 'progress'; readonly objects: number; readonly bytes: number }
  | { readonly kind: 'done'; readonly share: Share };

export function isShareOrder(value: unknown): value is ShareOrder {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'share-order';
}

export function isShareReport(value: unknown): value is ShareReport {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'done' || value.kind === 'progress')
  );
}
