import type { Regex, RegexFactory } from '../detect/regex.ts';
import { GitleaksError } from '../errors/gitleaks.ts';

/** Expressions of a configuration, each compiled once in the linear-time engine. */
export class GoRegexes {
  readonly #factory: RegexFactory;
  readonly #known = new Map<string, Regex>();

  constructor(factory: RegexFactory) {
    this.#factory = factory;
  }

  /** @throws GitleaksError `GITLEAKS_REGEX` */
  compile(source: string, where: string): Regex {
    const known = this.#known.get(source);
    if (known !== undefined) return known;
    try {
      const regex = this.#factory(source, false, 0);
      this.#known.set(source, regex);
      return regex;
    } catch (cause) {
      throw new GitleaksError('GITLEAKS_REGEX', `${where}: not an expression that Go accepts: ${source}`, { cause });
    }
  }
}
