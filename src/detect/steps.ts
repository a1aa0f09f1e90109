/**
 * Steps of the linear-time engine, counted for one rule and one text. They are
 * counted from the text and the expression alone, never from a clock: whether a rule
 * gives up does not depend on the machine.
 */
import type { Rule } from '../core/rule.ts';

/** Steps that a rule has on any text. */
const BASE = 500_000_000;
/** And for every byte before the hit that it is asked about: a large text may take longer. */
const PER_BYTE = 5000;

/** Thrown through the engine when a rule has no steps left. */
export class StepsUsedUp extends Error {
  override readonly name = 'StepsUsedUp';
}

/** What expressions count their steps with. One for each engine: they run one at a time. */
export class StepMeter {
  #left = Infinity;
  #text: TextSteps | null = null;

  /** The text that is searched, or null outside of all. What is remembered of one text does not count for another. */
  get text(): TextSteps | null {
    return this.#text;
  }

  /** @throws StepsUsedUp if fewer are left */
  need(steps: number): void {
    if (steps > this.#left) throw new StepsUsedUp();
  }

  /** @throws StepsUsedUp if fewer were left */
  spend(steps: number): void {
    this.need(steps);
    this.#left -= steps;
  }

  /**
   * Runs what may ask the rule's expressions.
   *
   * @param place - bytes before the hit in its text
   * @returns false if the rule gave up on this text, now or before
   */
  within(text: TextSteps, rule: Rule, place: number, run: () => void): boolean {
    const spent = text.spent.get(rule) ?? 0;
    if (spent === Infinity) return false;
    const allowed = BASE + PER_BYTE * place;
    this.#left = allowed - spent;
    this.#text = text;
    try {
      run();
      text.spent.set(rule, allowed - this.#left);
      return true;
    } catch (error) {
      if (!(error instanceof StepsUsedUp)) throw error;
      text.spent.set(rule, Infinity);
      return false;
    } finally {
      this.#left = Infinity;
      this.#text = null;
    }
  }
}

/** The steps that rules took on one text; `Infinity` for one that gave up. */
export class TextSteps {
  readonly spent = new Map<Rule, number>();
}
