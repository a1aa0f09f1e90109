import type { Flag } from './flags/flag.ts';

/** What was typed, by option name. Values are read through their flag, which checks them. */
export class Options {
  readonly #given: ReadonlyMap<string, readonly string[]>;

  constructor(given: ReadonlyMap<string, readonly string[]>) {
    this.#given = given;
  }

  /** @throws UsageError `USAGE_ARGUMENTS` if what was typed is not a value of the flag */
  get<T>(flag: Flag<T>): T {
    return flag.read(this.#given.get(flag.name));
  }

  /** True if the option was typed at all. */
  has(flag: Flag): boolean {
    return this.#given.has(flag.name);
  }
}
