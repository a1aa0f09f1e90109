/**
 * `--log-opts`: which commits `git log` would show. What chooses commits is
 * given to `git rev-list`; what only says how they are shown is of no effect;
 * everything else is refused, because it would change what is covered.
 */
import { GitError } from '../../errors/git.ts';
import { UsageError } from '../../errors/usage.ts';
import { type CommitSelection, lookUp } from '../../git/commit-range.ts';
import type { Repository } from '../../git/repository.ts';
import { runGit } from '../../git/run.ts';

/** Switches that choose commits. */
const CHOOSING =
  /^--(?:all|branches(?:=.+)?|tags(?:=.+)?|remotes(?:=.+)?|glob=.+|exclude=.+|no-merges|merges|first-parent|not|remove-empty)$/;
/** Options that choose commits, with their value behind `=` or in the next word. */
const VALUED =
  /^--(?:max-count|skip|since|after|until|before|author|committer|grep|min-parents|max-parents)(?<value>=.+)?$/;
const COUNT = /^-(?:n\d+|\d+)$/;
/** Of how commits are ordered and shown. Content is read whole, so these change nothing. */
const SHOWING =
  /^(?:-p|-u|-U\d+|--patch|--unified=\d+|-m|-c|--cc|--full-history|--reverse|--(?:topo|date|author-date)-order|--oneline|--no-color|--no-ext-diff|--no-textconv|--text|-a|--diff-filter=[a-z]+)$/;

/** Words of a command line. Quotes group, as in a shell; gitleaks itself would split at every space. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [, word = ''] of text.matchAll(/((?:"[^"]*"|'[^']*'|\\.|[^\s"'\\]|["'\\])+)/gs))
    words.push(
      word.replaceAll(
        /"([^"]*)"|'([^']*)'|\\(.)/gs,
        (_, double?: string, single?: string, escaped?: string) => double ?? single ?? escaped ?? '',
      ),
    );
  return words;
}

/**
 * Arguments for `git rev-list`.
 *
 * @throws UsageError `USAGE_FLAG_UNSUPPORTED` naming what cannot be followed
 */
export function revListArguments(text: string): string[] {
  const words = wordsOf(text);
  const args: string[] = [];
  let named = false;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (SHOWING.test(word)) continue;
    const valued = VALUED.exec(word);
    if (word === '-n' || (valued !== null && valued.groups?.['value'] === undefined)) {
      const value = words.shift();
      if (value === undefined) throw unsupported(`${word} without a value`);
      args.push(word === '-n' ? `-n${value}` : `${word}=${value}`);
    } else if (valued !== null || COUNT.test(word)) args.push(word);
    else if (CHOOSING.test(word)) {
      named ||= /^--(?:all|branches|tags|remotes|glob)/.test(word);
      args.push(word);
    } else if (word.startsWith('-')) throw unsupported(word);
    else {
      if (/[\n\0]/.test(word)) throw unsupported('a line break');
      named = true;
      args.push(word);
    }
  }
  return named ? args : [...args, 'HEAD'];
}

function unsupported(what: string): UsageError {
  return new UsageError('USAGE_FLAG_UNSUPPORTED', `--log-opts: ${what} is not supported`, {
    mend: 'Choose commits by revisions, --all, -n, --since, --no-merges and the like; paths cannot be chosen.',
  });
}

/**
 * The commits that `git log` with these options shows, each judged by itself.
 *
 * @throws UsageError `USAGE_FLAG_UNSUPPORTED`; GitError `GIT_FAILED` for a revision that is not there
 */
export async function selectionOf(
  repository: Repository,
  logOptions: string,
  signal: AbortSignal,
): Promise<CommitSelection> {
  const args = revListArguments(logOptions);
  const { stdout } = await runGit(repository.invocation, ['rev-list', ...args, '--'], { signal }).catch(
    (error: unknown) => {
      throw error instanceof GitError && error.code === 'GIT_FAILED' ? notChosen(error, repository) : error;
    },
  );
  const tips = stdout.toString('latin1').split('\n').filter(Boolean).toReversed();
  const revisions = args.filter((arg) => !arg.startsWith('-') && !arg.includes('..'));
  const named = await lookUp(repository, revisions, signal);
  const tags = named.flatMap((object) => (object?.type === 'tag' ? [object.id] : []));
  return { tips, without: [], alone: true, tags, objects: [], base: null, heads: [] };
}

/** git could not tell which commits are meant: mostly a revision is mistyped, or not in this clone. */
function notChosen(cause: GitError, { shallow }: Repository): GitError {
  const fetch = shallow ? 'git fetch --unshallow' : 'git fetch origin <branch>';
  const mend = `Check the revisions and dates in --log-opts, or fetch what is missing: ${fetch}`;
  return new GitError('GIT_FAILED', cause.message, { mend, facts: cause.facts, cause });
}
