import * as z from 'zod/mini';

import type { ConfigurationUse, Coverage, Problem, Skipped } from '../core/coverage.ts';
import type { PolicyFinding, PolicyPlace } from '../core/policy.ts';
import type {
  Finding,
  FindingPart,
  FindingsReport,
  FirstSeen,
  Occurrence,
  RefHold,
  Suppression,
  ToolInfo,
  Unlisted,
  VerificationResult,
} from '../core/finding.ts';

/**
 * The machine contract as a schema, from which `docs/findings.schema.json` is
 * generated. The interfaces in `core/` are the same thing for the compiler,
 * which checks one against the other. Unknown fields are let through: the
 * contract is added to.
 */

function said<T extends z.ZodMiniType>(schema: T, description: string, id?: string): T {
  z.globalRegistry.add(schema, id === undefined ? { description } : { id, description });
  return schema;
}

const text = z.string();
const nullableText = z.nullable(z.string());
const count = z.int().check(z.minimum(0));
const position = z.int().check(z.minimum(1));

const ToolInfoSchema: z.ZodMiniType<ToolInfo> = said(
  z.object({
    name: z.literal('unleak'),
    version: text,
    rules: said(count, 'Number of rules in force'),
    rulesDigest: text,
  }),
  'What wrote the report',
  'tool',
);

const SkippedSchema: z.ZodMiniType<Skipped> = z.object({
  reason: text,
  count,
  examples: z.array(text),
  setBy: z.exactOptional(said(z.string(), 'The option or file that asked for it')),
});

const ConfigurationUseSchema: z.ZodMiniType<ConfigurationUse> = z.object({
  file: text,
  digest: text,
  disables: said(z.array(text), 'What it turned off, such as `rule:ID` and `path:GLOB`'),
});

const ProblemSchema: z.ZodMiniType<Problem> = z.object({
  code: said(z.string(), 'Never changes its meaning; docs/ERRORS.md lists them'),
  message: text,
  mend: said(z.string(), 'One thing to do next'),
  count: z.exactOptional(said(z.int().check(z.minimum(1)), 'How many things it befell')),
});

const CoverageSchema: z.ZodMiniType<Coverage> = said(
  z.object({
    complete: said(z.boolean(), 'False as soon as there is one problem: then no finding does not mean no secret'),
    source: z.enum(['scan', 'staged', 'commits', 'history', 'hunt', 'stdin', 'pull-request']),
    files: count,
    blobs: said(z.int().check(z.minimum(0)), 'Distinct object ids decided'),
    commits: count,
    tags: count,
    refs: count,
    unreachable: count,
    bytesCovered: said(z.int().check(z.minimum(0)), 'Sizes of everything decided'),
    bytesScanned: said(z.int().check(z.minimum(0)), 'Bytes that had to be looked at for it'),
    fromCache: count,
    skipped: said(z.array(SkippedSchema), 'Left out because a person asked for it, or by definition'),
    configuration: z.array(ConfigurationUseSchema),
    problems: said(z.array(ProblemSchema), 'What was to be covered and was not'),
  }),
  'What the run looked at, and what it could not',
  'coverage',
);

const RefHoldSchema: z.ZodMiniType<RefHold> = z.object({ ref: text, inTip: z.boolean() });

const OccurrenceSchema: z.ZodMiniType<Occurrence> = said(
  z.object({
    kind: z.enum(['file', 'blob', 'commit-message', 'tag-message', 'note', 'path', 'stdin']),
    path: nullableText,
    line: said(z.int().check(z.minimum(1)), 'From 1'),
    column: said(z.int().check(z.minimum(1)), 'From 1, in UTF-16 code units of the decoded line'),
    endLine: position,
    endColumn: said(z.int().check(z.minimum(1)), 'First column after it'),
    located: z.exactOptional(
      said(z.literal(false), 'Line and column are not known, and given as 1; `offset` is right'),
    ),
    commit: said(z.nullable(z.string()), 'The commit that introduced it'),
    author: nullableText,
    email: nullableText,
    authorDate: nullableText,
    commitDate: nullableText,
    moved: said(z.boolean(), 'A parent holds the same secret at another path'),
    removedIn: said(z.array(text), 'Commits that removed it'),
    blob: said(z.nullable(z.string()), 'Object id'),
    blobs: said(z.int().check(z.minimum(0)), 'Versions that carry it'),
    reach: z.enum(['ref', 'reflog', 'index', 'none']),
    heldBy: z.array(RefHoldSchema),
    heldByCount: count,
    atBoundary: z.exactOptional(said(z.boolean(), 'Cut off by a shallow boundary: perhaps not the introduction')),
    offset: said(z.int().check(z.minimum(0)), 'Bytes from the start of the blob, or of the entry of an archive'),
    length: said(z.int().check(z.minimum(0)), 'Bytes'),
    decoded: said(z.array(text), 'Encodings from the outside in'),
  }),
  'One introduction of the secret',
  'occurrence',
);

