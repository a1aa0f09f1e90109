/** What the threads that scan files, and the one that lists them, say to each other. */
import type { Rule } from '../core/rule.ts';
import type { LoadedAutomaton } from '../kernel/automaton.ts';
import type { MemoryRegion } from '../kernel/instance.ts';
import type { LiteralColumns } from '../prefilter/literal-columns.ts';
import type { LaidOutScreens } from '../prefilter/screening.ts';
import type { FileReport, PostedFile } from './file-share.ts';

/** Given to a thread when it starts. */
export interface FileThreadOrder {
  readonly kind: 'file-thread-order';
  readonly rules: readonly Rule[];
  readonly search: LaidOutSearch | SharedSearch;
}

/** Of rules that are searched for as the build laid them out. */
interface LaidOutSearch {
  readonly laid: LaidOutScreens;
}

/** With an automaton that all threads use. */
interface SharedSearch {
  /** Of the rules, where it was laid out. */
  readonly laid: LaidOutScreens | null;
  /** Of the rules, in the order of the automaton. */
  readonly literals: LiteralColumns;
  readonly automaton: LoadedAutomaton;
  readonly region: MemoryRegion;
}

export interface FileList {
  readonly kind: 'files';
  readonly files: readonly PostedFile[];
}

export interface FileListDone {
  readonly kind: 'files-done';
  readonly report: FileReport;
}

export function isFileThreadOrder(value: unknown): value is FileThreadOrder {
  return isOfKind(value, 'file-thread-order');
}

export function isFileList(value: unknown): value is FileList {
  return isOfKind(value, 'files');
}

export function isFileListDone(value: unknown): value is FileListDone {
  return isOfKind(value, 'files-done');
}

function isOfKind(value: unknown, kind: string): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}
