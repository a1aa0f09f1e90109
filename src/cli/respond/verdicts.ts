import type { Finding, FindingsReport, VerificationResult } from '../../core/finding.ts';
import { isScanError } from '../../errors/base.ts';
import type { Rule } from '../../core/rule.ts';
import { leakedKey } from '../../respond/locate.ts';
import type { SecretLocator } from '../../respond/services.ts';
import { type Verdict, verify } from '../../respond/verify.ts';
import { type RespondContext, targetFor } from './context.ts';

function detailOf({ reason, may, target }: Verdict, finding: Finding): string {
  const abilities = Object.entries(may).map(([name, values]) => `${name}: ${values.join(', ')}`);
  const where = target.provider.id === finding.provider ? [] : [`at ${target.provider.title}`];
  return [reason, ...where, ...abilities].join('; ');
}

async function verdictFor(
  context: RespondContext,
  rules: readonly Rule[],
  locator: SecretLocator,
  finding: Finding,
): Promise<VerificationResult> {
  const checkedAt = context.network.wire.now().toISOString();
  const target = targetFor(context, rules, finding);
  if (!target) return { status: 'unknown', checkedAt, detail: 'NO_PROVIDER: this version knows no way to ask' };
  const key = await leakedKey(finding, target, locator);
  if (key.missing !== null)
    return { status: 'unknown', checkedAt, detail: `${key.missing}: the value could not be read again` };
  if (key.variants.length === 0)
    return {
      status: 'unknown',
      checkedAt,
      detail: 'incomplete: the identifier that belongs to it was not found near it',
    };
  const verdict = await verify(
    {
      wire: context.network.wire,
      endpoint: context.directory.endpoint,
      sister: context.directory.sister,
      // A single question has no history, and a report's word is no proof.
      wasLive: () => false,
      onProbe: () => undefined,
    },
    target,
    key.variants,
  );
  return { status: verdict.status, checkedAt: verdict.checkedAt, detail: detailOf(verdict, finding) };
}

/** The report with a verdict at every finding that counts. Sends reads only. */
export async function withVerdicts(
  context: RespondContext,
  report: FindingsReport,
  chosen: readonly Finding[],
  rules: readonly Rule[],
  locator: SecretLocator,
): Promise<FindingsReport> {
  const verdicts = new Map<string, VerificationResult>();
  for (const finding of chosen) {
    try {
      verdicts.set(finding.fingerprint, await verdictFor(context, rules, locator, finding));
    } catch (error) {
      if (!isScanError(error) || error.code === 'HTTP_ABORTED') throw error;
      const checkedAt = context.network.wire.now().toISOString();
      verdicts.set(finding.fingerprint, { status: 'unknown', checkedAt, detail: `${error.code}: ${error.message}` });
    }
  }
  const findings = report.findings.map((finding) => {
    const verification = verdicts.get(finding.fingerprint);
    return verification === undefined ? finding : { ...finding, verification };
  });
  return { ...report, findings };
}
