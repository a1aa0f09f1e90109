import type { VerificationResult } from '../core/finding.ts';
import { Secret } from '../core/secret.ts';
import type { Endpoint, Wire } from '../providers/call.ts';
import type { CredentialKind } from '../providers/declaration.ts';
import { type ProbeResult, isRecognised, runProbe } from '../providers/probe.ts';
import type { Target } from '../providers/registry.ts';
import type { Values } from '../providers/template.ts';

export type VerdictStatus = VerificationResult['status'];

/** What the providers said of one leaked value. */
export interface Verdict {
  readonly status: VerdictStatus;
  readonly checkedAt: string;
  /** The status in words, and the reason. */
  readonly detail: string;
  /** The answers that decided, with the provider's own error codes. */
  readonly reason: string;
  /** What the credential may do, as far as the provider tells: `scopes`, `type`, `permissions`. */
  readonly may: Readonly<Record<string, readonly string[]>>;
  /** Where the value is known; the sister platform for `wrong-platform`. */
  readonly target: Target;
  /** The variant of the value that was recognised; null if none was. */
  readonly values: Values | null;
  readonly probes: readonly ProbeResult[];
}

export interface VerifyContext {
  readonly wire: Wire;
  /** The endpoint of a provider, with the URLs in force. */
  readonly endpoint: (target: Target) => Endpoint;
  /** A platform whose keys are mistaken for this one's; null where there is none. */
  readonly sister: (target: Target) => Target | null;
  /** True if this same value was recognised by this same probe before, in this incident. */
  readonly wasLive: (provider: string, probe: string) => boolean;
  /** Told of each probe as soon as it was answered. */
  readonly onProbe: (result: ProbeResult) => void;
}

interface Asked {
  readonly results: readonly ProbeResult[];
  /** The answer that recognised the value; null if none did. */
  readonly yes: ProbeResult | null;
  readonly values: Values | null;
}

/** Every probe in turn until one recognises the value: a key that may only send is refused by all the others. */
async function askAll(context: VerifyContext, target: Target, values: Values): Promise<Asked> {
  const results: ProbeResult[] = [];
  const endpoint = context.endpoint(target);
  for (const probe of target.kind.probes.filter(({ extra }) => extra !== true)) {
    const result = await runProbe(context.wire, endpoint, probe, values);
    context.onProbe(result);
    results.push(result);
    if (isRecognised(result.means)) return { results, yes: result, values };
  }
  return { results, yes: null, values: null };
}

async function askVariants(context: VerifyContext, target: Target, variants: readonly Values[]): Promise<Asked> {
  const results: ProbeResult[] = [];
  for (const values of variants) {
    const asked = await askAll(context, target, values);
    results.push(...asked.results);
    if (asked.yes) return { ...asked, results };
  }
  return { results, yes: null, values: null };
}

/** What more the provider tells about a value it has recognised. */
async function learnMore(context: VerifyContext, target: Target, values: Values): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  for (const probe of target.kind.probes.filter(({ extra }) => extra === true)) {
    const result = await runProbe(context.wire, context.endpoint(target), probe, values);
    context.onProbe(result);
    results.push(result);
  }
  return results;
}

function merged(results: readonly ProbeResult[]): Record<string, readonly string[]> {
  const may: Record<string, readonly string[]> = {};
  for (const { learned } of results)
    for (const [name, values] of Object.entries(learned)) may[name] = [...new Set([...(may[name] ?? []), ...values])];
  return may;
}

function describe(result: ProbeResult): string {
  const said = result.error ?? (result.status === 0 ? 'no answer' : `status ${result.status}`);
  return `${result.probe}: ${said}`;
}

const SENTENCES: Readonly<Record<VerdictStatus, string>> = {
  live: 'the provider accepts it',
  'live-limited': 'the provider recognises it and refuses this one use',
  dormant: 'the provider recognises it; the account cannot be used at the moment',
  rejected: 'authentication failed, and it was never seen live: malformed, cut short, of another account, or revoked',
  dead: 'recognised before, refused now',
  'wrong-platform': 'refused here, recognised by the sister platform',
  unknown: 'no answer that allows a conclusion',
};

interface Outcome {
  readonly status: VerdictStatus;
  readonly target: Target;
  readonly asked: Asked;
  readonly more?: readonly ProbeResult[];
}

