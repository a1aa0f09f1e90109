/** What the threads of a scan say to each other. */
import type { Rule } from '../core/rule.ts';
import type { IdPlace } from '../git/entry-reader.ts';
import type { SharedTable } from '../git/object-table.ts';
import type { WalkedPack } from '../git/pack/kernel-sweep.ts';
import type { HelpRequest } from '../git/pack/pack-bytes.ts';
import type { LocatedSpans, SpansOfRow } from '../git/pack/stored-scan.ts';
import type { SweptTrees } from '../git/tree-sweep.ts';
import type { MemoryRegion } from '../kernel/instance.ts';
import type { TreeScanRoom } from '../kernel/tree-scanner.ts';
import type { LiteralColumns } from '../prefilter/literal-columns.ts';
import type { LaidOutScreens } from '../prefilter/screening.ts';
import type { ScanPlan } from './scan-plan.ts';
import type { Share } from './scan-share.ts';

/** A thread's own work is in the kernel's memory; what it makes in JavaScript is short-lived and may be collected often. */
export const THREAD_LIMITS = { maxYoungGenerationSizeMb: 12 };

/** Given to a worker that is to scan blobs. */
export interface ShareOrder {
  readonly kind: 'share-order';
  readonly plan: ScanPlan;
  readonly region: MemoryRegion;
  /** The thread's, see `WorkThread`. */
  readonly scratch: readonly MemoryRegion[];
  readonly room: TreeScanRoom;
  readonly rules: readonly Rule[];
  /** Of the rules, in the order of the plan's automaton. */
  readonly literals: LiteralColumns;
  /** Of the rules, where it was laid out. */
  readonly laid: LaidOutScreens | null;
}

/** Given to a worker that is to read trees. */
export interface TreeOrder {
  readonly kind: 'tree-order';
  /** Its reports have the same. */
  readonly number: number;
  readonly packs: readonly WalkedPack[];
  readonly ids: IdPlace;
  readonly region: MemoryRegion;
  /** The thread's, see `WorkThread`. */
  readonly scratch: readonly MemoryRegion[];
  readonly table: SharedTable;
}

/** Said by it; at the end null if there was no room. */
export type TreeReport =
  | { readonly kind: 'trees-read'; readonly number: number; readonly objects: number }
  | { readonly kind: 'trees-done'; readonly number: number; readonly swept: SweptTrees | null };

/** Given to a worker that is to read blobs again. */
export interface LookOrder {
  readonly kind: 'look-order';
  readonly packs: readonly WalkedPack[];
  readonly region: MemoryRegion;
  /** The thread's, see `WorkThread`. */
  readonly scratch: readonly MemoryRegion[];
  /** How many rows there are. */
  readonly rows: number;
  readonly blobs: readonly SpansOfRow[];
}

/** Said by it, when all is done. */
export interface LookReport {
  readonly kind: 'looked';
  readonly blobs: readonly (readonly [row: number, located: LocatedSpans])[];
}

/** Given to a worker that is to compute a file's hash when it has nothing else to do (`read-helper.ts`). */
export interface HelpOrder extends HelpRequest {
  readonly kind: 'help-order';
  /** An order that is given again is one order: only who gives it again may hear of it. */
  readonly id: number;
}

/** Said by it whenever such an order is done, or is given when it is. */
export interface HelpReport {
  readonly kind: 'hashed';
  readonly id: number;
  /** Null if the file is shorter than was said, or cannot be read. */
  readonly digest: Uint8Array | null;
}

/** Said by a worker: now and then how far it is, at last what it has found. */
export type ShareReport =
  | { readonly kind: 'progress'; readonly objects: number; readonly bytes: number }
  | { readonly kind: 'done'; readonly share: Share };

/** What a worker can be told to do. */
export type Order = ShareOrder | TreeOrder | LookOrder | HelpOrder;

export function isShareOrder(value: unknown): value is ShareOrder {
  return kindOf(value) === 'share-order';
}

export function isTreeOrder(value: unknown): value is TreeOrder {
  return kindOf(value) === 'tree-order';
}

export function isLookOrder(value: unknown): value is LookOrder {
  return kindOf(value) === 'look-order';
}

export function isHelpOrder(value: unknown): value is HelpOrder {
  return kindOf(value) === 'help-order';
}

export function isHelpReport(value: unknown): value is HelpReport {
  return kindOf(value) === 'hashed';
}

export function isShareReport(value: unknown): value is ShareReport {
  return kindOf(value) === 'done' || kindOf(value) === 'progress';
}

export function isTreeReport(value: unknown): value is TreeReport {
  return kindOf(value) === 'trees-read' || kindOf(value) === 'trees-done';
}

export function isLookReport(value: unknown): value is LookReport {
  return kindOf(value) === 'looked';
}

function kindOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
}
