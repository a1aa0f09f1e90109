import type { Secret } from '../core/secret.ts';
import type { HttpClient } from '../http/client.ts';

/** The outside world as stores see it. */
export interface StoreServices {
  readonly http: HttpClient;
  /** A credential from environment, descriptor or prompt, by the name of its environment variable; null: not given. */
  readonly credential: (name: string) => Secret | null;
  /** Runs a command that the user's providers file names, without a shell. */
  readonly child: (
    command: readonly string[],
    input: Secret | null,
  ) => Promise<{ readonly code: number; readonly output: string }>;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}
