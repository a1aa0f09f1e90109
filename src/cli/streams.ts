/** Where a command reads and writes. Tests pass their own. */
export interface Streams {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Findings. */
  readonly out: Output;
  /** Everything else. */
  readonly err: Output;
}

export interface Output {
  readonly isTerminal: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  write(text: string): void;
  /** Resolves once a slow reader has caught up. */
  drained(): Promise<void>;
}

/**
 * A process stream whose reader may go away: after that, writing does nothing,
 * so that a closed pipe ends the printing and not the scan.
 */
export function processOutput(stream: NodeJS.WriteStream): Output {
  let closed = false;
  let full = false;
  stream.on('error', () => {
    closed = true;
  });
  return {
    isTerminal: stream.isTTY,
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
