import { GitleaksError } from '../errors/gitleaks.ts';
import { oursFor } from './default-rules.ts';
import { type GitleaksFile, listsOf, readGitleaks } from './read.ts';
import type { AllowlistSource, GitleaksRuleSource } from './schema.ts';

/** A configuration with everything it extends. */
export interface JoinedConfig {
  readonly name: string;
  /** In the order of their ids. */
  readonly rules: readonly GitleaksRuleSource[];
  /** Lists for every rule. */
  readonly allowlists: readonly AllowlistSource[];
  /** gitleaks' own rules are asked for; ours stand in. */
  readonly useDefault: boolean;
  /** Ids dropped from what is extended. */
  readonly disabledRules: readonly string[];
  readonly remarks: readonly string[];
}

/** Null if the file is not there. */
export type ReadFile = (path: string) => Promise<Uint8Array | null>;

/** gitleaks follows `[extend]` this often. */
const DEEPEST = 2;
/** The version of gitleaks whose configuration is followed. */
const FOLLOWED = { major: 8, minor: 30 };

/**
 * Follows `[extend] path`, which is relative to the working directory.
 *
 * @param readFile - gives a file's bytes; null if it is not there
 * @throws GitleaksError
 */
export async function joinConfig(file: GitleaksFile, readFile: ReadFile, depth = 0): Promise<JoinedConfig> {
  const { content, name } = file;
  const extend = content.extend ?? {};
  checkListForms(file);
  if (extend.usedefault === true && extend.path !== undefined) {
    throw new GitleaksError('GITLEAKS_EXTEND', `${name}: [extend] has both useDefault and path`);
  }
  const own: JoinedConfig = {
    name,
    rules: byId(content.rules ?? []),
    allowlists: listsOf(content),
    useDefault: extend.usedefault === true,
    disabledRules: extend.disabledrules ?? [],
    remarks: [
      ...file.remarks,
      ...repeated(name, content.rules ?? []),
      ...beyond(name, extend.path ?? '', depth),
      ...newer(name, content.minversion ?? ''),
    ],
  };
  checkRequired(own);
  if (extend.path === undefined || extend.path === '' || depth >= DEEPEST) return attachTargets(own);
  const bytes = await readFile(extend.path);
  if (bytes === null)
    throw new GitleaksError('GITLEAKS_EXTEND', `${name}: [extend] names ${extend.path}, which is not there`);
  const base = await joinConfig(readGitleaks(bytes, extend.path), readFile, depth + 1);
  return attachTargets(merged(own, base));
}

/** gitleaks refuses a file that has both spellings at one place, and lists that say nothing. */
function checkListForms({ name, content }: GitleaksFile): void {
  const holders = [content, ...(content.rules ?? [])];
  if (holders.some((one) => one.allowlist !== undefined && (one.allowlists?.length ?? 0) > 0))
    throw new GitleaksError('GITLEAKS_VALUE', `${name}: allowlist and allowlists stand side by side`);
}

/** The last of several with one id counts. */
function byId(rules: readonly GitleaksRuleSource[]): GitleaksRuleSource[] {
  return [...new Map(rules.map((rule) => [rule.id, rule])).values()].toSorted(inOrder);
}

function inOrder(a: { readonly id: string }, b: { readonly id: string }): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** What gitleaks passes over in silence. */
function repeated(name: string, rules: readonly GitleaksRuleSource[]): string[] {
  const ids = rules.map(({ id }) => id);
  const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  return [...twice].map((id) => `${name} has several rules ${JSON.stringify(id)}: the last one counts`);
}

/** gitleaks only warns, too. */
function newer(name: string, wanted: string): string[] {
  const [, major = '0', minor = '0'] = /^v?(\d{1,5})\.(\d{1,5})/.exec(wanted) ?? [];
  const isNewer =
    Number(major) > FOLLOWED.major || (Number(major) === FOLLOWED.major && Number(minor) > FOLLOWED.minor);
  return isNewer
    ? [`${name} asks for gitleaks ${wanted}: what is followed here is ${FOLLOWED.major}.${FOLLOWED.minor}`]
    : [];
}

