import { inspect } from 'node:util';

/** A matched secret that no ordinary way of printing will print. */
export class Secret {
  readonly #text: string;

  /** @param text - the decoded secret; bytes above 0x7f as latin1 code units */
  constructor(text: string) {
    this.#text = text;
  }

  /** The secret itself. Callers are listed in `test/core/secret.test.ts`. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
