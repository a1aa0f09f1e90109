import type { Verdicts } from './verdicts.ts';

/** A column of numbers. */
export type Column = Uint8Array | Int32Array | Uint32Array | Float64Array;

/** What one run has learned of a repository and the next one need not learn again: no content, and nothing that is not sure. */
export interface Facts {
  /** Text of JSON. */
  readonly about: string;
  readonly columns: Readonly<Record<string, Column>>;
}

/** Facts that were kept. What is replaced or removed meanwhile can still be read. */
export interface KeptFacts {
  readonly about: string;
  /** The caller's own; null if there is none, or what was kept is damaged. */
  column(name: string): Column | null;
  close(): void;
}

/** Keeps the facts of one repository, for one engine, set of rules and limits. */
export interface FactStore {
  /** Null where nothing is remembered, or what is cannot be trusted. */
  load(): KeptFacts | null;
  /** Remembers these instead of all that was. A failure costs only time. */
  save(facts: Facts): void;
  /** What is remembered turned out to be wrong. */
  forget(): void;
}

/** What earlier runs remember of a history. */
export interface HistoryMemory {
  /** Of all blobs, as they were when everything was read the last time. */
  readonly verdicts: Verdicts;
  /** Of those that have come since. */
  readonly later: Verdicts;
  /** What is true of packs as long as they are the same. */
  readonly facts: FactStore;
  /** What follows from them and from refs: it changes more often. */
  readonly marks: FactStore;
}
