import type { Flag } from '../flags/flag.ts';
import type { Options } from '../options.ts';
import type { Streams } from '../streams.ts';

/** What a command is given. It returns its exit code and never ends the process itself. */
export interface Invocation {
  readonly positionals: readonly string[];
  readonly options: Options;
  readonly streams: Streams;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** @returns the exit code, an `ExitCode` unless the command speaks another program's language */
export type Run = (invocation: Invocation) => Promise<number>;

/** One command: what help, docs and the parser know of it, and where its code is. */
export interface Command {
  /** One or two words, as typed. */
  readonly name: string;
  /** Positional arguments as help shows them. */
  readonly takes: string;
  /** How many positional arguments there may be. */
  readonly least: number;
  readonly most: number;
  /** One line, lower case, no full stop. */
  readonly summary: string;
  /** Further sentences for `--help` and docs/CLI.md. */
  readonly details: string;
  readonly flags: readonly Flag[];
  /** It reads its arguments itself, all of which come as positionals. */
  readonly ownArguments?: true;
  readonly examples: readonly (readonly [command: string, what: string])[];
  load(): Promise<Run>;
}
