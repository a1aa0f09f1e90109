/**
 * Holds rules to their own examples through a whole engine. The engine is
 * passed in: this folder knows what a rule is, not how one is matched.
 */
import type { BlobScan } from '../core/detector.ts';
import { seedOf, seededRandom } from './random.ts';
import { type Expansion, expandTemplate } from './template.ts';

/** The templates of one rule. */
export interface RuleSamples {
  readonly file: string;
  readonly rule: string;
  readonly examples: readonly string[];
  readonly counterexamples: readonly string[];
}

export interface SampleFailure {
  readonly rule: string;
  readonly kind: 'example' | 'counterexample';
  /** The template, never what it was expanded to. */
  readonly template: string;
  readonly why: string;
}

export interface SelfTest {
  /** Expanded samples that were scanned. */
  readonly tried: number;
  readonly failures: readonly SampleFailure[];
}

/** Times each template is expanded, with other random values. */
const ROUNDS = 5;

/**
 * Scans every example and counterexample.
 *
 * An example must be found by its rule, as a finding, or for an identifier as
 * part of one or on its own; if it names a value `secret`, with exactly that
 * value. A counterexample must not be found by its rule.
 *
 * @throws RuleError `RULE_TEMPLATE`
 */
export function selfTest(samples: readonly RuleSamples[], scan: (bytes: Uint8Array) => BlobScan): SelfTest {
  const failures: SampleFailure[] = [];
  let tried = 0;
  for (const sample of samples) {
    for (const kind of ['example', 'counterexample'] as const) {
      for (const template of sample[`${kind}s`]) {
        tried += ROUNDS;
        const why = firstFailure(sample, template, kind, scan);
        if (why !== null) failures.push({ rule: sample.rule, kind, template, why });
      }
    }
  }
  return { tried, failures };
}

function firstFailure(
  sample: RuleSamples,
  template: string,
  kind: SampleFailure['kind'],
  scan: (bytes: Uint8Array) => BlobScan,
): string | null {
  for (let round = 0; round < ROUNDS; round++) {
    const random = seededRandom(seedOf(template) + round);
    const expansion = expandTemplate(template, random, `${sample.file}: ${sample.rule}`);
    const found = secretsOf(sample.rule, scan(Buffer.from(expansion.text)));
    const why = kind === 'example' ? missing(found, expansion) : unwanted(found);
    if (why !== null) return why;
  }
  return null;
}

function secretsOf(rule: string, scan: BlobScan): string[] {
  const parts = scan.findings.flatMap((finding) => [finding, ...finding.parts]);
  return [...parts, ...scan.loose].filter((part) => part.rule.id === rule).map((part) => part.secret.reveal());
}

function missing(found: readonly string[], expansion: Expansion): string | null {
  if (found.length === 0) return 'not found';
  const secret = expansion.values.get('secret');
  return secret === undefined || found.includes(secret) ? null : 'found with another value';
}

function unwanted(found: readonly string[]): string | null {
  return found.length === 0 ? null : 'found';
}
