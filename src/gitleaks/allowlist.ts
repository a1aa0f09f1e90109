import type { BlobFinding } from '../core/detector.ts';
import type { Place } from '../core/finding.ts';
import { ownValue } from '../core/own-value.ts';
import type { Filter } from '../core/rule.ts';
import type { Regex } from '../detect/regex.ts';
import { GitleaksError } from '../errors/gitleaks.ts';
import type { GoRegexes } from './go-regexes.ts';
import type { AllowlistSource } from './schema.ts';

/** Whether a finding at a place is allowed; known only when places are. */
export type PlaceTest = (finding: Pick<BlobFinding, 'secret'>, place: Pick<Place, 'path' | 'commit'>) => boolean;

/** What a list comes to: a part that looks at the text, and a part that looks at the place. */
export interface Allowed {
  readonly filter: Filter | null;
  readonly place: PlaceTest | null;
  /** Matches paths that need not be looked at, whatever they hold. */
  readonly paths: readonly Regex[];
  readonly remarks: readonly string[];
}

const TARGETS: Readonly<Record<string, Filter['target']>> = {
  '': 'secret',
  secret: 'secret',
  match: 'match',
  line: 'line',
};
const CONDITIONS: Readonly<Record<string, boolean>> = { '': false, or: false, '||': false, and: true, '&&': true };

/**
 * @param where - names the list in messages
 * @throws GitleaksError `GITLEAKS_VALUE`, `GITLEAKS_REGEX`
 */
export function allowed(list: AllowlistSource, where: string, regexes: GoRegexes): Allowed {
  const all = ownValue(CONDITIONS, (list.condition ?? '').toLowerCase());
  const target = ownValue(TARGETS, list.regextarget ?? '');
  if (all === undefined) throw new GitleaksError('GITLEAKS_VALUE', `${where}: condition must be OR or AND`);
  if (target === undefined) throw new GitleaksError('GITLEAKS_VALUE', `${where}: regexTarget must be match or line`);
  const commits = new Set((list.commits ?? []).map((id) => id.toLowerCase()));
  const paths = (list.paths ?? []).map((source) => regexes.compile(source, where));
  const texts = (list.regexes ?? []).map((source) => regexes.compile(source, where) && source);
  const words = list.stopwords ?? [];
  // An empty word stands in every text, and in gitleaks allows none.
  const stopwords = words.filter((word) => word !== '').map((word) => word.toLowerCase());
  const byPlace = commits.size + paths.length > 0;
  const byText = texts.length + stopwords.length > 0;
  if (words.length > 0 && stopwords.length === 0 && (all || !(byPlace || byText)))
    return {
      filter: null,
      place: null,
      paths: [],
      remarks: [`${where}: its stopwords are empty, so it allows nothing`],
    };
  if (!byPlace && !byText)
    throw new GitleaksError('GITLEAKS_VALUE', `${where}: an allow-list needs commits, paths, regexes or stopwords`);

  const filter = byText ? { all, target, regexes: texts, stopwords } : null;
  const atPlace = (place: Pick<Place, 'path' | 'commit'>): boolean => {
    const answers = [
      ...(commits.size === 0 ? [] : [place.commit !== null && commits.has(place.commit)]),
      ...(paths.length === 0 ? [] : [place.path !== null && matchesAny(paths, place.path)]),
    ];
    return all ? answers.every(Boolean) : answers.some(Boolean);
  };
  if (!(all && byPlace && byText)) {
    return { filter, place: byPlace ? (_, place) => atPlace(place) : null, paths: all ? [] : paths, remarks: [] };
  }
  // Both at once: the text is looked at again where the place is known, and of the text only the secret is left there.
  if (target !== 'secret' && texts.length > 0) {
    return {
      filter: null,
      place: null,
      paths: [],
      remarks: [`${where}: an AND of paths or commits with regexTarget ${target} allows nothing here`],
    };
  }
  const secrets = texts.map((source) => regexes.compile(source, where));
  return {
    filter: null,
    place: ({ secret }, place) => {
      const text = secret.reveal();
      const lower = text.toLowerCase();
      // A file that is found by its path has no text to agree.
      return (
        text !== '' &&
        atPlace(place) &&
        (secrets.length === 0 || matchesAny(secrets, text)) &&
        (stopwords.length === 0 || stopwords.some((word) => lower.includes(word)))
      );
    },
    paths: [],
    remarks: [],
  };
}

export function matchesAny(regexes: readonly Regex[], text: string): boolean {
  return regexes.some((regex) => {
    for (const _ of regex.all(text, 0, text.length)) return true;
    return false;
  });
}
