import type { Wishes } from '../../session/wishes.ts';
import { MAX_FILE_SIZE } from '../flags/reading.ts';
import { SHOW_SECRETS } from '../flags/output.ts';
import { BASELINE, CONFIG, IGNORE_REPO_CONFIG, ONLY, RULES } from '../flags/rules.ts';
import { FAIL_ON_POLICY, POLICY } from '../flags/verdict.ts';
import type { Options } from '../options.ts';

/** What the command line asks of a scan. */
export function wishesOf(options: Options): Wishes {
  return {
    rules: options.get(RULES),
    only: options.get(ONLY),
    config: options.get(CONFIG),
    baseline: options.get(BASELINE),
    ignoreRepoConfig: options.get(IGNORE_REPO_CONFIG),
    maxFileSize: options.get(MAX_FILE_SIZE),
    showSecrets: options.get(SHOW_SECRETS),
    policy: options.get(POLICY) || options.get(FAIL_ON_POLICY),
  };
}