function verdict(context: VerifyContext, outcome: Outcome, all: readonly ProbeResult[]): Verdict {
  const { status, target, asked } = outcome;
  const decisive = asked.yes ?? asked.results.at(-1);
  const said =
    status === 'rejected' || status === 'unknown' ? all.map(describe).join('; ') : decisive && describe(decisive);
  return {
    status,
    checkedAt: decisive?.at ?? context.wire.now().toISOString(),
    detail: `${SENTENCES[status]} (${said || 'nothing asked'})`,
    reason: said || 'nothing asked',
    may: asked.yes ? merged([asked.yes, ...(outcome.more ?? [])]) : {},
    target,
    values: asked.values,
    probes: [...all, ...(outcome.more ?? [])],
  };
}

function isYes(status: ProbeResult['means']): status is 'live' | 'live-limited' | 'dormant' {
  return isRecognised(status);
}

/**
 * Dead needs proof: a probe that recognised the value before must refuse it
 * now. That other probes refuse it too, or never answered, proves nothing.
 */
function isProvenDead(context: VerifyContext, results: readonly ProbeResult[]): boolean {
  const before = provingProbes(context, results);
  return before.length > 0 && before.every(({ means }) => means === 'refused');
}

/** Answers of the probes that had recognised the value. */
function provingProbes(context: VerifyContext, results: readonly ProbeResult[]): readonly ProbeResult[] {
  return results.filter(({ provider, probe }) => context.wasLive(provider, probe));
}

function forbidden(kind: CredentialKind, variants: readonly Values[]): string | null {
  for (const values of variants) {
    const reason = kind.neverAsk?.((name) => {
      const value = values[name];
      return value instanceof Secret ? value.reveal() : typeof value === 'string' ? value : null;
    });
    if (reason !== undefined && reason !== null) return reason;
  }
  return null;
}

/** Not one request is made for a canary: asking is what it waits for. */
function untouched(context: VerifyContext, target: Target, why: string): Verdict {
  const checkedAt = context.wire.now().toISOString();
  const reason = `not asked: ${why}`;
  return { status: 'unknown', checkedAt, detail: reason, reason, may: {}, target, values: null, probes: [] };
}

/**
 * Asks whether a value lives.
 *
 * @param variants - complete sets of values to try, such as one secret with each identifier found near it
 * @returns `rejected` for a value that was never seen live; `dead` only with proof
 */
export async function verify(context: VerifyContext, target: Target, variants: readonly Values[]): Promise<Verdict> {
  const never = forbidden(target.kind, variants);
  if (never !== null) return untouched(context, target, never);
  const asked = await askVariants(context, target, variants);
  if (asked.yes && asked.values && isYes(asked.yes.means)) {
    const more = await learnMore(context, target, asked.values);
    return verdict(context, { status: asked.yes.means, target, asked, more }, asked.results);
  }
  if (isProvenDead(context, asked.results)) return deadVerdict(context, target, asked, asked.results);
  if (asked.results.length === 0 || asked.results.some(({ means }) => means !== 'refused'))
    return verdict(context, { status: 'unknown', target, asked }, asked.results);
  return askSister(context, target, variants, asked);
}

/** The detail names the probes that prove it, not the last one that refused. */
function deadVerdict(context: VerifyContext, target: Target, asked: Asked, all: readonly ProbeResult[]): Verdict {
  const proof = { ...asked, results: provingProbes(context, asked.results) };
  return verdict(context, { status: 'dead', target, asked: proof }, all);
}

/** A key of the wrong platform is refused exactly like a revoked one, so the sister is asked before concluding. */
async function askSister(
  context: VerifyContext,
  target: Target,
  variants: readonly Values[],
  asked: Asked,
): Promise<Verdict> {
  const sister = context.sister(target);
  if (!sister) return verdict(context, { status: 'rejected', target, asked }, asked.results);
  const there = await askVariants(context, sister, variants);
  const all = [...asked.results, ...there.results];
  if (there.yes) return verdict(context, { status: 'wrong-platform', target: sister, asked: there }, all);
  if (isProvenDead(context, there.results)) return deadVerdict(context, sister, there, all);
  const status = there.results.some(({ means }) => means !== 'refused') ? 'unknown' : 'rejected';
  return verdict(context, { status, target, asked }, all);
}

/** Statuses under which a credential can still do harm, now or once the account is paid for. */
export function isAlive(status: VerdictStatus): boolean {
  return status === 'live' || status === 'live-limited' || status === 'dormant' || status === 'wrong-platform';
}

/** The kind of the sister platform that corresponds to a target: same parts, same place in its list. */
export function sisterKind(target: Target, kinds: readonly CredentialKind[]): CredentialKind | null {
  return kinds[target.provider.kinds.indexOf(target.kind)] ?? null;
}
