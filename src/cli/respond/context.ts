/** What verify, respond, rotate and log review have in common: providers, network, credentials. */
import type { Finding, FindingsReport } from '../../core/finding.ts';
import type { Rule } from '../../core/rule.ts';
import { RespondError } from '../../errors/respond.ts';
import { openRepository, type Repository } from '../../git/repository.ts';
import { adaptProviders } from '../../providers/adapter.ts';
import type { Provider } from '../../providers/declaration.ts';
import { PROVIDERS, type Target, targetNamed } from '../../providers/registry.ts';
import { type UserFile, readUserFile, userFilePath } from '../../providers/user-file.ts';
import { readReport } from '../../report/read.ts';
import { runChild } from '../../respond/child.ts';
import { type Directory, type Network, createDirectory, createNetwork } from '../../respond/runtime.ts';
import type { Services } from '../../respond/services.ts';
import { distrustedEvent, refuseUnsafeRuntime } from '../../respond/unsafe-runtime.ts';
import { resolveFingerprint } from '../../triage/fingerprint-id.ts';
import type { Invocation } from '../commands/command.ts';
import { CREDENTIALS_FD, FINDING, PROVIDERS_FILE, PROVIDER_URL, REPO, TIMEOUT } from '../flags/respond.ts';
import { REPORT_MOST, readNamed } from '../../session/read-given.ts';
import { type Credentials, takeCredentials } from './credentials.ts';

export interface RespondContext {
  readonly userFile: UserFile;
  readonly providers: readonly Provider[];
  readonly network: Network;
  readonly directory: Directory;
  readonly credentials: Credentials;
  readonly child: Services['child'];
}

const CHILD_MS = 60_000;

/**
 * Reads the user's providers file, takes the operator's credentials out of the
 * environment and prepares the network.
 *
 * @throws RespondError `RUNTIME_UNSAFE`; ProviderError for the providers file
 */
export function openContext({ options, signal }: Invocation): RespondContext {
  refuseUnsafeRuntime();
  const userFile = readUserFile(options.get(PROVIDERS_FILE) ?? userFilePath(process.env));
  const providers = adaptProviders(PROVIDERS, userFile.adapters);
  const credentials = takeCredentials(providers, process.env, options.get(CREDENTIALS_FD), userFile.secretStores);
  const seconds = options.get(TIMEOUT);
  const network = createNetwork({
    signal,
    allowPrivate: userFile.allowPrivate,
    ...(seconds === undefined ? {} : { timeoutMs: seconds * 1000 }),
  });
  const overrides = new Map([...userFile.urls, ...options.get(PROVIDER_URL)]);
  const directory = createDirectory(network.wire, providers, overrides, credentials.source);
  const child: Services['child'] = (command, input) => runChild({ command, input, timeoutMs: CHILD_MS, signal });
  return { userFile, providers, network, directory, credentials, child };
}

/** The repository that values are read from: named on the command line, else the current one; null outside of any. */
export async function repositoryOf({ options, signal }: Invocation): Promise<Repository | null> {
  const named = options.get(REPO);
  if (named !== undefined) return openRepository(named, { signal });
  return openRepository(process.cwd(), { signal }).catch(() => null);
}

/** A stored report. @throws UsageError if it cannot be read; ReportError */
export function storedReport(file: string): FindingsReport {
  return readReport(readNamed(file, REPORT_MOST));
}

/** Findings that count: not suppressed, and named if any are. */
export function chosenFindings({ options }: Invocation, report: FindingsReport): readonly Finding[] {
  const open = report.findings.filter(({ suppressed }) => suppressed === null);
  const ids = options.get(FINDING);
  if (ids.length === 0) return open;
  const wanted = new Set(
    ids.map((id) =>
      resolveFingerprint(
        id,
        open.map(({ fingerprint }) => fingerprint),
      ),
    ),
  );
  return report.findings.filter(({ fingerprint }) => wanted.has(fingerprint));
}

/** The declaration for a finding's rule: what its `verify` or `revoke` names. */
export function targetFor(context: RespondContext, rules: readonly Rule[], finding: Finding): Target | null {
  const rule = rules.find(({ id }) => id === finding.rule);
  const kind = rule?.verify ?? rule?.revoke;
  return kind === undefined ? null : targetNamed(kind, context.providers);
}

/** Why nothing may be revoked in this run; null if it may. */
export function distrustOf(report: FindingsReport | null): Services['policy']['distrust'] {
  const event = distrustedEvent(process.env);
  if (event !== null) return { code: 'UNTRUSTED_EVENT', why: event };
  if (report?.coverage.source === 'pull-request')
    return { code: 'UNTRUSTED_REPORT', why: 'the report is about a pull request, which anyone can open' };
  return null;
}

/** @throws RespondError `NO_PROVIDER` */
export function requireTarget(context: RespondContext, kind: string): Target {
  const target = targetNamed(kind, context.providers);
  if (!target) throw new RespondError('NO_PROVIDER', `There is no kind of key ${JSON.stringify(kind)}`);
  return target;
}
