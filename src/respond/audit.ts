import { isScanError } from '../errors/base.ts';
import { statusOf } from './memory.ts';
import type { AuditResult, LeakedKey, Services } from './services.ts';
import { type StepEnd, done, failed, failedBy, waiting } from './step.ts';

const MAX_PLACES = 200;

/**
 * The commands that take a value out of a history, with the value itself read
 * from a file that a person fills: it is in no command line and no log.
 */
export function rewriteCommands(refs: readonly string[]): readonly string[] {
  const branches = refs.filter((ref) => ref.startsWith('refs/heads/')).map((ref) => ref.slice('refs/heads/'.length));
  return [
    '# in a fresh clone; every clone and fork has to be cloned anew afterwards',
    'git clone --mirror REPOSITORY rewrite && cd rewrite',
    '# put the value into ../leaked.txt, alone on its line, followed by ==>REMOVED',
    'git filter-repo --replace-text ../leaked.txt --replace-message ../leaked.txt',
    'shred -u ../leaked.txt',
    `git push --force --mirror   # changes ${branches.length > 0 ? branches.slice(0, 10).join(', ') : 'every ref'}`,
    'git reflog expire --expire=now --all && git gc --prune=now   # in every clone that is kept',
  ];
}

/** What a hosting platform keeps beyond the refs. */
export const PURGE_CHECKLIST: readonly string[] = [
  'Ask the hosting platform to purge unreachable objects and cached views: a force push does not remove them.',
  'Pull requests and merge requests keep their own refs to the old commits: ask for their removal, or close and purge them.',
  'Forks keep everything: list them, and ask their owners.',
  'Search releases, packages, container images, CI logs, artifacts and caches for the value.',
  'Search wikis, issues, chat and mail, where the value may have been pasted.',
  'Clones on the machines of people and build servers: delete and clone anew, or the value comes back with the next push.',
];

function facts(result: AuditResult): Readonly<Record<string, unknown>> {
  return {
    places: result.places.slice(0, MAX_PLACES),
    placesInAll: result.places.length,
    refs: result.refs,
    complete: result.complete,
    problems: result.problems,
    commands: result.places.length > 0 ? rewriteCommands(result.refs) : [],
    checklist: result.places.length > 0 ? PURGE_CHECKLIST : [],
  };
}

/**
 * Step 7: every place that still holds the value. Nothing is rewritten here,
 * and nobody is asked to before step 1 is confirmed: the history is where the
 * key is read from.
 */
export async function auditCode(services: Services, key: LeakedKey): Promise<StepEnd> {
  if (statusOf(services.journal.entries, key.record.fingerprint, 'revoke') !== 'done')
    return waiting(
      'REVOKE_NOT_CONFIRMED',
      'The audit waits until step 1 is confirmed: the history is where the key is read from',
    );
  if (key.secret === null || services.auditor === null)
    return waiting('SOURCE_CHANGED', 'Without the value and its repository nothing can be searched');
  try {
    const result = await services.auditor.audit(key.secret);
    if (!result.complete)
      return failed(
        'SOURCE_CHANGED',
        `The search could not cover everything: ${result.problems.join('; ')}`,
        facts(result),
      );
    if (result.places.length === 0) return done('No object of the repository holds the value', facts(result));
    return waiting(
      'PERSON_NEEDED',
      `${result.places.length} ${result.places.length === 1 ? 'place still holds' : 'places still hold'} the dead value`,
      facts(result),
    );
  } catch (error) {
    if (isScanError(error)) return failedBy(error);
    throw error;
  }
}
