import type { Readable } from 'node:stream';

/** Where a command reads and writes. Tests pass their own. */
export interface Streams {
  readonly stdin: Readable;
  /** Findings. */
  readonly out: Output;
  /** Everything else. */
  readonly err: Output;
}

export interface Output {
  readonly isTerminal: boolean;
  /** A terminal that shows colour, and nobody asked for none (`NO_COLOR`). */
  readonly color: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  write(text: string): void;
  /** Resolves once a slow reader has caught up. */
  drained(): Promise<void>;
}

/**
 * A process stream whose reader may go away: after that, writing does nothing,
 * so that a closed pipe ends the printing and not the scan.
 *
 * @param onLost - called once if what was written is lost though the reader did not go away: on a full disk
 */
export function processOutput(stream: NodeJS.WriteStream, onLost?: (error: NodeJS.ErrnoException) => void): Output {
  let closed = false;
  let full = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!closed && error.code !== 'EPIPE') onLost?.(error);
    closed = true;
  });
  return {
    isTerminal: stream.isTTY,
    color: showsColor(stream.isTTY, process.env),
    columns: stream.columns || 80,
    write(text) {
      if (!closed && text !== '') full = !stream.write(text);
    },
    drained() {
      if (closed || !full) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          stream.off('drain', done).off('close', done).off('error', done);
          full = false;
          resolve();
        };
        stream.once('drain', done).once('close', done).once('error', done);
      });
    },
  };
}

/** https://no-color.org and https://force-color.org */
function showsColor(isTerminal: boolean, { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (NO_COLOR) return false;
  return FORCE_COLOR ? FORCE_COLOR !== '0' : isTerminal && TERM !== 'dumb';
}
