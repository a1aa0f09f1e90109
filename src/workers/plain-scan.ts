/** What a blob's scan has found, as plain data that one thread can post to another. */
import type { BlobFinding, BlobPart, BlobScan } from '../core/detector.ts';
import type { Rule } from '../core/rule.ts';
import { Secret } from '../core/secret.ts';

/** A rule is its index in the rules that both threads have. */
type Plain<T extends BlobPart> = Omit<T, 'rule' | 'secret' | 'parts'> & {
  readonly rule: number;
  readonly secret: string;
};
type PlainPart = Plain<BlobPart>;
type PlainFinding = Plain<BlobFinding> & { readonly parts: readonly PlainPart[] };

export interface PlainScan extends Omit<BlobScan, 'findings' | 'loose'> {
  readonly findings: readonly PlainFinding[];
  readonly loose: readonly PlainPart[];
}

/** Undone by `fromPlain` with the same rules. */
export function toPlain(scan: BlobScan, rules: readonly Rule[]): PlainScan {
  const part = <T extends BlobPart>({ rule, secret, ...rest }: T) => ({
    ...rest,
    rule: rules.indexOf(rule),
    secret: secret.reveal(),
  });
  return {
    ...scan,
    findings: scan.findings.map((finding) => ({ ...part(finding), parts: finding.parts.map(part) })),
    loose: scan.loose.map(part),
  };
}

/** @throws RangeError if a rule is not among `rules` */
export function fromPlain(scan: PlainScan, rules: readonly Rule[]): BlobScan {
  const part = <T extends PlainPart>({ rule, secret, ...rest }: T) => ({
    ...rest,
    rule: ruleAt(rules, rule),
    secret: new Secret(secret),
  });
  return {
    ...scan,
    findings: scan.findings.map((finding) => ({ ...part(finding), parts: finding.parts.map(part) })),
    loose: scan.loose.map(part),
  };
}

function ruleAt(rules: readonly Rule[], index: number): Rule {
  const rule = rules[index];
  if (!rule) throw new RangeError(`there is no rule ${index}`);
  return rule;
}
