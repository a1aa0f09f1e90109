import type { Problem } from '../core/coverage.ts';
import type { Span } from '../core/span.ts';
import { allowMark } from './allow-mark.ts';
import { itemKey, nearer } from './blob-step.ts';
import type { AllowMark, Item } from './item.ts';

/** What one blob has come to so far. */
export class Collector {
  readonly #items = new Map<string, Item>();
  readonly allowMarks: AllowMark[] = [];
  readonly problems = new Map<string, Problem>();

  /** Each item once, however many hits lead to it. */
  get items(): readonly Item[] {
    return [...this.#items.values()];
  }

  get count(): number {
    return this.#items.size;
  }

  add(item: Item): void {
    const key = itemKey(item);
    const known = this.#items.get(key);
    this.#items.set(key, known ? nearer(known, item) : item);
  }

  /** Marks of one text come in order; a second one on a line that was seen whole adds nothing. */
  allow(bytes: Uint8Array, hit: Span, marker: string, locate: (span: Span) => Span): void {
    const last = this.allowMarks.at(-1);
    const { start } = locate(hit);
    if (last?.whole && start >= last.line.start && start < last.line.end) return;
    const mark = allowMark(bytes, hit, marker);
    this.allowMarks.push({ ...mark, line: locate(mark.line) });
  }

  problem(problem: Problem): void {
    if (!this.problems.has(problem.code + problem.message)) this.problems.set(problem.code + problem.message, problem);
  }
}
