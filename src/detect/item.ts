import type { Confidence, Rule } from '../core/rule.ts';
import type { Span } from '../core/span.ts';

/** Something a decision found: a secret, a part of one, or a piece of evidence. */
export interface Item {
  readonly rule: Rule;
  readonly span: Span;
  /** Decoded; bytes above 0x7f as latin1. */
  readonly secret: string;
  readonly confidence: Confidence;
  /** Encodings from the outside in. */
  readonly decoded: readonly string[];
  readonly inner?: string;
  /** How far the context is that names the provider (`reach.ts`); 0 or absent where the secret or its name does. */
  readonly distance?: number;
}

/** A candidate that a decision looked at and turned down. */
export interface Rejection {
  readonly rule: Rule;
  readonly span: Span;
  readonly reason: string;
}

/** The line, as far as it is looked at, that carries an inline allow comment. */
export interface AllowMark {
  readonly marker: string;
  readonly line: Span;
  /** The line was short enough to be seen from end to end. */
  readonly whole: boolean;
}

/** Where decisions put what they find. */
export interface Sink {
  item(item: Item): void;
  reject(rejection: Rejection): void;
}
