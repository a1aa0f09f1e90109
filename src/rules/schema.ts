/**
 * The format of rule files, as people write it. The interfaces are the
 * documentation; the schema below is checked against them, and
 * docs/rule.schema.json is generated from the schema.
 */
import * as z from 'zod/mini';

import type { Confidence, RuleRole, Severity, ValueDecoding } from '../core/rule.ts';

/** One file: the rules of one provider. */
export interface RuleFile {
  /** Lower-case name, such as `turbosmtp`. Findings carry it. */
  readonly provider: string;
  /** Where a person revokes this provider's keys; default of its rules. */
  readonly dashboard?: string;
  /** Named rule sets, for `--rules`, that these rules belong to besides `all`. */
  readonly sets?: readonly 'messaging'[];
  /** A place for YAML anchors (`shapes: { key: &key '…' }`); not read otherwise. */
  readonly shapes?: Readonly<Record<string, string>>;
  readonly rules: readonly RuleSource[];
}

/**
 * One rule. Matcher keys written directly on the rule are the defaults of each
 * entry of `matchers`, or the only matcher where there is no such list.
 */
export interface RuleSource extends MatcherSource {
  /** Lower case and hyphens, unique in the rule set: `github-pat-classic`. */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** `secret` unless said otherwise; an `identifier` alone is never reported. */
  readonly role?: RuleRole;
  /** Rules that see one key in two ways share a family; default: the id. */
  readonly family?: string;
  /** Higher wins on overlap, from 0 (generic) to 1000; default 100. */
  readonly specificity?: number;
  readonly matchers?: readonly MatcherSource[];
  readonly parts?: readonly PartSource[];
  /** Evidence rules that, anywhere in the same file, raise the confidence one step. */
  readonly raisedBy?: readonly string[];
  /** What somebody who holds the secret can do. */
  readonly impact: string;
  /** What to do about it, beyond the general playbook. */
  readonly remediation: string;
  readonly references: readonly ReferenceSource[];
  readonly dashboard?: string;
  /** Name of the provider's liveness question, if there is one. */
  readonly verify?: string;
  /** Name of the provider's revocation, if there is one. */
  readonly revoke?: string;
  /** Templates (docs/RULES.md) that this rule must find, at least one. */
  readonly examples: readonly string[];
  /** Templates that this rule must not find, at least two. */
  readonly counterexamples: readonly string[];
}

/** One way a credential is written: exactly one of `pattern` and `assigned`. */
export interface MatcherSource {
  /** ASCII texts of at least 3 bytes, one of which is always there. */
  readonly literals?: readonly string[];
  /** Default: true for a `pattern` at its hit, else false. */
  readonly caseSensitive?: boolean;
  /** Also look for the literals in base64, hex, percent and escaped text; default true. */
  readonly encoded?: boolean;
  /** Bytes seen before the hit, at most 65,536; default 256. */
  readonly before?: number;
  /** Bytes seen after the hit, at most 65,536; default 256, or more if the longest match needs it. */
  readonly after?: number;
  /** Look only where this many token characters in a row follow the hit; default 0. */
  readonly gate?: number;
  /** That row must hold a digit, or letters that no word has; default false. */
  readonly gateDigit?: boolean;
  /** Regular expression with one group named `secret`. */
  readonly pattern?: string;
  readonly ignoreCase?: boolean;
  /** Regular expression for the whole name that is given a value, without `_`, `-`, `.` and spaces. */
  readonly assigned?: string;
  /** Regular expression for the whole value that `assigned` is given; a group named `secret` narrows it. */
  readonly value?: string;
  /** `hit` (default): the match begins at, or the name contains, the hit. `window`: anywhere near it. */
  readonly anchor?: 'hit' | 'window';
  /** Characters, as the inside of `[…]`, that may not touch the secret of a `pattern`. */
  readonly boundary?: string;
  /** Default: `none` for a `pattern`, `auto` for `assigned`. */
  readonly decode?: ValueDecoding;
  readonly near?: readonly NearSource[];
  /** Names of checks, or `{ name: parameter }`. */
  readonly checks?: readonly CheckSource[];
  /** Default high. A commit is blocked at high, warned about at medium. */
  readonly confidence?: Confidence;
}

export interface NearSource {
  readonly any: readonly string[];
  /** Bytes from the secret; default 256. */
  readonly within?: number;
  readonly not?: boolean;
}

export type CheckSource = string | Readonly<Record<string, string | number>>;

export interface PartSource {
  readonly rule: string;
  /** Greatest distance in bytes; default 512. */
  readonly within?: number;
  /** What becomes of the finding without the part; default `required`. */
  readonly absence?: 'required' | 'lowers' | 'ignored';
  readonly sameLength?: boolean;
}

