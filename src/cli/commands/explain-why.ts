/**
 * Why a rule found something, or lost it to another one: told by leaving parts
 * of the rules out and looking whether the outcome is still the same.
 */
import type { BlobFinding } from '../../core/detector.ts';
import type { Matcher, Rule } from '../../core/rule.ts';
import type { Span } from '../../core/span.ts';
import { openArchive } from '../../detect/archive/open.ts';
import { createEngine } from '../../detect/engine.ts';
import { linearRegex } from '../../detect/linear-regex.ts';

/** Literals of one matcher that are tried one by one. */
const MOST_LITERALS = 100;

const STEPS = ['low', 'medium', 'high'];

/** What a text says of rules, one experiment at a time. */
export class Ablation {
  readonly #bytes: Uint8Array;
  readonly #rules: readonly Rule[];
  /** Lower case. */
  readonly #text: string;

  constructor(bytes: Uint8Array, rules: readonly Rule[]) {
    this.#bytes = bytes;
    this.#rules = rules;
    this.#text = Buffer.from(bytes).toString('latin1').toLowerCase();
  }

  /** By which literals, of which way of writing, near what, and what raised it. */
  reasons(finding: BlobFinding): string {
    const { rule } = finding;
    const ways = rule.matchers.flatMap((matcher, index) =>
      this.#finds(finding, [matcher]) ? [{ matcher, index }] : [],
    );
    const literals = new Set(ways.flatMap(({ matcher }) => this.#literalsOf(finding, matcher)));
    const near = new Set(ways.flatMap(({ matcher }) => this.#nearOf(finding.span, matcher)));
    const numbers = ways.map(({ index }) => index + 1).join(', ');
    return [
      literals.size === 0 ? '' : `, by ${quoted([...literals])}`,
      rule.matchers.length > 1 && numbers !== '' ? ` (matcher ${numbers} of ${rule.matchers.length})` : '',
      near.size === 0 ? '' : `, near ${quoted([...near])}`,
      ...this.#raisers(finding).map((id) => `, raised by ${id}`),
    ].join('');
  }

  /** What a rule would report by itself, and which finding took it, or which part it lacks. */
  lost(rule: Rule, findings: readonly BlobFinding[]): { readonly span: Span; readonly why: string }[] {
    const own = findings.filter((one) => one.rule.id === rule.id);
    const alone = this.#scan([{ ...rule, parts: [] }]);
    return alone.flatMap(({ span, inner }) => {
      const same = (one: BlobFinding): boolean =>
        one.inner === inner && one.span.start < span.end && span.start < one.span.end;
      if (own.some(same)) return [];
      const taker = findings.find((one) => same(one));
      if (taker !== undefined) return [{ span, why: `taken by ${taker.rule.id}, ${advantage(taker.rule, rule)}` }];
      const needed = rule.parts.filter(({ absence }) => absence === 'required').map((part) => part.rule);
      return needed.length === 0 ? [] : [{ span, why: `not reported without ${needed.join(', ')}` }];
    });
  }

  #scan(rules: readonly Rule[]): readonly BlobFinding[] {
    return createEngine(rules, { openArchive, linearRegex }).scan(this.#bytes).findings;
  }

  #finds(finding: BlobFinding, matchers: readonly Matcher[]): boolean {
    return this.#alike(finding, [{ ...finding.rule, parts: [], matchers }]) !== undefined;
  }

  #alike({ rule, span, inner }: BlobFinding, rules: readonly Rule[]): BlobFinding | undefined {
    return this.#scan(rules).find(
      (one) =>
        one.rule.id === rule.id && one.inner === inner && one.span.start === span.start && one.span.end === span.end,
    );
  }

  #literalsOf(finding: BlobFinding, matcher: Matcher): string[] {
    const plain = finding.decoded.length === 0 && finding.inner === undefined;
    const likely = matcher.literals.filter((literal) => !plain || this.#text.includes(literal.toLowerCase()));
    return likely
      .slice(0, MOST_LITERALS)
      .filter((literal) => this.#finds(finding, [{ ...matcher, literals: [literal] }]));
  }

  #nearOf({ start, end }: Span, { near }: Matcher): string[] {
    return near.flatMap(({ any, within, not }) => {
      const around = this.#text.slice(Math.max(0, start - within), end + within);
      return not ? [] : any.filter((text) => around.includes(text));
    });
  }

  #raisers(finding: BlobFinding): string[] {
    const { rule } = finding;
    const bare = { ...rule, parts: [] };
    const before = this.#alike(finding, [bare]);
    return (rule.raisedBy ?? []).filter((id) => {
      const evidence = this.#rules.filter((one) => one.id === id);
      const after = this.#alike(finding, [bare, ...evidence]);
      return STEPS.indexOf(after?.confidence ?? '') > STEPS.indexOf(before?.confidence ?? 'high');
    });
  }
}

function advantage(taker: Rule, { specificity }: Rule): string {
  if (taker.specificity > specificity) return 'which is more specific';
  return 'whose context is nearer, or which is surer or longer';
}

export function quoted(literals: readonly string[]): string {
  return literals.map((literal) => JSON.stringify(literal)).join(', ');
}
