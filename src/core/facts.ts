import type { Verdicts } from './verdicts.ts';

/** A column of numbers. */
export type Column = Uint8Array | Int32Array | Uint32Array | Float64Array;

/** What one run has learned of a repository and the next one need not learn again: no content, and nothing that is not sure. */
export interface Facts {
  /** Text of JSON. */
  readonly about: string;
  readonly columns: Readonly<Record<string, Column>>;
}

/** Keeps the facts of one repository, for one engine, set of rules and limits. */
export interface FactStore {
  /** Null where nothing is remembered, or what is cannot be trusted. The columns are the caller's own. */
  load(): Facts | null;
  /** Remembers these instead of all that was. A failure costs only time. */
  save(facts: Facts): void;
  /** What is remembered turned out to be wrong. */
  forget(): void;
}

/** What earlier runs remember of a history. */
export interface HistoryMemory {
  readonly verdicts: Verdicts;
  readonly facts: FactStore;
}
