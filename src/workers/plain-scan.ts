/** What a blob's scan has found, as plain data that one thread can post to another. */
import type { BlobFinding, BlobPart, BlobScan } from '../core/detector.ts';
import type { Rule } from '../core/rule.ts';
import { Secret } from '../core/secret.ts';

/** One object for all places of a text: posted once, and known again by what it is. */
interface PlainSecret {
  readonly text: string;
}

/** A rule is its index in the rules that both threads have. */
type Plain<T extends BlobPart> = Omit<T, 'rule' | 'secret' | 'parts'> & {
  readonly rule: number;
  readonly secret: PlainSecret;
};
type PlainPart = Plain<BlobPart>;
type PlainFinding = Plain<BlobFinding> & { readonly parts: readonly PlainPart[] };

export interface PlainScan extends Omit<BlobScan, 'findings' | 'loose'> {
  readonly findings: readonly PlainFinding[];
  readonly loose: readonly PlainPart[];
}

/** Makes what one thread has found plain. One secret can stand in thousands of blobs. */
export class PlainScans {
  readonly #numbers: ReadonlyMap<Rule, number>;
  readonly #secrets = new Map<string, PlainSecret>();

  constructor(rules: readonly Rule[]) {
    this.#numbers = new Map(rules.map((rule, number) => [rule, number]));
  }

  /** Undone by `fromPlain` with the same rules. */
  plain(scan: BlobScan): PlainScan {
    return {
      ...scan,
      findings: scan.findings.map((finding) => ({ ...this.#part(finding), parts: finding.parts.map(this.#part) })),
      loose: scan.loose.map(this.#part),
    };
  }

  readonly #part = <T extends BlobPart>({ rule, secret, ...rest }: T) => ({
    ...rest,
    rule: this.#numbers.get(rule) ?? -1,
    secret: this.#secret(secret),
  });

  #secret(secret: Secret): PlainSecret {
    const text = secret.reveal();
    const known = this.#secrets.get(text) ?? { text };
    this.#secrets.set(text, known);
    return known;
  }
}

/** @throws RangeError if a rule is not among `rules` */
export function fromPlain(scan: PlainScan, rules: readonly Rule[], secrets: KnownSecrets = new WeakMap()): BlobScan {
  const part = <T extends PlainPart>({ rule, secret, ...rest }: T) => ({
    ...rest,
    rule: ruleAt(rules, rule),
    secret: secretOf(secret, secrets),
  });
  return {
    ...scan,
    findings: scan.findings.map((finding) => ({ ...part(finding), parts: finding.parts.map(part) })),
    loose: scan.loose.map(part),
  };
}

/** The secrets of scans that were posted together. */
export type KnownSecrets = WeakMap<PlainSecret, Secret>;

function secretOf(plain: PlainSecret, secrets: KnownSecrets): Secret {
  const known = secrets.get(plain) ?? new Secret(plain.text);
  secrets.set(plain, known);
  return known;
}

function ruleAt(rules: readonly Rule[], index: number): Rule {
  const rule = rules[index];
  if (!rule) throw new RangeError(`there is no rule ${index}`);
  return rule;
}