function beyond(name: string, path: string, depth: number): string[] {
  if (path === '' || depth < DEEPEST) return [];
  return [`${name}: [extend] of ${path} is beyond the depth that is followed, and has no effect`];
}

/** A rule can only ask for one of the same file. */
function checkRequired({ name, rules }: JoinedConfig): void {
  const known = new Set(rules.map(({ id }) => id));
  for (const rule of rules)
    for (const { id } of rule.required ?? [])
      if (!known.has(id))
        throw new GitleaksError(
          'GITLEAKS_UNKNOWN_RULE',
          `${name}: rule ${JSON.stringify(rule.id)} requires ${JSON.stringify(id)}, which is not in the file`,
        );
}

function merged(own: JoinedConfig, base: JoinedConfig): JoinedConfig {
  const kept = base.rules.filter(({ id }) => !own.disabledRules.includes(id));
  const known = new Map(kept.map((rule) => [rule.id, rule]));
  for (const rule of own.rules) {
    const under = known.get(rule.id);
    known.set(rule.id, under === undefined ? rule : overlaid(under, rule));
  }
  const unknown = own.disabledRules.filter((id) => !base.useDefault && !base.rules.some((rule) => rule.id === id));
  return {
    name: own.name,
    rules: [...known.values()].toSorted(inOrder),
    allowlists: [...base.allowlists, ...own.allowlists],
    useDefault: base.useDefault,
    disabledRules: [...base.disabledRules, ...own.disabledRules],
    remarks: [
      ...base.remarks,
      ...own.remarks,
      ...unknown.map(
        (id) => `${own.name}: disabledRules names ${JSON.stringify(id)}, which is no rule of what is extended`,
      ),
    ],
  };
}

/** As gitleaks does it: what is given replaces, lists grow, and the rest of the child is lost. */
function overlaid(base: GitleaksRuleSource, child: GitleaksRuleSource): GitleaksRuleSource {
  return {
    ...base,
    ...given('description', child.description),
    ...given('regex', child.regex),
    ...given('path', child.path),
    ...(child.entropy === undefined || child.entropy === 0 ? {} : { entropy: child.entropy }),
    ...(child.secretgroup === undefined || child.secretgroup === 0 ? {} : { secretgroup: child.secretgroup }),
    tags: [...(base.tags ?? []), ...(child.tags ?? [])],
    keywords: [...(base.keywords ?? []), ...(child.keywords ?? [])],
    allowlists: [...(base.allowlists ?? []), ...listsOf(child)],
  };
}

function given(key: 'description' | 'regex' | 'path', value: string | undefined): Partial<GitleaksRuleSource> {
  return value === undefined || value === '' ? {} : { [key]: value };
}

/** A list with `targetRules` belongs to these rules alone. */
function attachTargets(config: JoinedConfig): JoinedConfig {
  const targeted = config.allowlists.filter(({ targetrules }) => (targetrules?.length ?? 0) > 0);
  if (targeted.length === 0) return config;
  const known = new Set(config.rules.map(({ id }) => id));
  const others = new Set(targeted.flatMap(({ targetrules }) => targetrules ?? []).filter((id) => !known.has(id)));
  for (const id of others)
    if (!config.useDefault || oursFor(id) === undefined)
      throw new GitleaksError(
        'GITLEAKS_UNKNOWN_RULE',
        `${config.name}: targetRules names ${JSON.stringify(id)}, which is no rule`,
      );
  return {
    ...config,
    allowlists: config.allowlists.filter((list) => !targeted.includes(list)),
    // A list for a default rule adjusts that.
    rules: [...config.rules, ...[...others].map((id): GitleaksRuleSource => ({ id }))].map((rule) => ({
      ...rule,
      allowlists: [
        ...(rule.allowlists ?? []),
        ...targeted.filter(({ targetrules }) => targetrules?.includes(rule.id) === true),
      ],
    })),
  };
}
