/**
 * Rules as the engine sees them: plain data, compiled from `rules/*.yaml` at
 * build time (`rules/schema.ts` describes the file format people write).
 */

export type Severity = 'critical' | 'high' | 'medium' | 'low';
export type Confidence = 'high' | 'medium' | 'low';

/** What an item of a rule means: a leak by itself, half of a pair, or a hint that raises others. */
export type RuleRole = 'secret' | 'identifier' | 'evidence';

export interface Rule {
  readonly id: string;
  readonly provider: string;
  readonly title: string;
  readonly severity: Severity;
  readonly role: RuleRole;
  /** Fingerprints are made of family and secret, so rules that see one key in two ways share a family. */
  readonly family: string;
  /** On overlap the higher one wins; 0 for generic rules, 100 by default. */
  readonly specificity: number;
  readonly matchers: readonly Matcher[];
  /** A Go expression: each file whose path it matches is a finding, whatever it holds. Such a rule has no matchers. */
  readonly files?: string;
  /** Rules whose items complete this one. */
  readonly parts: readonly PartSpec[];
  /** Evidence rules that, anywhere in the blob, raise the confidence one step. */
  readonly raisedBy?: readonly string[];
  /** Its items stand beside others that they overlap; by default the more specific one alone stays. */
  readonly overlaps?: boolean;
  /** Counts at some paths or commits alone. Where it does, less specific ones that it overlaps are not reported; known once places are. */
  readonly byPlace?: boolean;
  /** A user's rule: its patterns run in a linear-time engine. */
  readonly untrusted?: boolean;
  /** Of a configuration of gitleaks, for its reports. */
  readonly tags?: readonly string[];
  /** Any one that holds drops the candidate. */
  readonly filters?: readonly Filter[];
  readonly impact: string;
  readonly remediation: string;
  readonly references: readonly Reference[];
  /** Where a person revokes it. */
  readonly dashboard?: string;
  readonly verify?: string;
  readonly revoke?: string;
}

/** Rules that go by paths alone. */
export interface FileRules {
  /** Those that want a file, by its path as reported. */
  of(path: string): readonly Rule[];
  /** The path by which a finding is known again, wherever the scan was started. */
  identity(path: string): string;
}

export interface Reference {
  readonly sure: 'documented' | 'observed' | 'inferred';
  readonly source: string;
}

export interface PartSpec {
  readonly rule: string;
  /** Greatest distance in bytes between the two items of one blob. */
  readonly within: number;
  /** Without it the item is dropped (`required`) or lowered one step (`lowers`). */
  readonly absence: 'required' | 'lowers' | 'ignored';
  /** Only values of equal length belong together (turboSMTP: 20 with 20, 32 with 32). */
  readonly sameLength: boolean;
}

/**
 * One way a credential is written. A decision about a hit of one of `literals`
 * is a pure function of the window `[hit.start − before, hit.end + after)` and
 * of whether blob start or end cut that window.
 */
export interface Matcher {
  /** ASCII, at least 3 bytes; matched without case unless `caseSensitive`. */
  readonly literals: readonly string[];
  readonly caseSensitive: boolean;
  /** The literals are also searched in base64, hex, percent and escaped form. */
  readonly encoded: boolean;
  /** Bytes of the window before the hit's start and after its end; at most 65,536 each. */
  readonly before: number;
  readonly after: number;
  /** A run of at least this many token characters must follow the hit within the window (0: no gate). */
  readonly gate: number;
  /** That run must hold a digit, or letters that no word has (`bytes/letters.ts`). */
  readonly gateDigit?: boolean;
  readonly find: PatternFind | AssignedFind | KnownFind;
  /** All must be found in the window (`any` of each), else the decision is `none` or `rejected`. */
  readonly near: readonly Near[];
  readonly checks: readonly Check[];
  readonly confidence: Confidence;
}

/** An allow-list as gitleaks writes it: what it says of a candidate's own text. Expressions are Go's. */
export interface Filter {
  /** Every list that is given must agree, instead of one of them. */
  readonly all: boolean;
  /** What `regexes` are searched in: the secret, the whole match, or the lines it stands on. */
  readonly target: 'secret' | 'match' | 'line';
  readonly regexes: readonly string[];
  /** Lower case; looked for in the secret. */
  readonly stopwords: readonly string[];
}

/** A regular expression over the window's latin1 text, with one group named `secret`. */
export interface PatternFind {
  readonly kind: 'pattern';
  readonly source: string;
  /** What can be told from the first bytes of what may match, as `rules/lead-table.ts` writes it: at a hit where matches begin there. */
  readonly lead?: string;
  readonly ignoreCase: boolean;
  /** `hit`: matches begin at the hit. `window`: every match in the window counts. */
  readonly anchor: 'hit' | 'window';
  /** Class body of characters that may not touch the secret, such as `A-Za-z0-9_`; empty for none. */
  readonly boundary: string;
  /** How the matched text is turned into the secret. */
  readonly decode: ValueDecoding;
  /** The expression is Go's, and this the number of the group that is the secret; 0 for the first that is not empty, else the match. */
  readonly goGroup?: number;
}

/**
 * A name and the value it is given, in any language: `NAME=value`, `"name":
 * "value"`, `name: value`, `->setName('value')`, `<name>value</name>`, …
 * (`detect/assignment.ts` lists them).
 */
export interface AssignedFind {
  readonly kind: 'assigned';
  /** Where the table of what `name` surely does not match lies; only in rules laid out for the hook (`prefilter/screens.ts`). */
  readonly nameFilter?: number;
  /** Matched, without case, against the whole identifier with `-`, `.`, space and `_` removed. */
  readonly name: string;
  /** `hit`: the identifier must contain the hit. `window`: any identifier in the window. */
  readonly anchor: 'hit' | 'window';
  /** Regular expression for the whole value, anchored by the engine. */
  readonly value: string;
  readonly decode: ValueDecoding;
}

/** A value that is known: found exactly as it is, also torn over lines or string literals. Never in a rule file. */
export interface KnownFind {
  readonly kind: 'known';
  /** Printable ASCII. */
  readonly value: string;
}

/** `auto`: escapes of the surrounding syntax, then base64 if that yields a printable token. */
export type ValueDecoding = 'none' | 'auto' | 'percent' | 'basic';

export interface Near {
  /** Lower-case texts; one of them must occur in the window (ASCII case folded). */
  readonly any: readonly string[];
  /** Greatest distance in bytes from the secret's span. */
  readonly within: number;
  /** Present in the same reach, they forbid the match instead. */
  readonly not: boolean;
}

/** A named pure check of a candidate, with its parameter (see `detect/checks/`). */
export interface Check {
  readonly name: string;
  readonly value?: string | number;
}
