/** What the person who runs a scan asked for, apart from what is to be scanned. */
export interface Wishes {
  /** `all`, `messaging`, files or folders; empty: `all`. */
  readonly rules: readonly string[];
  /** Rule ids or providers; empty: no restriction. */
  readonly only: readonly string[];
  /** Files, in place of the project's own. */
  readonly config: string | undefined;
  readonly baseline: string | undefined;
  /** Trust nothing that the project says of itself. */
  readonly ignoreRepoConfig: boolean;
  /** Believe no inline comment; configuration and suppressions count. */
  readonly ignoreComments?: boolean;
  /** Bytes. */
  readonly maxFileSize: number | undefined;
  readonly showSecrets: boolean;
  /** Places that are listed of one finding; default: all. */
  readonly maxPlaces?: number;
  /** Look at how keys are handled too. */
  readonly policy?: boolean;
}
