import type { FindingsReport } from '../../core/finding.ts';
import type { LogSource, Policy } from '../../respond/services.ts';
import type { Invocation } from '../commands/command.ts';
import {
  ACCEPT_COLLATERAL,
  ALLOW_REVOKE,
  CONFIRM_WITHIN,
  DEPLOYED,
  DONE,
  GRACE,
  IN_USE_OK,
  LOGS,
  MAX_REVOCATIONS,
  OVERWRITE,
  OWN,
  QUOTA,
  SKIP,
  STILL_USED_OK,
  WAIT,
  YES,
} from '../flags/respond.ts';
import { REPORT_MOST, readNamed } from '../../session/read-given.ts';
import { type RespondContext, distrustOf } from './context.ts';

/** What this command line allows. */
export function policyOf({ options }: Invocation, context: RespondContext, report: FindingsReport | null): Policy {
  return {
    yes: options.get(YES),
    allowRevoke: new Set(options.get(ALLOW_REVOKE)),
    maxRevocations: options.get(MAX_REVOCATIONS) ?? 1,
    acceptCollateral: options.get(ACCEPT_COLLATERAL),
    inUseOk: options.get(IN_USE_OK),
    protect: context.userFile.protect,
    distrust: distrustOf(report),
    waitMs: options.get(WAIT) ?? null,
    confirmMs: options.get(CONFIRM_WITHIN) ?? null,
    done: options.get(DONE),
    skip: options.get(SKIP),
    deployed: options.get(DEPLOYED),
    graceMs: options.get(GRACE) ?? null,
    stillUsedOk: options.get(STILL_USED_OK),
    overwrite: options.get(OVERWRITE),
  };
}

/** Text of a file named on the command line. @throws UsageError if it cannot be read */
export function readText(file: string): string {
  return Buffer.from(readNamed(file, REPORT_MOST)).toString('utf8');
}

/** The exported log that `--logs` names. */
export function logsOf({ options }: Invocation): LogSource {
  const name = options.get(LOGS) ?? null;
  return {
    text: name === null ? null : readText(name),
    name,
    quota: options.get(QUOTA) ?? null,
    own: options.get(OWN),
  };
}
