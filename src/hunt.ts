import { ALLOW_MARKERS } from './detect/allow-mark.ts';
import { openArchive } from './detect/archive/open.ts';
import { createEngine } from './detect/engine.ts';
import type { Repository } from './git/repository.ts';
import type { KnownKey } from './hunt/known-key.ts';
import { huntRules } from './hunt/rules.ts';
import { growingPrefilter } from './prefilter/growing.ts';
import { literalTargets } from './prefilter/literal-set.ts';
import { ruleLiterals } from './prefilter/rule-literals.ts';
import { packLiterals } from './prefilter/packed.ts';
import { type ScanOptions, type ScanResult, scan } from './scan.ts';
import { combinedSource } from './sources/combined.ts';
import { filesSource } from './sources/files.ts';
import { historySource } from './sources/history.ts';
import { fingerprinter } from './triage/fingerprint.ts';
import { packScanner } from './workers/pack-scanner.ts';

export interface HuntRequest extends Partial<Pick<ScanOptions, 'showSecrets' | 'onBlob'>> {
  /** Whose whole store is looked through; null for none. */
  readonly repository: Repository | null;
  readonly paths?: readonly string[];
  /** Paths are relative to it. Default: the process's. */
  readonly cwd?: string;
  readonly fingerprintKey?: string;
  readonly signal: AbortSignal;
}

/**
 * Finds where exactly these keys are, with the engine that searches for
 * unknown ones and the same account of what was covered. Nothing suppresses
 * what it finds: not even an inline comment. Starts no thread.
 */
export async function hunt(keys: readonly KnownKey[], request: HuntRequest): Promise<ScanResult> {
  const { repository, paths = [], cwd, fingerprintKey, ...rest } = request;
  const rules = huntRules(keys);
  const { literals } = ruleLiterals(rules, ALLOW_MARKERS);
  const history =
    repository === null
      ? []
      : [historySource(repository, { engine: 'packs', scanner: packScanner(rules, { jobs: 1 }) })];
  const files = paths.length === 0 ? [] : [filesSource(paths, cwd === undefined ? {} : { cwd })];
  const result = await scan({
    ...rest,
    source: combinedSource('hunt', [...history, ...files]),
    detector: createEngine(rules, {
      ready: {
        targets: literalTargets(rules, ALLOW_MARKERS),
        prefilter: growingPrefilter(packLiterals(literals), () => literals),
      },
      openArchive,
    }),
    fingerprinter: fingerprinter(fingerprintKey),
  });
  return { ...result, findings: result.findings.map((finding) => ({ ...finding, suppressed: null })) };
}