const FindingPartSchema: z.ZodMiniType<FindingPart> = z.object({
  rule: text,
  redacted: text,
  occurrences: z.array(OccurrenceSchema),
});

const SUPPRESSION = {
  by: z.enum(['baseline', 'comment', 'ignore-file', 'config']),
  reason: text,
  file: z.exactOptional(said(z.string(), 'The file of another tool that it stands in')),
  expires: z.exactOptional(said(z.string(), 'Last day it holds, YYYY-MM-DD')),
};
const SuppressionSchema: z.ZodMiniType<Suppression> = z.object(SUPPRESSION);

const VerificationSchema: z.ZodMiniType<VerificationResult> = z.object({
  status: z.enum(['live', 'live-limited', 'dormant', 'rejected', 'dead', 'wrong-platform', 'unknown']),
  checkedAt: text,
  detail: text,
});

const FirstSeenSchema: z.ZodMiniType<FirstSeen> = z.object({ commit: text, author: text, date: text });

const UnlistedSchema: z.ZodMiniType<Unlisted> = said(
  z.object({
    places: said(z.int().check(z.minimum(1)), 'How many places there are besides those in `occurrences`'),
    removedIn: said(
      z.int().check(z.minimum(0)),
      'Commits that removed the secret from one of these, and are not in `removedIn` of one that is listed',
    ),
    mend: said(z.string(), 'How to have them listed'),
  }),
  'Only where a secret stands in more places than are listed; all of them counted for what the finding says',
);

const FindingSchema: z.ZodMiniType<Finding> = said(
  z.object({
    rule: text,
    provider: text,
    title: text,
    severity: z.enum(['critical', 'high', 'medium', 'low']),
    confidence: z.enum(['high', 'medium', 'low']),
    fingerprint: said(z.string(), 'Stable across commits, paths, lines and machines; docs/TRIAGE.md'),
    fingerprintKey: said(z.string(), 'Id of the key that the fingerprint was made with'),
    redacted: said(z.string(), 'At most the last four characters; the length is never shown'),
    lastFour: z.exactOptional(said(z.string(), 'Only for secrets of 20 or more characters')),
    entropy: said(z.number().check(z.minimum(0)), 'Bits per character'),
    exposure: said(z.enum(['local', 'remote', 'unknown']), 'local: on no remote-tracking ref'),
    secret: z.exactOptional(said(z.string(), 'Only with --show-secrets')),
    tags: z.exactOptional(said(z.array(text), 'Of a rule in gitleaks’ format, as its configuration gives them')),
    parts: z.array(FindingPartSchema),
    suppressed: z.nullable(SuppressionSchema),
    pending: z.exactOptional(
      said(
        z.object(SUPPRESSION),
        'What the change itself brings along to let it pass; it counts until that is on the base',
      ),
    ),
    verification: z.nullable(VerificationSchema),
    firstSeen: z.nullable(FirstSeenSchema),
    unlisted: z.exactOptional(UnlistedSchema),
    occurrences: said(z.array(OccurrenceSchema), 'Oldest first; see `unlisted`'),
  }),
  'One secret, with the places that hold it',
  'finding',
);

const PolicyPlaceSchema: z.ZodMiniType<PolicyPlace> = z.object({
  path: nullableText,
  line: position,
  column: position,
  commit: nullableText,
});

const PolicyFindingSchema: z.ZodMiniType<PolicyFinding> = said(
  z.object({
    code: z.enum([
      'POLICY_ENV_FILE',
      'POLICY_CHAT_OR_MAIL',
      'POLICY_SHARED_KEY',
      'POLICY_WIDE_SCOPE',
      'POLICY_OLD_KEY',
      'POLICY_CLIENT_SIDE',
      'POLICY_UNUSED_ALIVE',
      'POLICY_PRODUCTION_FILE',
      'POLICY_WRONG_PLATFORM',
      'POLICY_WHITESPACE',
      'POLICY_QUERY_PARAMETER',
      'POLICY_NO_BEARER',
      'POLICY_BEARER_FORM',
      'POLICY_CUT_SHORT',
    ]),
    level: z.enum(['warning', 'note']),
    title: text,
    advice: said(z.string(), 'One thing to do'),
    reference: said(z.string(), 'The article and the rule of it that is broken'),
    fingerprint: said(z.string(), 'Of the finding it is about'),
    rule: text,
    places: said(z.array(PolicyPlaceSchema), 'The first of them; none where it is about the key as such'),
    count: said(z.int().check(z.minimum(0)), 'Places in all'),
  }),
  'How a key that was found is handled badly; docs/POLICY.md',
  'policyFinding',
);

export const FindingsReportSchema: z.ZodMiniType<FindingsReport> = said(
  z.object({
    schema: z.literal('unleak.findings/1'),
    tool: ToolInfoSchema,
    coverage: CoverageSchema,
    findings: said(z.array(FindingSchema), 'Worst first'),
    policy: z.exactOptional(said(z.array(PolicyFindingSchema), 'Only with --policy')),
  }),
  'Findings of unleak. Only ever added to; `schema` changes otherwise.',
);
