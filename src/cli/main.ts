import { styleText } from 'node:util';

import type { Run } from './commands/command.ts';
import { COMMANDS } from './commands/table.ts';
import { errorText } from './error-text.ts';
import { EXIT, type ExitCode, exitCodeOfError } from './exit-code.ts';
import { familyOf, findCommand } from './find-command.ts';
import { commandHelp, familyHelp, overview, type Paint } from './help.ts';
import { Options } from './options.ts';
import { parseArguments } from './parse.ts';
import { type Output, processOutput, type Streams } from './streams.ts';
import { UsageError } from '../errors/usage.ts';
import { VERSION } from '../session/version.ts';

const INTERRUPTED = 'unleak: interrupted; what was not reached is not covered\n';

/**
 * Runs one command line and sets the exit code. The process then ends by
 * itself, so that what was printed is also delivered.
 *
 * @param args - without node and script
 */
export async function main(args: readonly string[]): Promise<void> {
  const streams: Streams = {
    stdin: process.stdin,
    out: processOutput(process.stdout, reportLost),
    err: processOutput(process.stderr),
  };
  // What escapes every promise would end as node's own exit code 1, which means findings.
  const unforeseen = (error: unknown): void => {
    streams.err.write(errorText(error));
    process.exit(EXIT.incomplete);
  };
  process.on('uncaughtException', unforeseen).on('unhandledRejection', unforeseen);
  process.exitCode = await exitCode(args, streams, interruptSignal(streams.err));
}

/** A report that did not arrive is no clean result; that there are findings was said by the code all the same. */
function reportLost(cause: NodeJS.ErrnoException): void {
  const lost = new UsageError('USAGE_OUTPUT', `standard output cannot be written (${cause.code ?? cause.message})`, {
    mend: 'Make room where it goes, or name a file elsewhere with --output.',
    cause,
  });
  process.stderr.write(errorText(lost));
  process.once('exit', () => {
    if (process.exitCode !== EXIT.found) process.exitCode = EXIT.usage;
  });
}

async function exitCode(args: readonly string[], streams: Streams, signal: AbortSignal): Promise<number> {
  try {
    return await dispatch(args, streams, signal);
  } catch (error) {
    if (signal.aborted) {
      streams.err.write(INTERRUPTED);
      return EXIT.interrupted;
    }
    streams.err.write(errorText(error));
    return exitCodeOfError(error);
  }
}

async function dispatch(args: readonly string[], streams: Streams, signal: AbortSignal): Promise<number> {
  const [first] = args;
  if (first === '--version' || first === '-v' || first === '-V' || first === 'version')
    return print(streams.out, `unleak ${VERSION}\n`);
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') return help(args, streams);
  if (isHelp(args[1]) && familyOf(first).length > 0) return help(['help', first], streams);
  const command = findCommand(args);
  const rest = args.slice(command.name.split(' ').length);
  const untilDashes = rest.slice(0, rest.includes('--') ? rest.indexOf('--') : rest.length);
  if (untilDashes.some(isHelp))
    return print(streams.out, commandHelp(command, paintFor(streams.out), streams.out.columns));
  const { positionals, options } =
    command.ownArguments === true
      ? { positionals: rest, options: new Options(new Map()) }
      : parseArguments(command, rest);
  const run: Run = await command.load();
  return run({ positionals, options, streams, signal });
}

function isHelp(arg: string | undefined): boolean {
  return arg === '--help' || arg === '-h';
}

/** `unleak` alone is a mistake, but says what there is; `unleak help scan` is `unleak scan --help`. */
function help(args: readonly string[], streams: Streams): ExitCode {
  const [first, word = ''] = args;
  if (first === 'help' && args.length > 1) {
    const { out } = streams;
    const family = args.length === 2 ? familyOf(word) : [];
    if (family.length > 0) return print(out, familyHelp(word, family, paintFor(out), out.columns));
    return print(out, commandHelp(findCommand(args.slice(1)), paintFor(out), out.columns));
  }
  const stream = args.length === 0 ? streams.err : streams.out;
  print(stream, overview(COMMANDS, paintFor(stream), stream.columns));
  return args.length === 0 ? EXIT.usage : EXIT.clean;
}

function print(stream: Output, text: string): ExitCode {
  stream.write(text);
  return EXIT.clean;
}

function paintFor(stream: Output): Paint {
  return stream.color ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

/** How long a scan may take to end in order; one that waits for standard input never does. */
const PATIENCE_MS = 300;

/** The first Ctrl-C ends the work in order, the second one at once. */
function interruptSignal(err: Output): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
    setTimeout(() => {
      err.write(err.isTerminal ? `\r\u001b[K${INTERRUPTED}` : INTERRUPTED);
      process.exit(EXIT.interrupted);
    }, PATIENCE_MS).unref();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return controller.signal;
}
