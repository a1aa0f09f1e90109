/** Calls of the command line's own code, for what the Action has in common with it. */
import { Readable } from 'node:stream';

import type { Invocation } from '../cli/commands/command.ts';
import { Options } from '../cli/options.ts';
import type { Output, Streams } from '../cli/streams.ts';
import type { Runner } from './runner.ts';

/** An invocation as if it had been typed, by nobody: there is no terminal and no standard input. */
export function invocationOf(
  runner: Runner,
  options: Readonly<Record<string, readonly string[]>>,
  positionals: readonly string[],
  signal: AbortSignal,
): Invocation {
  const output: Output = {
    isTerminal: false,
    color: false,
    columns: 120,
    write: (text) => runner.print(text),
    drained: () => Promise.resolve(),
  };
  const streams: Streams = { stdin: Readable.from([]), out: output, err: output };
  return { positionals, options: new Options(new Map(Object.entries(options))), streams, signal };
}
