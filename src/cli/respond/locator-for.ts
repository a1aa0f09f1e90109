import type { Rule } from '../../core/rule.ts';
import { Secret } from '../../core/secret.ts';
import type { Repository } from '../../git/repository.ts';
import type { SecretLocator } from '../../respond/services.ts';
import { BUILTIN_RULES } from '../../rules/builtin.generated.ts';
import type { Invocation } from '../commands/command.ts';
import { CONFIG, RULES } from '../flags/rules.ts';
import { SECRET_FD, YES } from '../flags/respond.ts';
import { detectorFor } from '../../session/detector.ts';
import { diskFiles } from '../../session/project-files.ts';
import { ruleSet } from '../../session/rule-set.ts';
import { readSettings } from '../../session/settings.ts';
import { wishesOf } from '../session/wishes.ts';
import { readDescriptor } from './credentials.ts';
import { askingLocator, givenLocator, repositoryLocator } from './locator.ts';
import { askable } from './person.ts';

/** Rules that values are found again by: the built-in ones, and those the command line names; a repository adds none. */
export async function rulesFor({ options }: Invocation): Promise<readonly Rule[]> {
  if (!options.has(RULES)) return BUILTIN_RULES;
  const { rules } = await ruleSet(wishesOf(options), { config: null, gitleaks: null, files: diskFiles(process.cwd()) });
  return [...rules, ...BUILTIN_RULES.filter(({ id }) => !rules.some((rule) => rule.id === id))];
}

/** Key of the fingerprints that the user's configuration sets; it only decides what can be compared. */
async function fingerprintKey({ options }: Invocation, repository: Repository | null): Promise<string | undefined> {
  const root = repository?.workTree ?? null;
  if (root === null && !options.has(CONFIG)) return undefined;
  const { config } = await readSettings(diskFiles(root ?? process.cwd()), wishesOf(options));
  return config?.fingerprintKey;
}

/**
 * Reads values again from the repository, or takes the one that a descriptor
 * or a person at the terminal gives.
 *
 * @param files - folder of files that this process has just scanned; null for a report from elsewhere
 */
export async function locatorFor(
  invocation: Invocation,
  repository: Repository | null,
  rules: readonly Rule[],
  files: string | null,
): Promise<SecretLocator> {
  const options = {
    repository,
    rules,
    detector: await detectorFor(rules),
    fingerprintKey: await fingerprintKey(invocation, repository),
    files,
    signal: invocation.signal,
  };
  const descriptor = invocation.options.get(SECRET_FD);
  if (descriptor === undefined) {
    const terminal = askable(invocation.streams, invocation.options.get(YES));
    return terminal ? askingLocator(options, (question) => terminal.secret(question)) : repositoryLocator(options);
  }
  return givenLocator(options, new Secret(readDescriptor(descriptor).replace(/\r?\n$/, '')));
}
