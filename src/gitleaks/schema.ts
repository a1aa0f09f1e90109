/**
 * `.gitleaks.toml` (gitleaks 8, betterleaks 1) as written, with its keys in
 * lower case: gitleaks reads keys without case. Keys that neither names are
 * kept by the reader as remarks, so nothing is dropped silently.
 */
import * as z from 'zod/mini';

/** What a file says for all rules, and a rule for itself. */
export interface ListsSource {
  readonly allowlist?: AllowlistSource;
  readonly allowlists?: readonly AllowlistSource[];
  /** Betterleaks: expressions that discard findings. */
  readonly filter?: string;
  readonly prefilter?: string;
  /** What these come to; made by the reader. */
  readonly expressionlists?: readonly AllowlistSource[];
}

export interface GitleaksSource extends ListsSource {
  readonly title?: string;
  readonly description?: string;
  readonly minversion?: string;
  readonly extend?: {
    readonly usedefault?: boolean;
    readonly path?: string;
    readonly disabledrules?: readonly string[];
  };
  readonly rules?: readonly GitleaksRuleSource[];
}

export interface GitleaksRuleSource extends ListsSource {
  readonly id: string;
  readonly description?: string;
  readonly regex?: string;
  readonly path?: string;
  readonly secretgroup?: number;
  readonly entropy?: number;
  readonly keywords?: readonly string[];
  readonly tags?: readonly string[];
  readonly required?: readonly RequiredSource[];
  readonly skipreport?: boolean;
  /** Betterleaks 1. */
  readonly specificity?: number;
  /** Betterleaks 2, in place of `required`. */
  readonly components?: readonly ComponentSource[];
}

export interface ComponentSource {
  readonly id: string;
  /** Lines and columns, such as `5L,100C`. */
  readonly within?: string;
  readonly optional?: boolean;
}

export interface AllowlistSource {
  readonly description?: string;
  /** `OR`, `AND`, `||`, `&&` or empty. */
  readonly condition?: string;
  readonly commits?: readonly string[];
  readonly paths?: readonly string[];
  readonly regextarget?: string;
  readonly regexes?: readonly string[];
  readonly stopwords?: readonly string[];
  /** Global lists only: the rules it belongs to. */
  readonly targetrules?: readonly string[];
}

export interface RequiredSource {
  readonly id: string;
  readonly withinlines?: number;
  readonly withincolumns?: number;
  /** Betterleaks 2: the rule reports without it, too. */
  readonly optional?: boolean;
}

const text = z.string().check(z.maxLength(100_000));
const texts = z.array(text).check(z.maxLength(10_000));
const natural = z.int().check(z.minimum(0), z.maximum(1_000_000));

const ALLOWLIST = {
  description: z.exactOptional(text),
  condition: z.exactOptional(text),
  commits: z.exactOptional(texts),
  paths: z.exactOptional(texts),
  regextarget: z.exactOptional(text),
  regexes: z.exactOptional(texts),
  stopwords: z.exactOptional(texts),
  targetrules: z.exactOptional(texts),
};
const allowlist: z.ZodMiniType<AllowlistSource> = z.looseObject(ALLOWLIST);

const LISTS = {
  allowlist: z.exactOptional(allowlist),
  allowlists: z.exactOptional(z.array(allowlist)),
  filter: z.exactOptional(text),
  prefilter: z.exactOptional(text),
};

const REQUIRED = {
  id: text,
  withinlines: z.exactOptional(natural),
  withincolumns: z.exactOptional(natural),
};
const required: z.ZodMiniType<RequiredSource> = z.looseObject(REQUIRED);

const component: z.ZodMiniType<ComponentSource> = z.looseObject({
  id: text,
  within: z.exactOptional(text),
  optional: z.exactOptional(z.boolean()),
});

const RULE = {
  ...LISTS,
  id: text.check(z.minLength(1), z.maxLength(200)),
  description: z.exactOptional(text),
  regex: z.exactOptional(text),
  path: z.exactOptional(text),
  secretgroup: z.exactOptional(natural),
  entropy: z.exactOptional(z.number()),
  keywords: z.exactOptional(texts),
  tags: z.exactOptional(texts),
  required: z.exactOptional(z.array(required)),
  skipreport: z.exactOptional(z.boolean()),
  specificity: z.exactOptional(natural),
  components: z.exactOptional(z.array(component)),
};
const rule: z.ZodMiniType<GitleaksRuleSource> = z.looseObject(RULE);

const EXTEND = {
  usedefault: z.exactOptional(z.boolean()),
  path: z.exactOptional(text),
  disabledrules: z.exactOptional(texts),
};

const FILE = {
  ...LISTS,
  title: z.exactOptional(text),
  description: z.exactOptional(text),
  minversion: z.exactOptional(text),
  extend: z.exactOptional(z.looseObject(EXTEND)),
  rules: z.exactOptional(z.array(rule).check(z.maxLength(10_000))),
};
export const GITLEAKS_FILE: z.ZodMiniType<GitleaksSource> = z.looseObject(FILE);

/** Keys that are understood, by the table they stand in. `title` and the like say nothing about the scan. */
export const KNOWN_KEYS: Readonly<Record<'file' | 'extend' | 'rule' | 'allowlist' | 'required', readonly string[]>> = {
  file: [...Object.keys(FILE), 'betterleaksminversion'],
  extend: Object.keys(EXTEND),
  rule: Object.keys(RULE),
  allowlist: Object.keys(ALLOWLIST),
  required: Object.keys(REQUIRED),
};