/** Exactly one key: how sure we are of what the source says. */
export interface ReferenceSource {
  readonly documented?: string;
  readonly observed?: string;
  readonly inferred?: string;
}

/** Most bytes of a window on either side of a hit. */
export const WINDOW_LIMIT = 65_536;

const id = z.string().check(z.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens'));
const text = z.string().check(z.minLength(1), z.maxLength(4000));
const sentence = z.string().check(z.minLength(10), z.maxLength(1000));
const regex = z.string().check(z.minLength(1), z.maxLength(4000));
const link = z.string().check(z.regex(/^https:\/\/[^\s<>"']+$/, 'must be an https address'));
const bytes = z.int().check(z.minimum(0), z.maximum(WINDOW_LIMIT));

const near: z.ZodMiniType<NearSource> = z.strictObject({
  any: z.array(text).check(z.minLength(1)),
  within: z.exactOptional(bytes),
  not: z.exactOptional(z.boolean()),
});

const part: z.ZodMiniType<PartSource> = z.strictObject({
  rule: id,
  within: z.exactOptional(bytes),
  absence: z.exactOptional(z.enum(['required', 'lowers', 'ignored'])),
  sameLength: z.exactOptional(z.boolean()),
});

const reference: z.ZodMiniType<ReferenceSource> = z
  .strictObject({
    documented: z.exactOptional(text),
    observed: z.exactOptional(text),
    inferred: z.exactOptional(text),
  })
  .check(z.refine((value) => Object.keys(value).length === 1, 'must be one of documented, observed, inferred'));

const check: z.ZodMiniType<CheckSource> = z.union([
  text,
  z
    .record(text, z.union([z.string(), z.number()]))
    .check(z.refine((value) => Object.keys(value).length === 1, 'must be one name with its parameter')),
]);

const matcherShape = {
  literals: z.exactOptional(z.array(z.string()).check(z.minLength(1))),
  caseSensitive: z.exactOptional(z.boolean()),
  encoded: z.exactOptional(z.boolean()),
  before: z.exactOptional(bytes),
  after: z.exactOptional(bytes),
  gate: z.exactOptional(z.int().check(z.minimum(0), z.maximum(256))),
  gateDigit: z.exactOptional(z.boolean()),
  pattern: z.exactOptional(regex),
  ignoreCase: z.exactOptional(z.boolean()),
  assigned: z.exactOptional(regex),
  value: z.exactOptional(regex),
  anchor: z.exactOptional(z.enum(['hit', 'window'])),
  boundary: z.exactOptional(z.string().check(z.maxLength(100))),
  decode: z.exactOptional(z.enum(['none', 'auto', 'percent', 'basic'])),
  near: z.exactOptional(z.array(near)),
  checks: z.exactOptional(z.array(check)),
  confidence: z.exactOptional(z.enum(['high', 'medium', 'low'])),
};

const matcher: z.ZodMiniType<MatcherSource> = z.strictObject(matcherShape);

const ruleShape = {
  id,
  title: text,
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  role: z.exactOptional(z.enum(['secret', 'identifier', 'evidence'])),
  family: z.exactOptional(id),
  specificity: z.exactOptional(z.int().check(z.minimum(0), z.maximum(1000))),
  ...matcherShape,
  matchers: z.exactOptional(z.array(matcher).check(z.minLength(1))),
  parts: z.exactOptional(z.array(part)),
  raisedBy: z.exactOptional(z.array(id)),
  impact: sentence,
  remediation: sentence,
  references: z.array(reference).check(z.minLength(1)),
  dashboard: z.exactOptional(link),
  verify: z.exactOptional(id),
  revoke: z.exactOptional(id),
  examples: z.array(text).check(z.minLength(1)),
  counterexamples: z.array(text).check(z.minLength(2)),
};

const rule: z.ZodMiniType<RuleSource> = z.strictObject(ruleShape);

const fileShape = {
  provider: id,
  dashboard: z.exactOptional(link),
  sets: z.exactOptional(z.array(z.enum(['messaging']))),
  shapes: z.exactOptional(z.record(z.string(), z.string())),
  rules: z.array(rule).check(z.minLength(1)),
};

export const RULE_FILE: z.ZodMiniType<RuleFile> = z.strictObject(fileShape);

/** The keys allowed at a place of the file, for suggestions; none where any key goes. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  switch (path.findLast((step) => typeof step === 'string')) {
    case undefined:
      return Object.keys(fileShape);
    case 'rules':
      return Object.keys(ruleShape);
    case 'matchers':
      return Object.keys(matcherShape);
    case 'near':
      return ['any', 'within', 'not'];
    case 'parts':
      return ['rule', 'within', 'absence', 'sameLength'];
    case 'references':
      return ['documented', 'observed', 'inferred'];
    default:
      return [];
  }
}
